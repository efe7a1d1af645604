using System.Text;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli.Verification;

/// <summary>A line as mosquitto_sub prints it with <c>-v</c> (topic, payload) or <c>-F '%t %x'</c> (topic, payload in hexadecimal).</summary>
/// <param name="Tenant">Whose branch the topic is in.</param>
/// <param name="Device">Which device's.</param>
/// <param name="Path">What is below the device's branch.</param>
/// <param name="Payload">The payload's bytes.</param>
internal readonly record struct ReceivedLine(TenantId Tenant, DeviceId Device, string Path, ReadOnlyMemory<byte> Payload)
{
    /// <returns>False if the topic is none below <c>tenants/{tenant}/devices/{device}/</c>.</returns>
    /// <exception cref="InvalidDataException">It is such a topic, but no payload follows.</exception>
    public static bool TryParse(string line, out ReceivedLine parsed)
    {
        parsed = default;
        int space = line.IndexOf(' ');
        string topic = space < 0 ? line : line[..space];
        if (topic.Split('/', 5) is not ["tenants", var owner, "devices", var name, var path]) return false;
        if (!TenantId.TryParse(owner, out var tenant) || !DeviceId.TryParse(name, out var device)) return false;
        string text = space < 0 ? "" : line[(space + 1)..];
        if (text.Length == 0) throw new InvalidDataException("no payload behind the topic");
        parsed = new ReceivedLine(tenant, device, path, text[0] is '{' or '[' ? Encoding.UTF8.GetBytes(text) : FromHex(text));
        return true;
    }

    /// <summary>True for the report of which numbers were delivered, buffered or lost.</summary>
    public bool IsLedger => Path == Topics.Ledger(Tenant, Device)[(Topics.Ledger(Tenant, Device).LastIndexOf('/') + 1)..];

    /// <summary>True for what is numbered; requests, state and the like are not.</summary>
    public bool IsRecord => Channel.TryParse(Path, out _);

    private static byte[] FromHex(string text)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException("the payload is neither JSON nor hexadecimal", e);
        }
    }
}
