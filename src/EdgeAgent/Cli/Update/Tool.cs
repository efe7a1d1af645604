using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace EdgeAgent.Cli.Update;

/// <summary>A program of the system as a child, for a limited time and with limited output.</summary>
internal static class Tool
{
    private const int MaxText = 64 * 1024, MaxSaid = 500;

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it wrote to stdout.</returns>
    /// <exception cref="UpdateException">It is missing, failed, or took too long: with the last line that it said.</exception>
    public static string Run(string program, IEnumerable<string> arguments, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var output = new MemoryStream();
        Copy(program, arguments, output, MaxText, limit, environment);
        return Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length);
    }

    /// <summary>The same with what it writes going to a stream, at most so many bytes.</summary>
    /// <exception cref="UpdateException">As above, or it wrote more.</exception>
    public static void Copy(string program, IEnumerable<string> arguments, Stream output, long most, TimeSpan limit, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        using var process = Start(start);
        using var late = new Timer(_ => End(process), null, limit, Timeout.InfiniteTimeSpan);
        process.StandardInput.Close();
        string said = "";
        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrWhiteSpace(line.Data)) said = line.Data.Trim();
        };
        process.BeginErrorReadLine();
        long copied = 0;
        byte[] buffer = new byte[64 * 1024];
        while (process.StandardOutput.BaseStream.Read(buffer) is > 0 and var read)
        {
            copied += read;
            if (copied > most)
            {
                End(process);
                throw new UpdateException($"{program} wrote more than {most} bytes");
            }
            output.Write(buffer.AsSpan(0, read));
        }
        process.WaitForExit();
        if (process.ExitCode != 0) throw new UpdateException($"{program}: {(said.Length > 0 ? said[..Math.Min(said.Length, MaxSaid)] : $"ended with {process.ExitCode}")}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new UpdateException($"{start.FileName} cannot be run: {e.Message}", e);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
