namespace EdgeAgent.Management;

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
}
