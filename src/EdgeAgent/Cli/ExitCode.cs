using EdgeAgent.Can;

namespace EdgeAgent.Cli;

/// <summary>What a command answers to the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int NotRunning = 3;
    public const int NotPermitted = 4;
    public const int InputRefused = 5;

    /// <summary>Of an interface that cannot be used.</summary>
    public static int Of(CanSourceFault fault) => fault switch
    {
        CanSourceFault.Missing or CanSourceFault.NotCan => InputRefused,
        CanSourceFault.NotPermitted => NotPermitted,
        _ => Failed,
    };
}

/// <summary>Ends a command with one line on stderr and an exit code.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
