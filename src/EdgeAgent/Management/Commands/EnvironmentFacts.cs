using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Management.Commands;

/// <summary>What one wants to know of the machine: system, kernel, memory, load, time since boot. What it does not tell is left out.</summary>
internal static class EnvironmentFacts
{
    public static JsonObject Collect()
    {
        var memory = GC.GetGCMemoryInfo();
        var facts = new JsonObject
        {
            ["system"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["processors"] = Environment.ProcessorCount,
            ["managedBytes"] = memory.HeapSizeBytes,
            ["workingSetBytes"] = Environment.WorkingSet,
        };
        if (ReadLine("/proc/sys/kernel/osrelease") is { } kernel) facts["kernel"] = kernel;
        if (ReadLine("/proc/loadavg") is { } load) facts["load"] = load;
        if (ReadLine("/proc/uptime")?.Split(' ')[0] is { } uptime && double.TryParse(uptime, CultureInfo.InvariantCulture, out double seconds)) facts["secondsSinceBoot"] = seconds;
        return facts;
    }

    private static string? ReadLine(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            return null;
        }
    }
}
