using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeAgent.Benchmarks;

/// <summary>The figures, for people on stdout and for programs in artifacts/bench.</summary>
internal sealed class Report(BenchmarkOptions options) : IAsyncDisposable
{
    private readonly Dictionary<string, JsonObject> _files = [];
    private string _file = "";

    /// <summary>What follows belongs to this benchmark.</summary>
    public void Begin(string file, string title)
    {
        _file = file;
        _files[file] = new JsonObject
        {
            ["machine"] = $"{Environment.ProcessorCount} processors, {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}",
            ["code"] = RuntimeFeature.IsDynamicCodeSupported ? "JIT" : "native AOT",
            ["days"] = options.Days,
            ["rate"] = options.Rate,
            ["share"] = options.Share,
        };
        Console.WriteLine($"\n{title}");
    }

    /// <summary>One line of the table.</summary>
    /// <param name="key">Its name in the file.</param>
    /// <param name="text">What it is.</param>
    /// <param name="value">How much.</param>
    /// <param name="unit">Of what.</param>
    /// <param name="target">What is aimed at; null if nothing is.</param>
    public void Add(string key, string text, double value, string unit, string? target = null)
    {
        _files[_file][key] = new JsonObject { ["value"] = Math.Round(value, 4), ["unit"] = unit, ["target"] = target };
        string number = value.ToString(Math.Abs(value) >= 100 ? "N0" : "0.###", CultureInfo.InvariantCulture);
        Console.WriteLine($"  {text,-64} {number,12} {unit}{(target is null ? "" : $"  (target {target})")}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, content) in _files)
        {
            string path = Path.Combine(Repository.Root, "artifacts", "bench", name + ".json");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var file = File.Create(path);
            await using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
            content.WriteTo(writer);
        }
        Console.WriteLine("\nas JSON: artifacts/bench/");
    }
}

internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EdgeAgent.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new BenchmarkException($"no EdgeAgent.sln above {AppContext.BaseDirectory}");
    }
}
