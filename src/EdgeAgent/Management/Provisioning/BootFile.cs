using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Provisioning;

/// <summary>
/// What a device is given on its boot partition, checked: its provisioning, the secrets that go with it, and how its buses are set up.
/// Only <see cref="BootFileReader"/> makes one.
/// </summary>
internal sealed record BootFile
{
    /// <summary>Its name on the boot partition.</summary>
    public const string Name = "edge-agent-provision.json";

    public required DeviceId Device { get; init; }

    /// <summary>What goes to the device as it is: the boot file without secrets and buses.</summary>
    public required JsonObject Rest { get; init; }

    /// <summary>What is to be kept in a file of its own.</summary>
    public required IReadOnlyDictionary<Secret, string> Secrets { get; init; }

    /// <summary>True if the device makes its key itself and waits for a certificate.</summary>
    public required bool MakesKey { get; init; }

    /// <summary>Null if the buses stay as they are.</summary>
    public required IReadOnlyList<CanBus>? Can { get; init; }

    /// <summary>What is no mistake but worth a word.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>The provisioning that names the secrets' files.</summary>
    public byte[] ProvisioningWith(SecretSet set) => ProvisioningWith(Rest, InFiles(Secrets, MakesKey), set);

    /// <summary>What has a file of its own in the end.</summary>
    internal static Secret[] InFiles(IReadOnlyDictionary<Secret, string> secrets, bool makesKey) =>
        [.. secrets.Keys, .. makesKey ? [Secret.PrivateKey, Secret.Certificate] : Array.Empty<Secret>()];

    internal static byte[] ProvisioningWith(JsonObject rest, IEnumerable<Secret> secrets, SecretSet set)
    {
        var provisioning = rest.DeepClone().AsObject();
        foreach (var secret in secrets) provisioning["broker"]![secret.FileMember] = set.FileOf(secret);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true })) provisioning.WriteTo(writer);
        return [.. stream.ToArray(), .. "\n"u8];
    }

    /// <summary>A secret as its file has it.</summary>
    internal static byte[] ContentOf(string secret) => Encoding.UTF8.GetBytes(secret.EndsWith('\n') ? secret : secret + "\n");
}
