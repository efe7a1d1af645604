using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>
/// The place of the local API in the file system, for one agent alone. What a dead agent has left there is replaced; a lock beside it tells the
/// dead from the living. Anybody may connect: whoever asks is known by the kernel, and each request is decided on.
/// </summary>
internal sealed unsafe partial class LocalSocket : IDisposable
{
    /// <summary>Of sockaddr_un, without the zero at its end.</summary>
    public const int MaxPathBytes = 107;

    private const int Backlog = 64, CurrentDirectory = -100, DoNotFollow = 0x100, WantType = 1, ModeOffset = 28, TypeMask = 0xF000, SocketType = 0xC000;

    private const UnixFileMode Anybody = (UnixFileMode)0b110_110_110;

    private readonly FileStream _lock;

    private LocalSocket(string path, Socket listener, FileStream @lock) => (Path, Listener, _lock) = (path, listener, @lock);

    public string Path { get; }

    /// <summary>Bound and listening.</summary>
    public Socket Listener { get; }

    /// <exception cref="IOException">Another agent serves there, something else is there, or it cannot be made; the message says which.</exception>
    public static LocalSocket Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes) throw new IOException($"{path}: longer than the {MaxPathBytes} bytes that the path of a socket may have");
        FileStream? held = null;
        Socket? listener = null;
        try
        {
            held = Lock(path);
            if (IsThere(path, out bool isSocket))
            {
                if (!isSocket) throw new IOException($"{path}: there is something that is no socket");
                File.Delete(path);
            }
            listener = new Socket(AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, Anybody);
            listener.Listen(Backlog);
            return new LocalSocket(path, listener, held);
        }
        catch (Exception e)
        {
            listener?.Dispose();
            held?.Dispose();
            if (e is SocketException or UnauthorizedAccessException) throw new IOException($"{path}: cannot be made: {e.Message.TrimEnd('.')}", e);
            throw;
        }
    }

    /// <summary>Takes the socket away before another agent may have its place.</summary>
    public void Dispose()
    {
        Listener.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one replaces it.
        }
        _lock.Dispose();
    }

    /// <summary>Held by flock(2) until its owner ends, however that happens.</summary>
    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream($"{path}.lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException($"{path}: there is no such directory", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{path}: another edge-agent serves there", e);
        }
    }

    /// <summary>By the file itself and not by what a link leads to.</summary>
    private static bool IsThere(string path, out bool isSocket)
    {
        byte* status = stackalloc byte[256];
        bool isThere = Status(CurrentDirectory, path, DoNotFollow, WantType, status) == 0;
        isSocket = isThere && (*(ushort*)(status + ModeOffset) & TypeMask) == SocketType;
        return isThere;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int directory, string path, int flags, uint mask, byte* status);
}
