using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli.Support;

/// <summary>
/// Values that are secret on this device. They are removed wherever they stand, as they are and in base64, and so is what looks like a secret
/// (<see cref="Redaction"/>): a log may hold what no document would.
/// </summary>
internal sealed class KnownSecrets
{
    /// <summary>Shorter ones would take away what has nothing to do with them.</summary>
    private const int Shortest = 4, ShortestUnnamed = 8;

    private const int MaxFileBytes = 64 * 1024;

    private readonly HashSet<string> _forms = new(StringComparer.Ordinal);

    /// <summary>The value of a member that was removed from a document, with all that it holds.</summary>
    public void AddMember(string name, JsonNode value)
    {
        switch (value)
        {
            case JsonObject owner:
                foreach (var (inner, child) in owner) if (child is not null) AddMember(inner, child);
                break;
            case JsonArray list:
                foreach (var child in list) if (child is not null) AddMember(name, child);
                break;
            default:
                // What is merely unknown, such as a member with a mistake in its name, is no secret if it is as short as the name of an interface.
                string text = value.ToString();
                if (text.Length >= ShortestUnnamed || Redaction.IsSecretName(name)) Add(text);
                break;
        }
    }

    /// <summary>The lines of a file that holds a password or a private key. One that is not there may be the secret itself, written in the wrong place.</summary>
    public void AddFile(string named, string directory)
    {
        string path = Path.Combine(directory, named);
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes) return;
            foreach (string line in File.ReadLines(path)) if (!line.StartsWith("-----", StringComparison.Ordinal)) Add(line.Trim());
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            if (!named.Contains('/', StringComparison.Ordinal) && !File.Exists(path)) Add(named);
        }
    }

    /// <summary>User and password in an address, where they do not belong.</summary>
    public void AddAddress(string url)
    {
        int start = url.IndexOf("://", StringComparison.Ordinal) + 3, end = url.LastIndexOf('@');
        if (start < 3 || end < start) return;
        Add(url[start..end]);
        Add(url[start..end].Split(':', 2)[^1]);
    }

    public void Add(string value)
    {
        if (value.Length < Shortest) return;
        _forms.Add(value);
        foreach (string form in Base64Of(value)) _forms.Add(form);
    }

    /// <summary>A copy without secrets.</summary>
    public JsonNode? Clean(JsonNode? node) => Redaction.Of(Replace(node));

    private JsonNode? Replace(JsonNode? node) => node switch
    {
        // Two names may become one.
        JsonObject owner => new JsonObject(owner.DistinctBy(member => Replace(member.Key)).Select(member => KeyValuePair.Create(Replace(member.Key), Replace(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Replace)]),
        JsonValue value when value.TryGetValue(out string? text) => Replace(text),
        _ => node?.DeepClone(),
    };

    private string Replace(string text)
    {
        foreach (string form in _forms.OrderByDescending(form => form.Length)) text = text.Replace(form, Redaction.Removed, StringComparison.Ordinal);
        return text;
    }

    /// <summary>What stands in base64 of any text that holds the value: three bytes are four digits, so where it begins decides which digits are its own.</summary>
    private static IEnumerable<string> Base64Of(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        for (int before = 0; before < 3; before++)
        {
            string digits = Convert.ToBase64String([.. new byte[before], .. bytes]);
            int first = (before * 8 + 5) / 6, end = (before + bytes.Length) * 8 / 6;
            string own = digits[first..end];
            yield return own;
            yield return own.Replace('+', '-').Replace('/', '_');
        }
    }
}
