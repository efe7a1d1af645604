using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Provisioning;

/// <summary>A device's own key for TLS, on P-256.</summary>
internal sealed class DeviceKey : IDisposable
{
    private readonly ECDsa _key;

    private DeviceKey(ECDsa key) => _key = key;

    public static DeviceKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">It is no such key.</exception>
    public static DeviceKey Parse(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new DeviceKey(key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            key.Dispose();
            throw new CryptographicException($"no key of an elliptic curve in PEM without a password: {e.Message}", e);
        }
    }

    /// <summary>The public key, of which only the thumbprint is usually told.</summary>
    public VerificationKey Public => VerificationKey.Of(_key.ExportParameters(includePrivateParameters: false));

    /// <summary>The private key (PKCS #8).</summary>
    public string ToPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The request for a certificate (PKCS #10), whose subject is the device.</summary>
    public string RequestFor(DeviceId device) => RequestOf(device).CreateSigningRequestPem() + "\n";

    internal CertificateRequest RequestOf(DeviceId device) => new($"CN={device}", _key, HashAlgorithmName.SHA256);

    public void Dispose() => _key.Dispose();
}
