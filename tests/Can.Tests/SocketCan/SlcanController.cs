using System.Runtime.InteropServices;
using System.Text;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.Tests.SocketCan;

/// <summary>
/// A CAN controller that the kernel takes for a real one, with bit rate, modes, states and error frames (its driver slcan), while we are its hardware
/// at the other end of a pseudo-terminal, in ASCII.
/// </summary>
internal sealed unsafe partial class SlcanController : IDisposable
{
    private const int ReadWrite = 2, NoControllingTerminal = 0x100, LineDiscipline = 17;
    private const nuint SetDiscipline = 0x5423, UnlockTerminal = 0x40045431, GetPeer = 0x5441, GetInterfaceName = 0x8910;

    private readonly SocketHandle _master, _terminal;
    private readonly StringBuilder _written = new();
    private readonly Thread _reader;

    public SlcanController()
    {
        _master = new SocketHandle(Open("/dev/ptmx", ReadWrite | NoControllingTerminal));
        int no = 0, slcan = LineDiscipline;
        Require(Control(Descriptor, UnlockTerminal, &no));
        _terminal = new SocketHandle(Control(Descriptor, GetPeer, ReadWrite | NoControllingTerminal));
        // What the driver writes has to be read before it goes on.
        _reader = new Thread(ReadAll) { IsBackground = true };
        _reader.Start();
        Require(Control(_terminal.DangerousGetHandle(), SetDiscipline, &slcan));
        byte* name = stackalloc byte[40];
        Require(Control(_terminal.DangerousGetHandle(), GetInterfaceName, name));
        Name = Marshal.PtrToStringUTF8((nint)name)!;
    }

    /// <summary>Of the interface.</summary>
    public string Name { get; }

    /// <summary>What the driver has told the hardware so far, with ';' behind each command.</summary>
    public string Written
    {
        get
        {
            lock (_written) return _written.ToString();
        }
    }

    /// <summary>Asserts what it has told. It comes a moment later.</summary>
    public void AssertWritten(string expected)
    {
        lock (_written)
        {
            while (_written.Length < expected.Length && Monitor.Wait(_written, TimeSpan.FromSeconds(60))) ;
            Assert.Equal(expected, _written.ToString());
        }
    }

    /// <summary>Is told of each command of the driver, without its end, as the hardware would be.</summary>
    public Action<string>? OnCommand { get; set; }

    private nint Descriptor => _master.DangerousGetHandle();

    /// <summary>The hardware says something: a frame such as <c>t1232BEEF</c>, or its state and counters, such as <c>sp130010</c>.</summary>
    public void Say(string line)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(line + "\r");
        fixed (byte* data = bytes) Require((int)Libc.Write(Descriptor, data, (nuint)bytes.Length));
    }

    public void Dispose()
    {
        try
        {
            CanLinkControl.SetUp(Name, false);
        }
        catch (CanSourceException)
        {
        }
        _terminal.Dispose();
        _reader.Join(TimeSpan.FromSeconds(5));
        _master.Dispose();
    }

    private void ReadAll()
    {
        byte* buffer = stackalloc byte[256];
        nint read;
        var command = new StringBuilder();
        while ((read = Libc.Read(Descriptor, buffer, 256)) > 0)
        {
            string text = Encoding.ASCII.GetString(buffer, (int)read);
            lock (_written)
            {
                _written.Append(text.Replace('\r', ';'));
                Monitor.PulseAll(_written);
            }
            foreach (char letter in text)
            {
                if (letter != '\r')
                {
                    command.Append(letter);
                    continue;
                }
                OnCommand?.Invoke(command.ToString());
                command.Clear();
            }
        }
    }

    private static void Require(int result)
    {
        if (result < 0) throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(nint descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(nint descriptor, nuint request, nint argument);
}
