using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Commands;
using EdgeAgent.Tenancy.Access;
using EdgeAgent.Tenancy.Documents;
using Microsoft.AspNetCore.WebUtilities;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>
/// What is answered at the paths of the local API (<see cref="LocalRoute"/>), and what is shown there to who accepts events. Any thread.
/// </summary>
/// <param name="agent">Who is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class LocalRequests(LocalAgent agent, TimeProvider time)
{
    private const string UnknownBus = "unknown-bus";

    private readonly LocalRefusals _refusals = new(time);

    /// <summary>The answer to what everybody may ask; null if this is nothing of the kind.</summary>
    public LocalAnswer? Open(LocalRequest request) => LocalRoute.Find(request.Path, out _) is { IsOpen: true } route && request.Method == route.Method ? route.Text!(agent) : null;

    /// <summary>The answer to everything else.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="request">Nothing about it is known yet.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    public async Task<LocalAnswer> AnswerAsync(Principal principal, LocalRequest request, CancellationToken stop)
    {
        if (LocalRoute.Find(request.Path, out string named) is not { } route) return UnknownPath;
        if (request.Method != route.Method) return Refuse(405, "method", $"expected {route.Method}");
        string name = route.Operation?.Name ?? named;
        // What is no name is not worth an audit entry.
        if (name.Length > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return UnknownPath;
        if (!TryReadArguments(route, request, out var arguments, out string? mistake)) return Refuse(400, OperationException.WrongArguments, mistake);
        return await DecidedAsync(principal, () => agent.Execute(principal, name, arguments, stop), outcome => Shown(route, named, name, outcome));
    }

    /// <summary>Shows events, if that is what can be had there.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="request">A request whose sender accepts events.</param>
    /// <param name="output">Where they go; begun when he may see them.</param>
    /// <param name="stop">He has gone, or the agent stops.</param>
    /// <returns>Null when it is over; an answer if it was not begun.</returns>
    public async Task<LocalAnswer?> WatchAsync(Principal principal, LocalRequest request, EventStream output, CancellationToken stop)
    {
        if (LocalRoute.Find(request.Path, out _) is not { Operation: { } operation } route || request.Method != route.Method) return await AnswerAsync(principal, request, stop);
        if (!TryReadQuery(request.Query, out var query, out string? wrong)) return Refuse(400, OperationException.WrongArguments, wrong);
        if (!route.HasEvents) return Refuse(406, "no-events", "there are no events of that; ask without Accept: text/event-stream");
        LocalEvents events;
        try
        {
            events = LocalEvents.For(operation, agent, query);
        }
        catch (OperationException e)
        {
            return Refuse(400, e.Code, e.Message);
        }
        var answer = await DecidedAsync(principal, () => agent.Watch(principal, operation, (isPermitted, end) => events.ShowAsync(output, isPermitted, time, end), stop), outcome => Answer(StatusOf(outcome), operation.Name, outcome));
        return output.IsBegun ? null : answer;
    }

    public static LocalAnswer Refuse(int status, string code, string message) => Answer(status, operation: null, OperationOutcome.Refused(code, message));

    private static LocalAnswer UnknownPath =>
        Refuse(404, "unknown-path", $"expected one of {string.Join(", ", LocalRoute.All.Select(route => route.Path))}");

    private async Task<LocalAnswer> DecidedAsync(Principal principal, Func<Task<OperationOutcome>> ask, Func<OperationOutcome, LocalAnswer> shown)
    {
        string who = principal.ToString()!;
        if (!_refusals.MayTry(who)) return Refuse(429, "too-many-refusals", $"{LocalRefusals.Most} requests of yours were refused within a minute; wait for the next");
        var outcome = await ask();
        if (outcome.Status == OperationStatus.Refused) _refusals.Count(who);
        return shown(outcome);
    }

    private LocalAnswer Shown(LocalRoute route, string named, string name, OperationOutcome outcome)
    {
        if (outcome.Result is { } result)
        {
            if (route.Text is { } text) return text(agent);
            outcome = route.Part(result, named) is JsonObject part ? OperationOutcome.Done(part) : OperationOutcome.Failed(UnknownBus, $"there is no bus {Quoted.Of(named)}; /v1/status has those that there are");
        }
        return Answer(StatusOf(outcome), name, outcome);
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

    /// <summary>Of the body for <see cref="LocalRoute.Operations"/>, else of the query.</summary>
    private static bool TryReadArguments(LocalRoute route, LocalRequest request, out JsonElement arguments, [NotNullWhen(false)] out string? mistake)
    {
        arguments = OperationArguments.Empty;
        mistake = null;
        if (!request.Body.IsEmpty && (!StrictJson.TryParse(request.Body.Span, out arguments, out var wrong) || arguments.ValueKind != JsonValueKind.Object))
            mistake = wrong?.ToString() ?? "/arguments: expected an object";
        else if (route != LocalRoute.Operations && TryReadQuery(request.Query, out var query, out mistake))
            arguments = JsonElement.Parse(query.ToJsonString());
        return mistake is null;
    }

    /// <summary>Each parameter once, as text.</summary>
    private static bool TryReadQuery(string query, out JsonObject parameters, [NotNullWhen(false)] out string? mistake)
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
}
