using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli;

/// <summary>A file to read, or standard input.</summary>
internal static class InputFile
{
    /// <param name="path">Its name; - for standard input.</param>
    /// <param name="remedy">How to name a file instead, told to somebody who waits at a terminal.</param>
    /// <exception cref="CommandException">It cannot be opened.</exception>
    public static Stream Open(string path, string remedy)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "the name of a file is missing; - for standard input");
        if (path == "-")
        {
            if (!Console.IsInputRedirected) Console.Error.WriteLine($"edge-agent: reading standard input; {remedy} reads a file");
            return Console.OpenStandardInput();
        }
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }
}
