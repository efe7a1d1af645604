using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Provisioning;
using EdgeAgent.Tenancy;
using EdgeAgent.Tests.Tenancy;

namespace EdgeAgent.Tests.Management.Provisioning;

/// <summary>Boot files, and an authority that signs certificates.</summary>
internal static class ProvisioningExamples
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    private static readonly ECDsa AuthorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static readonly X509Certificate2 Authority = new CertificateRequest("CN=Fleet", AuthorityKey, HashAlgorithmName.SHA256).CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10));

    public static string AuthorityPem => Authority.ExportCertificatePem();

    /// <summary>A boot file of a device with a password, with what a test changes.</summary>
    public static JsonObject Boot(Action<JsonObject>? change = null)
    {
        var file = new JsonObject
        {
            ["device"] = "dongle-1",
            ["platformKeys"] = new JsonArray(TestDocuments.Platform.Public.ToJson()),
            ["broker"] = new JsonObject { ["url"] = "mqtts://broker.example.com", ["userName"] = "dongle-1", ["password"] = "secret" },
        };
        change?.Invoke(file);
        return file;
    }

    /// <summary>The same with a certificate in place of the password.</summary>
    public static JsonObject BootWith(string? certificate, string? key) => Boot(file =>
    {
        file["broker"] = new JsonObject { ["url"] = "mqtts://broker.example.com", ["authority"] = AuthorityPem };
        if (certificate is not null) file["broker"]!["certificate"] = certificate;
        if (key is not null) file["broker"]!["privateKey"] = key;
    });

    public static byte[] Utf8(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    /// <summary>Signs what is asked for.</summary>
    public static string Certify(string request, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var asked = CertificateRequest.LoadSigningRequestPem(request, HashAlgorithmName.SHA256);
        using var certificate = asked.Create(Authority.SubjectName, X509SignatureGenerator.CreateForECDsa(AuthorityKey), notBefore ?? Now.AddDays(-1), notAfter ?? Now.AddYears(1), [1, 2, 3]);
        return certificate.ExportCertificatePem();
    }

    /// <summary>A certificate and its key.</summary>
    public static (string Certificate, string Key) Pair(string device = "dongle-1", DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        using var key = DeviceKey.Create();
        return (Certify(key.RequestFor(DeviceId.Parse(device)), notBefore, notAfter), key.ToPem());
    }
}
