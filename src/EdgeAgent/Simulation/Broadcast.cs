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
        foreach (var message in database.Messages)
        {
            if (message.Length > CanFrame.MaxLength || message.Signals.Count == 0)
            {
                Skipped++;
                continue;
            }
            // Not all at once: each begins a bit later than the one before it.
            var cycle = message.CycleTime is { } given && given > TimeSpan.Zero ? given : DefaultCycle;
            _messages.Add(new Message(message, cycle, signals) { Due = cycle * (_messages.Count * 0.618 % 1) });
        }
    }

    /// <summary>Messages that are never sent: without signals, or longer than a frame.</summary>
    public int Skipped { get; }

    public int Count => _messages.Count;

    /// <summary>When the next is due; never if there is none.</summary>
    public TimeSpan NextDue => _messages.Count == 0 ? TimeSpan.MaxValue : _messages.Min(message => message.Due);

    /// <summary>The frames that are due, lowest identifier first, as arbitration has it.</summary>
    /// <param name="now">Since the beginning.</param>
    /// <param name="state">The vehicle. While it sleeps nothing is sent, and nothing is caught up on.</param>
    public IEnumerable<CanFrame> TakeDue(TimeSpan now, VehicleState state)
    {
        foreach (var message in _messages.Where(message => message.Due <= now).OrderBy(message => message.Definition.Id))
        {
            message.Due += message.Cycle * Math.Max(1, Math.Floor((now - message.Due) / message.Cycle));
            if (message.Due <= now) message.Due += message.Cycle;
            if (state.IsAwake) yield return message.Next(now, state);
        }
    }

    private sealed class Message(DbcMessage definition, TimeSpan cycle, IReadOnlyDictionary<string, SignalSource> signals)
    {
        private readonly Dictionary<string, ulong[]> _selectors = definition.Signals.Where(signal => signal.IsMultiplexer).DistinctBy(signal => signal.Name).ToDictionary(signal => signal.Name, signal => SelectorsOf(definition, signal));
        private long _sent;

        public DbcMessage Definition => definition;

        public TimeSpan Cycle => cycle;

        public TimeSpan Due { get; set; }

        public CanFrame Next(TimeSpan now, VehicleState state)
        {
            Dictionary<string, ulong> selected = _selectors.ToDictionary(each => each.Key, each => each.Value.Length == 0 ? 0 : each.Value[_sent % each.Value.Length]);
            _sent++;
            return FrameEncoder.Encode(definition, signal => IsPresent(signal, selected) ? ValueOf(signal, selected, now, state) : null);
        }

        private bool IsPresent(DbcSignal signal, Dictionary<string, ulong> selected)
        {
            if (signal.Multiplexing is not { } when) return true;
            return selected.TryGetValue(when.Multiplexer, out ulong value) && when.Ranges.Any(range => value >= range.First && value <= range.Last)
                && definition.TryGetSignal(when.Multiplexer, out var multiplexer) && IsPresent(multiplexer, selected);
        }

        private double ValueOf(DbcSignal signal, Dictionary<string, ulong> selected, TimeSpan now, VehicleState state)
        {
            if (signal.IsMultiplexer) return selected[signal.Name] * signal.Scale + signal.Offset;
            if (signals.TryGetValue($"{definition.Name}/{signal.Name}", out var source)) return source.At(state);
            double turn = now.TotalSeconds / WanderSeconds + signal.StartBit * 0.1;
            if (signal.Labels.Count > 0) return (double)signal.Labels[(int)(turn * 4) % signal.Labels.Count].Raw * signal.Scale + signal.Offset;
            var (least, most) = RangeOf(signal);
            return least + (most - least) * (0.5 - 0.5 * Math.Cos(2 * Math.PI * turn));
        }

        private static (double Least, double Most) RangeOf(DbcSignal signal)
        {
            if (signal is { Minimum: { } least, Maximum: { } most } && most > least) return (least, most);
            if (signal.IsFloat) return (-100, 100);
            double steps = Math.Pow(2, signal.IsSigned ? signal.Length - 1 : signal.Length);
            return ((signal.IsSigned ? -steps : 0) * signal.Scale + signal.Offset, (steps - 1) * signal.Scale + signal.Offset);
        }

        /// <summary>The first of each range that selects something; ranges may be as long as there are numbers.</summary>
        private static ulong[] SelectorsOf(DbcMessage message, DbcSignal multiplexer) =>
            [.. message.Signals.Where(signal => signal.Multiplexing?.Multiplexer == multiplexer.Name).SelectMany(signal => signal.Multiplexing!.Ranges.Select(range => range.First)).Distinct().Order()];
    }
}
