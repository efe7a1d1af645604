using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can.J1939;

/// <summary>
/// Decodes the frames of one bus. If the plan has J1939 messages, those that the transport protocol carries are put together first.
/// Not thread-safe; allocates nothing in steady state.
/// </summary>
public sealed class J1939Decoder
{
    private readonly DecodePlan _plan;
    private readonly ulong[]? _largestNumbers;

    /// <param name="plan">What to decode.</param>
    /// <param name="numbersOnly">True to leave out J1939 values that are no numbers (<see cref="J1939Value"/>), false to give them as they are.</param>
    public J1939Decoder(DecodePlan plan, bool numbersOnly)
    {
        _plan = plan;
        if (numbersOnly) _largestNumbers = [.. plan.Signals.Select(LargestNumber)];
    }

    /// <summary>What is being put together, and how often that failed.</summary>
    public TransportListener Transport { get; } = new();

    /// <summary>The identifiers that the messages of a plan need from the bus, for the kernel's filter: J1939 groups by mask, and their transport.</summary>
    public static IReadOnlyCollection<CanIdMask> FilterOf(DecodePlan plan)
    {
        HashSet<CanIdMask> masks = [.. plan.Signals.Select(planned => planned.Message).Distinct().Select(MaskOf)];
        if (plan.HasJ1939)
        {
            masks.Add(MaskOf(ParameterGroupNumber.TransportConnection));
            masks.Add(MaskOf(ParameterGroupNumber.TransportData));
        }
        return masks;
    }

    /// <summary>As <see cref="DecodePlan.Decode(in CanFrame, Span{SignalValue}, out int)"/>; the last frame of a longer message gives that message's values.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">When it was received, from any fixed beginning.</param>
    /// <param name="values">Where the values go; at least <see cref="DecodePlan.MaxSignalsPerFrame"/> long.</param>
    /// <param name="count">How many values were written.</param>
    /// <param name="id">Of what: the frame's identifier, or that of the message which it completed.</param>
    public DecodeStatus Decode(in CanFrame frame, TimeSpan now, Span<SignalValue> values, out int count, out CanId id)
    {
        id = frame.Id;
        DecodeStatus status;
        if (!IsTransport(frame, out var parts))
        {
            status = _plan.Decode(frame, values, out count);
        }
        else if (Transport.Accept(parts, frame.Payload, now).IsComplete && _plan.TryGetMessage(Transport.Id.ToCanId(), out _))
        {
            id = Transport.Id.ToCanId();
            status = _plan.Decode(id, Transport.Message, values, out count);
        }
        else
        {
            status = _plan.Decode(frame, values, out count);
            if (status == DecodeStatus.UnknownId) status = DecodeStatus.Part;
        }
        if (count > 0 && _largestNumbers is not null) count = KeepNumbers(values[..count], _largestNumbers);
        return status;
    }

    private bool IsTransport(in CanFrame frame, out J1939Id id)
    {
        id = default;
        return _plan.HasJ1939 && !frame.IsError && !frame.IsRemote && J1939Id.TryFrom(frame.Id, out id) && TransportListener.IsTransport(id.Group);
    }

    private static int KeepNumbers(Span<SignalValue> values, ulong[] largestNumbers)
    {
        int kept = 0;
        foreach (ref readonly var value in values)
        {
            if (value.Raw <= largestNumbers[value.Slot]) values[kept++] = value;
        }
        return kept;
    }

    private static ulong LargestNumber(PlannedSignal planned) =>
        planned.Message.IsJ1939 && J1939Value.FirstIndication(planned.Signal) is { } first ? first - 1 : ulong.MaxValue;

    private static CanIdMask MaskOf(DbcMessage message) =>
        message.IsJ1939 && message.Id.IsExtended ? MaskOf(ParameterGroupNumber.OfIdentifier(message.Id.Value)) : message.Id;

    private static CanIdMask MaskOf(ParameterGroupNumber group) => new(CanId.Extended(group.Value << 8), group.IdentifierMask);
}
