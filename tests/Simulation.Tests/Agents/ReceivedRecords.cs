using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>A stream of records as the ledger has it.</summary>
internal readonly record struct StreamName(TenantId Tenant, long Epoch, RecordStream Stream);

/// <summary>
/// All records that the broker took, each checked against the stamp of its topic and, for samples, against the frame that it came from.
/// </summary>
internal sealed class ReceivedRecords(SimulatedBus bus, DeviceId device, Agenda agenda, AssignmentHistory assignments)
{
    private static readonly string[] Signals = ["Frame/Number", "Frame/Echo"];

    private readonly Dictionary<StreamName, Dictionary<long, string>> _streams = [];
    private readonly Dictionary<long, (StreamName Stream, long Sequence)>[] _bySignal = [[], []];

    /// <summary>Different records.</summary>
    public long Count { get; private set; }

    public long Samples { get; private set; }

    /// <summary>Records that came again.</summary>
    public long Repeated { get; private set; }

    public IEnumerable<StreamName> Streams => _streams.Keys;

    /// <summary>Called with each message when it comes first.</summary>
    public required Action<StreamName, string, ReadOnlyMemory<byte>> NewMessage { get; init; }

    public bool Has(StreamName stream, long sequence) => _streams.TryGetValue(stream, out var received) && received.ContainsKey(sequence);

    public IReadOnlyCollection<long> Of(StreamName stream) => _streams.TryGetValue(stream, out var received) ? received.Keys : [];

    public void Take(Publication publication)
    {
        var payload = PayloadDecoder.Decode(publication.ContentType, publication.Payload);
        var stamp = payload.Stamp;
        string own = $"tenants/{stamp.Tenant}/devices/{stamp.Device}/";
        Promise.That(stamp.Device == device && publication.Topic.StartsWith(own, StringComparison.Ordinal), $"a record of {stamp.Tenant} and {stamp.Device} came under {publication.Topic}");
        string path = publication.Topic[own.Length..];
        Promise.That(path == "telemetry" == (payload.Stream == RecordStream.Telemetry), $"a record of {payload.Stream} came under {publication.Topic}");
        var stream = new StreamName(stamp.Tenant, stamp.Epoch.Value, payload.Stream);
        if (!_streams.TryGetValue(stream, out var received)) _streams.Add(stream, received = []);
        if (payload.Stream == RecordStream.Messages)
        {
            if (!Note(received, stream, payload.FirstSequence, path)) return;
            NewMessage(stream, path, publication.Payload);
            return;
        }
        int at = 0;
        DecodedSample before = default;
        foreach (var sample in payload.Samples)
        {
            Promise.That(sample.Sequence == payload.FirstSequence + at++, $"{stream}: the numbers of a batch do not follow each other");
            Take(received, stream, stamp, sample);
            // A frame's signals follow each other.
            if (sample.Name.EndsWith("/Echo", StringComparison.Ordinal) && before.Name is { } name && name.EndsWith("/Number", StringComparison.Ordinal))
                Promise.That(sample.Value == SimulatedBus.EchoOf((long)before.Value), $"{stream} {sample.Sequence}: {sample.Name} is {sample.Value} beside {name} {before.Value}");
            before = sample;
        }
        Promise.That(at == payload.Count, $"{stream}: a batch says {payload.Count} samples and has {at}");
    }

    private void Take(Dictionary<long, string> received, StreamName stream, RecordStamp stamp, DecodedSample sample)
    {
        string name = sample.Name;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        int signal = Array.IndexOf(Signals, name[(slash + 1)..]);
        Promise.That(slash > 0 && signal >= 0, $"{stream} {sample.Sequence}: nobody ever sent '{name}'");
        int busNumber = Array.IndexOf(SimulatedBus.Names, name[..slash]);
        if (!Note(received, stream, sample.Sequence, signal == 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{busNumber}:{sample.Value}") : "echo"))
            return;
        Samples++;
        // The other signal of a frame tells less: its value repeats.
        if (signal != 0) return;
        long number = (long)sample.Value;
        Promise.That(number == sample.Value && number >= 1 && number <= bus.Frames.Count, $"{stream} {sample.Sequence}: {sample.Value} was never on a bus");
        var frame = bus.Frames[(int)number - 1];
        Promise.That(frame.Bus == busNumber, $"{stream} {sample.Sequence}: frame {number} was on {SimulatedBus.Names[frame.Bus]} and is called '{name}'");
        if (!_bySignal[signal].TryAdd(number, (stream, sample.Sequence)))
            throw new ViolationException($"frame {number} is {_bySignal[signal][number]} and {stream} {sample.Sequence}");
        assignments.Check(stamp, frame, number, agenda.Now);
    }

    /// <returns>True if it is new.</returns>
    private bool Note(Dictionary<long, string> received, StreamName stream, long sequence, string content)
    {
        if (received.TryGetValue(sequence, out string? known))
        {
            Promise.That(known == content, $"{stream} {sequence} was '{known}' and is '{content}': a number was used twice");
            Repeated++;
            return false;
        }
        received.Add(sequence, content);
        Count++;
        return true;
    }
}
