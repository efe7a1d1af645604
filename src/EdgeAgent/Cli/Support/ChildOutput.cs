using System.ComponentModel;
using System.Diagnostics;

namespace EdgeAgent.Cli.Support;

/// <summary>What another program prints.</summary>
internal static class ChildOutput
{
    private const int MaxCharacters = 1024 * 1024;

    /// <exception cref="IOException">It is not there, failed, or prints too much.</exception>
    public static async Task<string> ReadAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start);
        try
        {
            process.StandardInput.Close();
            var errors = process.StandardError.ReadLineAsync(stop).AsTask();
            char[] text = new char[MaxCharacters + 1];
            int length = await process.StandardOutput.ReadBlockAsync(text, stop);
            if (length > MaxCharacters) throw new IOException($"{program} prints more than {MaxCharacters} characters");
            await process.WaitForExitAsync(stop);
            return process.ExitCode == 0 ? new string(text, 0, length) : throw new IOException($"{program}: {await errors ?? $"ended with {process.ExitCode}"}");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{start.FileName} cannot be run here: {e.Message}", e);
        }
    }
}
