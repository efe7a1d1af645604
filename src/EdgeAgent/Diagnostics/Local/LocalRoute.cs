using System.Text.Json.Nodes;
using EdgeAgent.Diagnostics.Metrics;
using EdgeAgent.Tenancy.Access;
using Permission = EdgeAgent.Tenancy.Access.Operation;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>
/// A path of the local API: an operation whose arguments are the query, or a part of what it answers; <see cref="Operations"/>, which takes
/// them all; or something that is open to everybody.
/// </summary>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">May end with a name in braces.</param>
/// <param name="Operation">What somebody must be permitted; null for nothing, or for what he names.</param>
internal sealed record LocalRoute(string Method, string Path, Operation? Operation)
{
    private const string Get = "GET", Post = "POST";

    /// <summary>Any operation by its name, with an object of arguments or nothing.</summary>
    public static readonly LocalRoute Operations = new(Post, "/v1/operations/{name}", null);

    public static IReadOnlyList<LocalRoute> All { get; } =
    [
        new(Get, "/v1/status", Permission.Status) { HasEvents = true },
        new(Get, "/v1/signals", Permission.ReadSignals) { HasEvents = true },
        new(Get, "/v1/can/{bus}", Permission.Status) { Part = (status, bus) => status["sources"]?.AsArray().FirstOrDefault(source => source?["bus"]?.GetValue<string>() == bus) },
        new(Get, "/v1/outbox", Permission.Status) { Part = (status, _) => new JsonObject { ["outbox"] = status["outbox"]?.DeepClone(), ["store"] = status["store"]?.DeepClone() } },
        new(Get, "/v1/ledger", Permission.ReadLedger),
        new(Get, "/v1/config", Permission.ReadConfiguration),
        new(Get, "/v1/dtc", Permission.ReadTroubleCodes),
        Operations,
        new(Get, "/metrics", Permission.Status) { Text = agent => LocalAnswer.Of(200, MetricText.ContentType, agent.Metrics()) },
        new(Get, "/healthz", null) { Text = agent => agent.Trouble() is { } trouble ? LocalAnswer.Of(503, LocalAnswer.Plain, trouble + "\n") : LocalAnswer.Of(200, LocalAnswer.Plain, "ok\n") },
        new(Get, "/openapi.json", null) { Text = _ => LocalAnswer.Of(200, LocalAnswer.Json, OpenApi()) },
    ];

    /// <summary>True if it can be had as events (<see cref="LocalEvents"/>).</summary>
    public bool HasEvents { get; private init; }

    /// <summary>Of the result, what is shown; null if there is no such bus.</summary>
    public Func<JsonObject, string, JsonNode?> Part { get; private init; } = (result, _) => result;

    /// <summary>What is shown instead of a result; null for the result.</summary>
    public Func<LocalAgent, LocalAnswer>? Text { get; private init; }

    /// <summary>True for what nobody needs a permission for.</summary>
    public bool IsOpen => Operation is null && Text is not null;

    /// <param name="path">Of a request.</param>
    /// <param name="named">What it has in place of the name in braces; empty if there is none.</param>
    public static LocalRoute? Find(string path, out string named)
    {
        foreach (var route in All)
        {
            int fixedLength = route.Path.IndexOf('{', StringComparison.Ordinal);
            named = fixedLength > 0 && path.StartsWith(route.Path[..fixedLength], StringComparison.Ordinal) ? path[fixedLength..] : "";
            if (route.Path == path || named.Length > 0 && !named.Contains('/', StringComparison.Ordinal)) return route;
        }
        named = "";
        return null;
    }

    /// <summary>The description of all of this (OpenAPI 3.1), which is a part of the program.</summary>
    private static string OpenApi()
    {
        using var stream = typeof(LocalRoute).Assembly.GetManifestResourceStream("openapi.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
