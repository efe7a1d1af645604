using System.Globalization;
using System.Text;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Simulation.Tests;

/// <summary>What of one stream was captured, what the device has promised, and what a subscriber has received.</summary>
internal sealed class StreamWitness(TenantId tenant, long epoch, RecordStream stream)
{
    private readonly List<(long From, long To, int Run)> _captured = [];

    public TenantId Tenant { get; } = tenant;

    public long Epoch { get; } = epoch;

    public RecordStream Stream { get; } = stream;

    public NumberSet Received { get; } = new();

    /// <summary>Numbers of which the device has said that they are on the disk or delivered.</summary>
    public NumberSet Safe { get; } = new();

    /// <summary>Captured and not promised, in this run.</summary>
    public NumberSet Pending { get; } = new();

    public long LastCaptured { get; private set; }

    public long Captured => _captured.Sum(range => range.To - range.From + 1);

    /// <summary>Of what the run numbers, values are made that say where they come from.</summary>
    public static double ValueOf(int run, long sequence) => run * 1e9 + sequence;

    public static string TextOf(int message) => string.Create(CultureInfo.InvariantCulture, $"\"{DeviceSimulation.Marker}\":{message}");

    /// <param name="run">Of samples in which run, of a message which message.</param>
    /// <param name="from">The first number.</param>
    /// <param name="to">The last number.</param>
    public void Capture(int run, long from, long to)
    {
        // The promise that no number ever comes twice, except for one that never left the device.
        Assert.False(Received.Overlaps(from, to), $"{this}: one of {from}-{to} was used before");
        if (_captured.Count > 0 && _captured[^1] is var last && last.Run == run && last.To == from - 1) _captured[^1] = last with { To = to };
        else _captured.Add((from, to, run));
        Pending.Add(from, to);
        LastCaptured = to;
    }

    public void Receive(Batch batch)
    {
        int run = _captured.FindLast(range => range.From <= batch.FirstSequence && batch.LastSequence <= range.To).Run;
        Assert.True(run > 0, $"{this}: {batch.FirstSequence}-{batch.LastSequence} was never captured");
        if (Stream == RecordStream.Messages)
        {
            Assert.Equal(TextOf(run), Encoding.UTF8.GetString(batch.Payload));
        }
        else
        {
            var reader = SamplePayload.Read(batch);
            long sequence = batch.FirstSequence;
            while (reader.TryRead(out _, out _, out double value))
            {
                if (value != ValueOf(run, sequence)) Assert.Fail($"{this}: {sequence} has the value {value}");
                sequence++;
            }
            Assert.Equal(batch.LastSequence + 1, sequence);
        }
        Received.Add(batch.FirstSequence, batch.LastSequence);
    }

    /// <summary>Everything up to this number is promised.</summary>
    public void Promise(long upTo)
    {
        var ranges = Pending.Ranges.ToArray();
        Pending.Clear();
        foreach (var (from, to) in ranges)
        {
            Safe.Add(from, Math.Min(to, upTo));
            Pending.Add(Math.Max(from, upTo == long.MaxValue ? upTo : upTo + 1), to);
        }
    }

    public override string ToString() => $"{Tenant} {Epoch} {Stream}";
}
