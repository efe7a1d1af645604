using System.ComponentModel;
using System.Diagnostics;

namespace EdgeAgent.Cli.Journal;

/// <summary>journalctl as a child: the lines that it prints, in bounded memory, and what it says if it cannot.</summary>
internal static class Journalctl
{
    /// <summary>Larger than any entry of the agent, of which each byte may take four digits and a comma.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    private const int MaxErrorLines = 20;

    /// <summary>Hands each line to <paramref name="line"/> until journalctl ends or it is told to stop.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="line">Takes an entry; what it gets is not to be used afterwards. The second value is true when nothing follows at once.</param>
    /// <param name="stop">Ends it, which is no error.</param>
    /// <exception cref="CommandException">It is missing, refused to show, or did not understand.</exception>
    public static void Read(IEnumerable<string> arguments, Action<ReadOnlyMemory<byte>, bool> line, CancellationToken stop)
    {
        var start = new ProcessStartInfo("journalctl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // What it says is compared below.
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start);
        bool isDenied = false;
        List<string> said = [];
        void End()
        {
            try
            {
                process.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
        process.ErrorDataReceived += (_, error) =>
        {
            if (string.IsNullOrWhiteSpace(error.Data)) return;
            lock (said)
            {
                if (said.Count < MaxErrorLines) said.Add(error.Data);
            }
            if (!error.Data.Contains("insufficient permissions", StringComparison.Ordinal) && !error.Data.Contains("not seeing messages from other users", StringComparison.Ordinal)) return;
            // Whoever follows would wait for what he never sees.
            Volatile.Write(ref isDenied, true);
            End();
        };
        process.BeginErrorReadLine();
        using var stopping = stop.Register(End);
        try
        {
            Lines(process.StandardOutput.BaseStream, line);
            process.WaitForExit();
        }
        finally
        {
            End();
        }
        if (stop.IsCancellationRequested) return;
        if (Volatile.Read(ref isDenied))
            throw new CommandException(ExitCode.NotPermitted, $"the journal is not readable for {Environment.UserName}; join one of its groups: usermod -a -G systemd-journal {Environment.UserName}, then log in anew; or use sudo");
        if (process.ExitCode == 0) return;
        // By now all that it said has been read.
        bool isWrongTime = said.Exists(text => text.StartsWith("Failed to parse timestamp", StringComparison.Ordinal));
        throw new CommandException(isWrongTime ? ExitCode.WrongUsage : ExitCode.Failed, $"journalctl: {(said.Count > 0 ? string.Join("; ", said) : $"ended with {process.ExitCode}")}");
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            const int permission = 13;
            throw e.NativeErrorCode == permission
                ? new CommandException(ExitCode.NotPermitted, "journalctl may not be run by this user; use sudo", e)
                : new CommandException(ExitCode.Failed, "there is no journalctl here, by which systemd's journal is read; without systemd the agent's words are where its stderr goes", e);
        }
    }

    private static void Lines(Stream output, Action<ReadOnlyMemory<byte>, bool> take)
    {
        var lines = new ByteLines(output, MaxLineBytes);
        while (true)
        {
            try
            {
                if (!lines.TryRead(out var line)) return;
                // It says in words that there are no entries, and where the machine started anew.
                if (line.Length > 0 && line.Span[0] == '{') take(line, !lines.HasBufferedLine);
            }
            catch (InvalidDataException e)
            {
                Console.Error.WriteLine($"edge-agent: journalctl, line {lines.LineNumber}: passed over: {e.Message}");
            }
        }
    }
}
