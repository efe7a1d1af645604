namespace EdgeAgent.Can.Dbc;

/// <summary>From values to bytes: no allocation.</summary>
public sealed partial class EncodePlan
{
    private const int MostSignalsOnStack = 512;

    /// <summary>Encodes values into the first bytes of a payload, as many as the message has.</summary>
    /// <param name="values">A value for every signal that belongs into the frame, in any order.</param>
    /// <param name="payload">Where the bytes go: at least as long as the message.</param>
    /// <exception cref="ArgumentException">The values are not what the message needs, or the payload is too short.</exception>
    public void Encode(ReadOnlySpan<SignalInput> values, Span<byte> payload)
    {
        if (!TryEncode(values, payload, out var error)) throw new ArgumentException(Describe(error), nameof(values));
    }

    /// <summary>Encodes values into the first bytes of a payload, as many as the message has.</summary>
    /// <param name="values">A value for every signal that belongs into the frame, in any order.</param>
    /// <param name="payload">Where the bytes go: at least as long as the message.</param>
    /// <param name="error">Why the values cannot be encoded; the payload is then undefined.</param>
    /// <exception cref="ArgumentException">The payload is too short.</exception>
    public bool TryEncode(ReadOnlySpan<SignalInput> values, Span<byte> payload, out EncodeError error)
    {
        if (payload.Length < Message.Length) throw new ArgumentException($"The payload holds {payload.Length} bytes and must hold {Message.Length}.", nameof(payload));
        var count = _fields.Length;
        var raws = count <= MostSignalsOnStack ? stackalloc ulong[count] : new ulong[count];
        var given = count <= MostSignalsOnStack ? stackalloc bool[count] : new bool[count];
        given.Clear();
        foreach (ref readonly var value in values)
        {
            error = Take(in value, raws, given);
            if (error.Fault != EncodeFault.None) return false;
        }

        payload = payload[..Message.Length];
        payload.Clear();
        for (var slot = 0; slot < count; slot++)
        {
            error = Put(slot, raws, given, payload);
            if (error.Fault != EncodeFault.None) return false;
        }

        error = default;
        return true;
    }

    private EncodeError Take(in SignalInput value, Span<ulong> raws, Span<bool> given)
    {
        var slot = value.Slot;
        if ((uint)slot >= (uint)_fields.Length) return new EncodeError(EncodeFault.UnknownSlot, slot, 0);
        if (given[slot]) return new EncodeError(EncodeFault.Twice, slot, value.Number);
        if (!_fields[slot].IsEncodable) return new EncodeError(EncodeFault.NotEncodable, slot, value.Number);
        given[slot] = true;
        return new EncodeError(RawOf(_fields[slot].Signal, in value, out raws[slot]), slot, value.Number);
    }

    private EncodeError Put(int slot, ReadOnlySpan<ulong> raws, ReadOnlySpan<bool> given, Span<byte> payload)
    {
        ref readonly var field = ref _fields[slot];
        if (!IsSelected(in field, raws, given))
        {
            return given[slot] ? new EncodeError(EncodeFault.NotSelected, slot, 0) : default;
        }

        if (!given[slot]) return new EncodeError(EncodeFault.Missing, slot, 0);
        var raw = raws[slot];
        if (field.Selects && !IsKnownSelector(slot, raw)) return new EncodeError(EncodeFault.UnknownSelector, slot, raw);
        Insert(field.Signal, raw, payload);
        return default;
    }

    // Multiplexers of multiplexers are few, so each chain is walked anew. A multiplexer that is missing is found at its own slot.
    private bool IsSelected(in Field field, ReadOnlySpan<ulong> raws, ReadOnlySpan<bool> given)
    {
        if (!field.IsReachable) return false;
        for (var next = field; next.Selection is not null; next = _fields[next.Multiplexer])
        {
            if (!given[next.Multiplexer] || !Contains(next.Selection, raws[next.Multiplexer])) return false;
        }

        return true;
    }

    private bool IsKnownSelector(int slot, ulong raw)
    {
        var signal = _fields[slot].Signal;
        var value = signal.IsSigned ? SignExtended(raw, signal.Length) : raw;
        if (signal.TryGetLabel(value, out _)) return true;
        foreach (ref readonly var field in _fields.AsSpan())
        {
            if (field.Multiplexer == slot && Contains(field.Selection!, raw)) return true;
        }

        return false;
    }

    private static Int128 SignExtended(ulong raw, int length) => (long)(raw << (64 - length)) >> (64 - length);

    private static bool Contains(DbcMultiplexing selection, ulong raw)
    {
        for (var index = 0; index < selection.Ranges.Count; index++)
        {
            if (raw >= selection.Ranges[index].First && raw <= selection.Ranges[index].Last) return true;
        }

        return false;
    }

    /// <summary>Sets the bits of a signal, of which none is set yet.</summary>
    private static void Insert(DbcSignal signal, ulong raw, Span<byte> payload)
    {
        var first = BitField.FirstBit(signal);
        var end = first + signal.Length;
        for (var index = first / 8; 8 * index < end; index++)
        {
            // Little-endian: the byte's bit 0 is the raw value's bit 8 * index - first. Big-endian: its bit 0 is the bit end - 8 * index - 8.
            var shift = signal.ByteOrder == ByteOrder.BigEndian ? end - (8 * index) - 8 : (8 * index) - first;
            payload[index] |= (byte)(shift >= 0 ? raw >> shift : raw << -shift);
        }
    }
}
