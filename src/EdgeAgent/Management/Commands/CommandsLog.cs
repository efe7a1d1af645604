using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Commands;

/// <summary>Events 1060–1079.</summary>
internal static partial class CommandsLog
{
    /// <summary>The audit, of which no entry may be left out.</summary>
    public const int ExecutedEvent = 1060, RefusedEvent = 1061;

    [LoggerMessage(ExecutedEvent, LogLevel.Information, "audit: {Operation} executed for {Principal} ({Role}), command {Command}")]
    public static partial void Executed(ILogger logger, string operation, string principal, string role, string command);

    [LoggerMessage(RefusedEvent, LogLevel.Warning, "audit: {Operation} refused to {Principal} ({Role}), command {Command}: {Reason}")]
    public static partial void Refused(ILogger logger, string operation, string principal, string role, string reason, string command);

    [LoggerMessage(1062, LogLevel.Error, "{Operation} failed with an error of the program")]
    public static partial void OperationBroke(ILogger logger, string operation, Exception exception);

    [LoggerMessage(1063, LogLevel.Warning, "{Path} is damaged and was set aside as {Copy}: {Trouble}; commands that were issued before now are refused")]
    public static partial void JournalDamaged(ILogger logger, string path, string copy, string trouble);

    [LoggerMessage(1064, LogLevel.Error, "the command {Command} could not be noted: {Trouble}")]
    public static partial void CannotNote(ILogger logger, string command, string trouble);

    [LoggerMessage(1065, LogLevel.Debug, "the command {Command} came again and is passed over")]
    public static partial void Duplicate(ILogger logger, string command);

    [LoggerMessage(1066, LogLevel.Error, "the answer to the command {Command} has {Bytes} bytes, which is more than a record holds; that is answered instead")]
    public static partial void AnswerTooLarge(ILogger logger, string command, int bytes);
}
