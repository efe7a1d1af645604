using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Management.Provisioning;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Provision;

/// <summary>Signs the certificates of devices.</summary>
internal sealed class FleetAuthority : IDisposable
{
    /// <summary>How far a device's clock may be behind when it gets its certificate.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromDays(1);

    private readonly X509Certificate2 _certificate;
    private readonly X509SignatureGenerator _signer;
    private readonly DateTimeOffset _now;
    private readonly TimeSpan _life;

    private FleetAuthority(X509Certificate2 certificate, X509SignatureGenerator signer, DateTimeOffset now, TimeSpan life) => (_certificate, _signer, _now, _life) = (certificate, signer, now, life);

    /// <param name="certificateFile">PEM.</param>
    /// <param name="keyFile">PEM without a password: RSA or an elliptic curve.</param>
    /// <param name="now">When certificates begin.</param>
    /// <param name="life">How long they last, at most as long as the authority does.</param>
    /// <exception cref="CryptographicException">These are no authority.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static FleetAuthority Load(string certificateFile, string keyFile, DateTimeOffset now, TimeSpan life)
    {
        X509Certificate2? certificate = null;
        try
        {
            certificate = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraint => !constraint.CertificateAuthority))
                throw new CryptographicException($"{certificateFile}: the certificate ({certificate.Subject}) is no authority's");
            if (now > certificate.NotAfter) throw new CryptographicException($"{certificateFile}: the authority ({certificate.Subject}) expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}");
            X509SignatureGenerator signer = certificate.GetECDsaPrivateKey() is { } ecdsa ? X509SignatureGenerator.CreateForECDsa(ecdsa)
                : certificate.GetRSAPrivateKey() is { } rsa ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
                : throw new CryptographicException($"{keyFile}: expected a key of RSA or of an elliptic curve");
            return new FleetAuthority(certificate, signer, now, life);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            certificate?.Dispose();
            throw new CryptographicException($"{keyFile}: not the key of {certificateFile}: {e.Message}", e);
        }
        catch (CryptographicException)
        {
            certificate?.Dispose();
            throw;
        }
    }

    /// <summary>A certificate for a client of TLS, named as the device.</summary>
    public X509Certificate2 Certify(DeviceKey key, DeviceId device)
    {
        var request = key.RequestOf(device);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(CertificateCheck.ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: _certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any(), includeIssuerAndSerial: false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        // A positive number without a zero in front.
        serial[0] = (byte)(serial[0] & 0x7F | 0x40);
        var end = _now + _life;
        return request.Create(_certificate.SubjectName, _signer, _now - Before, end < _certificate.NotAfter ? end : _certificate.NotAfter, serial);
    }

    public void Dispose() => _certificate.Dispose();
}
