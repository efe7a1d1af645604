using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>What is said of signals outside of their messages: type, multiplexing, labels.</summary>
internal sealed partial class DbcReader
{
    // SIG_VALTYPE_ id signal : type;
    private void ReadValueType()
    {
        Advance();
        var signal = ReadSignalReference();
        _ = TrySkip(':');
        var position = _current.Position;
        var type = (uint)ReadInteger("the value type (0 integer, 1 float, 2 double)", int.MaxValue);
        Skip(';', "after the value type");
        _contents.ValueTypes[signal] = (type, position);
    }

    // SG_MUL_VAL_ id signal multiplexer 0-5, 7-7;
    private void ReadMultiplexerValues()
    {
        Advance();
        var position = _current.Position;
        var signal = ReadSignalReference();
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
        if (!_contents.Multiplexed.TryGetValue(signal.MessageId, out var list)) _contents.Multiplexed.Add(signal.MessageId, list = []);
        list.Add(new DbcMultiplexedDeclaration(position, signal.Name, multiplexer, ranges));
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
        var position = _current.Position;
        var name = ReadWord("the value table's name");
        if (!_names.Add((nameof(DbcValueTable), name))) WarnOfSecond("value table", name, position);
        _contents.ValueTables.Add(new DbcValueTable(name, ReadLabelList()));
    }

    // VAL_ id signal 0 "off" 1 "on";   VAL_ variable 0 "off";
    private void ReadLabels()
    {
        Advance();
        var position = _current.Position;
        var subject = _current.Kind == DbcTokenKind.Number ? ReadSignalReference()
            : ReadReference(DbcSubject.EnvironmentVariable(ReadWord("a message's id or an environment variable's name")), position);
        var labels = ReadLabelList();
        if (labels.Count > 0) _contents.Labels[subject] = (labels, position);
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
}
