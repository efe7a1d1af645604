using System.Globalization;

namespace EdgeAgent.Cli.Fleet;

/// <summary>Text from a device, made harmless for terminals, files and web pages.</summary>
internal static class DeviceText
{
    private const char Replacement = '?';

    /// <summary>The end of the Latin letters (Unicode, Latin Extended-B): all before it are one column wide and go from left to right.</summary>
    private const char EndOfLatin = '\u0250';

    /// <summary>At most so many characters; control characters, escapes, combining marks and scripts that a table cannot hold become question marks.</summary>
    public static string Clean(string text, int maxLength)
    {
        if (text.Length > maxLength) text = string.Concat(text.AsSpan(0, maxLength - 1), "…");
        return text.All(IsHarmless) ? text : string.Create(text.Length, text, (characters, original) =>
        {
            for (int i = 0; i < characters.Length; i++) characters[i] = IsHarmless(original[i]) ? original[i] : Replacement;
        });
    }

    private static bool IsHarmless(char character) =>
        character is ' ' or '…' || character < EndOfLatin && (char.IsLetterOrDigit(character) || char.IsPunctuation(character)
            || char.GetUnicodeCategory(character) is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol);
}
