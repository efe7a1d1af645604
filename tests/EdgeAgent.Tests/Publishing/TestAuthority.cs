using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.Tests.Publishing;

/// <summary>A private authority and what it has signed, as PEM files in a directory.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly TestDirectory _directory;
    private readonly string _name;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public TestAuthority(TestDirectory directory, string name)
    {
        (_directory, _name) = (directory, name);
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        _certificate = request.CreateSelfSigned(_now.AddDays(-400), _now.AddDays(400));
        File = directory.Write($"{name}.pem", _certificate.ExportCertificatePem());
    }

    /// <summary>Its certificate.</summary>
    public string File { get; }

    /// <summary>Signs a certificate that is valid from and to so many days from now, and writes it and its key.</summary>
    public (string Certificate, string Key, X509Certificate2 WithKey) Issue(string name, int from = -1, int to = 30)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_certificate, _now.AddDays(from), _now.AddDays(to), RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return (
            _directory.Write($"{_name}-{name}.pem", signed.ExportCertificatePem()),
            _directory.Write($"{_name}-{name}.key", key.ExportPkcs8PrivateKeyPem()),
            X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null));
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }
}
