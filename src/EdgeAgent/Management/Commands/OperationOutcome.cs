using System.Text.Json.Nodes;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Commands;

/// <summary>How it ended when somebody asked for an operation.</summary>
internal enum OperationStatus
{
    Done,

    /// <summary>It was tried.</summary>
    Failed,

    /// <summary>Not permitted, not possible here, or the command is not as it must be: nothing was done.</summary>
    Refused,

    /// <summary>The command's time was over before it could begin.</summary>
    Expired,

    /// <summary>The agent stopped, or the power went: it may have been done, in part or not at all.</summary>
    Interrupted,
}

/// <summary>The answer to whoever asked: a result if it was done, else a code and a message.</summary>
internal sealed record OperationOutcome
{
    private OperationOutcome(OperationStatus status) => Status = status;

    public OperationStatus Status { get; }

    public JsonObject? Result { get; private init; }

    /// <summary>At most 500 characters, as is the message: what was asked for may be quoted in either.</summary>
    public string? Code
    {
        get;
        private init => field = value is null ? null : Quoted.Line(value);
    }

    public string? Message
    {
        get;
        private init => field = value is null ? null : Quoted.Line(value);
    }

    public static OperationOutcome Done(JsonObject result) => new(OperationStatus.Done) { Result = result };

    public static OperationOutcome Failed(string code, string message) => new(OperationStatus.Failed) { Code = code, Message = message };

    public static OperationOutcome Refused(string code, string message) => new(OperationStatus.Refused) { Code = code, Message = message };

    public static OperationOutcome Expired(string message) => new(OperationStatus.Expired) { Code = "expired", Message = message };

    public static OperationOutcome Interrupted(string message) => new(OperationStatus.Interrupted) { Code = "interrupted", Message = message };

    /// <summary>Adds <c>"status":…,"result":…</c> or <c>"status":…,"error":{"code":…,"message":…}</c>.</summary>
    public void WriteTo(JsonObject answer)
    {
        answer["status"] = Status.ToString().ToLowerInvariant();
        if (Result is not null) answer["result"] = Result.DeepClone();
        else answer["error"] = new JsonObject { ["code"] = Code, ["message"] = Message };
    }
}
