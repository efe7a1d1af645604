using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeAgent.Benchmarks.Reader;

/// <summary>The readers of <c>reader.c</c>, compiled with -O2 for this run.</summary>
internal sealed unsafe class CReaders : IDisposable
{
    private readonly string _path;
    private readonly nint _library;
    private readonly delegate* unmanaged<int, int, int, int, long> _readMany;
    private readonly delegate* unmanaged<int, int, long> _readEach;
    private readonly delegate* unmanaged<int, byte*, int, int, int> _sendMany;

    /// <exception cref="BenchmarkException">There is no C compiler, or it fails.</exception>
    public CReaders()
    {
        _path = Path.Combine(Path.GetTempPath(), $"edge-agent-reader-{Environment.ProcessId}.so");
        Compile(Path.Combine(Repository.Root, "tests", "Benchmarks", "Reader", "reader.c"), _path);
        _library = NativeLibrary.Load(_path);
        _readMany = (delegate* unmanaged<int, int, int, int, long>)NativeLibrary.GetExport(_library, "read_many");
        _readEach = (delegate* unmanaged<int, int, long>)NativeLibrary.GetExport(_library, "read_each");
        _sendMany = (delegate* unmanaged<int, byte*, int, int, int>)NativeLibrary.GetExport(_library, "send_many");
    }

    /// <summary><c>recvmmsg</c>; returns the bytes read.</summary>
    public long ReadMany(int socket, int count, int batch, bool withControl) => Checked(_readMany(socket, count, batch, withControl ? 1 : 0));

    /// <summary><c>read</c>; returns the bytes read.</summary>
    public long ReadEach(int socket, int count) => Checked(_readEach(socket, count));

    public void Send(int socket, byte[] messages, int size)
    {
        fixed (byte* data = messages) Checked(_sendMany(socket, data, size, messages.Length / size));
    }

    public void Dispose()
    {
        NativeLibrary.Free(_library);
        File.Delete(_path);
    }

    private static long Checked(long result) => result >= 0 ? result : throw new BenchmarkException("a C reader could not read, or the sender not send, what it should");

    private static void Compile(string source, string library)
    {
        string[] compilers = [.. ((string[])["cc", "gcc", "clang"]).Where(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(place => File.Exists(Path.Combine(place, name))))];
        if (compilers.Length == 0) throw new BenchmarkException("reader: no C compiler; as root: apt-get install -y clang");
        using var process = Process.Start(new ProcessStartInfo(compilers[0], ["-O2", "-shared", "-fPIC", "-o", library, source]) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new BenchmarkException($"{compilers[0]}: {errors}");
    }
}
