using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary>Reads the statements of a DBC file, one after the other, with two tokens of look-ahead and without recursion.</summary>
internal sealed partial class DbcReader
{
    private readonly DbcTokenizer _tokenizer;
    private readonly DbcContents _contents;
    private readonly HashSet<(string Kind, string Name)> _names = [];
    private DbcToken _current;
    private DbcToken? _next;
    private bool _isCutShort;

    public DbcReader(DbcTokenizer tokenizer, DbcWarnings warnings)
    {
        _tokenizer = tokenizer;
        _contents = new DbcContents(warnings);
        _current = tokenizer.Read();
    }

    public DbcContents Read()
    {
        if (_current.Kind == DbcTokenKind.End) throw Expected("a statement such as VERSION or BO_");
        ReadStatement();
        while (_current.Kind != DbcTokenKind.End)
        {
            var position = _current.Position;
            try
            {
                ReadStatement();
            }
            catch (DbcException exception) when (_isCutShort && !_contents.Warnings.IsStrict)
            {
                _contents.Warnings.Tolerate(DbcWarningKind.Malformed, position, "the file ends within this statement", $"it is left out ({exception.Problem})");
            }
        }

        return _contents;
    }

    private void ReadStatement()
    {
        if (_current.Kind != DbcTokenKind.Keyword) throw Expected("a statement such as BO_, CM_ or VAL_");
        switch (_tokenizer.Slice(_current))
        {
            case "VERSION": ReadVersion(); break;
            case "NS_": ReadNewSymbols(); break;
            case "BS_": ReadBitTiming(); break;
            case "BU_": ReadNodes(); break;
            case "BO_": ReadMessage(); break;
            case "BO_TX_BU_": ReadSenders(); break;
            case "SIG_GROUP_": ReadSignalGroup(); break;
            case "SIG_VALTYPE_": ReadValueType(); break;
            case "SG_MUL_VAL_": ReadMultiplexerValues(); break;
            case "VAL_TABLE_": ReadValueTable(); break;
            case "VAL_": ReadLabels(); break;
            case "EV_": ReadEnvironmentVariable(); break;
            case "CM_": ReadComment(); break;
            case "BA_DEF_": ReadAttributeDefinition(_contents.Attributes); break;
            case "BA_DEF_REL_": ReadAttributeDefinition(_contents.RelationAttributes); break;
            case "BA_DEF_DEF_": ReadAttributeDefault(_contents.Attributes); break;
            case "BA_DEF_DEF_REL_": ReadAttributeDefault(_contents.RelationAttributes); break;
            case "BA_": ReadAttribute(); break;
            case "BA_REL_": ReadRelationAttribute(); break;
            case "SG_": throw Expected("a statement; a signal belongs below its message (BO_)");
            case "ENVVAR_DATA_": ReadDataLength(); break;
            case "EV_DATA_" or "SGTYPE_" or "SGTYPE_VAL_" or "BA_DEF_SGTYPE_" or "BA_SGTYPE_" or "SIG_TYPE_REF_"
                or "SIGTYPE_VALTYPE_" or "CAT_DEF_" or "CAT_":
                SkipStatement();
                break;
            default: throw Expected("a statement such as BO_, CM_ or VAL_");
        }
    }

    // These say nothing about frames.
    private void SkipStatement()
    {
        while (!IsPunctuation(';'))
        {
            if (_current.Kind == DbcTokenKind.End || IsKeyword("BO_") || IsKeyword("CM_") || IsKeyword("VAL_")) throw Expected("';' at the end of the statement");
            Advance();
        }

        Advance();
    }

    private void WarnOfSecond(string kind, string name, DbcPosition position) =>
        _contents.Warnings.Add(DbcWarningKind.DuplicateName, position, $"a second {kind} {name}");

    private void Advance()
    {
        _current = _next ?? _tokenizer.Read();
        _next = null;
    }

    private DbcToken Peek() => _next ??= _tokenizer.Read();


    private bool IsPunctuation(char character) =>
        _current.Kind == DbcTokenKind.Punctuation && _tokenizer.Slice(_current)[0] == character;

    private bool IsKeyword(string keyword) => _current.Kind == DbcTokenKind.Keyword && _tokenizer.Slice(_current).SequenceEqual(keyword);

    private bool TrySkip(char character)
    {
        if (!IsPunctuation(character)) return false;
        Advance();
        return true;
    }

    private bool TrySkip(string keyword)
    {
        if (!IsKeyword(keyword)) return false;
        Advance();
        return true;
    }

    private void Skip(char character, string where)
    {
        if (!TrySkip(character)) throw Expected($"'{character}' {where}");
    }

    private string ReadWord(string what) => Take(DbcTokenKind.Word, what).ToString();

    private string ReadText(string what) => DbcText.Unquote(Take(DbcTokenKind.Text, what));

    private DbcNumber ReadNumber(string what) => DbcNumber.Parse(Take(DbcTokenKind.Number, what));

    private uint ReadMessageId() => (uint)ReadInteger("a message's id", uint.MaxValue);

    private ulong ReadInteger(string what, ulong largest)
    {
        var token = _current;
        var digits = Take(DbcTokenKind.Number, what);
        var isInteger = ulong.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        if (isInteger && value <= largest) return value;
        throw Error(token.Position, $"expected {what}, which is a whole number from 0 to {largest}, found '{DbcText.Show(digits)}'");
    }

    private ReadOnlySpan<char> Take(DbcTokenKind kind, string what)
    {
        if (_current.Kind != kind) throw Expected(what);
        var slice = _tokenizer.Slice(_current);
        Advance();
        return slice;
    }

    private DbcException Expected(string what)
    {
        _isCutShort = _current.Kind == DbcTokenKind.End;
        var slice = _tokenizer.Slice(_current);
        var found = _current.Kind switch
        {
            DbcTokenKind.End => "the end of the file",
            DbcTokenKind.Text => $"\"{DbcText.Show(slice)}\"",
            _ => $"'{DbcText.Show(slice)}'",
        };
        return Error(_current.Position, $"expected {what}, found {found}");
    }

    private DbcException Error(DbcPosition position, string problem) => new(_tokenizer.FileName, position.Line, position.Column, problem);
}
