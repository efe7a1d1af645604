using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using Microsoft.AspNetCore.WebUtilities;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>What a request is answered.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="ContentType">Of the content.</param>
/// <param name="Content">UTF-8.</param>
internal readonly record struct LocalAnswer(int Status, string ContentType, byte[] Content)
{
    public const string Json = "application/json";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LocalAnswer Of(int status, JsonObject content) => new(status, Json, Encoding.UTF8.GetBytes(content.ToJsonString(Readable) + "\n"));
}

/// <summary>
/// The paths of the local API: those of <see cref="LocalRoute"/> to read, two of them as events, too, and <c>POST /v1/operations/NAME</c> with an
/// object of arguments or nothing. Any thread.
/// </summary>
/// <param name="agent">Who is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class LocalRequests(LocalAgent agent, TimeProvider time)
{
    public const string OperationsPath = "/v1/operations/";

    private const string UnknownBus = "unknown-bus";

    /// <summary>Each refusal is an audit entry on the disk: more of one user in a minute are not looked at.</summary>
    public const int MaxRefusals = 30;

    /// <summary>Users whose refusals are counted apart; further ones share a count.</summary>
    private const int MaxUsers = 64;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _refusals = [];
    private long _since = time.GetTimestamp();

    /// <param name="principal">As the kernel and the system's databases know him.</param>
    /// <param name="request">Nothing about it is known yet.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    public async Task<LocalAnswer> AnswerAsync(Principal principal, LocalRequest request, CancellationToken stop)
    {
        string path = request.Path;
        var route = LocalRoute.Find(path, out string bus);
        string name = route?.Operation.Name ?? (path.StartsWith(OperationsPath, StringComparison.Ordinal) ? path[OperationsPath.Length..] : "");
        // What is no name is not worth an audit entry.
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return UnknownPath;
        string expected = route is null ? "POST" : "GET";
        if (request.Method != expected) return Refuse(405, "method", $"expected {expected}");
        JsonElement arguments = OperationArguments.Empty;
        ConfigurationMistake? mistake = null;
        if (!request.Body.IsEmpty && (!StrictJson.TryParse(request.Body.Span, out arguments, out mistake) || arguments.ValueKind != JsonValueKind.Object))
            return Refuse(400, OperationException.WrongArguments, mistake?.ToString() ?? "/arguments: expected an object");
        if (route is not null)
        {
            if (!TryReadQuery(request.Query, out var query, out string? wrong)) return Refuse(400, OperationException.WrongArguments, wrong);
            arguments = JsonElement.Parse(query.ToJsonString());
        }
        return await DecidedAsync(principal, name, () => agent.Execute(principal, name, arguments, stop), outcome => route is null ? outcome : PartOf(route, bus, outcome));
    }

    /// <summary>Shows events, if that is what can be had there.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="request">A request whose sender accepts events.</param>
    /// <param name="output">Where they go; begun when he may see them.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    /// <returns>Null when it is over; an answer if it was not begun.</returns>
    public async Task<LocalAnswer?> WatchAsync(Principal principal, LocalRequest request, EventStream output, CancellationToken stop)
    {
        if (LocalRoute.Find(request.Path, out _) is not { } route || request.Method != "GET") return await AnswerAsync(principal, request, stop);
        if (!TryReadQuery(request.Query, out var query, out string? wrong)) return Refuse(400, OperationException.WrongArguments, wrong);
        LocalEvents? events;
        try
        {
            events = LocalEvents.For(route.Operation, agent, query);
        }
        catch (OperationException e)
        {
            return Refuse(400, e.Code, e.Message);
        }
        if (events is null) return Refuse(406, "no-events", "there are no events of that; ask without Accept: text/event-stream");
        var answer = await DecidedAsync(principal, route.Operation.Name, () => agent.Watch(principal, route.Operation, (isPermitted, end) => events.ShowAsync(output, isPermitted, time, end), stop), outcome => outcome);
        return output.IsBegun ? null : answer;
    }

    public static LocalAnswer Refuse(int status, string code, string message) => Answer(status, operation: null, OperationOutcome.Refused(code, message));

    private static LocalAnswer UnknownPath =>
        Refuse(404, "unknown-path", $"expected {OperationsPath}NAME or one of {string.Join(", ", LocalRoute.All.Select(route => route.Path))}");

    private async Task<LocalAnswer> DecidedAsync(Principal principal, string name, Func<Task<OperationOutcome>> ask, Func<OperationOutcome, OperationOutcome> shown)
    {
        string who = principal.ToString()!;
        if (!MayBeRefused(who)) return Refuse(429, "too-many-refusals", $"{MaxRefusals} requests of yours were refused within a minute; wait for the next");
        var outcome = await ask();
        if (outcome.Status == OperationStatus.Refused) CountRefusal(who);
        outcome = shown(outcome);
        return Answer(StatusOf(outcome), name, outcome);
    }

    private static OperationOutcome PartOf(LocalRoute route, string bus, OperationOutcome outcome)
    {
        if (outcome.Result is not { } result) return outcome;
        return route.Part(result, bus) is JsonObject part ? OperationOutcome.Done(part) : OperationOutcome.Failed(UnknownBus, $"there is no bus {Quoted.Of(bus)}; /v1/status has those that there are");
    }

    private static int StatusOf(OperationOutcome outcome) => outcome switch
    {
        { Status: OperationStatus.Done } => 200,
        { Status: OperationStatus.Interrupted } => 503,
        { Status: OperationStatus.Refused, Code: OperationRunner.UnknownOperation or OperationRunner.NotAvailable } or { Code: UnknownBus } => 404,
        { Status: OperationStatus.Refused } => 403,
        { Code: OperationException.WrongArguments } => 400,
        _ => 500,
    };

    private static LocalAnswer Answer(int status, string? operation, OperationOutcome outcome)
    {
        var content = new JsonObject();
        if (operation is not null) content["operation"] = operation;
        outcome.WriteTo(content);
        return LocalAnswer.Of(status, content);
    }

    /// <summary>Each parameter once, as text.</summary>
    private static bool TryReadQuery(string query, out JsonObject parameters, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? mistake)
    {
        parameters = [];
        mistake = null;
        foreach (var (name, values) in QueryHelpers.ParseQuery(query))
        {
            if (values.Count != 1) mistake ??= $"{Quoted.Of(name)} is given {values.Count} times";
            parameters[name] = values[0];
        }
        return mistake is null;
    }

    private bool MayBeRefused(string who)
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_since) >= Minute)
            {
                _refusals.Clear();
                _since = time.GetTimestamp();
            }
            return _refusals.GetValueOrDefault(Counted(who)) < MaxRefusals;
        }
    }

    private void CountRefusal(string who)
    {
        lock (_gate) _refusals[Counted(who)] = _refusals.GetValueOrDefault(Counted(who)) + 1;
    }

    private string Counted(string who) => _refusals.ContainsKey(who) || _refusals.Count < MaxUsers ? who : "";
}
