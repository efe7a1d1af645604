namespace EdgeAgent.Can.Dbc;

/// <summary>Puts conditions on the same multiplexer together, so that its value is looked up among all of them.</summary>
public sealed partial class DecodePlan
{
    private sealed class MessageSwitches
    {
        // Conditions whose values overlap cannot be in one switch. Among so many a place is sought, then there is a new one.
        private const int MostTried = 8;

        private readonly List<(BitField Multiplexer, int Parent, SortedList<ulong, Case> Cases)> _switches = [];
        private readonly Dictionary<(BitField Multiplexer, int Parent), List<SortedList<ulong, Case>>> _byMultiplexer = [];

        public void Add(in Condition condition, ReadOnlySpan<DbcMultiplexerRange> allRanges, Run run)
        {
            var ranges = allRanges.Slice(condition.FirstRange, condition.RangeCount);
            var key = (condition.Multiplexer, condition.Parent);
            if (!_byMultiplexer.TryGetValue(key, out var candidates)) _byMultiplexer.Add(key, candidates = []);
            var cases = Find(candidates, ranges);
            if (cases is null)
            {
                candidates.Add(cases = []);
                _switches.Add((condition.Multiplexer, condition.Parent, cases));
            }

            foreach (var range in ranges) cases.Add(range.First, new Case(range.First, range.Last, run));
        }

        public void LayOut(Compiler compiler)
        {
            foreach (var (multiplexer, parent, cases) in _switches)
            {
                compiler.Switches.Add(new Switch(multiplexer, parent, compiler.Cases.Count, cases.Count));
                compiler.Cases.AddRange(cases.Values);
            }
        }

        private static SortedList<ulong, Case>? Find(List<SortedList<ulong, Case>> candidates, ReadOnlySpan<DbcMultiplexerRange> ranges)
        {
            for (var index = candidates.Count - 1; index >= Math.Max(0, candidates.Count - MostTried); index--)
            {
                if (!Overlap(candidates[index], ranges)) return candidates[index];
            }

            return null;
        }

        private static bool Overlap(SortedList<ulong, Case> cases, ReadOnlySpan<DbcMultiplexerRange> ranges)
        {
            foreach (var range in ranges)
            {
                // The case that may overlap is the last one that begins at or below the range's end.
                var (low, high) = (0, cases.Count);
                while (low < high)
                {
                    var middle = (low + high) / 2;
                    if (cases.Keys[middle] <= range.Last) low = middle + 1;
                    else high = middle;
                }

                if (low > 0 && cases.Values[low - 1].Last >= range.First) return true;
            }

            return false;
        }
    }
}
