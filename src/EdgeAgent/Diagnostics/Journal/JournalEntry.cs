using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace EdgeAgent.Diagnostics.Journal;

/// <summary>
/// One entry in the form that journald takes as a datagram (systemd's "Native Journal Protocol"): <c>NAME=value\n</c>, and for a value that
/// has a newline in it <c>NAME\n</c>, its length in 8 bytes, little-endian, the value, <c>\n</c>. What is too long is cut, so that every entry
/// fits in a datagram. Reused; one thread at a time.
/// </summary>
internal sealed class JournalEntry
{
    /// <summary>All fields but the text; the default send buffer of a unix socket takes several times that.</summary>
    public const int MaxFieldsBytes = 24 * 1024;

    /// <summary>A value, and so the text; longer ones are cut between two characters and end with "…".</summary>
    public const int MaxValueBytes = 8 * 1024;

    /// <summary>Characters of a name; journald passes over fields with longer ones.</summary>
    public const int MaxNameLength = 64;

    private const int LengthBytes = sizeof(ulong);

    private readonly byte[] _bytes = new byte[MaxFieldsBytes + "MESSAGE"u8.Length + MaxValueBytes + LengthBytes + 3];
    private readonly HashSet<string> _names = [];
    private int _length;

    /// <summary>The entry as it is, valid until the next change.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public void Clear()
    {
        _length = 0;
        _names.Clear();
    }

    /// <summary>Begins with fields that were copied from <see cref="Bytes"/>.</summary>
    public void Restore(ReadOnlySpan<byte> fields)
    {
        Clear();
        fields.CopyTo(_bytes);
        _length = fields.Length;
    }

    public bool Has(string name) => _names.Contains(name);

    /// <summary>Adds a field, unless one of that name is there (the first counts), the name is not valid, or there is no room.</summary>
    /// <param name="name">1–64 characters of A–Z, 0–9 and '_', the first a letter.</param>
    /// <param name="value">Anything.</param>
    /// <returns>True if it was added.</returns>
    public bool TryAdd(string name, ReadOnlySpan<char> value) => TryAdd(name, value, MaxFieldsBytes);

    /// <summary>Adds the text, the last field, for which there is always room.</summary>
    public void AddText(ReadOnlySpan<char> text) => TryAdd("MESSAGE", text, _bytes.Length);

    /// <summary><c>EDGE_TENANT_VERSION</c> for <c>TenantVersion</c>; null if that is no name.</summary>
    public static string? NameOf(string member)
    {
        var name = new StringBuilder("EDGE_", MaxNameLength);
        for (int i = 0; i < member.Length; i++)
        {
            char c = member[i];
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return null;
            if (i > 0 && char.IsAsciiLetterUpper(c) && !char.IsAsciiLetterUpper(member[i - 1]) && member[i - 1] != '_') name.Append('_');
            name.Append(char.ToUpperInvariant(c));
        }
        return member.Length > 0 && name.Length <= MaxNameLength ? name.ToString() : null;
    }

    private static bool IsName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || !char.IsAsciiLetterUpper(name[0])) return false;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterUpper(c) && !char.IsAsciiDigit(c) && c != '_') return false;
        }
        return true;
    }

    private bool TryAdd(string name, ReadOnlySpan<char> value, int limit)
    {
        if (!IsName(name) || _names.Contains(name)) return false;
        bool isBinary = value.Contains('\n');
        int head = name.Length + 1 + (isBinary ? LengthBytes : 0);
        int room = Math.Min(limit - _length - head - 1, MaxValueBytes);
        if (room < 0) return false;
        var bytes = _bytes.AsSpan(_length);
        if (!TryEncode(value, bytes.Slice(head, room), out int length)) return false;
        Encoding.ASCII.GetBytes(name, bytes);
        bytes[name.Length] = (byte)(isBinary ? '\n' : '=');
        if (isBinary) BinaryPrimitives.WriteUInt64LittleEndian(bytes[(name.Length + 1)..], (ulong)length);
        bytes[head + length] = (byte)'\n';
        _length += head + length + 1;
        _names.Add(name);
        return true;
    }

    /// <summary>What fits of a long value is kept; where there is not even room for that of an ordinary one, nothing.</summary>
    private static bool TryEncode(ReadOnlySpan<char> value, Span<byte> room, out int length)
    {
        if (Utf8.FromUtf16(value, room, out _, out length) == System.Buffers.OperationStatus.Done) return true;
        var cut = "…"u8;
        if (room.Length < MaxValueBytes) return false;
        Utf8.FromUtf16(value, room[..^cut.Length], out _, out length);
        cut.CopyTo(room[length..]);
        length += cut.Length;
        return true;
    }
}
