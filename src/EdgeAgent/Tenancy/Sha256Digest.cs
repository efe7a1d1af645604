using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeAgent.Tenancy;

/// <summary>The SHA-256 of a content, which names it: 64 characters of 0–9 and a–f.</summary>
internal readonly record struct Sha256Digest
{
    public const string Expected = "64 characters of 0-9 and a-f";

    private readonly string? _text;

    private Sha256Digest(string text) => _text = text;

    public static Sha256Digest Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        bool valid = text is { Length: 2 * SHA256.HashSizeInBytes } && text.All(char.IsAsciiHexDigitLower);
        digest = valid ? new Sha256Digest(text!) : default;
        return valid;
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("A digest that was never set.");
}
