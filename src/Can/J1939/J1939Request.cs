namespace EdgeAgent.Can.J1939;

/// <summary>A request for a parameter group (SAE J1939-21 §5.4.2, PGN 59904): three bytes, the group.</summary>
public static class J1939Request
{
    /// <summary>The bytes of a request.</summary>
    public const int Bytes = ParameterGroupNumber.Bytes;

    /// <summary>The group that a payload asks for; false if it is too short or names no possible group.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ParameterGroupNumber group)
    {
        group = default;
        return payload.Length >= Bytes && ParameterGroupNumber.TryRead(payload, out group);
    }
}

/// <summary>What is answered to a request or a command (SAE J1939-21 §5.4.4, control byte).</summary>
public enum J1939AcknowledgmentKind : byte
{
    /// <summary>Done.</summary>
    Positive = 0,

    /// <summary>The group is not supported.</summary>
    Negative = 1,

    /// <summary>The group is supported, and not for whoever asks.</summary>
    AccessDenied = 2,

    /// <summary>Not now: ask again later.</summary>
    CannotRespond = 3,
}

/// <summary>An acknowledgment (SAE J1939-21 §5.4.4, PGN 59392).</summary>
/// <param name="Kind">Which.</param>
/// <param name="GroupFunction">Of the message that it answers, where the group has one; else 0xFF.</param>
/// <param name="Address">Whose message it answers; 0xFF from nodes that do not say.</param>
/// <param name="Group">The group that was asked for.</param>
public readonly record struct J1939Acknowledgment(J1939AcknowledgmentKind Kind, byte GroupFunction, byte Address, ParameterGroupNumber Group)
{
    /// <summary>The bytes of an acknowledgment.</summary>
    public const int Bytes = 8;

    /// <summary>Reads a payload; false if it is too short, of an unknown kind, or about no possible group.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out J1939Acknowledgment acknowledgment)
    {
        acknowledgment = default;
        if (payload.Length < Bytes || payload[0] > (byte)J1939AcknowledgmentKind.CannotRespond || !ParameterGroupNumber.TryRead(payload[5..], out var group)) return false;
        acknowledgment = new J1939Acknowledgment((J1939AcknowledgmentKind)payload[0], payload[1], payload[4], group);
        return true;
    }

    /// <summary>Writes eight bytes.</summary>
    public void Write(Span<byte> payload)
    {
        payload[..Bytes].Fill(0xFF);
        payload[0] = (byte)Kind;
        payload[1] = GroupFunction;
        payload[4] = Address;
        Group.Write(payload[5..]);
    }
}
