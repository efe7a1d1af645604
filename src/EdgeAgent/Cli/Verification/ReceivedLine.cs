using System.Text;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>A line as mosquitto_sub prints it with <c>-v</c> (topic, payload) or <c>-F '%t %x'</c> (topic, payload in hexadecimal).</summary>
/// <param name="Tenant">Whose branch the topic is in.</param>
/// <param name="Device">Which device's.</param>
/// <param name="Path">What is below the device's branch.</param>
/// <param name="Text">The payload as it stands there.</param>
internal readonly record struct ReceivedLine(TenantId Tenant, DeviceId Device, string Path, string Text)
{
    /// <returns>False if the topic is none below <c>tenants/{tenant}/devices/{device}/</c>.</returns>
    public static bool TryParse(string line, out ReceivedLine parsed)
    {
        parsed = default;
        string topic = TopicOf(line);
        if (topic.Split('/', 5) is not ["tenants", var owner, "devices", var name, var path]) return false;
        if (!TenantId.TryParse(owner, out var tenant) || !DeviceId.TryParse(name, out var device)) return false;
        parsed = new ReceivedLine(tenant, device, path, line.Length > topic.Length ? line[(topic.Length + 1)..] : "");
        return true;
    }

    /// <summary>Whether what stands there first can be the topic of a platform: in levels, and in nothing but what one can print.</summary>
    public static bool HasTopic(string line) =>
        TopicOf(line) is [not ('{' or '[' or '"'), ..] topic && topic.Contains('/', StringComparison.Ordinal) && !topic.Any(letter => char.IsControl(letter) || letter == '\uFFFD');

    /// <summary>True for the report of which numbers were delivered, buffered or lost.</summary>
    public bool IsLedger => Path == Topics.Ledger(Tenant, Device)[(Topics.Ledger(Tenant, Device).LastIndexOf('/') + 1)..];

    /// <summary>True for what is numbered; requests, state and the like are not.</summary>
    public bool IsRecord => Channel.TryParse(Path, out _);

    /// <summary>The payload's bytes.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is neither JSON nor hexadecimal.</exception>
    public ReadOnlyMemory<byte> ReadPayload()
    {
        if (Text.Length == 0) throw new InvalidDataException("no payload behind the topic");
        if (Text[0] is '{' or '[') return Encoding.UTF8.GetBytes(Text);
        try
        {
            return Convert.FromHexString(Text);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException("the payload is neither JSON nor hexadecimal", e);
        }
    }

    private static string TopicOf(string line) => line.IndexOf(' ') is >= 0 and var space ? line[..space] : line;
}
