using EdgeAgent.Can;
using EdgeAgent.Can.Errors;
using EdgeAgent.Capture;
using EdgeAgent.Management;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Diagnostics;

/// <summary>
/// The states of one controller. The first change is told at once; of those that follow soon the last is told when <see cref="BusWatch.ShortestDistance"/>
/// is over, with how many there were. Errors without a change of state are one line in the journal each <see cref="ErrorsDistance"/>.
/// </summary>
internal sealed class BusStateWatch(BusName bus, Action<Channel, ReadOnlyMemory<byte>> record, ILogger logger)
{
    /// <summary>Between two lines about errors alone.</summary>
    public static readonly TimeSpan ErrorsDistance = TimeSpan.FromMinutes(10);

    /// <summary>So many errors since the last line are worth one.</summary>
    public const long ManyErrors = 20;

    private readonly Channel _channel = Channel.Event($"can/{bus}/state");
    private CanControllerState _seen = CanControllerState.ErrorActive, _told = CanControllerState.ErrorActive;
    private BusErrorCounts _errors, _errorsTold;
    private TimeSpan? _toldAt;
    private TimeSpan _errorsToldAt = -ErrorsDistance;
    private long _changes;

    public void Observe(BusLook look, TimeSpan now)
    {
        var errors = look.Errors.Counts;
        // A virtual interface has no controller, but error frames may come over it from one that has.
        if ((look.Link?.State ?? look.Errors.Last?.State) is not { } state) return;
        if (state != _seen) _changes++;
        // What was there and gone between two looks was told by an error frame.
        long busOffs = errors.Since(_errors).Of(CanErrorClasses.BusOff);
        if (busOffs > 0 && (state != CanControllerState.BusOff || _seen == CanControllerState.BusOff)) _changes += busOffs;
        (_seen, _errors) = (state, errors);
        if (_changes > 0 && (state != _told || busOffs > 0 || _changes > 1) && !(now - _toldAt < BusWatch.ShortestDistance)) Tell(look, errors, now);
        else TellOfErrors(look, state, errors, now);
    }

    private void Tell(BusLook look, BusErrorCounts errors, TimeSpan now)
    {
        var since = errors.Since(_errorsTold);
        string? remedy = CanRemedy.Of(look.Interface, _seen, look.Link, since.Classes);
        string state = CanErrorText.NameOf(_seen), previous = CanErrorText.NameOf(_told);
        var (sending, receiving) = Counters(look);
        record(_channel, JsonMembers.Of(json =>
        {
            json.WriteString("bus"u8, look.Bus.ToString());
            json.WriteString("interface"u8, look.Interface);
            json.WriteString("state"u8, state);
            json.WriteString("previous"u8, previous);
            json.WriteNumber("changes"u8, _changes);
            if (sending is { } sent) json.WriteNumber("sendErrorCounter"u8, sent);
            if (receiving is { } received) json.WriteNumber("receiveErrorCounter"u8, received);
            json.WriteStartObject("errors"u8);
            foreach (var (name, count) in since.Named) json.WriteNumber(name, count);
            json.WriteEndObject();
            if (look.Errors.Last is { } last) json.WriteString("lastError"u8, last.ToString());
            if (remedy is not null) json.WriteString("remedy"u8, remedy);
        }));
        string details = (_changes > 1 ? $", {_changes} changes since {previous}" : $", before {previous}") + Describe(since) + (sending is null ? "" : $", error counters {sending} sending, {receiving} receiving");
        if (_seen is CanControllerState.ErrorActive) DiagnosticsLog.BusIsWell(logger, look.Bus, state, details);
        else DiagnosticsLog.BusIsTroubled(logger, look.Bus, state, details, remedy is null ? "" : $"; {remedy}");
        (_told, _toldAt, _changes, _errorsTold, _errorsToldAt) = (_seen, now, 0, errors, now);
    }

    private void TellOfErrors(BusLook look, CanControllerState state, BusErrorCounts errors, TimeSpan now)
    {
        var since = errors.Since(_errorsTold);
        // Lost arbitration is how the bus works, and changes of state are told as such.
        long count = since.Sum - since.Of(CanErrorClasses.ArbitrationLost) - since.Of(CanErrorClasses.Restarted);
        if (count < ManyErrors || now - _errorsToldAt < ErrorsDistance) return;
        string remedy = CanRemedy.Of(look.Interface, state, look.Link, since.Classes) ?? "see them with: edge-agent can dump " + look.Interface;
        DiagnosticsLog.BusHasErrors(logger, look.Bus, Describe(since).TrimStart(',', ' '), look.Errors.Last?.ToString() ?? "", remedy);
        (_errorsTold, _errorsToldAt) = (errors, now);
    }

    private static (int? Sending, int? Receiving) Counters(BusLook look) =>
        look.Link is { SendErrorCounter: { } sending, ReceiveErrorCounter: { } receiving } ? (sending, receiving) : (look.Errors.Last?.SendErrorCounter, look.Errors.Last?.ReceiveErrorCounter);

    private static string Describe(in BusErrorCounts errors)
    {
        string named = string.Join(", ", errors.Named.Select(one => $"{one.Name} {one.Count}"));
        return named.Length == 0 ? "" : $", error frames: {named}";
    }
}
