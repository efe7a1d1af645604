using System.Runtime.InteropServices;

namespace EdgeAgent.Outbox;

/// <summary>A directory of the real file system, for one process alone. What it makes is for the agent's user alone.</summary>
internal sealed partial class DirectoryDisk : IDisk, IDisposable
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>EWOULDBLOCK: what flock(2) answers when another process holds the lock.</summary>
    private const int WouldBlock = 11;

    /// <summary>ENOSPC and EDQUOT: there is no space left, on the file system or for this user.</summary>
    private const int NoSpace = 28, NoQuota = 122;

    private const string LockName = ".lock", Probe = ".probe";

    /// <summary>What a file is called until it is whole.</summary>
    private const string Unfinished = ".new";

    private readonly string _root;
    private readonly FileStream _lock;

    private DirectoryDisk(string root, FileStream @lock) => (_root, _lock) = (root, @lock);

    /// <summary>Makes the directory if need be, takes it for this process, and proves that it can be written and synced. A full file system will do:
    /// what is stored there can be read and deleted.</summary>
    /// <exception cref="IOException">It cannot; the message says which directory and what to do.</exception>
    /// <exception cref="NewerStoreException">A later version has written there.</exception>
    public static DirectoryDisk OpenRoot(string root)
    {
        root = Path.GetFullPath(root);
        DirectoryDisk? disk = null;
        try
        {
            MakeDirectory(root);
            disk = new DirectoryDisk(root, Lock(root));
            bool isCurrent = StoreFormat.IsCurrent(root, disk.TryRead(StoreFormat.FileName));
            disk.DropUnfinished();
            disk.WriteIfThereIsRoom(Probe, "probe"u8);
            disk.Delete(Probe);
            if (!isCurrent) disk.WriteIfThereIsRoom(StoreFormat.FileName, StoreFormat.Mark);
            return disk;
        }
        catch (NewerStoreException)
        {
            disk?.Dispose();
            throw;
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not InUseException)
        {
            disk?.Dispose();
            string why = File.Exists(root) ? "it is a file, and a directory was expected" : e.Message.TrimEnd('.');
            throw new IOException($"{root}: cannot write the outbox there: {why}; make it writable for this user or set /outbox/directory", e);
        }
    }

    /// <summary>The same for what is no outbox, and so has no format.</summary>
    /// <exception cref="IOException">It cannot be made, or another process has it.</exception>
    public static DirectoryDisk OpenUnmarked(string root)
    {
        MakeDirectory(root);
        return new DirectoryDisk(root, Lock(root));
    }

    public long FreeBytes => new DriveInfo(_root).AvailableFreeSpace;

    public IReadOnlyList<string> List()
    {
        // Only what is ours: beside it there may be what nobody may read, such as lost+found.
        string ours = Full("tenants");
        if (!Directory.Exists(ours)) return [];
        return [.. Directory.EnumerateFiles(ours, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal)];
    }

    public Stream Open(string path)
    {
        string full = Full(path);
        string directory = Path.GetDirectoryName(full)!;
        MakeDirectory(directory);
        bool isNew = !File.Exists(full);
        var stream = new FileStream(full, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            UnixCreateMode = PrivateFile,
        });
        if (isNew) SyncDirectory(directory);
        return stream;
    }

    public byte[]? TryRead(string path) => File.Exists(Full(path)) ? File.ReadAllBytes(Full(path)) : null;

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        string full = Full(path), temporary = full + Unfinished;
        MakeDirectory(Path.GetDirectoryName(full)!);
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = PrivateFile, BufferSize = 0 }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            // Half a file would take space that a full disk has not got.
            DeleteQuietly(temporary);
            throw;
        }
        SyncDirectory(Path.GetDirectoryName(full)!);
    }

    public void Overwrite(string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(Full(path), FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    public void Copy(string path, string newPath) => Replace(newPath, File.ReadAllBytes(Full(path)));

    public void Rename(string path, string newPath)
    {
        File.Move(Full(path), Full(newPath), overwrite: true);
        SyncDirectory(Path.GetDirectoryName(Full(newPath))!);
    }

    public void Delete(string path) => File.Delete(Full(path));

    public void Dispose() => _lock.Dispose();

    /// <summary>Two agents on one outbox would give different samples the same numbers.</summary>
    private static FileStream Lock(string root)
    {
        string path = Path.Combine(root, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new InUseException($"{root}: another edge-agent uses this outbox; stop it first, for the service: systemctl stop edge-agent", e);
        }
    }

    private void WriteIfThereIsRoom(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            Replace(path, content);
        }
        catch (IOException e) when (e.HResult is NoSpace or NoQuota)
        {
            // It can be written as soon as there is space again, which the outbox may make itself.
        }
    }

    /// <summary>Deletes what a power cut left in the middle of <see cref="Replace"/>.</summary>
    private void DropUnfinished()
    {
        foreach (string path in List().Where(path => path.EndsWith(Unfinished, StringComparison.Ordinal))) Delete(path);
    }

    private static void DeleteQuietly(string full)
    {
        try
        {
            File.Delete(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong before says more.
        }
    }

    private string Full(string path) => Path.Combine(_root, path);

    /// <summary>Makes a directory and those above it, so that none of their names is lost in a power cut.</summary>
    private static void MakeDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        string parent = Path.GetDirectoryName(path)!;
        MakeDirectory(parent);
        Directory.CreateDirectory(path, Private);
        SyncDirectory(parent);
    }

    /// <summary>Makes names durable: a synced file in a directory that was not synced may be gone after a power cut.</summary>
    /// <exception cref="IOException">It cannot be synced.</exception>
    internal static void SyncDirectory(string directory)
    {
        const int readOnly = 0;
        int descriptor = OpenFile(directory, readOnly);
        if (descriptor < 0) throw Failed(directory);
        try
        {
            // Some file systems cannot sync a directory (EINVAL); there is nothing else to be done there.
            const int invalidArgument = 22;
            if (Sync(descriptor) != 0 && Marshal.GetLastPInvokeError() != invalidArgument) throw Failed(directory);
        }
        finally
        {
            _ = CloseFile(descriptor);
        }
    }

    private static IOException Failed(string directory) => new($"{directory}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int descriptor);

    private sealed class InUseException(string message, Exception inner) : IOException(message, inner);
}
