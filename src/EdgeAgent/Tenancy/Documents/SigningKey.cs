using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>A private key of P-256, kept in a file as a JWK with <c>d</c>. Not on a device: it signs what devices check.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    private SigningKey(ECDsa key)
    {
        _key = key;
        Public = VerificationKey.Of(key.ExportParameters(includePrivateParameters: false));
    }

    public VerificationKey Public { get; }

    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="DocumentException">The file holds no private key.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SigningKey Load(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > VerificationKey.MaxBytes }) throw new DocumentException(Refusal.TooLarge, $"more than {VerificationKey.MaxBytes} bytes; expected a private key of edge-agent key new");
        byte[] content = File.ReadAllBytes(path);
        try
        {
            return Parse(content);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <exception cref="DocumentException">The text is no private key.</exception>
    public static SigningKey Parse(ReadOnlySpan<byte> jwk)
    {
        if (!StrictJson.TryParse(jwk, out var element, out var mistake)) throw new DocumentException(Refusal.Malformed, mistake);
        List<ConfigurationMistake> mistakes = [];
        var reader = new ObjectReader(element, "", mistakes, "kty", "crv", "x", "y", "d");
        var known = VerificationKey.Read(reader);
        byte[]? d = VerificationKey.Coordinate(reader, "d");
        if (mistakes.Count > 0) throw new DocumentException(Refusal.Malformed, mistakes[0]);
        try
        {
            var key = new SigningKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
            if (key.Public.Equals(known)) return key;
            key.Dispose();
        }
        catch (CryptographicException)
        {
            // Zero, or not below the order of the curve.
        }
        finally
        {
            CryptographicOperations.ZeroMemory(d);
        }
        throw new DocumentException(Refusal.Malformed, "not the private key of this public one", "/d");
    }

    /// <summary>Writes the private JWK to a new file that only its owner may read, synced.</summary>
    /// <exception cref="IOException">There is such a file already, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(string path)
    {
        var parameters = _key.ExportParameters(includePrivateParameters: true);
        JsonObject jwk = Public.ToJson();
        jwk["d"] = Base64UrlText.Encode(parameters.D);
        byte[] content = Encoding.UTF8.GetBytes(jwk.ToJsonString() + "\n");
        try
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            CryptographicOperations.ZeroMemory(parameters.D);
        }
    }

    /// <summary>r and s, 64 bytes, by ES256.</summary>
    public byte[] Sign(ReadOnlySpan<byte> content) => _key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public void Dispose() => _key.Dispose();
}
