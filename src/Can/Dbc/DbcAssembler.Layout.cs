namespace EdgeAgent.Can.Dbc;

/// <summary>Looks for signals that leave their message, share bits or have the same name.</summary>
internal sealed partial class DbcAssembler
{
    private readonly record struct PlacedSignal(DbcSignal Signal, DbcPosition Position);

    private long _overlapComparisons = DbcLimits.OverlapComparisons;

    private void CheckLayout(DbcMessageDeclaration message, List<PlacedSignal> signals)
    {
        var byName = new Dictionary<string, DbcSignal>();
        foreach (var (signal, _) in signals) _ = byName.TryAdd(signal.Name, signal);
        var present = signals.FindAll(placed => DbcMultiplexing.CanBePresent(placed.Signal, byName));
        foreach (var (signal, position) in present)
        {
            var bytes = BitField.BytesNeeded(signal);
            if (bytes <= message.Length) continue;
            _warnings.Tolerate(DbcWarningKind.SignalOutsideMessage, position,
                $"signal {signal.Name} ends in byte {bytes} of message {message.Name}, which has {message.Length}");
        }

        for (var index = 1; index < present.Count; index++)
        {
            var later = present[index];
            for (var other = 0; other < index; other++)
            {
                if (--_overlapComparisons < 0) return;
                var earlier = present[other].Signal;
                var isSame = earlier.Name == later.Signal.Name;
                if (!isSame && !BitField.Overlap(earlier, later.Signal)) continue;
                if (Exclude(earlier, later.Signal, byName)) continue;
                if (isSame) _warnings.Tolerate(DbcWarningKind.DuplicateName, later.Position, $"a second signal {earlier.Name} in message {message.Name}");
                else
                {
                    _warnings.Tolerate(DbcWarningKind.SignalsOverlap, later.Position,
                        $"signals {earlier.Name} and {later.Signal.Name} overlap in message {message.Name}");
                }

                break;
            }
        }
    }

    // True if no frame holds both: somewhere up their chains the same multiplexer selects them by different values.
    private bool Exclude(DbcSignal one, DbcSignal other, Dictionary<string, DbcSignal> byName)
    {
        var mine = one.Multiplexing;
        for (var depth = 0; mine is not null && depth < DbcLimits.MultiplexerDepth; depth++)
        {
            var theirs = other.Multiplexing;
            for (var otherDepth = 0; theirs is not null && otherDepth < DbcLimits.MultiplexerDepth; otherDepth++)
            {
                _overlapComparisons -= mine.Ranges.Count + theirs.Ranges.Count;
                if (mine.Multiplexer == theirs.Multiplexer && mine.Excludes(theirs)) return true;
                theirs = byName.GetValueOrDefault(theirs.Multiplexer)?.Multiplexing;
            }

            mine = byName.GetValueOrDefault(mine.Multiplexer)?.Multiplexing;
        }

        return false;
    }
}
