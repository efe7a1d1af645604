using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>Base64url as JOSE has it (RFC 7515 §2): no padding, no white space, and one text alone for given bytes.</summary>
internal static class Base64UrlText
{
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? content)
    {
        content = null;
        byte[] decoded = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, decoded, out _, out int length) != OperationStatus.Done) return false;
        // The framework lets padding, white space and bits behind the last byte pass, with which there would be several texts for the same.
        if (!Base64Url.EncodeToUtf8(decoded.AsSpan(0, length)).AsSpan().SequenceEqual(text)) return false;
        content = decoded[..length];
        return true;
    }

    public static string Encode(ReadOnlySpan<byte> content) => Base64Url.EncodeToString(content);
}
