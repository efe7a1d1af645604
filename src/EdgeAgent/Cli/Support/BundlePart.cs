using System.Text.Json.Nodes;

namespace EdgeAgent.Cli.Support;

/// <summary>A part of a support bundle.</summary>
/// <param name="Name">Of its file: <c>.json</c> for one object, <c>.jsonl</c> for one a line.</param>
/// <param name="What">What it holds, for people.</param>
/// <param name="Make">Makes it; what goes wrong is an exception whose message says why it is not there.</param>
internal sealed record BundlePart(string Name, string What, Func<CancellationToken, Task<BundleContent>> Make);

/// <summary>What a part holds.</summary>
/// <param name="Items">One for each line.</param>
/// <param name="Note">What is missing of it; null for nothing.</param>
internal sealed record BundleContent(IReadOnlyList<JsonNode> Items, string? Note = null)
{
    public static BundleContent Of(JsonNode item) => new([item]);
}
