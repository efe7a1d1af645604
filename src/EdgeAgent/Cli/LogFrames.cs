using EdgeAgent.Can.Candump;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Cli;

/// <summary>The frames of a log; what is no frame is named on stderr and passed over.</summary>
internal sealed class LogFrames(CandumpReader reader, string path)
{
    /// <summary>Malformed lines are named one by one up to this many; then they are only counted.</summary>
    private const int MaxReportedLines = 10;

    private long _malformed;

    /// <summary>True if the next line can be read without waiting for it.</summary>
    public bool HasBufferedLine => reader.HasBufferedLine;

    /// <exception cref="CommandException">The log cannot be read.</exception>
    public bool TryRead(out CandumpRecord record)
    {
        while (Next(out record))
        {
            if (record.Error is not { } error) return true;
            if (++_malformed <= MaxReportedLines) Console.Error.WriteLine($"edge-agent: {path}:{reader.LineNumber}:{error.Column}: expected {error.Expected}; the line is skipped");
        }
        return false;
    }

    /// <summary>Says how many lines were skipped, if that was not said of each.</summary>
    /// <returns>The exit code.</returns>
    public int Finish()
    {
        if (_malformed > MaxReportedLines) Console.Error.WriteLine($"edge-agent: {path}: {_malformed} lines in all were no frames and were skipped");
        return _malformed == 0 ? ExitCode.Done : ExitCode.InputRefused;
    }

    private bool Next(out CandumpRecord record)
    {
        try
        {
            return reader.TryRead(out record);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }
}
