using System.Runtime.InteropServices;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Simulation;

/// <summary>
/// The messages of a DBC file, each as often as the file says. Signals show what the scenario says; the others wander through their range, a
/// multiplexer from one of its values to the next. Not thread-safe.
/// </summary>
internal sealed class Broadcast
{
    /// <summary>How often messages are sent of which the file does not say it.</summary>
    public static readonly TimeSpan DefaultCycle = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a signal takes to wander through its range and back.</summary>
    private const double WanderSeconds = 30;

    private readonly List<Message> _messages = [];

    /// <param name="database">The messages.</param>
    /// <param name="signals">What their signals show.</param>
    public Broadcast(DbcDatabase database, IReadOnlyDictionary<string, SignalSource> signals)
    {
        var state = new SimulatedVehicle([new DriveLeg(DrivePhase.Idle, TimeSpan.FromSeconds(1))]).At(default);
        foreach (var definition in database.Messages)
        {
            var message = new Message(definition, signals);
            if (message.CanBeSent(state)) _messages.Add(message);
            else Skipped++;
        }
        // Not all at once: each begins a bit later than the one before it.
        for (int i = 0; i < _messages.Count; i++) _messages[i].Due = _messages[i].Cycle * (i * 0.618 % 1);
    }

    /// <summary>Messages that are never sent: without signals, longer than a frame, or with a signal that leaves it.</summary>
    public int Skipped { get; }

    public int Count => _messages.Count;

    /// <summary>When the next is due; never if there is none.</summary>
    public TimeSpan NextDue => _messages.Count == 0 ? TimeSpan.MaxValue : _messages.Min(message => message.Due);

    /// <summary>The frames that are due, lowest identifier first, as arbitration has it.</summary>
    /// <param name="now">Since the beginning.</param>
    /// <param name="state">The vehicle. While it sleeps nothing is sent, and nothing is caught up on.</param>
    public IEnumerable<CanFrame> TakeDue(TimeSpan now, VehicleState state)
    {
        foreach (var message in _messages.Where(message => message.Due <= now).OrderBy(message => message.Id))
        {
            message.Due += message.Cycle * Math.Max(1, Math.Floor((now - message.Due) / message.Cycle));
            if (message.Due <= now) message.Due += message.Cycle;
            if (state.IsAwake) yield return message.Next(now, state);
        }
    }

    private sealed class Message(DbcMessage definition, IReadOnlyDictionary<string, SignalSource> signals)
    {
        private readonly EncodePlan _plan = EncodePlan.Compile(definition);
        private readonly Dictionary<string, ulong[]> _selectors =
            definition.Signals.Where(signal => signal.IsMultiplexer).DistinctBy(signal => signal.Name).ToDictionary(signal => signal.Name, signal => SelectorsOf(definition, signal));
        private readonly List<SignalInput> _inputs = [];
        private long _sent;

        public CanId Id => definition.Id;

        public TimeSpan Cycle { get; } = definition.CycleTime is { } given && given > TimeSpan.Zero ? given : DefaultCycle;

        public TimeSpan Due { get; set; }

        public bool CanBeSent(VehicleState state)
        {
            if (definition.Length > CanFrame.MaxLength || definition.Signals.Count == 0) return false;
            Fill(default, state);
            return _plan.TryEncode([.. _inputs], stackalloc byte[definition.Length], out _);
        }

        public CanFrame Next(TimeSpan now, VehicleState state)
        {
            Fill(now, state);
            _sent++;
            Span<byte> payload = stackalloc byte[definition.Length];
            _plan.Encode(CollectionsMarshal.AsSpan(_inputs), payload);
            return CanFrame.Data(definition.Id, payload, fd: definition.Length > CanFrame.MaxClassicLength || definition.IsFd);
        }

        private void Fill(TimeSpan now, VehicleState state)
        {
            var selected = _selectors.ToDictionary(each => each.Key, each => each.Value.Length == 0 ? 0 : each.Value[_sent % each.Value.Length]);
            _inputs.Clear();
            for (int slot = 0; slot < definition.Signals.Count; slot++)
            {
                var signal = definition.Signals[slot];
                if (!IsPresent(signal, selected)) continue;
                _inputs.Add(signal.IsMultiplexer ? SignalInput.Raw(slot, selected[signal.Name]) : Nearest(slot, signal, ValueOf(signal, now, state)));
            }
        }

        private bool IsPresent(DbcSignal signal, Dictionary<string, ulong> selected)
        {
            if (signal.Multiplexing is not { } when) return true;
            return selected.TryGetValue(when.Multiplexer, out ulong value) && when.Ranges.Any(range => value >= range.First && value <= range.Last)
                && definition.TryGetSignal(when.Multiplexer, out var multiplexer) && IsPresent(multiplexer, selected);
        }

        private double ValueOf(DbcSignal signal, TimeSpan now, VehicleState state)
        {
            if (signals.TryGetValue($"{definition.Name}/{signal.Name}", out var source)) return source.At(state);
            double turn = now.TotalSeconds / WanderSeconds + signal.StartBit * 0.1;
            if (signal.Labels.Count > 0) return (double)signal.Labels[(int)(turn * 4) % signal.Labels.Count].Raw * signal.Scale + signal.Offset;
            var (least, most) = RangeOf(signal);
            return least + (most - least) * (0.5 - 0.5 * Math.Cos(2 * Math.PI * turn));
        }

        /// <summary>What a signal cannot say becomes the nearest that it can.</summary>
        private static SignalInput Nearest(int slot, DbcSignal signal, double value)
        {
            if (signal.Minimum is { } minimum && value < minimum) value = minimum;
            if (signal.Maximum is { } maximum && value > maximum) value = maximum;
            if (signal.IsFloat || signal.Length > 64) return SignalInput.Physical(slot, value);
            var (least, most) = BitsOf(signal);
            double raw = Math.Round((value - signal.Offset) / signal.Scale);
            return raw <= (double)least ? SignalInput.Raw(slot, least) : raw >= (double)most ? SignalInput.Raw(slot, most) : SignalInput.Physical(slot, value);
        }

        private static (double Least, double Most) RangeOf(DbcSignal signal)
        {
            if (signal is { Minimum: { } minimum, Maximum: { } maximum } && maximum > minimum) return (minimum, maximum);
            if (signal.IsFloat || signal.Length > 64) return (-100, 100);
            var (least, most) = BitsOf(signal);
            return ((double)least * signal.Scale + signal.Offset, (double)most * signal.Scale + signal.Offset);
        }

        private static (Int128 Least, Int128 Most) BitsOf(DbcSignal signal)
        {
            var steps = Int128.One << (signal.IsSigned ? signal.Length - 1 : signal.Length);
            return (signal.IsSigned ? -steps : 0, steps - 1);
        }

        /// <summary>The first of each range that selects something; ranges may be as long as there are numbers.</summary>
        private static ulong[] SelectorsOf(DbcMessage message, DbcSignal multiplexer) =>
            [.. message.Signals.Where(signal => signal.Multiplexing?.Multiplexer == multiplexer.Name).SelectMany(signal => signal.Multiplexing!.Ranges.Select(range => range.First)).Distinct().Order()];
    }
}
