namespace EdgeAgent.Publishing;

/// <summary>
/// Watches incoming bytes for a packet over the size that was announced. MQTTnet would set aside as much memory as the packet claims to need,
/// up to 256 MiB. A packet begins with its type, then the length of the rest in up to four bytes of seven bits each, lowest first
/// (MQTT 5 §1.5.5, §2.1).
/// </summary>
internal sealed class PacketLimit(int maximumPacketSize)
{
    private State _state;
    private long _remaining;
    private int _shift;

    private enum State
    {
        Type,
        Length,
        Rest,
    }

    /// <exception cref="InvalidDataException">A packet that is too big begins, or one whose length makes no sense.</exception>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            switch (_state)
            {
                case State.Type:
                    (_state, _remaining, _shift) = (State.Length, 0, 0);
                    bytes = bytes[1..];
                    break;
                case State.Length:
                    _remaining |= (long)(bytes[0] & 0x7F) << _shift;
                    _shift += 7;
                    if ((bytes[0] & 0x80) == 0) _state = _remaining == 0 ? State.Type : State.Rest;
                    else if (_shift > 21) throw new InvalidDataException("it sent something that is not MQTT");
                    if (_remaining > maximumPacketSize) throw new InvalidDataException($"it sent a packet of more than the {maximumPacketSize} bytes that this device announced to accept");
                    bytes = bytes[1..];
                    break;
                default:
                    int length = (int)Math.Min(_remaining, bytes.Length);
                    _remaining -= length;
                    if (_remaining == 0) _state = State.Type;
                    bytes = bytes[length..];
                    break;
            }
        }
    }
}
