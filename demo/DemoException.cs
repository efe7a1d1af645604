namespace EdgeAgent.Demo;

/// <summary>What the demo answers to the shell: as the agent does.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
    public const int InputRefused = 5;
    public const int Interrupted = 130;
}

/// <summary>Ends the demo with one line on stderr and an exit code.</summary>
internal sealed class DemoException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
