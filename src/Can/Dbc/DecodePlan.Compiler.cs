using System.Runtime.InteropServices;

namespace EdgeAgent.Can.Dbc;

/// <summary>Lays databases out flat.</summary>
public sealed partial class DecodePlan
{
    // What has no offset gets -0.0, so that a float signal keeps its negative zero: -0.0 + -0.0 is -0.0, and x + -0.0 is x.
    private const double NoOffset = -0.0;

    private sealed class Compiler(Func<DbcMessage, DbcSignal, bool>? select)
    {
        private readonly HashSet<CanId> _ids = [];

        public List<PlannedMessage> Messages { get; } = [];
        public List<Switch> Switches { get; } = [];
        public List<Case> Cases { get; } = [];
        public List<Condition> Conditions { get; } = [];
        public List<DbcMultiplexerRange> Ranges { get; } = [];
        public List<Entry> Entries { get; } = [];
        public List<PlannedSignal> Signals { get; } = [];

        public void Add(DbcDatabase database)
        {
            foreach (var message in database.Messages)
            {
                if (_ids.Add(message.Id)) Add(message);
            }
        }

        private void Add(DbcMessage message)
        {
            // Signals by condition, in the order in which the conditions turn up; the unconditional ones first.
            var conditions = new MessageConditions(this, message);
            var entries = new SortedDictionary<int, List<Entry>>();
            foreach (var signal in message.Signals)
            {
                if (select is not null && !select(message, signal)) continue;
                var slot = Signals.Count;
                Signals.Add(new PlannedSignal(message, signal));
                if (!IsDecoded(signal) || !conditions.TryGet(signal, out var condition)) continue;
                if (!entries.TryGetValue(condition, out var list)) entries.Add(condition, list = []);
                list.Add(Plan(signal, slot));
            }

            var firstSwitch = Switches.Count;
            var always = entries.Remove(-1, out var unconditional) ? LayOut(unconditional) : default;
            var switches = new MessageSwitches();
            foreach (var (condition, list) in entries) switches.Add(Conditions[condition], CollectionsMarshal.AsSpan(Ranges), LayOut(list));
            switches.LayOut(this);
            var signals = always.Count + entries.Values.Sum(list => list.Count);
            Messages.Add(new PlannedMessage(message, message.Length, signals, always, firstSwitch, Switches.Count - firstSwitch));
        }

        private Run LayOut(List<Entry> entries)
        {
            var run = new Run(Entries.Count, entries.Count(entry => entry.IsPlain), entries.Count, entries.Max(entry => entry.Bits.Needed));
            Entries.AddRange(entries.OrderByDescending(entry => entry.IsPlain));
            return run;
        }

        private static Entry Plan(DbcSignal signal, int slot)
        {
            var bits = new BitField(signal, signal.IsSigned && !signal.IsFloat);
            if (signal.Scale == 1 && signal.Offset == 0) return new Entry(bits, 1, NoOffset, slot, KindOf(signal));
            if (IsWide(signal)) return new Entry(bits, 1, signal.IsInteger ? NoOffset : signal.Offset, slot, NumberKind.Wide);
            return new Entry(bits, signal.Scale, signal.Offset, slot, KindOf(signal));
        }

        private static NumberKind KindOf(DbcSignal signal) => (signal.IsFloat, signal.Length) switch
        {
            (false, _) => signal.IsSigned || signal.Length < 64 ? NumberKind.Signed : NumberKind.Unsigned,
            (true, 16) => NumberKind.Half,
            (true, 32) => NumberKind.Single,
            _ => NumberKind.Double,
        };

        // cantools computes in integers of any size as long as it can: always if both numbers are whole, else if the scale is written so.
        private static bool IsWide(DbcSignal signal)
        {
            const double exactIntegers = 1L << 53;
            var isExact = signal.IsInteger || (signal.HasExactScale && signal.ScaleNumber.IsWrittenWhole);
            return isExact && (Math.Pow(2, signal.Length) * Math.Abs(signal.Scale)) + Math.Abs(signal.Offset) > exactIntegers;
        }
    }

    private static bool IsDecoded(DbcSignal signal) =>
        signal.Length <= DbcLimits.DecodedSignalBits && BitField.BytesNeeded(signal) <= DbcLimits.MessageBytes;

    /// <summary>The conditions of one message's signals, each laid out once.</summary>
    private sealed class MessageConditions(Compiler compiler, DbcMessage message)
    {
        private readonly Dictionary<DbcMultiplexing, int> _bySelection = new(ReferenceEqualityComparer.Instance);
        private readonly Dictionary<string, int> _byContent = [];
        private Dictionary<string, DbcSignal>? _byName;

        /// <summary>The condition under which a signal is present, -1 for always; false if it never is.</summary>
        public bool TryGet(DbcSignal signal, out int condition)
        {
            condition = -1;
            var chain = new List<(DbcSignal Multiplexer, DbcMultiplexing Selection)>();
            for (var next = signal.Multiplexing; next is not null; next = chain[^1].Multiplexer.Multiplexing)
            {
                // Too deep also means: in a circle.
                if (chain.Count == DbcLimits.MultiplexerDepth || next.Ranges.Count == 0) return false;
                if (!ByName().TryGetValue(next.Multiplexer, out var multiplexer)) return false;
                if (!multiplexer.IsMultiplexer || !IsDecoded(multiplexer)) return false;
                chain.Add((multiplexer, next));
            }

            chain.Reverse();
            foreach (var (multiplexer, selection) in chain) condition = LayOut(multiplexer, selection, condition);
            return true;
        }

        private int LayOut(DbcSignal multiplexer, DbcMultiplexing selection, int parent)
        {
            if (_bySelection.TryGetValue(selection, out var index)) return index;
            var ranges = selection.Ranges.Select(range => $"{range.First}-{range.Last}");
            var content = $"{parent} {multiplexer.Name} {string.Join(' ', ranges)}";
            if (!_byContent.TryGetValue(content, out index)) _byContent.Add(content, index = Create(multiplexer, selection, parent));
            _bySelection.Add(selection, index);
            return index;
        }

        private int Create(DbcSignal multiplexer, DbcMultiplexing selection, int parent)
        {
            var bits = new BitField(multiplexer, isSigned: false);
            compiler.Conditions.Add(new Condition(bits, compiler.Ranges.Count, selection.Ranges.Count, parent));
            compiler.Ranges.AddRange(selection.Ranges);
            return compiler.Conditions.Count - 1;
        }

        private Dictionary<string, DbcSignal> ByName()
        {
            if (_byName is not null) return _byName;
            _byName = [];
            foreach (var signal in message.Signals) _ = _byName.TryAdd(signal.Name, signal);
            return _byName;
        }
    }
}
