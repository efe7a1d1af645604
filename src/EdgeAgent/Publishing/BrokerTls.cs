using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeAgent.Publishing;

/// <summary>
/// TLS of one connection: whom to trust, what to show, and, since the exceptions of a failed handshake say next to nothing, the reason in words.
/// </summary>
internal sealed class BrokerTls : IDisposable
{
    private readonly BrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection _authorities;
    private readonly X509Certificate2Collection _own = [];

    /// <exception cref="BrokerException">A file cannot be read or is not what it should be.</exception>
    public BrokerTls(BrokerOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _authorities = options.AuthorityFile is { } authorities ? ReadCertificates(authorities, "/broker/authorityFile") : [];
        if (options.CertificateFile is not { } file) return;
        _own = ReadCertificates(file, "/broker/certificateFile");
        using var first = _own[0];
        _own[0] = WithKey(first, options.PrivateKeyFile ?? file);
    }

    /// <summary>Why the broker's certificate was refused; null if it was not.</summary>
    public string? Distrust { get; private set; }

    public SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy
        {
            // A revoked certificate is refused. A list of revoked ones that cannot be had is none: a private network may not reach it.
            RevocationMode = X509RevocationMode.Online,
            VerificationFlags = X509VerificationFlags.IgnoreEndRevocationUnknown
                | X509VerificationFlags.IgnoreCertificateAuthorityRevocationUnknown | X509VerificationFlags.IgnoreRootRevocationUnknown,
            UrlRetrievalTimeout = TimeSpan.FromSeconds(5),
        };
        if (_options.AuthorityFile is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_authorities);
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = _options.Uri.IdnHost,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate as X509Certificate2, chain, errors),
            ClientCertificateContext = _own.Count == 0 ? null : SslStreamCertificateContext.Create(_own[0], [.. _own.Skip(1)], offline: true),
        };
    }

    /// <summary>
    /// What the broker has against this device's certificate, or may have: it breaks off, in TLS 1.3 after the handshake, and what it says before
    /// that may be lost with the connection.
    /// </summary>
    /// <param name="trouble">What the connection ended with before the broker said a word.</param>
    public string ExplainRefusal(string trouble)
    {
        bool isCertain = trouble.Contains("alert", StringComparison.Ordinal);
        if (_own.Count == 0) return $"{trouble}: it {(isCertain ? "asks" : "may ask")} for a certificate of this device; set /broker/certificateFile and /broker/privateKeyFile";
        string named = $"this device's certificate ({_own[0].Subject}, {_options.CertificateFile})";
        if (_time.GetUtcNow() > _own[0].NotAfter) return $"{trouble}: {named} expired on {Day(_own[0].NotAfter)}; renew it";
        if (_time.GetUtcNow() < _own[0].NotBefore) return $"{trouble}: {named} is not valid before {Day(_own[0].NotBefore)}, and the clock says {Day(_time.GetUtcNow())}";
        return $"{trouble}: it {(isCertain ? "does" : "may")} not accept {named}, issued by {_own[0].Issuer}; see /broker/certificateFile";
    }

    public void Dispose()
    {
        foreach (var certificate in _authorities) certificate.Dispose();
        foreach (var certificate in _own) certificate.Dispose();
    }

    private bool IsTrusted(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        Distrust = certificate is null ? "it shows no certificate" : $"its certificate ({certificate.Subject}) {string.Join(", and ", Faults(certificate, chain, errors))}";
        return false;
    }

    private IEnumerable<string> Faults(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            string[] names = [.. Names(certificate)];
            yield return $"is for {(names.Length == 0 ? "no host" : string.Join(", ", names))} and not for {_options.Uri.IdnHost}; check /broker/url";
        }
        HashSet<X509ChainStatusFlags> said = [];
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            foreach (var status in element.ChainElementStatus)
            {
                if (said.Add(status.Status) && Fault(element.Certificate, certificate, status) is { } fault) yield return fault;
            }
        }
    }

    private string? Fault(X509Certificate2 at, X509Certificate2 certificate, X509ChainStatus status)
    {
        string whose = at.Equals(certificate) ? "" : $"depends on one ({at.Subject}) that ";
        return status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid when _time.GetUtcNow() < at.NotBefore =>
                $"{whose}is not valid before {Day(at.NotBefore)}, and this device's clock says {Day(_time.GetUtcNow())}",
            X509ChainStatusFlags.NotTimeValid => $"{whose}expired on {Day(at.NotAfter)}; whoever runs the broker has to renew it",
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain => $"is signed by an authority ({at.Issuer}) that is not trusted: "
                + (_options.AuthorityFile is { } file ? $"{file} does not hold it; see /broker/authorityFile" : "name its PEM file in /broker/authorityFile, or install it with update-ca-certificates"),
            X509ChainStatusFlags.Revoked => $"{whose}was revoked",
            X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation or X509ChainStatusFlags.NoError => null,
            _ => $"{whose}is not right: {status.StatusInformation} ({status.Status})",
        };
    }

    private static IEnumerable<string> Names(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (string name in extension.EnumerateDnsNames()) yield return name;
            foreach (var address in extension.EnumerateIPAddresses()) yield return address.ToString();
        }
    }

    private static X509Certificate2Collection ReadCertificates(string file, string pointer)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"{file}: cannot be read: {e.Message}; see {pointer}", e) { Fault = BrokerFault.File };
        }
        catch (CryptographicException e)
        {
            throw new BrokerException($"{file}: holds a certificate that cannot be understood: {e.Message}; see {pointer}", e) { Fault = BrokerFault.File };
        }
        return certificates.Count > 0 ? certificates : throw new BrokerException($"{file}: holds no certificate in PEM (-----BEGIN CERTIFICATE-----); see {pointer}") { Fault = BrokerFault.File };
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string file)
    {
        try
        {
            string pem = File.ReadAllText(file);
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"{file}: cannot be read: {e.Message}; see /broker/privateKeyFile", e) { Fault = BrokerFault.File };
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new BrokerException($"{file}: is not the key of the certificate ({certificate.Subject}) in /broker/certificateFile, or not a key in PEM without a password: {e.Message}", e) { Fault = BrokerFault.File };
        }
    }

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
