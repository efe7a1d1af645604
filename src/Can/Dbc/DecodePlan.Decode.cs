namespace EdgeAgent.Can.Dbc;

/// <summary>The hot path: no allocation, no call that is not known at compile time.</summary>
public sealed partial class DecodePlan
{
    private const int WindowBytes = sizeof(ulong);

    /// <summary>Decodes a frame. Left out are signals not selected, not whole in the frame, or not chosen by their multiplexer.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="values">Where the values go; at least <see cref="MaxSignalsPerFrame"/> long.</param>
    /// <param name="count">How many values were written.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> is too short for the message.</exception>
    public DecodeStatus Decode(in CanFrame frame, Span<SignalValue> values, out int count)
    {
        count = 0;
        if (frame.IsError || frame.IsRemote) return DecodeStatus.NoData;
        var index = Find(frame.Id);
        return index < 0 ? DecodeStatus.UnknownId : Decode(in _messages[index], frame.Storage, frame.Length, values, out count);
    }

    /// <summary>Decodes a payload of any length, such as one put together from several frames (SAE J1939-21 transport protocol).</summary>
    /// <param name="id">The identifier.</param>
    /// <param name="payload">The data bytes.</param>
    /// <param name="values">Where the values go; at least <see cref="MaxSignalsPerFrame"/> long.</param>
    /// <param name="count">How many values were written.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> is too short for the message.</exception>
    public DecodeStatus Decode(CanId id, ReadOnlySpan<byte> payload, Span<SignalValue> values, out int count)
    {
        count = 0;
        var index = Find(id);
        if (index < 0) return DecodeStatus.UnknownId;
        if (payload.Length >= WindowBytes) return Decode(in _messages[index], payload, payload.Length, values, out count);
        Span<byte> padded = stackalloc byte[WindowBytes];
        payload.CopyTo(padded);
        return Decode(in _messages[index], padded, payload.Length, values, out count);
    }

    private DecodeStatus Decode(in PlannedMessage message, ReadOnlySpan<byte> storage, int length, Span<SignalValue> values, out int count)
    {
        if (values.Length < message.SignalCount) ThrowTooShort(values, message.SignalCount);
        count = 0;
        foreach (ref readonly var block in _blocks.AsSpan(message.FirstBlock, message.BlockCount))
        {
            if (block.Condition >= 0 && !Holds(block.Condition, storage, length)) continue;
            foreach (ref readonly var entry in _entries.AsSpan(block.FirstEntry, block.EntryCount))
            {
                if (entry.Bits.Needed > length) continue;
                var raw = entry.Bits.Extract(storage);
                values[count++] = new SignalValue(entry.Slot, raw, ToPhysical(in entry, raw));
            }
        }

        return length < message.Message.Length ? DecodeStatus.Truncated : DecodeStatus.Decoded;
    }

    private double ToPhysical(in Entry entry, ulong raw)
    {
        var number = entry.Kind switch
        {
            NumberKind.Unsigned => raw,
            NumberKind.Signed => (long)raw,
            _ => ToRareNumber(in entry, raw),
        };

        // Two roundings, as everybody who decodes in doubles has them: never a fused multiply-add.
        return (number * entry.Scale) + entry.Offset;
    }

    private double ToRareNumber(in Entry entry, ulong raw)
    {
        switch (entry.Kind)
        {
            case NumberKind.Half: return (double)BitConverter.UInt16BitsToHalf((ushort)raw);
            case NumberKind.Single: return BitConverter.UInt32BitsToSingle((uint)raw);
            case NumberKind.Double: return BitConverter.UInt64BitsToDouble(raw);
            default:
                var signal = Signals[entry.Slot].Signal;
                var value = new SignalValue(entry.Slot, raw, 0);
                return (double)(signal.TryGetExactInteger(value, out var exact) ? exact : signal.ExactProduct(value));
        }
    }

    // Multiplexers of multiplexers are few, so the chain is walked anew for each block.
    private bool Holds(int index, ReadOnlySpan<byte> storage, int length)
    {
        while (index >= 0)
        {
            ref readonly var condition = ref _conditions[index];
            if (condition.Multiplexer.Needed > length) return false;
            var selector = condition.Multiplexer.Extract(storage);
            if (!Contains(_ranges.AsSpan(condition.FirstRange, condition.RangeCount), selector)) return false;
            index = condition.Parent;
        }

        return true;
    }

    private static bool Contains(ReadOnlySpan<DbcMultiplexerRange> ranges, ulong selector)
    {
        foreach (ref readonly var range in ranges)
        {
            if (selector >= range.First && selector <= range.Last) return true;
        }

        return false;
    }

    private static void ThrowTooShort(Span<SignalValue> values, int needed) => throw new ArgumentException(
        $"The buffer holds {values.Length} values and must hold {needed}; {nameof(MaxSignalsPerFrame)} is enough for every frame.",
        nameof(values));
}
