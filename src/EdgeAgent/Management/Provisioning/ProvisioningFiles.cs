using EdgeAgent.Outbox;

namespace EdgeAgent.Management.Provisioning;

/// <summary>The file systems of the device.</summary>
internal sealed class ProvisioningFiles : IProvisioningFiles
{
    /// <summary>What a file is called until it is whole.</summary>
    public const string Unfinished = ".new";

    public byte[]? TryRead(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;

    public IReadOnlyList<string> List(string directory, string pattern) =>
        Directory.Exists(directory) ? [.. Directory.GetFiles(directory, pattern).Order(StringComparer.Ordinal)] : [];

    public void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode? mode)
    {
        string temporary = path + Unfinished;
        // With the mode of another file it could be read before it has its own.
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (mode is not null) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            if (mode is { } given) File.SetUnixFileMode(file.SafeFileHandle, given);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        Rename(temporary, path);
    }

    public void Rename(string path, string newPath)
    {
        File.Move(path, newPath, overwrite: true);
        DirectoryDisk.SyncDirectory(Path.GetDirectoryName(newPath)!);
    }

    public void Wipe(string path)
    {
        if (!File.Exists(path)) return;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(new byte[file.Length]);
            file.Flush(flushToDisk: true);
        }
        File.Delete(path);
        DirectoryDisk.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
