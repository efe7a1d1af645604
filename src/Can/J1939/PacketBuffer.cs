namespace EdgeAgent.Can.J1939;

/// <summary>A message that is being put together from packets 1–255, each of which may come in any order.</summary>
internal sealed class PacketBuffer
{
    private readonly byte[] _data = new byte[J1939Limits.MessageBytes];
    private readonly ulong[] _has = new ulong[4];
    private int _missing;

    public int Length { get; private set; }

    public int Packets { get; private set; }

    public bool IsComplete => _missing == 0;

    public ReadOnlySpan<byte> Message => _data.AsSpan(0, Length);

    public void Begin(int length)
    {
        Length = length;
        Packets = _missing = TransportCommand.PacketsOf(length);
        Array.Clear(_has);
    }

    /// <summary>Takes packet 1–<see cref="Packets"/>, which may be there already.</summary>
    /// <returns>False if the data is shorter than the packet.</returns>
    public bool Put(int packet, ReadOnlySpan<byte> data)
    {
        int offset = (packet - 1) * J1939Limits.PacketBytes;
        int length = Math.Min(J1939Limits.PacketBytes, Length - offset);
        if (data.Length < length) return false;
        if (Has(packet)) return true;
        data[..length].CopyTo(_data.AsSpan(offset));
        _has[packet >> 6] |= 1ul << packet;
        _missing--;
        return true;
    }

    public bool Has(int packet) => (_has[packet >> 6] & 1ul << packet) != 0;

    /// <summary>The first packet that is missing; one behind the last if none is.</summary>
    public int FirstMissing()
    {
        int packet = 1;
        while (packet <= Packets && Has(packet)) packet++;
        return packet;
    }

    /// <summary>How many packets from this one on are missing without a gap, at most so many.</summary>
    public int MissingFrom(int packet, int limit)
    {
        int count = 0;
        while (count < limit && packet + count <= Packets && !Has(packet + count)) count++;
        return count;
    }
}
