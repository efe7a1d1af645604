namespace EdgeAgent.Can;

public static partial class BusLoad
{
    private static readonly byte[] LengthCodes = MakeLengthCodes();

    private static BusBits ExactBits(in CanFrame frame)
    {
        var bits = new StuffedBits();
        uint id = frame.Id.Value;
        bool extended = frame.Id.IsExtended;
        bits.Put(0, 1); // start of frame
        if (extended)
        {
            bits.Put(id >> 18, 11);
            bits.Put(0b11, 2); // SRR, IDE
            bits.Put(id & 0x3FFFF, 18);
        }
        else
        {
            bits.Put(id, 11);
        }
        if (!frame.IsFd)
        {
            bits.Put(frame.IsRemote ? 1u : 0, 1);
            bits.Put(0, 2); // IDE and r0, or r1 and r0
            bits.Put(frame.RawDataLengthCode > 8 ? frame.RawDataLengthCode : (uint)frame.Length, 4);
            foreach (byte value in frame.Payload) bits.Put(value, 8);
            bits.Put(bits.Crc, 15);
            return new BusBits(bits.Sent + Tail, 0);
        }

        bits.Put(0, 1); // RRS
        if (!extended) bits.Put(0, 1); // IDE
        bits.Put(0b10, 2); // FDF, res
        bits.Put(frame.BitRateSwitch ? 1u : 0, 1);
        int arbitration = bits.Sent;
        bits.Put(frame.ErrorState ? 1u : 0, 1);
        bits.Put(LengthCodes[frame.Length], 4);
        foreach (byte value in frame.Payload) bits.Put(value, 8);
        // A fixed stuff bit follows in any case, so that the last bit itself brings none (ISO 11898-1:2015 10.5).
        int payload = bits.Sent - arbitration - (bits.EndsWithStuffBit ? 1 : 0) + CheckBits(frame);
        return frame.BitRateSwitch ? new BusBits(arbitration + Tail, payload) : new BusBits(arbitration + payload + Tail, 0);
    }

    private static byte[] MakeLengthCodes()
    {
        byte[] codes = new byte[CanFrame.MaxLength + 1];
        int[] longer = [12, 16, 20, 24, 32, 48, 64];
        for (int length = 0; length < codes.Length; length++)
            codes[length] = (byte)(length <= 8 ? length : 9 + Array.FindIndex(longer, each => each >= length));
        return codes;
    }

    /// <summary>Bits as they go out: behind five equal ones the opposite one is put in, which is itself the first of the next five.</summary>
    private ref struct StuffedBits
    {
        private const uint CrcPolynomial = 0x4599;

        private int _run;
        private uint _last;

        /// <summary>How many are on the wire, those put in included.</summary>
        public int Sent { get; private set; }

        /// <summary>The CRC-15 of classic CAN over all that was put.</summary>
        public uint Crc { get; private set; }

        /// <summary>True if one was put in behind the last.</summary>
        public bool EndsWithStuffBit { get; private set; }

        public void Put(uint value, int count)
        {
            for (int i = count - 1; i >= 0; i--)
            {
                uint bit = value >> i & 1;
                Crc = (Crc << 1 & 0x7FFF) ^ (((Crc >> 14) ^ bit) != 0 ? CrcPolynomial : 0);
                _run = Sent > 0 && bit == _last ? _run + 1 : 1;
                _last = bit;
                Sent++;
                EndsWithStuffBit = _run == 5;
                if (!EndsWithStuffBit) continue;
                Sent++;
                _last = 1 - bit;
                _run = 1;
            }
        }
    }
}
