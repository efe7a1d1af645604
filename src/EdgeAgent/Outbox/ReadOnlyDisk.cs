namespace EdgeAgent.Outbox;

/// <summary>A directory that another process may be writing: only what reads works.</summary>
internal sealed class ReadOnlyDisk : IDisk
{
    private readonly string _root;

    /// <exception cref="IOException">There is no such directory.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not look into it.</exception>
    public ReadOnlyDisk(string root)
    {
        _root = Path.GetFullPath(root);
        // Otherwise what may not be seen would look as if it were not there.
        _ = Directory.EnumerateFileSystemEntries(_root).Any();
    }

    public long FreeBytes => new DriveInfo(_root).AvailableFreeSpace;

    public IReadOnlyList<string> List()
    {
        string tenants = Path.Combine(_root, "tenants");
        return !Directory.Exists(tenants) ? [] : [.. Directory.EnumerateFiles(tenants, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_root, path)).Order(StringComparer.Ordinal)];
    }

    public byte[]? TryRead(string path) => File.Exists(Path.Combine(_root, path)) ? File.ReadAllBytes(Path.Combine(_root, path)) : null;

    public Stream Open(string path) => throw new NotSupportedException();

    public void Replace(string path, ReadOnlySpan<byte> content) => throw new NotSupportedException();

    public void Overwrite(string path, ReadOnlySpan<byte> content) => throw new NotSupportedException();

    public void Copy(string path, string newPath) => throw new NotSupportedException();

    public void Rename(string path, string newPath) => throw new NotSupportedException();

    public void Delete(string path) => throw new NotSupportedException();
}
