using System.Text;
using System.Text.Unicode;

namespace EdgeAgent.Can.Dbc;

/// <summary>Turns the bytes of a DBC file into text.</summary>
internal static class DbcText
{
    private const char Replacement = '\uFFFD';

    // Bytes 0x80–0x9F; all others are the same in ISO 8859-1, and so in Unicode. Five are undefined.
    private static ReadOnlySpan<char> Windows1252High =>
        "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

    public static string Decode(ReadOnlySpan<byte> bytes, DbcEncoding encoding)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (bytes.StartsWith(mark)) bytes = bytes[mark.Length..];
        if (encoding == DbcEncoding.Windows1252 || (encoding == DbcEncoding.Automatic && !Utf8.IsValid(bytes)))
        {
            return string.Create(bytes.Length, bytes, static (text, bytes) =>
            {
                for (var index = 0; index < bytes.Length; index++)
                {
                    var value = bytes[index];
                    text[index] = value is >= 0x80 and <= 0x9F ? Windows1252High[value - 0x80] : (char)value;
                }
            });
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>What stands between the quotes of a string: <c>\"</c> is a quote, and every line end is one line feed.</summary>
    public static string Unquote(ReadOnlySpan<char> quoted)
    {
        if (quoted.IndexOfAny('\\', '\r') < 0) return quoted.ToString();
        var lines = quoted.ToString().Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return lines.Replace("\\\"", "\"", StringComparison.Ordinal);
    }

    /// <summary>A piece of the file as an error message shows it: short, on one line, printable.</summary>
    public static string Show(ReadOnlySpan<char> text)
    {
        const int longest = 32;
        var shown = new StringBuilder(longest + 1);
        foreach (var character in text[..Math.Min(text.Length, longest)])
        {
            _ = shown.Append(char.IsControl(character) || char.IsSurrogate(character) ? Replacement : character);
        }

        return text.Length > longest ? shown.Append('…').ToString() : shown.ToString();
    }
}
