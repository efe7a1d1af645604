using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace EdgeAgent.Can.Dbc;

/// <summary>The hot path: no allocation, no call that is not known at compile time.</summary>
public sealed partial class DecodePlan
{
    private const int WindowBytes = sizeof(ulong);

    /// <summary>
    /// Decodes a frame. Left out are signals not selected, not whole in the frame, or not chosen by their multiplexer. The values are in the
    /// order of the slots within each kind: unconditional before multiplexed ones, integers before floats and what else is rare.
    /// </summary>
    /// <param name="frame">The frame.</param>
    /// <param name="values">Where the values go; at least <see cref="MaxSignalsPerFrame"/> long.</param>
    /// <param name="count">How many values were written.</param>
    /// <exception cref="ArgumentException"><paramref name="values"/> is too short for the message.</exception>
    public DecodeStatus Decode(in CanFrame frame, Span<SignalValue> values, out int count)
    {
        count = 0;
        if (!frame.HasData) return DecodeStatus.NoData;
        var index = Find(frame.Id);
        return index < 0
            ? DecodeStatus.UnknownId
            : Decode(in _messages[index], in MemoryMarshal.GetReference(frame.Storage), frame.Length, values, out count);
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
        ref readonly var message = ref _messages[index];
        if (payload.Length >= WindowBytes) return Decode(in message, in MemoryMarshal.GetReference(payload), payload.Length, values, out count);
        Span<byte> padded = stackalloc byte[WindowBytes];
        payload.CopyTo(padded);
        return Decode(in message, in MemoryMarshal.GetReference(padded), payload.Length, values, out count);
    }

    // From here on nothing checks an index: the storage has eight bytes or more, an entry is only looked at if its bytes are within the
    // length, there is room for all values of the message, and a plan's numbers are its own.
    private DecodeStatus Decode(in PlannedMessage message, ref readonly byte storage, int length, Span<SignalValue> values, out int count)
    {
        if (values.Length < message.SignalCount) ThrowTooShort(values, message.SignalCount);
        ref var first = ref MemoryMarshal.GetReference(values);
        count = Decode(message.Always, in storage, length, ref first);
        if (message.SwitchCount > 0) count += DecodeSwitches(in message, in storage, length, ref Unsafe.Add(ref first, count));
        return length < message.Length ? DecodeStatus.Truncated : DecodeStatus.Decoded;
    }

    private int Decode(Run run, ref readonly byte storage, int length, ref SignalValue values)
    {
        if (run.Needed > length) return DecodePart(run, in storage, length, ref values);
        ref var entries = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_entries), run.FirstEntry);
        for (var index = 0; index < run.Plain; index++)
        {
            ref readonly var entry = ref Unsafe.Add(ref entries, index);
            var raw = entry.Bits.Extract(in storage);
            Unsafe.Add(ref values, index) = new SignalValue(entry.Slot, raw, ToPhysical(in entry, (long)raw));
        }

        for (var index = run.Plain; index < run.Count; index++) Unsafe.Add(ref values, index) = DecodeAny(in Unsafe.Add(ref entries, index), in storage);
        return run.Count;
    }

    /// <summary>Decodes what is whole in a frame that is too short.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DecodePart(Run run, ref readonly byte storage, int length, ref SignalValue values)
    {
        var count = 0;
        foreach (ref readonly var entry in _entries.AsSpan(run.FirstEntry, run.Count))
        {
            if (entry.Bits.Needed <= length) Unsafe.Add(ref values, count++) = DecodeAny(in entry, in storage);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int DecodeSwitches(in PlannedMessage message, ref readonly byte storage, int length, ref SignalValue values)
    {
        var count = 0;
        foreach (ref readonly var branch in _switches.AsSpan(message.FirstSwitch, message.SwitchCount))
        {
            if (branch.Parent >= 0 && !Holds(branch.Parent, in storage, length)) continue;
            if (branch.Multiplexer.Needed > length) continue;
            var selector = branch.Multiplexer.ExtractAny(in storage);
            ref readonly var nearest = ref Nearest(_cases.AsSpan(branch.FirstCase, branch.CaseCount), selector);
            if (selector < nearest.First || selector > nearest.Last) continue;
            count += Decode(nearest.Run, in storage, length, ref Unsafe.Add(ref values, count));
        }

        return count;
    }

    /// <summary>The last case that does not begin above the selector, or the first one; no step is a branch to be guessed.</summary>
    private static ref readonly Case Nearest(ReadOnlySpan<Case> cases, ulong selector)
    {
        ref var first = ref MemoryMarshal.GetReference(cases);
        for (var left = cases.Length; left > 1;)
        {
            var half = left >> 1;
            var isBehind = Unsafe.BitCast<bool, byte>(Unsafe.Add(ref first, half).First <= selector);
            first = ref Unsafe.Add(ref first, half & -isBehind);
            left -= half;
        }

        return ref first;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SignalValue DecodeAny(ref readonly Entry entry, ref readonly byte storage)
    {
        var raw = entry.Bits.ExtractAny(in storage);
        var number = entry.Kind switch
        {
            NumberKind.Signed => (long)raw,
            NumberKind.Unsigned => raw,
            _ => ToRareNumber(in entry, raw),
        };
        return new SignalValue(entry.Slot, raw, ToPhysical(in entry, number));
    }

    // Two roundings, as everybody who decodes in doubles has them: never a fused multiply-add.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ToPhysical(in Entry entry, double number) => (number * entry.Scale) + entry.Offset;

    private double ToRareNumber(ref readonly Entry entry, ulong raw)
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

    // Multiplexers of multiplexers are few, so the chain is walked anew for each switch.
    private bool Holds(int index, ref readonly byte storage, int length)
    {
        while (index >= 0)
        {
            ref readonly var condition = ref _conditions[index];
            if (condition.Multiplexer.Needed > length) return false;
            var selector = condition.Multiplexer.ExtractAny(in storage);
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
