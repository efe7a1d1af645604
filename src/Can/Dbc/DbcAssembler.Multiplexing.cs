namespace EdgeAgent.Can.Dbc;

/// <summary>Multiplexing, classic and extended.</summary>
internal sealed partial class DbcAssembler
{
    /// <summary>Finds out which multiplexer selects a signal.</summary>
    /// <remarks>
    /// A message with one multiplexer (M) needs only the indicators m0, m1 …; SG_MUL_VAL_ adds further values. With several multiplexers
    /// the indicator does not say which one is meant, so SG_MUL_VAL_ alone counts.
    /// </remarks>
    private sealed class Multiplexing
    {
        private readonly DbcAssembler _assembler;
        private readonly DbcMessageDeclaration _message;
        private readonly DbcSignalDeclaration? _single;
        private readonly Dictionary<string, DbcMultiplexedDeclaration> _declared = [];
        private readonly HashSet<string> _multiplexers = [];

        public Multiplexing(DbcAssembler assembler, DbcMessageDeclaration message)
        {
            _assembler = assembler;
            _message = message;
            foreach (var signal in message.Signals)
            {
                if (!signal.IsMultiplexer) continue;
                _single = _multiplexers.Count == 0 ? signal : null;
                _ = _multiplexers.Add(signal.Name);
            }

            foreach (var declaration in assembler.Declared(message.Id))
            {
                if (_single is null || declaration.Multiplexer == _single.Name)
                {
                    _declared[declaration.Signal] = declaration;
                }
                else
                {
                    assembler.Warn(DbcWarningKind.Multiplexing, declaration.Position,
                        $"{declaration.Multiplexer} does not select {declaration.Signal}: the multiplexer of {message.Name} is {_single.Name}");
                }
            }
        }

        public DbcMultiplexing? Of(DbcSignalDeclaration signal)
        {
            var declared = _declared.GetValueOrDefault(signal.Name);
            if (signal.Indicator is null)
            {
                if (declared is not null) Warn(declared.Position, $"{signal.Name} has no multiplexer indicator, so it is always present");
                return null;
            }

            if (signal == _single) return null;
            if (_single is null && declared is null)
            {
                if (signal.Indicator == "M") return null;
                Warn(signal.IndicatorPosition, $"nothing says which multiplexer selects {signal.Name}, so it is always present");
                return null;
            }

            var ranges = new List<DbcMultiplexerRange>(declared?.Ranges ?? []);
            if (_single is not null)
            {
                var value = signal.MultiplexerValue ?? throw _assembler.Error(signal.IndicatorPosition,
                    "expected ':' or a multiplexer indicator (M, m0, m0M) after the signal's name, "
                    + $"found '{DbcText.Show(signal.Indicator)}'");
                ranges.Add(new DbcMultiplexerRange(value, value));
            }

            var multiplexer = _single?.Name ?? declared!.Multiplexer;
            var result = new DbcMultiplexing(_assembler.SignalName(DbcSubject.Signal(_message.Id, multiplexer)), ranges);
            if (!_multiplexers.Contains(multiplexer))
            {
                Warn(signal.Position, $"{multiplexer} is no multiplexer, so {signal.Name}, which it selects, is never present");
            }

            if (result.Ranges.Count == 0) Warn(signal.Position, $"no value of {multiplexer} selects {signal.Name}");
            return result;
        }

        private void Warn(DbcPosition position, string text) => _assembler.Warn(DbcWarningKind.Multiplexing, position, text);
    }

    private List<DbcMultiplexedDeclaration> Declared(uint messageId) => contents.Multiplexed.GetValueOrDefault(messageId) ?? [];
}
