namespace EdgeAgent.Management.Configuration;

/// <summary>Why a file that the user named cannot be read, in words that name it.</summary>
internal static class FileTrouble
{
    /// <summary>True for what goes wrong with files, as opposed to bugs.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    public static string Describe(string path, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{path}: no such file",
        _ when Directory.Exists(path) => $"{path}: is a directory; a file was expected",
        UnauthorizedAccessException => $"{path}: may not be read by this user",
        _ => $"{path}: cannot be read: {e.Message}",
    };

    /// <summary>What would go wrong with reading a file now; null for nothing.</summary>
    public static string? FindIn(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new IOException();
            // A pipe, which has no length, is not opened: that would wait for whoever writes to it.
            if (new FileInfo(path).Length > 0) File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite).Dispose();
            return null;
        }
        catch (Exception e) when (Is(e))
        {
            return Describe(path, e);
        }
    }
}
