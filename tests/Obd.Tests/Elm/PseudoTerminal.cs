using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeAgent.Obd.Tests.Elm;

/// <summary>A pseudo-terminal: whoever opens <see cref="Path"/> as a serial port talks to an emulator behind it, which runs on a thread of its own.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, CloseOnExec = 0x80000;

    private readonly SafeFileHandle _master;
    private readonly SafeFileHandle _slave;
    private readonly Thread _thread;
    private volatile bool _isClosing;

    /// <param name="answer">From what was sent to the port to what it gets.</param>
    public PseudoTerminal(Func<byte[], IEnumerable<byte[]>> answer)
    {
        _master = new SafeFileHandle(Open(ReadWrite | NoControllingTerminal | CloseOnExec), ownsHandle: true);
        Assert.False(_master.IsInvalid);
        Assert.Equal((0, 0), (Grant(_master), Unlock(_master)));
        byte[] name = new byte[128];
        Assert.Equal(0, NameOf(_master, name, (nuint)name.Length));
        Path = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        // While one end of it is open, the terminal lives on when the port is closed and opened again.
        _slave = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        _thread = new Thread(() => Serve(answer)) { IsBackground = true };
        _thread.Start();
    }

    public string Path { get; }

    /// <summary>The port gets this of its own accord.</summary>
    public void Send(string text) => Write(Encoding.ASCII.GetBytes(text));

    /// <summary>The adapter is unplugged.</summary>
    public void Dispose()
    {
        _isClosing = true;
        // A byte wakes the thread that reads.
        Assert.Equal(1, WriteTo(_slave, "\n"u8.ToArray(), 1));
        _thread.Join();
        _slave.Dispose();
        _master.Dispose();
    }

    private void Serve(Func<byte[], IEnumerable<byte[]>> answer)
    {
        byte[] buffer = new byte[4096];
        while (!_isClosing)
        {
            nint count = Read(_master, buffer, (nuint)buffer.Length);
            if (count <= 0 || _isClosing) return;
            foreach (byte[] part in answer(buffer[..(int)count])) Write(part);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && WriteTo(_master, bytes.ToArray(), (nuint)bytes.Length) is > 0 and var written) bytes = bytes[(int)written..];
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int Open(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(SafeFileHandle master);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(SafeFileHandle master);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int NameOf(SafeFileHandle master, byte[] name, nuint length);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(SafeFileHandle master, byte[] buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteTo(SafeFileHandle master, byte[] buffer, nuint length);
}
