using System.Runtime.InteropServices;

namespace EdgeAgent.Outbox;

/// <summary>A directory of the real file system. New directories are for the agent's user alone.</summary>
internal sealed partial class DirectoryDisk : IDisk
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root;

    private DirectoryDisk(string root) => _root = root;

    /// <summary>Makes the directory if need be and proves that it can be written and synced.</summary>
    /// <exception cref="IOException">It cannot; the message says which directory and what to do.</exception>
    public static DirectoryDisk OpenRoot(string root)
    {
        var disk = new DirectoryDisk(Path.GetFullPath(root));
        const string probe = ".probe";
        try
        {
            Directory.CreateDirectory(disk._root, Private);
            disk.Replace(probe, "probe"u8);
            disk.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{disk._root}: cannot write the outbox there: {e.Message}; make it writable for this user or set /outbox/directory", e);
        }
        return disk;
    }

    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal)];

    public Stream Open(string path)
    {
        string full = Full(path);
        string directory = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(directory, Private);
        bool isNew = !File.Exists(full);
        var stream = new FileStream(full, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (isNew) SyncDirectory(directory);
        return stream;
    }

    public byte[]? TryRead(string path) => File.Exists(Full(path)) ? File.ReadAllBytes(Full(path)) : null;

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        string full = Full(path), temporary = full + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(full)!, Private);
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, full, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(full)!);
    }

    public void Rename(string path, string newPath)
    {
        File.Move(Full(path), Full(newPath), overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Full(newPath))!);
    }

    public void Delete(string path) => File.Delete(Full(path));

    private string Full(string path) => Path.Combine(_root, path);

    /// <summary>Makes names durable: a synced file in a directory that was not synced may be gone after a power cut.</summary>
    private static void SyncDirectory(string directory)
    {
        const int readOnly = 0;
        int descriptor = OpenFile(directory, readOnly);
        if (descriptor < 0) throw new IOException($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Sync(descriptor) != 0) throw new IOException($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);
}
