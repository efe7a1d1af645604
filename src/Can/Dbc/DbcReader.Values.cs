using System.Globalization;
using System.Text;

namespace EdgeAgent.Can.Dbc;

/// <summary>What is said of signals outside of their messages: type, multiplexing, labels, comments. Also environment variables.</summary>
internal sealed partial class DbcReader
{
    // SIG_VALTYPE_ id signal : type;
    private void ReadValueType()
    {
        Advance();
        var key = ReadSignalKey();
        _ = TrySkip(':');
        var position = _current.Position;
        var type = (long)ReadInteger("the value type (0 integer, 1 float, 2 double)", int.MaxValue);
        Skip(';', "after the value type");
        _contents.ValueTypes[key] = (type, position);
    }

    // SG_MUL_VAL_ id signal multiplexer 0-5, 7-7;
    private void ReadMultiplexerValues()
    {
        Advance();
        var position = _current.Position;
        var key = ReadSignalKey();
        var multiplexer = ReadWord("the multiplexer's name");
        var ranges = new List<DbcMultiplexerRange>();
        do
        {
            var rangePosition = _current.Position;
            var first = ReadInteger("the first multiplexer value", ulong.MaxValue);
            var last = ReadLastMultiplexerValue();
            if (first > last) _contents.Warnings.Add(DbcWarningKind.Multiplexing, rangePosition, $"the range {first}-{last} is empty");
            ranges.Add(new DbcMultiplexerRange(first, last));
        }
        while (TrySkip(','));
        Skip(';', "after the multiplexer values");
        if (!_contents.Multiplexed.TryGetValue(key.MessageId, out var list)) _contents.Multiplexed.Add(key.MessageId, list = []);
        list.Add(new DbcMultiplexedDeclaration(position, key.Signal, multiplexer, ranges));
    }

    // The tokenizer takes the hyphen of "0-5" for the sign of the 5.
    private ulong ReadLastMultiplexerValue()
    {
        if (TrySkip('-')) return ReadInteger("the last multiplexer value", ulong.MaxValue);
        const string what = "'-' and the last multiplexer value";
        var position = _current.Position;
        var digits = Take(DbcTokenKind.Number, what);
        if (digits[0] == '-' && ulong.TryParse(digits[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return value;
        throw Error(position, $"expected {what}, found '{DbcText.Show(digits)}'");
    }

    // VAL_TABLE_ name 0 "off" 1 "on";
    private void ReadValueTable()
    {
        Advance();
        _ = ReadWord("the value table's name");
        _ = ReadLabelList();
    }

    // VAL_ id signal 0 "off" 1 "on";   VAL_ variable 0 "off";
    private void ReadLabels()
    {
        Advance();
        if (_current.Kind != DbcTokenKind.Number)
        {
            _ = ReadWord("a message's id or an environment variable's name");
            _ = ReadLabelList();
            return;
        }

        var key = ReadSignalKey();
        var labels = ReadLabelList();
        if (labels.Count > 0) _contents.Labels[key] = labels;
    }

    private List<DbcLabel> ReadLabelList()
    {
        var labels = new List<DbcLabel>();
        while (_current.Kind == DbcTokenKind.Number)
        {
            var position = _current.Position;
            var digits = Take(DbcTokenKind.Number, "a value");
            if (!Int128.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var raw))
            {
                throw Error(position, $"expected a whole number for the label, found '{DbcText.Show(digits)}'");
            }

            labels.Add(new DbcLabel(raw, ReadText("the label in quotes")));
        }

        Skip(';', "after the labels");
        return labels;
    }

    // EV_ name : type [minimum|maximum] "unit" initial id access node,node;
    private void ReadEnvironmentVariable()
    {
        Advance();
        _ = ReadWord("the environment variable's name");
        Skip(':', "after the environment variable's name");
        _ = ReadInteger("the environment variable's type", int.MaxValue);
        Skip('[', "before the minimum");
        _ = ReadNumber("the minimum");
        Skip('|', "after the minimum");
        _ = ReadNumber("the maximum");
        Skip(']', "after the maximum");
        _ = ReadText("the unit in quotes");
        _ = ReadNumber("the initial value");
        _ = ReadInteger("the environment variable's id", uint.MaxValue);
        _ = ReadWord("the access type");
        do _ = ReadWord("an access node's name");
        while (TrySkip(','));
        Skip(';', "after the environment variable");
    }

    // CM_ "…";   CM_ BU_ node "…";   CM_ BO_ id "…";   CM_ SG_ id signal "…";   CM_ EV_ variable "…";
    private void ReadComment()
    {
        Advance();
        const string what = "the comment in quotes";
        if (TrySkip("SG_"))
        {
            var key = ReadSignalKey();
            _contents.SignalComments[key] = ReadText(what);
        }
        else if (TrySkip("BO_"))
        {
            var id = ReadReferredMessageId();
            _contents.MessageComments[id] = ReadText(what);
        }
        else if (TrySkip("BU_"))
        {
            var node = ReadWord("a node's name");
            _contents.NodeComments[node] = ReadText(what);
        }
        else if (TrySkip("EV_"))
        {
            _ = ReadWord("an environment variable's name");
            _ = ReadText(what);
        }
        else
        {
            var comment = ReadText("BU_, BO_, SG_, EV_ or the comment in quotes");
            _contents.Comment = (_contents.Comment ?? new StringBuilder()).Append(comment);
        }

        Skip(';', "after the comment");
    }

    private DbcSignalKey ReadSignalKey()
    {
        var position = _current.Position;
        var key = new DbcSignalKey(ReadMessageId(), ReadWord("a signal's name"));
        _contents.References.Add(new DbcReference(position, key.MessageId, key.Signal));
        return key;
    }

    private uint ReadReferredMessageId()
    {
        var position = _current.Position;
        var id = ReadMessageId();
        _contents.References.Add(new DbcReference(position, id, null));
        return id;
    }
}
