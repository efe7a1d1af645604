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

    // The list of new symbols has no end of its own: it ends where a keyword is followed by a colon, usually BS_, or a message begins.
    private void ReadNewSymbols()
    {
        Advance();
        Skip(':', "after NS_");
        while (!IsFollowedBy(':') && !(IsKeyword("BO_") && Peek().Kind == DbcTokenKind.Number))
        {
            if (_current.Kind == DbcTokenKind.End) throw Error(_current.Position, "expected BS_ after the list of symbols, found the end of the file");
            Advance();
        }
    }

    private bool IsFollowedBy(char character) => Peek() is { Kind: DbcTokenKind.Punctuation } next && _tokenizer.Slice(next)[0] == character;

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
        while (_current.Kind == DbcTokenKind.Word)
        {
            var position = _current.Position;
            var name = ReadWord("a node's name");
            if (!_names.Add((nameof(DbcNode), name))) WarnOfSecond("node", name, position);
            _contents.Nodes.Add((name, position));
        }
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
        signal.ByteOrder = ReadByteOrder();
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

    private ByteOrder ReadByteOrder()
    {
        var position = _current.Position;
        var order = ReadInteger("the byte order (0 big-endian, 1 little-endian)", ulong.MaxValue);
        if (order > 1)
        {
            _contents.Warnings.Tolerate(DbcWarningKind.Malformed, position, $"the byte order is 0 (big-endian) or 1 (little-endian), not {order}", "it is taken for 1");
        }

        return order == 0 ? ByteOrder.BigEndian : ByteOrder.LittleEndian;
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
        signal.Minimum = minimum;
        signal.Maximum = maximum;
    }

    // BO_TX_BU_ id : node,node;
    private void ReadSenders()
    {
        var position = _current.Position;
        Advance();
        var id = ReadMessageId();
        Skip(':', "after the message's id");
        var senders = new List<string>();
        do senders.Add(ReadWord("a sender's name"));
        while (TrySkip(','));
        Skip(';', "after the senders");
        if (_contents.FurtherSenders.TryGetValue(id, out var earlier)) earlier.AddRange(senders);
        else _contents.FurtherSenders.Add(id, senders);
        _ = ReadReference(DbcSubject.Message(id), position);
    }

    // SIG_GROUP_ id name repetitions : signal signal;
    private void ReadSignalGroup()
    {
        var position = _current.Position;
        Advance();
        var id = ReadMessageId();
        var name = ReadWord("the group's name");
        var repetitions = (int)ReadInteger("the number of repetitions", int.MaxValue);
        Skip(':', "after the number of repetitions");
        _ = ReadReference(DbcSubject.Message(id), position);
        var signals = new List<string>();
        while (_current.Kind == DbcTokenKind.Word)
        {
            var signalPosition = _current.Position;
            signals.Add(ReadReference(DbcSubject.Signal(id, ReadWord("a signal's name")), signalPosition).Name);
        }

        Skip(';', "after the signals of the group");
        if (!_contents.SignalGroups.TryGetValue(id, out var groups)) _contents.SignalGroups.Add(id, groups = []);
        groups.Add(new DbcSignalGroup(name, repetitions, signals));
    }
}
