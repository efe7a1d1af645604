using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Simulation;

/// <summary>Makes the frame of a message out of its signals' physical values.</summary>
internal static class FrameEncoder
{
    /// <param name="message">Of at most 8 bytes, or of at most 64 with CAN FD.</param>
    /// <param name="value">The physical value of a signal; null for one that the frame does not have. What the signal cannot say becomes the nearest that it can.</param>
    public static CanFrame Encode(DbcMessage message, Func<DbcSignal, double?> value)
    {
        Span<byte> payload = stackalloc byte[message.Length];
        payload.Clear();
        foreach (var signal in message.Signals)
        {
            // Signals that leave their message, and those of more than 64 bits, are listed but never sent.
            if (signal.Length > 64 || !Fits(signal, message.Length) || value(signal) is not { } physical) continue;
            Put(payload, signal, Raw(signal, physical));
        }
        return CanFrame.Data(message.Id, payload, fd: message.Length > CanFrame.MaxClassicLength || message.IsFd);
    }

    /// <summary>The bits for a physical value, in the least significant places.</summary>
    internal static ulong Raw(DbcSignal signal, double physical)
    {
        double raw = (physical - signal.Offset) / signal.Scale;
        if (signal.IsFloat)
        {
            return signal.Length switch
            {
                16 => BitConverter.HalfToUInt16Bits((Half)raw),
                32 => BitConverter.SingleToUInt32Bits((float)raw),
                _ => BitConverter.DoubleToUInt64Bits(raw),
            };
        }
        raw = Math.Round(raw);
        double steps = Math.Pow(2, signal.IsSigned ? signal.Length - 1 : signal.Length);
        if (signal.IsSigned) return (ulong)(long)Math.Clamp(raw, -steps, Math.BitDecrement(steps));
        return (ulong)Math.Clamp(raw, 0, Math.BitDecrement(steps));
    }

    private static void Put(Span<byte> payload, DbcSignal signal, ulong raw)
    {
        // From the least significant bit on. A big-endian signal names its most significant bit and goes on at bit 7 of the next byte.
        for (int i = 0; i < signal.Length; i++)
        {
            int bit = signal.ByteOrder == ByteOrder.LittleEndian ? signal.StartBit + i : BigEndianBit(signal.StartBit, signal.Length - 1 - i);
            if ((raw >> i & 1) != 0) payload[bit / 8] |= (byte)(1 << bit % 8);
        }
    }

    private static bool Fits(DbcSignal signal, int bytes)
    {
        int first = signal.ByteOrder == ByteOrder.LittleEndian ? signal.StartBit : signal.StartBit ^ 7;
        return first + signal.Length <= bytes * 8;
    }

    private static int BigEndianBit(int start, int further)
    {
        int inOrder = start / 8 * 8 + (7 - start % 8) + further;
        return inOrder / 8 * 8 + (7 - inOrder % 8);
    }
}
