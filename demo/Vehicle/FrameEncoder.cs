using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Demo.Vehicle;

/// <summary>Makes a frame of physical values, bit by bit as the DBC file describes it: the slow and plain way round of what the agent decodes.</summary>
internal static class FrameEncoder
{
    /// <exception cref="InvalidOperationException">A value lies outside of its signal's range.</exception>
    public static CanFrame Encode(DbcMessage message, Func<string, double> value)
    {
        Span<byte> payload = stackalloc byte[message.Length];
        payload.Clear();
        foreach (var signal in message.Signals)
        {
            string name = $"{message.Name}/{signal.Name}";
            double physical = value(name);
            if (physical < signal.Minimum || physical > signal.Maximum)
                throw new InvalidOperationException($"{name} = {physical} is outside of {signal.Minimum} to {signal.Maximum}");
            Put(payload, signal, (long)Math.Round((physical - signal.Offset) / signal.Scale));
        }
        return CanFrame.Data(message.Id, payload);
    }

    private static void Put(Span<byte> payload, DbcSignal signal, long raw)
    {
        // From the least significant bit on. A big-endian signal names its most significant bit and goes on at bit 7 of the next byte.
        for (int i = 0; i < signal.Length; i++)
        {
            int bit = signal.ByteOrder == ByteOrder.LittleEndian ? signal.StartBit + i : BigEndianBit(signal.StartBit, signal.Length - 1 - i);
            if ((raw >> i & 1) != 0) payload[bit / 8] |= (byte)(1 << bit % 8);
        }
    }

    private static int BigEndianBit(int start, int further)
    {
        int inOrder = start / 8 * 8 + (7 - start % 8) + further;
        return inOrder / 8 * 8 + (7 - inOrder % 8);
    }
}
