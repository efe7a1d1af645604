using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace EdgeAgent.SystemTests;

/// <summary>A bundle of a running agent; what is in it without one, and that no secret is, is in EdgeAgent.Tests.</summary>
public sealed class SupportBundleTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_running_agent_and_the_device_tell_all_of_themselves_but_secrets()
    {
        const string secret = "correct-horse-battery";
        string socket = _workspace["agent.sock"];
        string configuration = _workspace.Write("agent.json", $$"""
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://127.0.0.1:1", "userName": "dongle-1", "password": "{{secret}}" },
              "access": { "users": { "{{Environment.UserName}}": "technician" } },
              "sources": [{ "bus": "can0", "log": "drive.log", "dbc": ["vehicle.dbc"] }],
              "outbox": { "directory": "state", "flushAfterSeconds": 0.1 },
              "drainSeconds": 1
            }
            """);
        await using var agent = RunningAgent.Start(_workspace, configuration, local: socket);
        await agent.UntilAsync(status => status.Contains(" sealed=3 ", StringComparison.Ordinal) && !status.Contains(" stored-batches=0 ", StringComparison.Ordinal));
        var result = await Rig.RunAsync(Rig.Agent, ["support-bundle", "--config", configuration, "--socket", socket, "--output", _workspace["bundle.tar.gz"]], limit: TimeSpan.FromMinutes(2));
        Assert.Equal((0, _workspace["bundle.tar.gz"] + "\n"), (result.ExitCode, result.Output));

        var files = Read(_workspace["bundle.tar.gz"]);
        Assert.DoesNotContain(files, file => file.Value.Contains(secret, StringComparison.Ordinal));
        foreach (string part in (string[])["manifest.json", "why.json", "doctor.jsonl", "status.json", "agent.json", "machine.json", "interfaces.jsonl", "setup.json", "ledger.jsonl", "store.jsonl"]) Assert.Contains(part, files.Keys);
        using var agentPart = JsonDocument.Parse(files["agent.json"]);
        Assert.Equal("acme", agentPart.RootElement.GetProperty("status").GetProperty("tenant").GetString());
        Assert.NotEqual(0, agentPart.RootElement.GetProperty("log").GetArrayLength());
        using var why = JsonDocument.Parse(files["why.json"]);
        Assert.Equal("tcp", why.RootElement.GetProperty("link").GetString());
        Assert.Contains("tenants/acme/outbox/", files["store.jsonl"], StringComparison.Ordinal);
        Assert.Contains("\"tenant\":\"acme\",\"epoch\":1", files["ledger.jsonl"], StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Read(string path)
    {
        Dictionary<string, string> files = [];
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        while (tar.GetNextEntry() is { } entry)
        {
            using var content = new StreamReader(entry.DataStream ?? Stream.Null);
            files.Add(Path.GetFileName(entry.Name), content.ReadToEnd());
        }
        return files;
    }
}
