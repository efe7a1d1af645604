using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Provisioning;

/// <summary>Reads boot files and finds all that is wrong with them at once.</summary>
/// <param name="directory">Where the provisioning will be on the device: files that it names are looked for there. Null to name none.</param>
/// <param name="time">For the lives of certificates.</param>
internal sealed partial class BootFileReader(string? directory, TimeProvider time)
{
    private const string Buses = "can";

    /// <summary>The most characters of a password or claim code.</summary>
    private const int LongestPassword = 1024;

    private static readonly string[] Members = [.. DeviceValidator.ProvisioningMembers, Buses];

    private static readonly string[] BrokerMembers = [.. BrokerValidator.Members.Union(Secret.All.Select(secret => secret.Member))];

    private readonly List<ConfigurationMistake> _mistakes = [];
    private readonly List<string> _remarks = [];

    /// <param name="content">UTF-8 JSON, as editors of any system save it.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ConfigurationException">It has mistakes.</exception>
    public BootFile Read(ReadOnlySpan<byte> content, string name)
    {
        if (content.StartsWith("\uFEFF"u8)) content = content[3..];
        if (content.Length > ConfigurationReader.MaxBytes) throw new ConfigurationException(name, [new("", $"larger than the {ConfigurationReader.MaxBytes} bytes that it may have")]);
        if (content.IndexOfAnyExcept(" \t\r\n\0"u8) < 0) throw new ConfigurationException(name, [new("", "the file is empty")]);
        if (!StrictJson.TryParse(content, out var element, out var mistake)) throw new ConfigurationException(name, [mistake]);
        var root = new ObjectReader(element, "", _mistakes, Members);
        if (element.ValueKind != JsonValueKind.Object) throw new ConfigurationException(name, _mistakes);

        var rest = JsonObject.Create(element)!;
        foreach (string unknown in rest.Select(member => member.Key).Except(DeviceValidator.ProvisioningMembers).ToArray()) rest.Remove(unknown);
        var (secrets, makesKey) = TakeSecrets(root.Find("broker"), rest);
        var buses = root.Has(Buses) ? ReadBuses(root) : null;
        var device = CheckProvisioning(rest, secrets, makesKey);
        CheckPem(secrets, makesKey, device);
        if (_mistakes.Count > 0) throw new ConfigurationException(name, _mistakes);
        return new BootFile { Device = device!.Value, Rest = rest, Secrets = secrets, MakesKey = makesKey, Can = buses, Remarks = _remarks };
    }

    /// <summary>Moves the secrets out of what will be the provisioning.</summary>
    private (Dictionary<Secret, string> Secrets, bool MakesKey) TakeSecrets(JsonElement? element, JsonObject rest)
    {
        Dictionary<Secret, string> secrets = [];
        if (element is not { ValueKind: JsonValueKind.Object } || rest["broker"] is not JsonObject kept) return (secrets, false);
        var broker = new ObjectReader(element.Value, "/broker", _mistakes, BrokerMembers);
        foreach (string unknown in kept.Select(member => member.Key).Except(BrokerValidator.Members).ToArray()) kept.Remove(unknown);
        bool makesKey = false;
        foreach (var secret in Secret.All)
        {
            kept.Remove(secret.Member);
            if (broker.Text(secret.Member, isRequired: false) is not { } text) continue;
            if (kept.Remove(secret.FileMember)) broker.Add(secret.FileMember, $"given beside /broker/{secret.Member}; one of them is enough");
            if (secret == Secret.PrivateKey && text == Secret.Generate) makesKey = true;
            else if (text == Secret.Generate) broker.Add(secret.Member, $"{Secret.Generate}: edge-agent provision create does that, from this as its template");
            else secrets.Add(secret, text);
        }
        if (secrets.ContainsKey(Secret.Password) && secrets.ContainsKey(Secret.ClaimCode)) broker.Add("claimCode", "given beside /broker/password; one of them is enough");
        foreach (var secret in (Secret[])[Secret.Password, Secret.ClaimCode])
        {
            if (secrets.TryGetValue(secret, out string? text) && (text.Length is 0 or > LongestPassword || text.Any(char.IsControl)))
                broker.Add(secret.Member, $"expected 1 to {LongestPassword} characters on one line");
        }
        // By its own name, as the broker's rules have it.
        if ((secrets.ContainsKey(Secret.Password) || secrets.ContainsKey(Secret.ClaimCode)) && !kept.ContainsKey("userName") && rest["device"] is { } device) kept["userName"] = device.DeepClone();
        return (secrets, makesKey);
    }

