using System.Buffers;
using System.Collections.Frozen;

namespace EdgeAgent.Can.Dbc;

/// <summary>Cuts the text of a DBC file into words, numbers, strings and punctuation, one at a time.</summary>
/// <remarks>
/// A number is <c>[-+]?\d+\.?\d*([eE][-+]?\d+)?</c> and comes before a word, so that a name cannot start with a digit;
/// <c>0-5</c> is the two numbers <c>0</c> and <c>-5</c>. <c>//</c> starts a comment that ends with its line.
/// </remarks>
internal sealed class DbcTokenizer(string text, string? fileName)
{
    private static readonly SearchValues<char> WordCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Keywords = FrozenSet.ToFrozenSet(
    [
        "BA_", "BA_DEF_", "BA_DEF_DEF_", "BA_DEF_DEF_REL_", "BA_DEF_REL_", "BA_DEF_SGTYPE_", "BA_REL_", "BA_SGTYPE_", "BO_",
        "BO_TX_BU_", "BS_", "BU_", "BU_BO_REL_", "BU_EV_REL_", "BU_SG_REL_", "CAT_", "CAT_DEF_", "CM_", "ENVVAR_DATA_", "EV_",
        "EV_DATA_", "FILTER", "NS_", "NS_DESC_", "SG_", "SG_MUL_VAL_", "SGTYPE_", "SGTYPE_VAL_", "SIG_GROUP_", "SIG_TYPE_REF_",
        "SIG_VALTYPE_", "SIGTYPE_VALTYPE_", "VAL_", "VAL_TABLE_", "VERSION",
    ]).GetAlternateLookup<ReadOnlySpan<char>>();

    private int _next;
    private int _line = 1;
    private int _lineStart;

    public string? FileName => fileName;

    public ReadOnlySpan<char> Slice(DbcToken token) => text.AsSpan(token.Start, token.Length);

    public DbcToken Read()
    {
        SkipBlanksAndComments();
        var start = _next;
        var position = new DbcPosition(_line, start - _lineStart + 1);
        if (start == text.Length) return new DbcToken(DbcTokenKind.End, start, 0, position);

        var first = text[start];
        if (char.IsAsciiDigit(first) || (first is '+' or '-' && IsDigit(start + 1)))
        {
            _next = EndOfNumber(start + 1);
            return new DbcToken(DbcTokenKind.Number, start, _next - start, position);
        }

        if (first == '"') return ReadText(position);

        if (WordCharacters.Contains(first))
        {
            var length = text.AsSpan(start).IndexOfAnyExcept(WordCharacters);
            _next = length < 0 ? text.Length : start + length;
            var word = text.AsSpan(start, _next - start);
            return new DbcToken(Keywords.Contains(word) ? DbcTokenKind.Keyword : DbcTokenKind.Word, start, word.Length, position);
        }

        if (first is ':' or ';' or ',' or '|' or '@' or '(' or ')' or '[' or ']' or '+' or '-')
        {
            _next++;
            return new DbcToken(DbcTokenKind.Punctuation, start, 1, position);
        }

        throw new DbcException(fileName, position.Line, position.Column, $"unexpected character '{DbcText.Show(text.AsSpan(start, 1))}'");
    }

    private void SkipBlanksAndComments()
    {
        while (_next < text.Length)
        {
            switch (text[_next])
            {
                case ' ' or '\t':
                    _next++;
                    break;
                case '\r' or '\n':
                    PassLineEnd();
                    break;
                case '/' when _next + 1 < text.Length && text[_next + 1] == '/':
                    var end = text.AsSpan(_next).IndexOfAny('\r', '\n');
                    _next = end < 0 ? text.Length : _next + end;
                    break;
                default:
                    return;
            }
        }
    }

    private void PassLineEnd()
    {
        var carriageReturn = text[_next++] == '\r';
        if (carriageReturn && _next < text.Length && text[_next] == '\n') _next++;
        _line++;
        _lineStart = _next;
    }

    private bool IsDigit(int index) => index < text.Length && char.IsAsciiDigit(text[index]);

    private int EndOfNumber(int index)
    {
        while (IsDigit(index)) index++;
        if (index < text.Length && text[index] == '.') index++;
        while (IsDigit(index)) index++;
        if (index < text.Length && text[index] is 'e' or 'E')
        {
            var exponent = index + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            if (IsDigit(exponent))
            {
                index = exponent;
                while (IsDigit(index)) index++;
            }
        }

        return index;
    }

    // A backslash makes the quote behind it part of the string, unless no other quote follows in the file.
    private DbcToken ReadText(DbcPosition position)
    {
        var start = ++_next;
        (int Next, int Line, int LineStart)? lastEscaped = null;
        while (true)
        {
            var step = text.AsSpan(_next).IndexOfAny('"', '\r', '\n');
            if (step < 0)
            {
                if (lastEscaped is not { } end)
                {
                    throw new DbcException(fileName, position.Line, position.Column, "the string that starts here has no end");
                }

                (_next, _line, _lineStart) = end;
                break;
            }

            _next += step;
            if (text[_next] != '"')
            {
                PassLineEnd();
                continue;
            }

            if (_next == start || text[_next - 1] != '\\') break;
            lastEscaped = (_next, _line, _lineStart);
            _next++;
        }

        return new DbcToken(DbcTokenKind.Text, start, _next++ - start, position);
    }
}
