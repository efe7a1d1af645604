using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Benchmarks;

/// <summary>C that ours is measured against, compiled with -O2 for this run.</summary>
internal sealed class CLibrary : IDisposable
{
    private readonly string _path;
    private readonly nint _library;

    /// <param name="benchmark">Whose it is, for its name and for errors.</param>
    /// <param name="source">The C file.</param>
    /// <exception cref="BenchmarkException">There is no C compiler, or it fails.</exception>
    public CLibrary(string benchmark, string source)
    {
        _path = Path.Combine(Path.GetTempPath(), $"edge-agent-{benchmark}-{Guid.NewGuid():N}.so");
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        string compiler = ((string[])["cc", "gcc", "clang"]).FirstOrDefault(name => places.Any(place => File.Exists(Path.Combine(place, name))))
            ?? throw new BenchmarkException($"{benchmark}: no C compiler; as root: apt-get install -y clang");
        // Two roundings for raw · scale + offset on every processor, as the product and cantools have them.
        using var process = Process.Start(new ProcessStartInfo(compiler, ["-O2", "-ffp-contract=off", "-shared", "-fPIC", "-o", _path, source]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new BenchmarkException($"{compiler}: {errors}");
        _library = NativeLibrary.Load(_path);
    }

    /// <summary>The address of a function.</summary>
    public nint this[string function] => NativeLibrary.GetExport(_library, function);

    public void Dispose()
    {
        NativeLibrary.Free(_library);
        File.Delete(_path);
    }
}
