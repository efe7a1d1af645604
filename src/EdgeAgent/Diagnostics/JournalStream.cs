namespace EdgeAgent.Diagnostics;

/// <summary>Whether stderr goes to the journal, which understands priorities (systemd.exec(5), JOURNAL_STREAM).</summary>
internal static class JournalStream
{
    /// <summary>The variable is inherited by everything below a service, so it counts only if stderr is still the socket that it names.</summary>
    public static bool IsStandardError()
    {
        string[] named = (Environment.GetEnvironmentVariable("JOURNAL_STREAM") ?? "").Split(':');
        return named.Length == 2 && new FileInfo("/proc/self/fd/2").LinkTarget == $"socket:[{named[1]}]";
    }
}
