using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Commands;

/// <summary>What a support bundle is made of.</summary>
/// <param name="Version">The agent's.</param>
/// <param name="Status">How the agent is.</param>
/// <param name="ConfigurationHash">Of the configuration that counts; null if there is none.</param>
/// <param name="Ledger">What became of the records; null if there are none.</param>
/// <param name="Log">The last lines.</param>
internal sealed record SupportBundleParts(string Version, Func<JsonObject> Status, Func<string?> ConfigurationHash, Func<JsonNode?> Ledger, RecentLog Log);

/// <summary><c>support-bundle</c>: everything that helps to find out what is wrong, and no secret.</summary>
internal sealed class SupportBundleOperation(SupportBundleParts parts, TimeProvider time) : IOperation
{
    public Operation Name => Operation.CollectSupportBundle;

    public Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop)
    {
        arguments.Expect();
        return Task.FromResult(Collect());
    }

    private JsonObject Collect()
    {
        var bundle = new JsonObject
        {
            ["version"] = parts.Version,
            ["time"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["status"] = Redaction.Of(parts.Status()),
            ["configurationHash"] = parts.ConfigurationHash(),
            ["environment"] = EnvironmentFacts.Collect(),
        };
        int room = OperationRunner.MaxResultBytes - 64 - SizeOf(bundle);
        // The ledger is worth more than old lines, unless it leaves no room for any.
        var ledger = Redaction.Of(parts.Ledger());
        if (ledger is not null && SizeOf(ledger) is var size)
        {
            bool fits = size <= room / 2;
            bundle["ledger"] = fits ? ledger : $"left out: {size} bytes";
            if (fits) room -= size;
        }
        bundle["log"] = LastLines(room);
        return bundle;
    }

    private JsonArray LastLines(int room)
    {
        List<JsonNode> lines = [];
        foreach (string line in parts.Log.Lines.Reverse())
        {
            JsonNode text = Redaction.OfText(line);
            room -= SizeOf(text) + 1;
            if (room < 0) break;
            lines.Add(text);
        }
        lines.Reverse();
        return [.. lines];
    }

    private static int SizeOf(JsonNode node) => Encoding.UTF8.GetByteCount(node.ToJsonString());
}
