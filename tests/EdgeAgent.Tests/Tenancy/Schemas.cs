using System.Text.Json;
using EdgeAgent.Tenancy.Documents;
using Json.Schema;

namespace EdgeAgent.Tests.Tenancy;

/// <summary>The JSON schemas that ship with the agent.</summary>
internal static class Schemas
{
    private const string Ending = ".schema.json";

    private static readonly Dictionary<string, JsonSchema> All = Load();

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.Flag };

    public static IEnumerable<string> Names => All.Keys;

    public static bool IsValid(string schema, string json) => All[schema].Evaluate(JsonElement.Parse(json), Options).IsValid;

    public static string OfType(string type) => type switch
    {
        AssignmentDocument.Type => "assignment",
        ConfigurationEnvelope.Type => "configuration-envelope",
        CommandDocument.Type => "command",
        _ => "keys",
    };

    private static Dictionary<string, JsonSchema> Load()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EdgeAgent.sln"))) directory = directory.Parent!;
        Dictionary<string, JsonSchema> schemas = [];
        foreach (string path in Directory.EnumerateFiles(Path.Combine(directory.FullName, "packaging", "schema"), "*" + Ending))
        {
            var schema = JsonSchema.FromText(File.ReadAllText(path));
            SchemaRegistry.Global.Register(schema);
            schemas[Path.GetFileName(path)[..^Ending.Length]] = schema;
        }
        return schemas;
    }
}
