using System.Runtime.InteropServices;

namespace EdgeAgent.Can.SocketCan;

/// <summary>
/// Goes through netlink attributes within their bounds: length and type in two bytes each, then the value, padded to four bytes.
/// What is cut off or impossible ends the walk.
/// </summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    private const int HeaderSize = 4;

    // NLA_F_NESTED and NLA_F_NET_BYTEORDER
    private const ushort TypeMask = 0x3FFF;

    private ReadOnlySpan<byte> _left = attributes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    public bool MoveNext()
    {
        if (_left.Length < HeaderSize) return false;
        int length = MemoryMarshal.Read<ushort>(_left);
        if (length < HeaderSize || length > _left.Length) return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_left[2..]) & TypeMask);
        Value = _left[HeaderSize..length];
        _left = _left[Math.Min((length + 3) & ~3, _left.Length)..];
        return true;
    }
}
