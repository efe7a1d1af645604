using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// What others try: documents of the wrong key, the wrong tenant or the past, and altered ones. Epochs and versions of what is forged are so
/// large that nothing of it can take effect without being seen.
/// </summary>
internal sealed partial class SimulatedCloud
{
    /// <summary>Epochs and versions from here on are forged.</summary>
    public const long FirstForged = 1_000_000;

    /// <summary>Ids of commands that begin so are forged.</summary>
    public const string ForgedPrefix = "forged-";

    private readonly SigningKey _stranger = TestKeys.Number(10_000);

    /// <summary>The device has taken the first rotation of the platform's keys.</summary>
    public bool FirstRotationIsKnown { get; set; }

    /// <summary>One of which the device knows that it is trusted no more.</summary>
    private SigningKey? RevokedPlatformKey => FirstRotationIsKnown && Platform.Version == 1 ? Platform.LastRevoked : null;

    public void Forge()
    {
        Forgeries++;
        var victim = Tenants[_random.Next(Tenants.Count)];
        var other = Tenants.First(account => account != victim);
        long number = FirstForged + Forgeries;
        var key = _random.Next(2) == 0 ? _stranger : other.Keys.Signer;
        switch (_random.Next(6))
        {
            case 0:
                Send(Topics.Assignment(Device), AssignmentDocument.Sign(_random.Next(2) == 0 ? key : RevokedPlatformKey ?? key, Device, number, new AssignedTenant(other.Id, [_stranger.Public]), Handover.Purge, null), Platform.Signer);
                break;
            case 1:
                Send(Topics.TenantConfiguration(victim.Id), ConfigurationEnvelope.Sign(key, victim.Id, null, number, new JsonObject().ToElement()), victim.Keys.Signer);
                break;
            case 2:
                Send(Topics.DeviceConfiguration(victim.Id, Device), ConfigurationEnvelope.Sign(other.Keys.Signer, other.Id, Device, number, new JsonObject().ToElement()));
                break;
            case 3:
                Send(Topics.TenantKeys(victim.Id)[..^1] + number.ToString(CultureInfo.InvariantCulture), KeysDocument.Sign(key, victim.Id, number, [_stranger.Public], []), victim.Keys.Signer);
                break;
            case 4:
                string id = ForgedPrefix + Forgeries.ToString(CultureInfo.InvariantCulture);
                Send(Topics.Commands(victim.Id, Device)[..^1] + id, CommandDocument.Sign(key, victim.Id, Device, id, "ping", [], _agenda.UtcNow, _agenda.UtcNow.AddHours(1)), victim.Keys.Signer);
                break;
            default:
                if (_said.Count > 0) Alter(_said[_random.Next(_said.Count)]);
                break;
        }
    }

    /// <summary>Sends what was said once: an old epoch or version, or the last one again.</summary>
    public void Replay()
    {
        if (_said.Count == 0) return;
        Forgeries++;
        var (topic, document) = _said[_random.Next(_said.Count)];
        _trace.Add($"cloud: replay to {topic}");
        _broker.Publish(topic, document, retain: false);
    }

    private void Alter((string Topic, byte[] Document) said)
    {
        byte[] altered = [.. said.Document];
        // The last character of a signature has bits that mean nothing.
        int at = _random.Next(altered.Length - 1);
        altered[at] = altered[at] == (byte)'A' ? (byte)'B' : (byte)'A';
        Send(said.Topic, Encoding.ASCII.GetString(altered));
    }

    private void Send(string topic, string document, SigningKey? pretended = null)
    {
        // Whoever signs with another key can still name the right one.
        if (pretended is not null && _random.Next(2) == 0) document = Rename(document, pretended.Public.Id);
        _trace.Add($"cloud: forgery to {topic}");
        _broker.Publish(topic, Encoding.ASCII.GetBytes(document), retain: false);
    }

    private static string Rename(string document, string keyId)
    {
        string[] parts = document.Split('.');
        var header = JsonObject.Create(Jws.Peek(Encoding.ASCII.GetBytes(document)).Header)!;
        header["kid"] = keyId;
        return $"{Base64UrlText.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{parts[1]}.{parts[2]}";
    }
}
