namespace EdgeAgent.Outbox;

/// <summary>
/// The part of a file system that the outbox needs; paths are relative to its root, with '/'. The simulation puts a disk beneath
/// it that loses and tears what was not synced.
/// </summary>
internal interface IDisk
{
    /// <summary>What the file system has free for this user.</summary>
    long FreeBytes { get; }

    /// <summary>All files below <c>tenants</c>.</summary>
    IReadOnlyList<string> List();

    /// <summary>Opens or makes a file for reading and writing. Flushing the stream is fsync(2).</summary>
    Stream Open(string path);

    /// <summary>The whole file, or null if there is none.</summary>
    byte[]? TryRead(string path);

    /// <summary>Replaces a file, so that after a power cut it is either the old or the new one; durable on return.</summary>
    void Replace(string path, ReadOnlySpan<byte> content);

    /// <summary>Overwrites the beginning of a file that is there, in place and so on a full disk too; durable on return. A power cut may leave it torn.</summary>
    void Overwrite(string path, ReadOnlySpan<byte> content);

    /// <summary>Makes a durable copy.</summary>
    void Copy(string path, string newPath);

    void Rename(string path, string newPath);

    void Delete(string path);
}
