using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Management.Commands;

/// <summary>How one operation is done. Never called twice at a time for the same operation.</summary>
internal interface IOperation
{
    Operation Name { get; }

    /// <summary>How long it may take; longer counts as failed.</summary>
    TimeSpan Limit => OperationRunner.DefaultLimit;

    /// <summary>True if it only shows what the agent knows anyway: a local user who does it again within an hour leaves no further audit entry.</summary>
    bool IsLook => false;

    /// <summary>Does it and returns the result: as JSON at most <see cref="OperationRunner.MaxResultBytes"/>, or <see cref="OperationRunner.MaxLocalResultBytes"/> for a local user.</summary>
    /// <param name="arguments">Unchecked.</param>
    /// <param name="stop">The time is over, or the agent stops.</param>
    /// <exception cref="OperationException">It cannot be done; whoever asked is told the code and the message.</exception>
    Task<JsonObject> RunAsync(OperationArguments arguments, CancellationToken stop);

    /// <summary>Called when the result is stored so that it will arrive.</summary>
    void Answered()
    {
    }
}

/// <summary>An operation cannot be done.</summary>
/// <param name="code">For programs: lower case, with '-'.</param>
/// <param name="message">For people, on one line: what, where, what to do.</param>
/// <param name="inner">What it came from.</param>
internal sealed class OperationException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The code for arguments that are missing, unknown or not as expected.</summary>
    public const string WrongArguments = "arguments";

    public string Code { get; } = code;
}
