using System.Numerics;
using System.Runtime.CompilerServices;

namespace EdgeAgent.Can.Dbc;

/// <summary>
/// Finds a message's index by identifier: base-format ones in a table of all 2048, extended ones in an open-addressing hash table that is
/// at most half full.
/// </summary>
internal sealed class IdTable
{
    // Entries are index + 1, so that 0 is "none".
    private readonly int[] _standard = new int[CanId.MaxStandard + 1];
    private readonly (uint RawId, int Entry)[] _extended;
    private readonly int _shift;

    public IdTable(IReadOnlyCollection<CanId> ids)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * ids.Count, 4));
        _extended = new (uint, int)[size];
        _shift = 32 - BitOperations.Log2((uint)size);
        var entry = 0;
        foreach (var id in ids)
        {
            entry++;
            if (!id.IsExtended) _standard[id.Value] = entry;
            else _extended[Place(id.Raw)] = (id.Raw, entry);
        }
    }

    /// <summary>The position of the identifier among those given to the constructor, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(CanId id) => (id.IsExtended ? _extended[Place(id.Raw)].Entry : _standard[(int)id.Value & (int)CanId.MaxStandard]) - 1;

    // The place where the identifier is, or where it would be put. A free place always ends the search.
    private int Place(uint rawId)
    {
        var table = _extended;
        var place = (int)((rawId * 0x9E37_79B1u) >> _shift);
        while (table[place].Entry != 0 && table[place].RawId != rawId) place = (place + 1) & (table.Length - 1);
        return place;
    }
}