    /// <summary>What remains is a provisioning, and is checked as the agent will check it.</summary>
    private DeviceId? CheckProvisioning(JsonObject rest, Dictionary<Secret, string> secrets, bool makesKey)
    {
        string path = Path.Combine(directory ?? "/", "provision.json");
        var moved = BootFile.InFiles(secrets, makesKey);
        try
        {
            var device = ConfigurationReader.ParseProvisioning(BootFile.ProvisioningWith(rest, rest["broker"] is JsonObject ? moved : [], new SecretSet('a')), path, AgentConfiguration.DefaultStateDirectory).Device;
            CheckFiles(rest, path);
            return device.Device;
        }
        catch (ConfigurationException e)
        {
            foreach (var mistake in e.Mistakes)
            {
                var secret = Array.Find(moved, secret => mistake.Pointer == $"/broker/{secret.FileMember}");
                // A place in the text would be one in what was made of it here.
                string message = Position().Replace(mistake.Message, "");
                _mistakes.Add(secret is null ? mistake with { Message = message } : new($"/broker/{secret.Member}", message.Replace(secret.FileMember, secret.Member, StringComparison.Ordinal)));
            }
            return DeviceId.TryParse(rest["device"] is JsonValue value && value.TryGetValue(out string? text) ? text : null, out var id) ? id : null;
        }
    }

    /// <summary>Files that are on the device already.</summary>
    private void CheckFiles(JsonObject rest, string path)
    {
        foreach (string member in Secret.All.Select(secret => secret.FileMember).Distinct())
        {
            if ((string?)rest["broker"]![member] is not { } file) continue;
            string? trouble = directory is null ? "names a file of the device; give what is in it" : FileTrouble.FindIn(Path.GetFullPath(file, Path.GetDirectoryName(path)!));
            if (trouble is not null) _mistakes.Add(new($"/broker/{member}", trouble));
        }
    }

    private void CheckPem(Dictionary<Secret, string> secrets, bool makesKey, DeviceId? device)
    {
        if (secrets.TryGetValue(Secret.Authority, out string? authority) && CertificateCheck.TroubleWithAuthorities(authority) is { } trouble) _mistakes.Add(new("/broker/authority", trouble));
        secrets.TryGetValue(Secret.Certificate, out string? certificate);
        secrets.TryGetValue(Secret.PrivateKey, out string? key);
        if (makesKey && certificate is not null) _mistakes.Add(new("/broker/certificate", "given for a key that is yet to be made; it comes later, as " + Provisioner.CertificateName));
        else if (certificate is not null && key is null) _mistakes.Add(new("/broker/certificate", "a certificate without /broker/privateKey"));
        else if (certificate is not null && device is { } id)
        {
            var check = CertificateCheck.Of(certificate, key!, id, time);
            if (check.Trouble is { } reason) _mistakes.Add(new(check.IsKey ? "/broker/privateKey" : "/broker/certificate", reason));
            if (check.Remark is { } remark) _remarks.Add(remark);
        }
    }

    private List<CanBus> ReadBuses(ObjectReader root)
    {
        List<CanBus> buses = [];
        int index = 0;
        foreach (var element in root.Array(Buses, 1, CanBus.MostInterfaces))
        {
            var reader = CanBus.ReaderOf(element, $"/{Buses}/{index++}", _mistakes);
            if (CanBus.Read(reader) is not { } bus) continue;
            if (buses.Exists(known => known.Interface == bus.Interface)) reader.Add("interface", $"{bus.Interface} again");
            else buses.Add(bus);
        }
        return buses;
    }

    [GeneratedRegex(@"^line \d+, column \d+: ")]
    private static partial Regex Position();
}
