namespace EdgeAgent.Can.J1939;

/// <summary>What a 29-bit identifier says (SAE J1939-21 §5.1).</summary>
/// <remarks>
/// <code>
///  28    26   25    24   23       16 15        8 7         0
///  ┌───────┬─────┬─────┬────────────┬───────────┬───────────┐
///  │ prio. │ EDP │ DP  │ PDU format │ PDU spec. │  source   │   PDU specific: the destination if the format is below 240,
///  └───────┴─────┴─────┴────────────┴───────────┴───────────┘   else part of the group's number
/// </code>
/// </remarks>
/// <param name="Priority">0 (highest) – 7.</param>
/// <param name="Group">The parameter group.</param>
/// <param name="Destination">For whom: an address, or <see cref="J1939Address.Global"/>, as always if the group has no destination.</param>
/// <param name="Source">Who sends.</param>
public readonly record struct J1939Id(byte Priority, ParameterGroupNumber Group, byte Destination, byte Source)
{
    /// <summary>The lowest priority.</summary>
    public const byte LowestPriority = 7;

    /// <summary>The priority of what has no other (J1939-21 §5.2.1).</summary>
    public const byte DefaultPriority = 6;

    /// <summary>Takes an identifier apart; false if it has 11 bits.</summary>
    public static bool TryFrom(CanId id, out J1939Id parts)
    {
        uint value = id.Value;
        var group = ParameterGroupNumber.OfIdentifier(value);
        parts = id.IsExtended ? new J1939Id((byte)(value >> 26), group, group.HasDestination ? (byte)(value >> 8) : J1939Address.Global, (byte)value) : default;
        return id.IsExtended;
    }

    /// <summary>The identifier. A destination counts only where the group has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The priority is above 7.</exception>
    public CanId ToCanId()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Priority, LowestPriority, nameof(Priority));
        return CanId.Extended((uint)Priority << 26 | Group.Value << 8 | (Group.HasDestination ? (uint)Destination << 8 : 0) | Source);
    }
}

/// <summary>Addresses with a meaning of their own (J1939-81 §4.3).</summary>
public static class J1939Address
{
    /// <summary>Everybody.</summary>
    public const byte Global = 255;

    /// <summary>Nobody: the source of whoever has no address.</summary>
    public const byte Null = 254;

    /// <summary>True for an address that a node can have: 0–253.</summary>
    public static bool IsNode(byte address) => address < Null;
}
