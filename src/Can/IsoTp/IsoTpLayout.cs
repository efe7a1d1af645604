namespace EdgeAgent.Can.IsoTp;

/// <summary>Where in a frame things stand, and how long frames are.</summary>
/// <param name="Address">The byte before the protocol control information; null with normal addressing.</param>
/// <param name="DataLength">TX_DL: the length of a full frame, 8, 12, 16, 20, 24, 32, 48 or 64 bytes (ISO 15765-2:2016 §10.4.1).</param>
/// <param name="Padding">What unused bytes up to eight are filled with; null to send shorter frames. Longer frames are always filled, by default with CC.</param>
public readonly record struct IsoTpLayout(byte? Address, int DataLength, byte? Padding)
{
    /// <summary>§10.4.2.1 recommends it.</summary>
    public const byte DefaultPadding = 0xCC;

    /// <summary>Bytes before the protocol control information, 0 or 1.</summary>
    public int AddressBytes => Address is null ? 0 : 1;

    /// <summary>The longest message of a single frame.</summary>
    public int MaxSingleLength => SingleLimit(DataLength, AddressBytes);

    /// <summary>Message bytes in a full consecutive frame.</summary>
    public int ConsecutiveFrameData => DataLength - AddressBytes - 1;

    /// <summary>Message bytes in the first frame of a message.</summary>
    public int FirstFrameData(int messageLength) => DataLength - AddressBytes - (messageLength > IsoTpCodec.MaxShortLength ? 6 : 2);

    /// <summary>The longest message of a single frame of some length: beyond eight bytes its length takes a byte of its own (§9.6.2.1).</summary>
    internal static int SingleLimit(int frameLength, int addressBytes) => frameLength - addressBytes - (frameLength > CanFrame.MaxClassicLength ? 2 : 1);

    /// <summary>Fills a frame up and returns its length.</summary>
    internal int Pad(Span<byte> payload, int used)
    {
        int length = used > CanFrame.MaxClassicLength ? CanFrame.PaddedLength(used) : Padding is null ? used : CanFrame.MaxClassicLength;
        payload[used..length].Fill(Padding ?? DefaultPadding);
        return length;
    }
}
