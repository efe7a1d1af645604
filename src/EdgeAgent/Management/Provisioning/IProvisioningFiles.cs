namespace EdgeAgent.Management.Provisioning;

/// <summary>What provisioning needs of file systems. Everything is durable on return; tests cut it off in the middle.</summary>
internal interface IProvisioningFiles
{
    /// <summary>The whole file, or null if there is none.</summary>
    byte[]? TryRead(string path);

    /// <summary>The files of a directory whose names fit; none if there is no such directory.</summary>
    IReadOnlyList<string> List(string directory, string pattern);

    /// <summary>Replaces a file, so that it is either the old or the new one.</summary>
    /// <param name="path">Which; its directory is there.</param>
    /// <param name="content">The new content.</param>
    /// <param name="mode">Who may read it; null on a file system without modes.</param>
    void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode? mode);

    /// <summary>Moves a file within its directory, in the place of another.</summary>
    void Rename(string path, string newPath);

    /// <summary>Overwrites a file with zeros before it is deleted; what is not there is no mistake.</summary>
    void Wipe(string path);
}
