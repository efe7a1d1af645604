using System.Buffers;

namespace EdgeAgent.Tenancy;

/// <summary>The one rule for identifiers that appear in topics and file names: neither separator, wildcard, dot nor control character fits.</summary>
internal static class Identifier
{
    public const int MaxLength = 64;

    public const string Expected = "1 to 64 characters of A-Z, a-z, 0-9, '-' and '_', the first a letter or digit";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsValid(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= MaxLength && text[0] is not ('-' or '_') && !text.ContainsAnyExcept(Allowed);
}
