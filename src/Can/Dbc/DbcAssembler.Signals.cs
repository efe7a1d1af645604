namespace EdgeAgent.Can.Dbc;

/// <summary>Signals: names, types and multiplexing.</summary>
internal sealed partial class DbcAssembler
{
    private const string LongSymbol = "SystemSignalLongSymbol";

    private DbcSignal[] AssembleSignals(DbcMessageDeclaration message)
    {
        var multiplexing = new Multiplexing(this, message);
        var placed = new List<PlacedSignal>(message.Signals.Count);
        var names = new HashSet<string>();
        foreach (var declaration in message.Signals)
        {
            var signal = AssembleSignal(message.Id, declaration, multiplexing);
            if (!names.Add(signal.Name))
            {
                Warn(DbcWarningKind.DuplicateName, declaration.Position, $"a second signal {signal.Name} in message {message.Name}");
            }

            if (signal.Length > DbcLimits.DecodedSignalBits)
            {
                Warn(DbcWarningKind.SignalTooLong, declaration.Position,
                    $"signal {signal.Name} is {signal.Length} bits long; at most {DbcLimits.DecodedSignalBits} can be decoded");
            }

            placed.Add(new PlacedSignal(signal, declaration.Position));
        }

        CheckLayout(message, placed);
        return [.. placed.Select(each => each.Signal).OrderBy(BitField.FirstBit)];
    }

    private DbcSignal AssembleSignal(uint messageId, DbcSignalDeclaration declaration, Multiplexing multiplexing)
    {
        var key = new DbcSignalKey(messageId, declaration.Name);
        return new DbcSignal
        {
            Name = SignalName(key),
            StartBit = declaration.StartBit,
            Length = declaration.Length,
            ByteOrder = declaration.ByteOrder,
            IsSigned = declaration.IsSigned,
            IsFloat = IsFloat(key, declaration.Length),
            ScaleNumber = declaration.Scale,
            OffsetNumber = declaration.Offset,
            Minimum = declaration.Minimum,
            Maximum = declaration.Maximum,
            Unit = declaration.Unit,
            IsMultiplexer = declaration.IsMultiplexer,
            Multiplexing = multiplexing.Of(declaration),
            Labels = contents.Labels.GetValueOrDefault(key) ?? [],
            Comment = contents.SignalComments.GetValueOrDefault(key),
            Receivers = declaration.Receivers is [NoNode] ? [] : [.. declaration.Receivers.Select(NodeName)],
            SuspectParameterNumber = SuspectParameterNumber(key),
        };
    }

    private string SignalName(DbcSignalKey key) => LongName(_attributes.OfSignals.GetValueOrDefault((key, LongSymbol))) ?? key.Signal;

    private bool IsFloat(DbcSignalKey key, int length)
    {
        // The length, not the type's number, decides between single and double.
        if (!contents.ValueTypes.TryGetValue(key, out var value) || value.Type is not (1 or 2)) return false;
        if (length is 16 or 32 or 64) return true;
        throw Error(value.Position, $"signal {key.Signal} of {length} bits cannot be a float, which has 16, 32 or 64 bits");
    }

    private int? SuspectParameterNumber(DbcSignalKey key)
    {
        const string attribute = "SPN";
        if (!_attributes.Definitions.TryGetValue(attribute, out var definition) || !definition.IsNumber) return null;
        var value = _attributes.OfSignals.GetValueOrDefault((key, attribute)) ?? _attributes.Defaults.GetValueOrDefault(attribute);
        if (value is null) return null;
        var number = _attributes.Number(value);
        if (number is >= 0 and <= int.MaxValue) return (int)number;
        Warn(DbcWarningKind.UnusableValue, value.Position, $"\"{DbcText.Show(value.Text)}\" is no suspect parameter number");
        return null;
    }

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
            var result = new DbcMultiplexing(_assembler.SignalName(new DbcSignalKey(_message.Id, multiplexer)), ranges);
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
