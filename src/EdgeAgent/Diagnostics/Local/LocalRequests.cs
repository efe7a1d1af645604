using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>Does what a user of the device asks for, if he may.</summary>
internal delegate Task<OperationOutcome> LocalExecution(Principal principal, string operation, JsonElement arguments, CancellationToken stop);

/// <summary>What a request is answered: a status of HTTP and an outcome as JSON.</summary>
internal readonly record struct LocalAnswer(int Status, JsonObject Content);

/// <summary>
/// The paths of the local API: <c>GET /v1/status</c>, and <c>POST /v1/operations/NAME</c> with an object of arguments or nothing. Any thread.
/// </summary>
/// <param name="execute">Decides, does and audits.</param>
/// <param name="time">The clock.</param>
internal sealed class LocalRequests(LocalExecution execute, TimeProvider time)
{
    public const string StatusPath = "/v1/status", OperationsPath = "/v1/operations/";

    /// <summary>Each refusal is an audit entry on the disk: more of one user in a minute are not looked at.</summary>
    public const int MaxRefusals = 30;

    /// <summary>Users whose refusals are counted apart; further ones share a count.</summary>
    private const int MaxUsers = 64;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, int> _refusals = [];
    private long _since = time.GetTimestamp();

    /// <param name="user">As the kernel and the system's databases know him.</param>
    /// <param name="method">Of HTTP.</param>
    /// <param name="path">Without the query.</param>
    /// <param name="body">Arguments.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    public async Task<LocalAnswer> AnswerAsync(Principal.LocalUser user, string method, string path, ReadOnlyMemory<byte> body, CancellationToken stop)
    {
        bool isStatus = path == StatusPath;
        string name = isStatus ? Operation.Status.Name : path.StartsWith(OperationsPath, StringComparison.Ordinal) ? path[OperationsPath.Length..] : "";
        // What is no name is not worth an audit entry.
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
            return Refuse(404, "unknown-path", $"expected {StatusPath} or {OperationsPath}NAME");
        string expected = isStatus ? "GET" : "POST";
        if (method != expected) return Refuse(405, "method", $"expected {expected}");
        JsonElement arguments = OperationArguments.Empty;
        ConfigurationMistake? mistake = null;
        if (!body.IsEmpty && (!StrictJson.TryParse(body.Span, out arguments, out mistake) || arguments.ValueKind != JsonValueKind.Object))
            return Refuse(400, OperationException.WrongArguments, mistake?.ToString() ?? "/arguments: expected an object");
        if (!MayBeRefused(user.UserId)) return Refuse(429, "too-many-refusals", $"{MaxRefusals} requests of yours were refused within a minute; wait for the next");
        var outcome = await execute(user, name, arguments, stop);
        if (outcome.Status == OperationStatus.Refused) CountRefusal(user.UserId);
        return Answer(StatusOf(outcome), name, outcome);
    }

    private static int StatusOf(OperationOutcome outcome) => outcome switch
    {
        { Status: OperationStatus.Done } => 200,
        { Status: OperationStatus.Interrupted } => 503,
        { Status: OperationStatus.Refused, Code: OperationRunner.UnknownOperation or OperationRunner.NotAvailable } => 404,
        { Status: OperationStatus.Refused } => 403,
        { Code: OperationException.WrongArguments } => 400,
        _ => 500,
    };

    private static LocalAnswer Refuse(int status, string code, string message) => Answer(status, operation: null, OperationOutcome.Refused(code, message));

    private static LocalAnswer Answer(int status, string? operation, OperationOutcome outcome)
    {
        var content = new JsonObject();
        if (operation is not null) content["operation"] = operation;
        outcome.WriteTo(content);
        return new LocalAnswer(status, content);
    }

    private bool MayBeRefused(uint user)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= Minute)
            {
                _refusals.Clear();
                _since = time.GetTimestamp();
            }
            return _refusals.GetValueOrDefault(Counted(user)) < MaxRefusals;
        }
    }

    private void CountRefusal(uint user)
    {
        lock (_gate) _refusals[Counted(user)] = _refusals.GetValueOrDefault(Counted(user)) + 1;
    }

    private uint Counted(uint user) => _refusals.ContainsKey(user) || _refusals.Count < MaxUsers ? user : uint.MaxValue;
}
