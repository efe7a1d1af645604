using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tests.Tenancy;

/// <summary>Keys and documents of a platform and a tenant.</summary>
internal static class TestDocuments
{
    public static readonly SigningKey Platform = SigningKey.Create(), Acme = SigningKey.Create(), Other = SigningKey.Create();

    public static readonly DeviceId Device = DeviceId.Parse("dongle-1");

    public static readonly TenantId Tenant = TenantId.Parse("acme");

    public static readonly KeyRing PlatformRing = KeyRing.Create(null, [Platform.Public]), AcmeRing = KeyRing.Create(Tenant, [Acme.Public]);

    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static JsonElement JsonOf(string text) => JsonElement.Parse(text);

    public static string Assignment(long epoch = 3, Handover handover = Handover.Deliver, long? seconds = 60) =>
        AssignmentDocument.Sign(Platform, Device, epoch, new AssignedTenant(Tenant, [Acme.Public]), handover, seconds);

    public static string Configuration(DeviceId? device = null, long version = 2, string configuration = """{"log":{"level":"debug"}}""") =>
        ConfigurationEnvelope.Sign(Acme, Tenant, device, version, JsonOf(configuration));

    public static string Command(string id = "c1", string operation = "ping", JsonObject? arguments = null, SigningKey? key = null, DateTimeOffset? issued = null, long seconds = 300) =>
        CommandDocument.Sign(key ?? Acme, Tenant, Device, id, operation, arguments ?? [], issued ?? Now, (issued ?? Now).AddSeconds(seconds));

    public static string Keys(SigningKey signer, long version, params SigningKey[] keys) =>
        KeysDocument.Sign(signer, Tenant, version, [.. keys.Select(key => key.Public)], []);

    /// <summary>Signs whatever it is given, right or wrong.</summary>
    public static string Sign(SigningKey key, string type, string payload) =>
        SignRaw(key, $$"""{"alg":"ES256","typ":"{{type}}","kid":"{{key.Public.Id}}"}""", Bytes(payload));

    public static string SignRaw(SigningKey key, string header, ReadOnlySpan<byte> payload)
    {
        string signed = $"{Base64UrlText.Encode(Bytes(header))}.{Base64UrlText.Encode(payload)}";
        return $"{signed}.{Base64UrlText.Encode(key.Sign(Bytes(signed)))}";
    }

    /// <summary>The payload of a document that the code itself has made.</summary>
    public static string Payload(string document) => Jws.Peek(Bytes(document)).Payload.GetRawText();
}
