using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>
/// A signed document: compact JWS (RFC 7515), ES256 and nothing else. The header has exactly <c>alg</c>, <c>typ</c> and <c>kid</c>; the
/// payload is <see cref="StrictJson"/> and is looked at only when the signature has been found right.
/// </summary>
internal static class Jws
{
    /// <summary>The largest document.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The largest number in a document (2^53 − 1), which every JSON library reads exactly.</summary>
    public const long MaxNumber = (1L << 53) - 1;

    /// <summary>The most keys that are trusted for one scope at a time.</summary>
    public const int MaxKeys = 16;

    private const string Algorithm = "ES256";

    private const int SignatureBytes = 64;

    /// <summary>Checks size, form, kind, key and signature, in this order.</summary>
    /// <param name="text">The document. One line feed behind it, as tools write it, does not count.</param>
    /// <param name="type">The only <c>typ</c> that is accepted.</param>
    /// <param name="trusted">The keys of which one must have signed it.</param>
    /// <exception cref="DocumentException">It is refused.</exception>
    public static VerifiedPayload Open(ReadOnlySpan<byte> text, string type, IEnumerable<VerificationKey> trusted)
    {
        var parts = Split(text);
        string keyId = ReadHeader(parts.Header, type);
        var key = trusted.FirstOrDefault(key => key.Id == keyId)
            ?? throw new DocumentException(Refusal.UnknownKey, $"signed with the key {Quoted.Of(keyId)}, which is not trusted here", "/kid");
        if (parts.Signature.Length != SignatureBytes) throw new DocumentException(Refusal.Malformed, $"a signature of {parts.Signature.Length} bytes; ES256 has {SignatureBytes}");
        if (!key.Verifies(parts.Signed, parts.Signature)) throw new DocumentException(Refusal.BadSignature, "the signature does not fit: the document was changed, or another key signed it");
        if (!StrictJson.TryParse(parts.Payload, out var payload, out var mistake)) throw new DocumentException(Refusal.InvalidPayload, mistake);
        return new VerifiedPayload(key, payload);
    }

    /// <exception cref="DocumentException">It would be too large.</exception>
    public static string Sign(SigningKey key, string type, JsonObject payload)
    {
        var header = new JsonObject { ["alg"] = Algorithm, ["typ"] = type, ["kid"] = key.Public.Id };
        string signed = $"{Encode(header)}.{Encode(payload)}";
        string text = $"{signed}.{Base64UrlText.Encode(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
        return text.Length <= MaxBytes ? text : throw new DocumentException(Refusal.TooLarge, $"{text.Length} bytes; a document may have {MaxBytes}");
    }

    /// <summary>Header and payload of a document as they are, for people to look at: neither is to be trusted.</summary>
    /// <exception cref="DocumentException">It is no compact JWS of JSON.</exception>
    public static (JsonElement Header, JsonElement Payload) Peek(ReadOnlySpan<byte> text)
    {
        var parts = Split(text);
        if (!StrictJson.TryParse(parts.Header, out var header, out var mistake) || !StrictJson.TryParse(parts.Payload, out var payload, out mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        return (header, payload);
    }

    private static string Encode(JsonObject json) => Base64UrlText.Encode(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static Parts Split(ReadOnlySpan<byte> text)
    {
        if (text.EndsWith("\n"u8)) text = text[..^1];
        if (text.Length > MaxBytes) throw new DocumentException(Refusal.TooLarge, $"{text.Length} bytes; a document may have {MaxBytes}");
        int first = text.IndexOf((byte)'.'), last = text.LastIndexOf((byte)'.');
        if (first < 0 || first == last || text[(first + 1)..last].Contains((byte)'.'))
            throw new DocumentException(Refusal.Malformed, "no compact JWS: expected three parts in base64url with '.' between them");
        return new Parts(Decode(text[..first], "header"), Decode(text[(first + 1)..last], "payload"), Decode(text[(last + 1)..], "signature"), text[..last].ToArray());
    }

    private static byte[] Decode(ReadOnlySpan<byte> part, string name) =>
        Base64UrlText.TryDecode(part, out byte[]? content) ? content : throw new DocumentException(Refusal.Malformed, $"the {name} is not in base64url (without padding and white space)");

    /// <returns>The id of the key.</returns>
    private static string ReadHeader(byte[] text, string type)
    {
        if (!StrictJson.TryParse(text, out var header, out var mistake)) throw new DocumentException(Refusal.Malformed, $"header: {mistake.Message}", mistake.Pointer);
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(header, "", mistakes, "alg", "typ", "kid");
        string? algorithm = reader.Text("alg"), typ = reader.Text("typ"), keyId = reader.Text("kid");
        if (algorithm is not null and not Algorithm) throw new DocumentException(Refusal.WrongAlgorithm, $"header: {Quoted.Of(algorithm)}; only {Algorithm} is accepted", "/alg");
        if (mistakes.Count > 0) throw new DocumentException(Refusal.Malformed, $"header: {mistakes[0].Message}", mistakes[0].Pointer);
        if (typ != type) throw new DocumentException(Refusal.WrongType, $"header: {Quoted.Of(typ!)}; expected '{type}'", "/typ");
        return keyId!;
    }

    private readonly record struct Parts(byte[] Header, byte[] Payload, byte[] Signature, byte[] Signed);
}

/// <summary>What a trusted key has signed. The payload is strict JSON; whether it is right is for its kind to say.</summary>
internal sealed record VerifiedPayload(VerificationKey Signer, JsonElement Payload);
