namespace EdgeAgent.Can;

/// <summary>How long a frame or a number of frames occupy a bus, in bits.</summary>
/// <param name="Nominal">Bits at the nominal bit rate.</param>
/// <param name="Data">Bits at the data bit rate of CAN FD.</param>
public readonly record struct BusBits(long Nominal, long Data)
{
    /// <summary>Both sums.</summary>
    public static BusBits operator +(BusBits left, BusBits right) => new(left.Nominal + right.Nominal, left.Data + right.Data);

    /// <summary>What is left of a larger number, so that two readings of a growing one give the load between them.</summary>
    public static BusBits operator -(BusBits left, BusBits right) => new(left.Nominal - right.Nominal, left.Data - right.Data);

    /// <inheritdoc cref="op_Addition"/>
    public static BusBits Add(BusBits left, BusBits right) => left + right;

    /// <inheritdoc cref="op_Subtraction"/>
    public static BusBits Subtract(BusBits left, BusBits right) => left - right;

    /// <summary>The part of a time, 0–1, in which they occupied the bus; it may exceed 1 by what stuffing was estimated too high.</summary>
    /// <param name="bitRate">Nominal, in bit/s, more than 0.</param>
    /// <param name="dataBitRate">In bit/s; 0 if there is none, and then the nominal one counts.</param>
    /// <param name="time">More than none.</param>
    public double LoadOf(int bitRate, int dataBitRate, TimeSpan time) =>
        ((double)Nominal / bitRate + (double)Data / (dataBitRate > 0 ? dataBitRate : bitRate)) / time.TotalSeconds;
}

/// <summary>Which stuff bits are assumed: what a frame really has depends on its contents.</summary>
public enum BitStuffing
{
    /// <summary>As in random bits: one in 30.</summary>
    Average,

    /// <summary>As many as there can be: one in four.</summary>
    Worst,

    /// <summary>Counted from the frame's own bits, CRC included: exactly what is on the wire, for about a microsecond of work.</summary>
    Exact,
}

/// <summary>The length of frames on the wire, from start of frame to the end of the intermission (ISO 11898-1:2015 §10.4, §10.5). Nothing allocates.</summary>
public static partial class BusLoad
{
    // Behind the part that is stuffed: CRC delimiter, ACK slot and delimiter, end of frame, intermission
    private const int Tail = 1 + 1 + 1 + 7 + 3;

    /// <summary>What stuff bits make of the part that is stuffed. Vehicles send many zeros: more than the one in 30 of random bits.</summary>
    private const double AverageStuffing = 1.08;

    /// <summary>The bits of one frame. An error frame, which the driver made, has none.</summary>
    public static BusBits Bits(in CanFrame frame, BitStuffing stuffing = BitStuffing.Average)
    {
        if (frame.IsError) return default;
        int data = frame.IsRemote ? 0 : frame.Length * 8;
        bool extended = frame.Id.IsExtended;
        if (stuffing == BitStuffing.Exact) return ExactBits(frame);
        if (!frame.IsFd)
        {
            // SOF, identifier, RTR, IDE, r0, DLC, (SRR, 18 identifier bits, r1,) data, CRC
            int stuffed = (extended ? 1 + 32 + 6 : 1 + 12 + 6) + data + 15;
            return new BusBits(stuffed + StuffBits(stuffed, stuffing) + Tail, 0);
        }

        // SOF, identifier, (SRR, IDE, 18 identifier bits,) RRS, IDE, FDF, res, BRS: at the nominal rate
        int arbitration = extended ? 1 + 11 + 2 + 18 + 1 + 3 : 1 + 11 + 1 + 1 + 3;
        // ESI, DLC, data: at the data rate, stuffed as they come
        int payload = 1 + 4 + data;
        int check = CheckBits(frame);
        int all = StuffBits(arbitration + payload, stuffing), ofArbitration = StuffBits(arbitration, stuffing);
        return frame.BitRateSwitch
            ? new BusBits(arbitration + ofArbitration + Tail, payload + all - ofArbitration + check)
            : new BusBits(arbitration + payload + all + check + Tail, 0);
    }

    /// <summary>
    /// The bits of frames of which only number and bytes are known, as an interface counts them: 11-bit identifiers, average stuffing; on an interface
    /// with a data bit rate frames of more than eight bytes on average count as CAN FD with bit rate switch.
    /// </summary>
    public static BusBits Estimate(long frames, long bytes, bool isFd)
    {
        if (isFd && bytes > frames * CanFrame.MaxClassicLength)
            return new BusBits(frames * (17 + Tail), (long)((frames * 5.0 + bytes * 8.0) * AverageStuffing) + frames * (4 + 21 + 7));
        return new BusBits((long)((frames * 34.0 + bytes * 8.0) * AverageStuffing) + frames * Tail, 0);
    }

    /// <summary>Of CAN FD: stuff count and CRC with a fixed stuff bit before them and behind each four bits.</summary>
    private static int CheckBits(in CanFrame frame) => frame.Length <= 16 ? 4 + 17 + 6 : 4 + 21 + 7;

    /// <summary>After five equal bits one is inserted, which may itself be the first of the next five: at worst one for each four after the first.</summary>
    private static int StuffBits(int bits, BitStuffing stuffing) => stuffing == BitStuffing.Worst ? (bits - 1) / 4 : bits / 30;
}
