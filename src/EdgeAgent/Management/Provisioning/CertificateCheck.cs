using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Provisioning;

/// <summary>Whether a certificate is one that this device can show its broker.</summary>
/// <param name="Trouble">Why not; null if it is.</param>
/// <param name="Remark">What may be wrong.</param>
internal sealed record CertificateCheck(string? Trouble, string? Remark = null)
{
    /// <summary>The extended key usage of clients of TLS.</summary>
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>True if the trouble is with the key.</summary>
    public bool IsKey { get; private init; }

    /// <param name="certificate">PEM: the device's certificate, then those between it and the authority.</param>
    /// <param name="privateKey">PEM without a password.</param>
    /// <param name="device">Whose it is to be.</param>
    /// <param name="time">A clock that may be late but is not early: a device starts with the time of its last stop.</param>
    public static CertificateCheck Of(string certificate, string privateKey, DeviceId device, TimeProvider time)
    {
        X509Certificate2 own;
        try
        {
            own = X509Certificate2.CreateFromPem(certificate);
        }
        catch (CryptographicException e)
        {
            return new($"no certificate in PEM (-----BEGIN CERTIFICATE-----): {e.Message}");
        }
        using (own)
        {
            try
            {
                X509Certificate2.CreateFromPem(certificate, privateKey).Dispose();
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
            {
                return new($"not the key of the certificate ({own.Subject}), or no key in PEM without a password: {e.Message}") { IsKey = true };
            }
            string name = own.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            if (name != device.ToString()) return new($"for {name}, and the device is {device}");
            if (own.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => !usage.EnhancedKeyUsages.OfType<Oid>().Any(oid => oid.Value == ClientAuthentication)))
                return new("not for clients of TLS (extended key usage clientAuth)");
            if (time.GetUtcNow() > own.NotAfter) return new($"expired on {Day(own.NotAfter)}");
            return new(null, time.GetUtcNow() < own.NotBefore ? $"the certificate is not valid before {Day(own.NotBefore)}, and this device's clock says {Day(time.GetUtcNow())}; it may be late" : null);
        }
    }

    /// <summary>Why these are no authorities for TLS; null if they are.</summary>
    public static string? TroubleWithAuthorities(string pem)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPem(pem);
            return authorities.Count > 0 ? null : "no certificate in PEM (-----BEGIN CERTIFICATE-----)";
        }
        catch (CryptographicException e)
        {
            return $"holds a certificate that cannot be understood: {e.Message}";
        }
        finally
        {
            foreach (var authority in authorities) authority.Dispose();
        }
    }

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
