using System.Text.Json;

namespace EdgeAgent.Obd.Tests.Signalsets;

/// <summary>Signalsets and captured answers of OBDb: in ../shared/data/obdb beside the checkout, or where EDGE_TEST_DATA says.</summary>
internal static class ObdbTestData
{
    public static string Folder()
    {
        string folder = Path.Combine(DataFolder(), "obdb");
        Assert.SkipUnless(Directory.Exists(folder), $"OBDb's signalsets and cases are missing: no folder {folder}. Set EDGE_TEST_DATA to the folder above obdb/.");
        return folder;
    }

    /// <summary>Every vehicle's folder that has cases.</summary>
    public static IEnumerable<string> Vehicles() => Directory.GetDirectories(Folder()).Where(folder => File.Exists(CasesOf(folder))).Order(StringComparer.Ordinal);

    public static string StandardSet() => SetOf(Path.Combine(Folder(), "SAEJ1979"));

    public static string SetOf(string vehicle) => Path.Combine(vehicle, "signalset.json");

    public static string CasesOf(string vehicle) => Path.Combine(vehicle, "cases.jsonl");

    /// <summary>What is missing or differs from the expected values, or null.</summary>
    /// <param name="expected">Ids and values.</param>
    /// <param name="find">The value that was decoded: a number, a text, or null.</param>
    public static string? Difference(JsonElement expected, Func<string, object?> find)
    {
        foreach (var value in expected.EnumerateObject())
        {
            object? found = find(value.Name);
            bool same = value.Value.ValueKind == JsonValueKind.String
                ? found is string label && label == value.Value.GetString()
                : found is double number && Math.Abs(number - value.Value.GetDouble()) <= 1e-4;
            if (!same) return $"{value.Name}: expected {value.Value}, found {found ?? "nothing"}";
        }
        return null;
    }

    private static string DataFolder()
    {
        if (Environment.GetEnvironmentVariable("EDGE_TEST_DATA") is { Length: > 0 } given) return given;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EdgeAgent.sln"))) return Path.Combine(folder.Parent!.FullName, "shared", "data");
        }
        return Path.GetFullPath("../shared/data");
    }
}
