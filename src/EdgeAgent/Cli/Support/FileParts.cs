using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Cli.Journal;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Control;
using EdgeAgent.Outbox;

namespace EdgeAgent.Cli.Support;

/// <summary>What files and the journal tell, whether the agent runs or not. Tells <paramref name="secrets"/> what it comes across.</summary>
internal sealed class FileParts(Scope scope, string since, Lazy<Task<Facts>> facts, KnownSecrets secrets)
{
    private const int MaxFiles = 2000, MaxJournalBytes = 4 * 1024 * 1024;

    public IEnumerable<BundlePart> All =>
    [
        new("setup.json", "the device's own file", _ => Task.FromResult(BundleContent.Of(Setup()))),
        new("tenancy.json", "assignment, keys' names, and the configuration in force and the newest", async _ => BundleContent.Of(Tenancy(await StoreAsync()))),
        new("ledger.jsonl", "what became of each record, by assignment", async _ => new([.. Ledgers(await StoreAsync())])),
        new("store.jsonl", "names and sizes of what is stored", async _ => Files((await facts.Value).Machine.StoreDirectory)),
        new("journal.jsonl", $"edge-agent journal --since {since}", stop => Task.FromResult(Journal(stop))),
    ];

    private async Task<ReadOnlyDisk> StoreAsync() => new((await facts.Value).Machine.StoreDirectory);

    private JsonObject Setup()
    {
        string path = SetupReading.PathOf(scope.Config, scope.Provision);
        if (JsonNode.Parse(SigningArguments.ReadFile(path, ConfigurationReader.MaxBytes)) is not JsonObject document) throw new InvalidDataException($"{path}: no JSON object");
        var broker = document["broker"] as JsonObject;
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (string? file in (string?[])[Text(broker?["passwordFile"]), Text(broker?["privateKeyFile"]), Text((document["localApi"] as JsonObject)?["tokenFile"])])
        {
            if (file is not null) secrets.AddFile(file, directory);
        }
        if (Text(broker?["url"]) is { } url) secrets.AddAddress(url);
        return new JsonObject { ["path"] = path, ["document"] = HarmlessMembers.Of(document, secrets.AddMember) };
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private JsonObject Tenancy(ReadOnlyDisk disk)
    {
        if (TwinFile.Open(disk, ControlState.FileName).Content is not { } content) throw new InvalidDataException("the device was never assigned, or says all in its own file");
        var state = ControlState.FromUtf8(content);
        return new JsonObject
        {
            ["epoch"] = state.Epoch,
            ["tenant"] = state.Tenant?.Tenant.ToString(),
            ["tenantKeys"] = new JsonArray([.. (state.Tenant?.Keys ?? []).Select(key => JsonValue.Create(key.Id))]),
            ["inTrial"] = state.InTrial,
            ["inForce"] = Layers(state.Good),
            ["newest"] = Layers(state.Newest),
            ["refused"] = state.Refused is { } refused ? new JsonArray([.. refused.Mistakes.Select(mistake => JsonValue.Create(mistake.ToString()))]) : null,
            ["departures"] = new JsonArray([.. state.Departures.Select(departure => JsonValue.Create(departure.Tenant.ToString()))]),
        };
    }

    private JsonObject? Layers(Layers layers) => layers.IsNone ? null : new JsonObject
    {
        ["tenantVersion"] = layers.Tenant?.Version,
        ["deviceVersion"] = layers.Device?.Version,
        ["configuration"] = HarmlessMembers.Of(Controller.Merge(layers), secrets.AddMember),
    };

    private static IEnumerable<JsonNode> Ledgers(ReadOnlyDisk disk)
    {
        foreach (string path in disk.List().Where(path => path.Contains("/ledger/", StringComparison.Ordinal)).Select(path => path[..^2]).Distinct())
        {
            if (new LedgerFile(disk, path).Load() is { } content && JsonNode.Parse(content) is { } ledger) yield return ledger;
        }
    }

    private static BundleContent Files(string directory)
    {
        FileInfo[] files = [.. new DirectoryInfo(directory).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None }).Take(MaxFiles + 1)];
        return new BundleContent(
            [.. files.Take(MaxFiles).OrderBy(file => file.FullName, StringComparer.Ordinal).Select(file => new JsonObject
            {
                ["path"] = Path.GetRelativePath(directory, file.FullName),
                ["bytes"] = file.Length,
                ["modified"] = file.LastWriteTimeUtc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            })],
            files.Length > MaxFiles ? $"the first {MaxFiles} files alone" : null);
    }

    /// <summary>The newest entries first, as long as there is room and time; the oldest first in the end.</summary>
    private BundleContent Journal(CancellationToken stop)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<JsonNode> entries = [];
        int room = MaxJournalBytes;
        Journalctl.Read(["--output=json", "--all", "--no-pager", "--reverse", $"--since={since}", .. JournalCommand.Everything], (line, _) =>
        {
            var output = new ArrayBufferWriter<byte>();
            using (var json = new Utf8JsonWriter(output))
            {
                JournalRecord.Parse(line).WriteTo(json);
                json.WriteEndObject();
            }
            room -= output.WrittenCount + 1;
            if (room < 0) enough.Cancel();
            else entries.Add(JsonNode.Parse(output.WrittenSpan)!);
        }, enough.Token);
        entries.Reverse();
        return new BundleContent(entries, room < 0 ? $"the newest {MaxJournalBytes} bytes alone" : stop.IsCancellationRequested ? "the newest alone, as far as there was time" : null);
    }
}
