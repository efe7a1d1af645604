using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Support;
using EdgeAgent.Management.Control;
using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Cli.Support;

/// <summary><c>edge-agent support-bundle</c> on a device whose every place holds secrets, among journalctl, ip and systemctl that say them aloud.</summary>
public sealed class SupportBundleCommandTests : IDisposable
{
    /// <summary>Each where it stands. All are different, so that the one that is found says where it came from.</summary>
    private const string InFile = "in-Password-File+4711", Inline = "in/Provisioning?8Qz", InUrl = "in-Url-pa@ss:w0rd", InKeyFile = "MHcCAQEEIBprivateKeyBytesOfTheDevice0123456789abcdefghijk", InKey = "inJwkOfThePlatform0123456789abcdefghijklmno",
        Unknown = "in-Unknown-Member-9", InOverlay = "in-Overlay-Of-Tenant-5", Bearer = "in.Bearer.Token-xyz123", InVariable = "in-Environment-Variable-6", Logged = "hunter2logged", TenantKey = "in-The-Data-Key-Of-A-Tenant-32b!", UserName = "token-As-User-Name-3", ApiToken = "in-The-Token-File-Of-The-Local-API-7";

    private static readonly string[] Secrets = [InFile, Inline, InUrl, InKeyFile, InKey, Unknown, InOverlay, Bearer, InVariable, Logged, TenantKey, UserName, ApiToken];

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task No_secret_of_any_place_is_in_it_as_it_is_or_in_base64_and_what_helps_is()
    {
        MakeDevice();
        var (code, output, errors) = await RunAsync($"--output {_directory["bundle.tar.gz"]}", ("EDGE_BROKER_PASSWORD", InVariable));
        Assert.True(code == 0, errors);
        Assert.Equal(_directory["bundle.tar.gz"] + "\n", output);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["bundle.tar.gz"]));

        using var file = File.OpenRead(_directory["bundle.tar.gz"]);
        var files = BundleFiles.Read(file);
        var found = from secret in Secrets from part in files where BundleFiles.Holds(part.Value, secret) || BundleFiles.Holds(part.Key, secret) select $"{secret} in {part.Key}: {part.Value}";
        Assert.True(!found.Any(), string.Join('\n', found));
        Assert.DoesNotContain(Secrets, secret => BundleFiles.Holds(output + errors, secret));

        Assert.Equal(
            ["manifest.json", "why.json", "doctor.jsonl", "service.json", "machine.json", "interfaces.jsonl", "network.json", "setup.json", "tenancy.json", "ledger.jsonl", "store.jsonl", "journal.jsonl"], files.Keys);
        var setup = JsonNode.Parse(files["setup.json"])!["document"]!;
        Assert.Equal(("dongle-1", "mqtts://(removed)@broker.example.com", "(removed)", "(removed)"), (Text(setup["device"]), Text(setup["broker"]!["url"]), Text(setup["broker"]!["password"]), Text(setup["broker"]!["userName"])));
        var configuration = JsonNode.Parse(files["tenancy.json"])!["inForce"]!["configuration"]!;
        Assert.Equal(("can0", 2, "viewer", "(removed)"), (Text(configuration["sources"]![0]!["interface"]), (int?)configuration["outbox"]!["flushAfterSeconds"], Text(configuration["access"]!["users"]!["mia"]), Text(configuration["apiToken"])));
        Assert.Contains("\"to\":4700,\"outcome\":\"delivered\"", files["ledger.jsonl"], StringComparison.Ordinal);
        Assert.Contains("tenants/acme/key", files["store.jsonl"], StringComparison.Ordinal);
        Assert.Contains("no frame for 10 s", files["journal.jsonl"], StringComparison.Ordinal);
        Assert.Equal("3", Text(JsonNode.Parse(files["service.json"])!["NRestarts"]));
        Assert.Equal("can0", Text(JsonNode.Parse(files["network.json"])!["interfaces"]![0]!["ifname"]));
        Assert.Equal("1.2.3 arm64 installed", Text(JsonNode.Parse(files["machine.json"])!["package"]));

        var manifest = JsonNode.Parse(files["manifest.json"])!;
        Assert.Equal(["status.json", "agent.json"], manifest["leftOut"]!.AsArray().Select(part => Text(part!["name"])));
        Assert.All(manifest["leftOut"]!.AsArray(), part => Assert.Contains("the agent does not run", Text(part!["why"]), StringComparison.Ordinal));
        Assert.EndsWith("not in it, for reasons that manifest.json names: status.json, agent.json\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_overwritten_and_a_place_that_cannot_be_written_is_named()
    {
        string there = _directory.Write("there", "precious");
        var (code, _, errors) = await RunAsync($"--output {there}");
        Assert.Equal((1, "precious"), (code, File.ReadAllText(there)));
        Assert.StartsWith($"edge-agent: {there}: cannot be written: ", errors, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync($"--output {_directory["no/such/directory"]}")).Code);
        Assert.Equal(2, (await RunAsync("--config a --provision b")).Code);
    }

    [Fact]
    public void What_a_document_may_hold_is_known_to_be_harmless_or_is_removed()
    {
        foreach (string schema in (string[])["provisioning", "tenant-configuration"])
        {
            var root = JsonNode.Parse(File.ReadAllText(Repository.PathOf("packaging", "schema", $"{schema}.schema.json")))!.AsObject();
            List<string> removed = [];
            HarmlessMembers.Of(Example(root, root).AsObject(), (name, _) => removed.Add(name));
            Assert.Equal(schema == "provisioning" ? ["password", "userName"] : [], removed.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>A document with every member that a schema knows.</summary>
    private static JsonNode Example(JsonObject schema, JsonObject root)
    {
        if (schema["$ref"] is JsonValue reference)
        {
            string[] parts = reference.GetValue<string>().Split('#');
            var owner = parts[0].Length == 0 ? root : JsonNode.Parse(File.ReadAllText(Repository.PathOf("packaging", "schema", parts[0])))!.AsObject();
            JsonNode target = owner;
            foreach (string step in parts[1].Split('/', StringSplitOptions.RemoveEmptyEntries)) target = target[step]!;
            return Example(target.AsObject(), owner);
        }
        if (schema["properties"] is JsonObject members) return new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)Example(member.Value!.AsObject(), root))));
        if (schema["items"] is JsonObject item) return new JsonArray(Example(item, root));
        if (schema["additionalProperties"] is JsonObject named) return new JsonObject { ["viewer"] = Example(named, root) };
        return schema["enum"] is JsonArray words ? words[0]!.DeepClone() : schema["oneOf"] is JsonArray choices ? Example(choices[0]!.AsObject(), root) : JsonValue.Create("viewer");
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private void MakeDevice()
    {
        _directory.Write("broker.password", InFile + "\n");
        _directory.Write("api.token", ApiToken + "\n");
        _directory.Write("device.key", $"-----BEGIN EC PRIVATE KEY-----\n{InKeyFile}\n-----END EC PRIVATE KEY-----\n");
        _directory.Write("provision.json", $$"""
            {"device":"dongle-1","platformKeys":[{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","d":"{{InKey}}"}],
             "broker":{"url":"mqtts://dongle:{{InUrl}}@broker.example.com","userName":"{{UserName}}","password":"{{Inline}}","passwordFile":"broker.password","privateKeyFile":"device.key","passwd":"{{Unknown}}"},
             "localApi":{"port":9470,"tokenFile":"api.token"},"outbox":{"maxBytes":1000000} }
            """);
        using (var disk = DirectoryDisk.OpenRoot(_directory["state"]))
        {
            var overlay = new JsonObject { ["outbox"] = new JsonObject { ["flushAfterSeconds"] = 2 }, ["apiToken"] = InOverlay };
            var tenant = JsonNode.Parse("""{"sources":[{"interface":"can0","dbc":["sha256:00"]}],"access":{"users":{"mia":"viewer"}}}""")!;
            var good = new JsonObject { ["tenant"] = new JsonObject { ["version"] = 12, ["configuration"] = tenant }, ["device"] = new JsonObject { ["version"] = 2, ["configuration"] = overlay } };
            TwinFile.Open(disk, ControlState.FileName).Write(Encoding.UTF8.GetBytes(new JsonObject { ["epoch"] = 3, ["newest"] = new JsonObject(), ["good"] = good, ["departures"] = new JsonArray(), ["floors"] = new JsonArray() }.ToJsonString()));
            disk.Replace("tenants/acme/key", Encoding.ASCII.GetBytes(TenantKey));
            new LedgerFile(disk, "tenants/acme/ledger/dongle-1-3").Save("""{"device":"dongle-1","tenant":"acme","epoch":3,"stopped":true,"streams":[{"stream":"telemetry","next":4711,"from":1,"ranges":[{"from":1,"to":4700,"outcome":"delivered"}]}]}"""u8);
        }
        string said = string.Join(' ', Secrets.Where(secret => secret is not (Bearer or InVariable or TenantKey or InKey or Logged))) + $" Authorization: Bearer {Bearer}, Bearer {Bearer}; password={Logged} "
            + $"key {{\\\"d\\\":\\\"{InKey}\\\"}} mqtts://dongle:{InUrl}@broker.example.com -----BEGIN PRIVATE KEY-----\\n{InKeyFile}\\n-----END PRIVATE KEY-----";
        string encoded = string.Join(' ', ((string[])[InFile, Inline, Unknown, InOverlay, UserName]).SelectMany(secret => Enumerable.Range(0, 3).Select(before => Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', before) + secret)))));
        _directory.Write("said", $$"""
            {"__REALTIME_TIMESTAMP":"1795851812163851","PRIORITY":"4","EDGE_BUS":"can0","MESSAGE":"can0: no frame for 10 s: silent"}
            {"__REALTIME_TIMESTAMP":"1795851811000000","PRIORITY":"4","EDGE_TROUBLE":"{{said}}","MESSAGE":"{{said}} {{encoded}}"}

            """);
        Fake("journalctl", $"cat {_directory["said"]}");
        Fake("systemctl", $"echo NRestarts=3; echo 'Environment=EDGE_BROKER_PASSWORD={InVariable}'; echo 'StatusText=tenant=acme {Unknown}'");
        Fake("ip", $$"""echo '[{"ifname":"can0","ifalias":"{{InFile}}"}]'""");
        Fake("dpkg-query", "echo 1.2.3 arm64 installed");
    }

    private void Fake(string program, string script)
    {
        _directory.Write($"bin/{program}", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_directory[$"bin/{program}"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Task<(int Code, string Output, string Errors)> RunAsync(string options, params (string Name, string Value)[] environment) => AgentProgram.RunAsync(
        $"support-bundle --socket {_directory["no.sock"]} {(options.Contains("--config", StringComparison.Ordinal) ? "" : $"--provision {_directory["provision.json"]}")} --state {_directory["state"]} {options}",
        [("PATH", $"{_directory["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), .. environment]);
}
