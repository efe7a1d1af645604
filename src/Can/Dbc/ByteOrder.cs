namespace EdgeAgent.Can.Dbc;

/// <summary>How the bits of a signal lie in the payload.</summary>
public enum ByteOrder
{
    /// <summary>Intel, <c>@1</c>. <see cref="DbcSignal.StartBit"/> is the least significant bit; the others follow upwards.</summary>
    LittleEndian,

    /// <summary>
    /// Motorola, <c>@0</c>. <see cref="DbcSignal.StartBit"/> is the most significant bit; the signal goes down to bit 0 of its byte and on
    /// at bit 7 of the next.
    /// </summary>
    BigEndian,
}
