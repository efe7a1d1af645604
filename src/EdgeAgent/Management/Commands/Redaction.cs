using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeAgent.Management.Commands;

/// <summary>
/// Takes out of what leaves the device whatever looks like a secret. Nothing of it should be there in the first place: this is for what
/// a library or a user writes where nobody expects it.
/// </summary>
internal static partial class Redaction
{
    private const string Removed = "(removed)";

    /// <summary>A copy without secrets.</summary>
    public static JsonNode? Of(JsonNode? node) => node switch
    {
        JsonObject owner => new JsonObject(owner.Select(member => KeyValuePair.Create(member.Key, SecretName().IsMatch(member.Key) ? Removed : Of(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Of)]),
        JsonValue value when value.TryGetValue(out string? text) => OfText(text),
        _ => node?.DeepClone(),
    };

    public static string OfText(string text)
    {
        text = PrivateKey().Replace(text, Removed);
        text = JsonWebKey().Replace(text, match => match.Groups["before"].Value + Removed);
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

    [GeneratedRegex(@"(?<before>[a-z][a-z0-9+.-]*://)[^\s/@]+@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InAddress();

    [GeneratedRegex("""(?<before>(password|passphrase|passwd|secret|token|credential|authorization)\\?["']?\s*(=|:|\sis\s)\s*(Bearer\s+|Basic\s+)?)(\\?"[^"]*"?|'[^']*'?|[^\s,;}]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Assignment();
}
