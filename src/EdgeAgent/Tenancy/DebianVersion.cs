using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Tenancy;

/// <summary>The version of a Debian package, ordered as dpkg orders them (deb-version(7)): <c>[epoch:]upstream[-revision]</c>.</summary>
internal readonly record struct DebianVersion : IComparable<DebianVersion>
{
    public const string Expected = "1 to 64 characters of 0-9, A-Z, a-z and .+~:-, of which the first is a digit";

    private const int MaxLength = 64;

    private readonly string? _text;

    private DebianVersion(string text) => _text = text;

    public static bool TryParse([NotNullWhen(true)] string? text, out DebianVersion version)
    {
        bool isValid = text is { Length: > 0 and <= MaxLength } && char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~' or ':' or '-');
        version = isValid ? new DebianVersion(text!) : default;
        return isValid;
    }

    public int CompareTo(DebianVersion other)
    {
        var (epoch, upstream, revision) = Split(ToString());
        var (otherEpoch, otherUpstream, otherRevision) = Split(other.ToString());
        int order = Compare(epoch, otherEpoch);
        if (order == 0) order = Compare(upstream, otherUpstream);
        return order != 0 ? order : Compare(revision, otherRevision);
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("A version that was never set.");

    private static (string Epoch, string Upstream, string Revision) Split(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal), hyphen = text.LastIndexOf('-');
        if (hyphen < colon) hyphen = -1;
        return (colon < 0 ? "" : text[..colon], text[(colon + 1)..(hyphen < 0 ? text.Length : hyphen)], hyphen < 0 ? "" : text[(hyphen + 1)..]);
    }

    /// <summary>Stretches without digits and with digits in turn; '~' comes before the end, and letters before all else.</summary>
    private static int Compare(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        while (one.Length > 0 || other.Length > 0)
        {
            while (one.Length > 0 && !char.IsAsciiDigit(one[0]) || other.Length > 0 && !char.IsAsciiDigit(other[0]))
            {
                int difference = Weight(one) - Weight(other);
                if (difference != 0) return Math.Sign(difference);
                one = one[1..];
                other = other[1..];
            }
            var number = TakeNumber(ref one);
            var otherNumber = TakeNumber(ref other);
            int order = number.Length != otherNumber.Length ? number.Length - otherNumber.Length : number.SequenceCompareTo(otherNumber);
            if (order != 0) return Math.Sign(order);
        }
        return 0;
    }

    private static int Weight(ReadOnlySpan<char> text) => text switch
    {
        [] => 0,
        ['~', ..] => -1,
        [var digit, ..] when char.IsAsciiDigit(digit) => 0,
        [var letter, ..] when char.IsAsciiLetter(letter) => letter,
        [var other, ..] => other + 256,
    };

    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        int length = 0;
        while (length < text.Length && char.IsAsciiDigit(text[length])) length++;
        var digits = text[..length].TrimStart('0');
        text = text[length..];
        return digits;
    }
}
