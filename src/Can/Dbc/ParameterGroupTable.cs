using EdgeAgent.Can.J1939;

namespace EdgeAgent.Can.Dbc;

/// <summary>
/// Finds J1939 messages by parameter group: the identifier in a DBC file stands for any priority, source and destination (SAE J1939-21 §5.1).
/// A message with the frame's very source and destination comes before others of its group.
/// </summary>
internal sealed class ParameterGroupTable
{
    private const uint WithoutPriority = 0x03FF_FFFF, IsGroup = 0x8000_0000;

    private readonly Dictionary<uint, int> _indexes = [];

    /// <summary>The table of the J1939 messages among these; null if there are none.</summary>
    public static ParameterGroupTable? Of(IEnumerable<DbcMessage> messages)
    {
        var table = new ParameterGroupTable();
        int index = 0;
        foreach (var message in messages)
        {
            if (message is { IsJ1939: true, Id.IsExtended: true })
            {
                table._indexes.TryAdd(message.Id.Value & WithoutPriority, index);
                table._indexes.TryAdd(GroupKey(message.Id), index);
            }
            index++;
        }
        return table._indexes.Count > 0 ? table : null;
    }

    /// <summary>The message's position among those that the table was made of, or -1.</summary>
    public int Find(CanId id)
    {
        if (!id.IsExtended) return -1;
        return _indexes.TryGetValue(id.Value & WithoutPriority, out int index) || _indexes.TryGetValue(GroupKey(id), out index) ? index : -1;
    }

    private static uint GroupKey(CanId id) => ParameterGroupNumber.OfIdentifier(id.Value).Value | IsGroup;
}
