using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>Nodes, messages and signals.</summary>
internal sealed partial class DbcReader
{
    private void ReadVersion()
    {
        Advance();
        var version = ReadText("the version in quotes");
        _contents.Version ??= version;
    }

    // The list of new symbols has no end of its own: it ends where something is followed by a colon, usually BS_.
    private void ReadNewSymbols()
    {
        Advance();
        Skip(':', "after NS_");
        while (!IsStatementWithColon())
        {
            if (_current.Kind == DbcTokenKind.End) throw Expected("BS_ after the list of symbols");
            Advance();
        }
    }

    private bool IsStatementWithColon() =>
        IsKeyword("BS_") || IsKeyword("BU_") || IsKeyword("BO_") || IsKeyword("VERSION") || IsKeyword("NS_");

    private void ReadBitTiming()
    {
        Advance();
        Skip(':', "after BS_");

        // An obsolete bit rate and two timing registers may follow: "BS_: 500 : 12,34".
        while (_current.Kind == DbcTokenKind.Number || IsPunctuation(':') || IsPunctuation(',')) Advance();
    }

    private void ReadNodes()
    {
        Advance();
        Skip(':', "after BU_");
        while (_current.Kind == DbcTokenKind.Word) _contents.Nodes.Add(ReadWord("a node's name"));
    }

    private void ReadMessage()
    {
        Advance();
        var position = _current.Position;
        var id = ReadMessageId();
        var name = ReadWord("the message's name");
        Skip(':', "after the message's name");
        var length = (int)ReadInteger("the message's length in bytes", DbcLimits.MessageBytes);
        var message = new DbcMessageDeclaration(position, id, name, length, ReadWord("the message's sender"));
        if (_contents.Messages.Count == DbcLimits.Messages) throw Error(position, $"more than {DbcLimits.Messages} messages");
        _contents.Messages.Add(message);

        while (TrySkip("SG_"))
        {
            if (message.Signals.Count == DbcLimits.SignalsPerMessage)
            {
                throw Error(_current.Position, $"more than {DbcLimits.SignalsPerMessage} signals in message {message.Name}");
            }

            message.Signals.Add(ReadSignal());
        }
    }

    // SG_ name [M|m0|m0M] : start|length@order sign (scale,offset) [minimum|maximum] "unit" receiver,receiver
    private DbcSignalDeclaration ReadSignal()
    {
        var signal = ReadNameAndIndicator();
        Skip(':', "after the signal's name");
        signal.StartBit = (int)ReadInteger("the signal's start bit", (DbcLimits.MessageBytes * 8) - 1);
        Skip('|', "after the start bit");
        var lengthPosition = _current.Position;
        signal.Length = (int)ReadInteger("the signal's length in bits", DbcLimits.MessageBytes * 8);
        if (signal.Length == 0) throw Error(lengthPosition, $"the signal {signal.Name} is 0 bits long");
        Skip('@', "after the length");
        var isBigEndian = ReadInteger("the byte order (0 big-endian, 1 little-endian)", 1) == 0;
        signal.ByteOrder = isBigEndian ? ByteOrder.BigEndian : ByteOrder.LittleEndian;
        signal.IsSigned = IsPunctuation('-');
        if (!TrySkip('+') && !TrySkip('-')) throw Expected("'+' (unsigned) or '-' (signed) after the byte order");
        Skip('(', "before the scale");
        signal.Scale = ReadNumber("the scale");
        Skip(',', "after the scale");
        signal.Offset = ReadNumber("the offset");
        Skip(')', "after the offset");
        ReadRange(signal);
        var unit = ReadText("the unit in quotes");
        signal.Unit = unit.Length == 0 ? null : unit;
        do signal.Receivers.Add(ReadWord("a receiver's name"));
        while (TrySkip(','));
        return signal;
    }

    private DbcSignalDeclaration ReadNameAndIndicator()
    {
        var position = _current.Position;
        var name = ReadWord("the signal's name");
        if (_current.Kind != DbcTokenKind.Word) return new DbcSignalDeclaration { Position = position, Name = name };

        var indicatorPosition = _current.Position;
        var indicator = ReadWord("a multiplexer indicator");
        var isMultiplexer = indicator[^1] == 'M';
        var selected = isMultiplexer ? indicator.AsSpan(..^1) : indicator;
        var digits = selected[Math.Min(1, selected.Length)..];
        var isValue = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value);
        return new DbcSignalDeclaration
        {
            Position = position,
            Name = name,
            Indicator = indicator,
            IndicatorPosition = indicatorPosition,
            IsMultiplexer = isMultiplexer,
            MultiplexerValue = isValue && selected[0] == 'm' ? value : null,
        };
    }

    private void ReadRange(DbcSignalDeclaration signal)
    {
        Skip('[', "before the minimum");
        var noMinimum = _current is { Kind: DbcTokenKind.Number, Length: 1 } && _tokenizer.Slice(_current)[0] == '0';
        var minimum = ReadNumber("the minimum");
        Skip('|', "after the minimum");
        var noMaximum = _current is { Kind: DbcTokenKind.Number, Length: 1 } && _tokenizer.Slice(_current)[0] == '0';
        var maximum = ReadNumber("the maximum");
        Skip(']', "after the maximum");
        if (noMinimum && noMaximum) return;
        signal.Minimum = minimum.Value;
        signal.Maximum = maximum.Value;
    }

    // BO_TX_BU_ id : node,node;
    private void ReadSenders()
    {
        var position = _current.Position;
        Advance();
        var id = ReadMessageId();
        Skip(':', "after the message's id");
        if (!_contents.FurtherSenders.TryGetValue(id, out var senders)) _contents.FurtherSenders.Add(id, senders = []);
        do senders.Add(ReadWord("a sender's name"));
        while (TrySkip(','));
        Skip(';', "after the senders");
        _contents.References.Add(new DbcReference(position, id, null));
    }

    // SIG_GROUP_ id name repetitions : signal signal;
    private void ReadSignalGroup()
    {
        var position = _current.Position;
        Advance();
        var id = ReadMessageId();
        _ = ReadWord("the group's name");
        _ = ReadInteger("the number of repetitions", int.MaxValue);
        Skip(':', "after the number of repetitions");
        _contents.References.Add(new DbcReference(position, id, null));
        while (_current.Kind == DbcTokenKind.Word)
        {
            var signalPosition = _current.Position;
            _contents.References.Add(new DbcReference(signalPosition, id, ReadWord("a signal's name")));
        }

        Skip(';', "after the signals of the group");
    }
}
