namespace EdgeAgent.Can.Dbc;

/// <summary>Signals: names and types.</summary>
internal sealed partial class DbcAssembler
{
    private const string LongSymbol = "SystemSignalLongSymbol";
    private const string SpnAttribute = "SPN";
    private const string InitialValueAttribute = "GenSigStartValue";

    private DbcSignal[] AssembleSignals(DbcMessageDeclaration message)
    {
        var multiplexing = new Multiplexing(this, message);
        var placed = new List<PlacedSignal>(message.Signals.Count);
        foreach (var declaration in message.Signals)
        {
            var signal = AssembleSignal(message.Id, declaration, multiplexing);
            if (signal.Length > DbcLimits.DecodedSignalBits)
            {
                Warn(DbcWarningKind.SignalTooLong, declaration.Position,
                    $"signal {signal.Name} is {signal.Length} bits long; at most {DbcLimits.DecodedSignalBits} can be decoded");
            }

            CheckValues(signal, declaration, message);
            placed.Add(new PlacedSignal(signal, declaration.Position));
        }

        if (message.Name != SignalsOfNoMessage) CheckLayout(message, placed);
        return [.. placed.Select(each => each.Signal).OrderBy(BitField.FirstBit)];
    }

    private void CheckValues(DbcSignal signal, DbcSignalDeclaration declaration, DbcMessageDeclaration message)
    {
        if (signal.Scale == 0) Warn(DbcWarningKind.UnusableValue, declaration.Position, $"the scale of signal {signal.Name} is 0, so its value is always {signal.Offset}");
        if (signal.Minimum > signal.Maximum)
        {
            Warn(DbcWarningKind.UnusableValue, declaration.Position, $"the minimum of signal {signal.Name} is above its maximum");
        }

        if (signal.IsFloat || signal.Length > DbcLimits.DecodedSignalBits) return;
        var (least, most) = signal.RawRange;
        foreach (var label in signal.Labels)
        {
            if (label.Raw >= least && label.Raw <= most) continue;
            Warn(DbcWarningKind.LabelOutOfRange, contents.Labels[DbcSubject.Signal(message.Id, declaration.Name)].Position,
                $"signal {signal.Name} can never be {label.Raw} (\"{DbcText.Show(label.Text)}\"): it goes from {least} to {most}");
            break;
        }
    }

    private DbcSignal AssembleSignal(uint messageId, DbcSignalDeclaration declaration, Multiplexing multiplexing)
    {
        var key = DbcSubject.Signal(messageId, declaration.Name);
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
            MinimumNumber = declaration.Minimum,
            MaximumNumber = declaration.Maximum,
            Unit = declaration.Unit,
            IsMultiplexer = declaration.IsMultiplexer,
            Multiplexing = multiplexing.Of(declaration),
            Labels = Labels(key),
            Comment = contents.Comments.GetValueOrDefault(key),
            Receivers = declaration.Receivers is [NoNode] ? [] : [.. declaration.Receivers.Select(NodeName)],
            SuspectParameterNumber = SuspectParameterNumber(key),
            Initial = _attributes.FindOwn(key, InitialValueAttribute)?.Number,
            Attributes = _attributes.Of(key),
        };
    }

    private string SignalName(DbcSubject signal) => LongName(signal, LongSymbol) ?? signal.Name;

    private List<DbcLabel> Labels(DbcSubject subject) => contents.Labels.GetValueOrDefault(subject).Labels ?? [];

    private bool IsFloat(DbcSubject signal, int length)
    {
        // The length, not the type's number, decides between single and double.
        if (!contents.ValueTypes.TryGetValue(signal, out var value) || value.Type is not (1 or 2)) return false;
        if (length is 16 or 32 or 64) return true;
        throw Error(value.Position, $"signal {signal.Name} of {length} bits cannot be a float, which has 16, 32 or 64 bits");
    }

    private int? SuspectParameterNumber(DbcSubject signal)
    {
        if (_attributes.Find(signal, SpnAttribute) is not { Number: { } number } value) return null;
        if (number is >= 0 and <= int.MaxValue) return (int)number;
        WarnOfUnusable(signal, SpnAttribute, $"\"{DbcText.Show(value.Text)}\" is no suspect parameter number");
        return null;
    }
}
