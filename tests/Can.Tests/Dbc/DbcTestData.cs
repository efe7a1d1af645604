using System.Text.Json;

namespace EdgeAgent.Can.Tests.Dbc;

/// <summary>DBC files with vectors computed by cantools: in ../shared/data/dbc beside the checkout, or where EDGE_TEST_DATA says.</summary>
internal static class DbcTestData
{
    public static string Folder()
    {
        var folder = Path.Combine(DataFolder(), "dbc");
        Assert.SkipUnless(
            Directory.Exists(folder),
            $"The DBC files with vectors are missing: no folder {folder}. Set EDGE_TEST_DATA to the folder above dbc/.");
        return folder;
    }

    public static List<JsonElement> Lines(string path) =>
        !File.Exists(path) ? [] : [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The vectors of a file named "cantools/abs.dbc": kind is "messages" or "frames".</summary>
    public static List<JsonElement> Vectors(string folder, string dbc, string kind) =>
        Lines(Path.Combine(folder, "vectors", $"{dbc.Replace("/", "__", StringComparison.Ordinal)}.{kind}.jsonl"));

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
