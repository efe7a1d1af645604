using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Can;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Cli.Support;

/// <summary>How the agent, its service, the machine and its network are.</summary>
internal sealed class DeviceParts(Scope scope, Lazy<Task<Facts>> facts)
{
    private static readonly string[] ReleaseMembers = ["ID", "VERSION_ID", "PRETTY_NAME", "VARIANT", "IMAGE_ID", "IMAGE_VERSION", "BUILD_ID"];

    private static readonly string[] ServiceProperties =
    [
        "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "NRestarts", "ExecMainStatus", "ExecMainCode", "ActiveEnterTimestamp", "InactiveEnterTimestamp",
        "ConditionResult", "StatusText", "MemoryCurrent", "MemoryMax", "CPUUsageNSec", "WatchdogUSec", "DropInPaths", "NeedDaemonReload",
    ];

    public IEnumerable<BundlePart> All =>
    [
        new("why.json", "edge-agent why: the first broken link", async _ => BundleContent.Of(Parse(Verdict.Of(await facts.Value).Json()))),
        new("doctor.jsonl", "edge-agent doctor: all checks", async _ => new([.. Examination.Of(await facts.Value).Select(finding => Parse(FindingText.Json(finding)))])),
        new("status.json", "what the running agent says of itself", stop => AskAsync(Operation.Status, stop)),
        new("agent.json", "the running agent's own bundle: status, ledger, its last words", stop => AskAsync(Operation.CollectSupportBundle, stop)),
        new("service.json", "how systemd sees the service", async stop => BundleContent.Of(Pairs(await ChildOutput.ReadAsync("systemctl", ["show", "edge-agent.service", "--property", string.Join(',', ServiceProperties)], stop), ServiceProperties))),
        new("machine.json", "versions, clock, memory, disk, flash", async stop => BundleContent.Of(await MachineAsync(stop))),
        new("interfaces.jsonl", "edge-agent can show: CAN interfaces", _ => Task.FromResult(new BundleContent([.. CanShowCommand.CanInterfaces().Select(name => Parse(CanShowCommand.Json(name, CanShowCommand.Read(name))))]))),
        new("network.json", "interfaces, addresses and routes, by ip(8)", async stop => BundleContent.Of(new JsonObject
        {
            ["interfaces"] = Parse(await ChildOutput.ReadAsync("ip", ["-details", "-statistics", "-json", "address"], stop)),
            ["routes"] = Parse(await ChildOutput.ReadAsync("ip", ["-json", "route", "show", "table", "all"], stop)),
        })),
    ];

    private async Task<BundleContent> AskAsync(Operation operation, CancellationToken stop)
    {
        var (answer, exitCode) = await LocalClient.AskAsync(scope.Socket, operation, [], stop);
        return answer["result"] is JsonObject result ? BundleContent.Of(result) : throw LocalClient.Refusal(operation, answer, exitCode);
    }

    private async Task<JsonObject> MachineAsync(CancellationToken stop)
    {
        var machine = (await facts.Value).Machine;
        string? package = null;
        string packageTrouble = "";
        try
        {
            package = (await ChildOutput.ReadAsync("dpkg-query", ["--show", "--showformat", "${Version} ${Architecture} ${db:Status-Status}", "edge-agent"], stop)).Trim();
        }
        catch (IOException e)
        {
            packageTrouble = e.Message;
        }
        var json = EnvironmentFacts.Collect();
        json["edgeAgent"] = AgentVersion.Text;
        json["package"] = package ?? packageTrouble;
        json["release"] = File.Exists("/etc/os-release") ? Pairs(await File.ReadAllTextAsync("/etc/os-release", stop), ReleaseMembers) : null;
        json["time"] = machine.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        json["clockIsSynchronized"] = machine.ClockIsSynchronized;
        json["memoryTotalBytes"] = machine.MemoryTotalBytes;
        json["memoryAvailableBytes"] = machine.MemoryAvailableBytes;
        json["store"] = machine.StoreDirectory;
        json["diskTotalBytes"] = machine.DiskTotalBytes;
        json["diskFreeBytes"] = machine.DiskFreeBytes;
        json["diskIsReadOnly"] = machine.DiskIsReadOnly;
        json["segmentsAside"] = machine.SegmentsAside;
        json["flash"] = new JsonArray([.. machine.Flash.Select(flash => new JsonObject { ["device"] = flash.Device, ["lifeTime"] = flash.LifeTime, ["preEol"] = flash.PreEol })]);
        return json;
    }

    /// <summary>Those of <c>NAME=value</c> lines, quoted or not, that are asked for.</summary>
    private static JsonObject Pairs(string lines, IReadOnlyList<string> names) => new(
        lines.Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2 && names.Contains(pair[0])).DistinctBy(pair => pair[0])
            .Select(pair => KeyValuePair.Create(pair[0], (JsonNode?)pair[1].Trim('"', '\''))));

    /// <exception cref="JsonException">It is no JSON.</exception>
    private static JsonNode Parse(string json) => JsonNode.Parse(json) ?? throw new JsonException("null");
}
