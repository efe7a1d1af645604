using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Diagnostics.Local;
using EdgeAgent.Tenancy.Access;
using Json.Schema;

namespace EdgeAgent.Tests.Diagnostics.Local;

/// <summary>The description that the agent gives of its local API is that of its local API.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonObject Document = JsonNode.Parse(File.ReadAllText(Repository.PathOf("packaging", "schema", "openapi.json")))!.AsObject();

    private static readonly IEnumerable<(string Path, string Method, JsonObject Described)> Described =
        from path in Document["paths"]!.AsObject()
        from method in path.Value!.AsObject()
        select (path.Key, method.Key.ToUpperInvariant(), method.Value!.AsObject());

    /// <summary>Whether a value is as one of the document's schemas has it.</summary>
    internal static bool IsValid(string schema, string json)
    {
        string definitions = Document["components"]!["schemas"]!.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        return JsonSchema.FromText($$"""{"$ref":"#/$defs/{{schema}}","$defs":{{definitions}}}""").Evaluate(System.Text.Json.JsonElement.Parse(json)).IsValid;
    }

    [Fact]
    public void It_has_the_paths_that_there_are() =>
        Assert.Equal(LocalRoute.All.Select(route => $"{route.Method} {route.Path}").Order(), Described.Select(one => $"{one.Method} {one.Path}").Order());

    [Fact]
    public void It_says_what_each_needs_and_which_can_be_had_as_events()
    {
        foreach (var (path, _, described) in Described)
        {
            var route = LocalRoute.All.Single(route => route.Path == path);
            string summary = described["summary"]!.GetValue<string>();
            Assert.EndsWith(route.IsOpen ? "For everybody." : route.Operation is { } operation ? $"Needs {operation}." : "Needs just that.", summary, StringComparison.Ordinal);
            Assert.Equal(route.IsOpen, described["security"] is JsonArray { Count: 0 });
            string? response = described["responses"]!["200"]!["$ref"]?.GetValue<string>();
            Assert.Equal(route.HasEvents, response?.EndsWith("OrEvents", StringComparison.Ordinal) == true);
        }
    }

    [Fact]
    public void It_has_the_operations_that_there_are() =>
        Assert.Equal(Operation.All.Select(operation => operation.Name).Order(), Document["components"]!["schemas"]!["Operation"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>()).Order());

    [Fact]
    public void The_agent_gives_it_to_everybody()
    {
        var requests = new LocalRequests(TestAgents.That((_, _, _, _) => throw new InvalidOperationException("nobody is asked")), TimeProvider.System);
        var answer = requests.Open(new LocalRequest("GET", "/openapi.json", "", default))!.Value;
        Assert.True(JsonNode.DeepEquals(Document, JsonNode.Parse(answer.Content)));
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
    }

    [Fact]
    public void Everybody_is_told_whether_the_agent_hangs()
    {
        string? trouble = null;
        var agent = TestAgents.That((_, _, _, _) => throw new InvalidOperationException("nobody is asked")) with { Trouble = () => trouble };
        var requests = new LocalRequests(agent, TimeProvider.System);
        Assert.Equal((200, "ok\n"), Ask());
        trouble = "these loops do not move: outbox";
        Assert.Equal((503, "these loops do not move: outbox\n"), Ask());

        (int, string) Ask()
        {
            var answer = requests.Open(new LocalRequest("GET", "/healthz", "", default))!.Value;
            return (answer.Status, Encoding.UTF8.GetString(answer.Content));
        }
    }
}
