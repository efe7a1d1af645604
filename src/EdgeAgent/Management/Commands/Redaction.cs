using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Takes out of what leaves the device whatever looks like a secret. Nothing of it should be there in the first place: this is for what
/// a library or a user writes where nobody expects it.
/// </summary>
internal static partial class Redaction
{
    /// <summary>What stands in the place of a secret.</summary>
    public const string Removed = "(removed)";

    /// <summary>A copy without secrets.</summary>
    public static JsonNode? Of(JsonNode? node) => node switch
    {
        JsonObject owner => new JsonObject(owner.Select(member => KeyValuePair.Create(member.Key, IsSecretName(member.Key) ? Removed : Of(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Of)]),
        JsonValue value when value.TryGetValue(out string? text) => OfText(text),
        _ => node?.DeepClone(),
    };

    /// <summary>True if the value of a member of this name is one.</summary>
    public static bool IsSecretName(string name) => SecretName().IsMatch(name);

    public static string OfText(string text)
    {
        text = PrivateKey().Replace(text, Removed);
        text = JsonWebKey().Replace(text, match => match.Groups["before"].Value + Removed);
        text = Bearer().Replace(text, match => match.Groups["before"].Value + Removed);
        text = InAddress().Replace(text, match => match.Groups["before"].Value + Removed + "@");
        return Assignment().Replace(text, match => match.Groups["before"].Value + Removed);
    }

    [GeneratedRegex("^(d|.*(password|passphrase|passwd|secret|token|credential|privateKey))$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    /// <summary>PEM, whole or cut off, with line ends or without.</summary>
    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();

    [GeneratedRegex("""(?<before>\\?"d\\?"\s*:\s*\\?")[A-Za-z0-9_-]+""", RegexOptions.CultureInvariant)]
    private static partial Regex JsonWebKey();

    /// <summary>A password may hold what does not belong there, so what is removed goes to the last @.</summary>
    [GeneratedRegex(@"(?<before>\b[a-z][a-z0-9+.-]{0,31}://)[^\s""'<>]+@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InAddress();

    /// <summary>What authorises whoever shows it, with or without the header's name (RFC 6750), and a JWT by itself.</summary>
    [GeneratedRegex(@"(?<before>\bBearer\s+)[A-Za-z0-9._~+/-]{8,}=*|(?<before>)\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Bearer();

    [GeneratedRegex("""(?<before>(password|passphrase|passwd|secret|token|credential|authorization)\\?["']?\s*(=|:|\sis\s)\s*(Bearer\s+|Basic\s+)?)(\\?"[^"]*"?|'[^']*'?|[^\s,;}]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();
}
