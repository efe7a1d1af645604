using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>A public key: a point of P-256, as a JWK (RFC 7517) of exactly <c>kty</c>, <c>crv</c>, <c>x</c> and <c>y</c>. Equal if they are the same point.</summary>
internal sealed class VerificationKey : IEquatable<VerificationKey>
{
    /// <summary>The bytes of a coordinate, and of a private key.</summary>
    public const int CoordinateBytes = 32;

    public const string KeyType = "EC", Curve = "P-256";

    /// <summary>The most that a file or an argument with a key may have.</summary>
    public const int MaxBytes = 4096;

    // SEC 2 §2.4.2: y² = x³ − 3x + b over the integers modulo p.
    private static readonly BigInteger P = Unsigned(Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF"));
    private static readonly BigInteger B = Unsigned(Convert.FromHexString("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"));

    private readonly byte[] _x, _y;
    private readonly Lock _gate = new();
    private ECDsa? _ecdsa;

    private VerificationKey(byte[] x, byte[] y)
    {
        (_x, _y) = (x, y);
        Id = Thumbprint([("crv", Curve), ("kty", KeyType), ("x", Base64UrlText.Encode(x)), ("y", Base64UrlText.Encode(y))]);
    }

    /// <summary>The key's name in documents: its thumbprint, 43 characters.</summary>
    public string Id { get; }

    /// <summary>Reads a JWK.</summary>
    /// <returns>Null if there are mistakes, which have been added.</returns>
    public static VerificationKey? Read(JsonElement jwk, string pointer, List<ConfigurationMistake> mistakes)
    {
        if (jwk.ValueKind == JsonValueKind.Object && jwk.TryGetProperty("d", out _))
        {
            mistakes.Add(new ConfigurationMistake(pointer + "/d", "a private key; the public one is expected: edge-agent key public FILE"));
            return null;
        }
        return Read(new ObjectReader(jwk, pointer, mistakes, "kty", "crv", "x", "y"));
    }

    /// <summary>From the text of a JWK.</summary>
    /// <exception cref="DocumentException">It is none.</exception>
    public static VerificationKey Parse(ReadOnlySpan<byte> jwk)
    {
        if (!StrictJson.TryParse(jwk, out var element, out var mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        List<ConfigurationMistake> mistakes = [];
        return Read(element, "", mistakes) is { } key && mistakes.Count == 0 ? key : throw new DocumentException(Refusal.Malformed, mistakes[0]);
    }

    /// <summary>Reads the public members.</summary>
    internal static VerificationKey? Read(ObjectReader jwk)
    {
        int before = jwk.Mistakes.Count;
        jwk.Word("kty", KeyType);
        jwk.Word("crv", Curve);
        byte[]? x = Coordinate(jwk, "x"), y = Coordinate(jwk, "y");
        if (jwk.Mistakes.Count > before || x is null || y is null) return null;
        if (IsOnCurve(Unsigned(x), Unsigned(y))) return new VerificationKey(x, y);
        jwk.Add("y", "not a point of the curve");
        return null;
    }

    internal static VerificationKey Of(ECParameters parameters) => new(parameters.Q.X!, parameters.Q.Y!);

    internal static byte[]? Coordinate(ObjectReader jwk, string name)
    {
        if (jwk.Text(name) is not { } text) return null;
        if (Base64UrlText.TryDecode(Encoding.UTF8.GetBytes(text), out byte[]? value) && value.Length == CoordinateBytes) return value;
        jwk.Add(name, $"expected {CoordinateBytes} bytes in base64url without padding");
        return null;
    }

    /// <summary>RFC 7638: the SHA-256 over the required members in the order of their names, in base64url.</summary>
    internal static string Thumbprint(IEnumerable<(string Name, string Value)> members) =>
        Base64UrlText.Encode(SHA256.HashData(Encoding.UTF8.GetBytes("{" + string.Join(',', members.OrderBy(member => member.Name, StringComparer.Ordinal).Select(member => $"\"{member.Name}\":\"{member.Value}\"")) + "}")));

    /// <summary>True if the signature (r and s, 64 bytes) is this key's over the content, by ES256.</summary>
    public bool Verifies(ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        // Made once, since that takes longer than the check; a key lives as long as the ring it is in.
        lock (_gate)
        {
            _ecdsa ??= ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = _x, Y = _y } });
            return _ecdsa.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public JsonObject ToJson() => new() { ["kty"] = KeyType, ["crv"] = Curve, ["x"] = Base64UrlText.Encode(_x), ["y"] = Base64UrlText.Encode(_y) };

    /// <summary>The JWK on one line.</summary>
    public override string ToString() => ToJson().ToJsonString();

    public bool Equals(VerificationKey? other) => other is not null && Id == other.Id;

    public override bool Equals(object? obj) => Equals(obj as VerificationKey);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    private static bool IsOnCurve(BigInteger x, BigInteger y) => x < P && y < P && (y * y - (x * x * x - 3 * x + B)) % P == 0;

    private static BigInteger Unsigned(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
