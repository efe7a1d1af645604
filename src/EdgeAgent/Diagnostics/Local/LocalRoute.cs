using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>What is asked for.</summary>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Query">As it was sent, with or without its question mark.</param>
/// <param name="Body">Arguments of an operation.</param>
internal readonly record struct LocalRequest(string Method, string Path, string Query, ReadOnlyMemory<byte> Body);

/// <summary>A path that is read with GET: an operation whose arguments are the query, or a part of what it answers.</summary>
/// <param name="Path">May end with <c>{bus}</c>.</param>
/// <param name="Operation">What somebody must be permitted to read it.</param>
internal sealed record LocalRoute(string Path, Operation Operation)
{
    private const string Bus = "{bus}";

    public static IReadOnlyList<LocalRoute> All { get; } =
    [
        new("/v1/status", Operation.Status),
        new("/v1/signals", Operation.ReadSignals),
        new("/v1/can/" + Bus, Operation.Status) { Part = (status, bus) => status["sources"]?.AsArray().FirstOrDefault(source => source?["bus"]?.GetValue<string>() == bus) },
        new("/v1/outbox", Operation.Status) { Part = (status, _) => new JsonObject { ["outbox"] = status["outbox"]?.DeepClone(), ["store"] = status["store"]?.DeepClone() } },
        new("/v1/ledger", Operation.ReadLedger),
        new("/v1/config", Operation.ReadConfiguration),
        new("/v1/dtc", Operation.ReadTroubleCodes),
    ];

    /// <summary>Of the result, what is shown; null if there is no such bus.</summary>
    public Func<JsonObject, string, JsonNode?> Part { get; private init; } = (result, _) => result;

    /// <param name="path">Of a request.</param>
    /// <param name="bus">The bus that it names; empty if it names none.</param>
    public static LocalRoute? Find(string path, out string bus)
    {
        foreach (var route in All)
        {
            bus = "";
            if (route.Path == path) return route;
            if (!route.Path.EndsWith(Bus, StringComparison.Ordinal) || !path.StartsWith(route.Path[..^Bus.Length], StringComparison.Ordinal)) continue;
            bus = path[(route.Path.Length - Bus.Length)..];
            if (bus.Length > 0 && !bus.Contains('/', StringComparison.Ordinal)) return route;
        }
        bus = "";
        return null;
    }
}
