using System.Globalization;
using EdgeAgent.Can;

namespace EdgeAgent.Obd.Signalsets;

/// <summary>Puts the frames of a captured answer together.</summary>
internal sealed class CapturedFrames(List<CapturedMessage> messages, CapturedHeader header, bool hasExtendedAddress)
{
    /// <summary>An identifier, and data enough for a CAN FD frame beside one that ran into it.</summary>
    public const int MaxFrameDigits = 288;

    private const int MaxData = 8, MaxUnfinished = 256;

    private readonly Dictionary<CanId, Assembly> _unfinished = [];
    private Assembly? _numbered;

    private int IdDigits => header switch
    {
        CapturedHeader.Can11Bit => 3,
        CapturedHeader.Can29Bit => 8,
        _ => 0,
    };

    /// <summary>Takes the next frame off a line. Usually that is the whole line, with spaces between its bytes or not.</summary>
    public ReadOnlySpan<char> Next(ref ReadOnlySpan<char> line)
    {
        // Frames beside each other: every word is one by itself, or each begins with a word that is an identifier.
        bool isFirst = true, wordsAreFrames = IdDigits > 0, idsInside = false;
        int secondId = 0, position = 0;
        while (position < line.Length)
        {
            int length = line[position..].IndexOfAny(" \t");
            if (length < 0) length = line.Length - position;
            if (length > 0)
            {
                wordsAreFrames &= length >= IdDigits + 4;
                if (!isFirst && !idsInside && length == IdDigits) (idsInside, secondId) = (true, position);
                isFirst = false;
            }
            position += length + 1;
        }
        int end = wordsAreFrames ? line.IndexOfAny(" \t") : idsInside ? secondId : -1;
        if (end < 0) end = line.Length;
        var frame = line[..end];
        line = line[end..];
        return frame;
    }

    /// <summary>Takes a frame's digits; passes over what is none.</summary>
    public void Add(ReadOnlySpan<char> digits)
    {
        switch (header)
        {
            case CapturedHeader.KLine:
                AddKLine(digits);
                break;
            case CapturedHeader.None:
                AddBare(digits);
                break;
            default:
                if (TryId(digits, out var id)) AddCan(id, digits[(IdDigits + (hasExtendedAddress ? 2 : 0))..]);
                break;
        }
    }

    /// <summary>No more frames come.</summary>
    public void End()
    {
        if (_numbered is { } numbered && numbered.IsComplete) messages.Add(numbered.ToMessage(null));
        _numbered = null;
    }

    private bool TryId(ReadOnlySpan<char> digits, out CanId id)
    {
        id = default;
        if (digits.Length < IdDigits + (hasExtendedAddress ? 2 : 0) || !TryHex(digits[..IdDigits], out uint value)) return false;
        if (value > (IdDigits == 3 ? CanId.MaxStandard : CanId.MaxExtended)) return false;
        id = IdDigits == 3 ? CanId.Standard(value) : CanId.Extended(value);
        return true;
    }

    /// <summary>ISO 15765-2: 0L single, 1L LL first, 2N consecutive; behind it the data.</summary>
    private void AddCan(CanId id, ReadOnlySpan<char> digits)
    {
        if (digits.Length < 2) return;
        int digitsOfControl = digits[0] switch { '0' => 2, '1' => 4, '2' => 2, _ => 0 };
        if (digitsOfControl == 0 || digits.Length <= digitsOfControl || !TryHex(digits[1..digitsOfControl], out uint control) || !TryBytes(digits[digitsOfControl..], out byte[] data)) return;
        bool fits = data.Length + digitsOfControl / 2 + (hasExtendedAddress ? 1 : 0) <= MaxData;
        switch (digits[0])
        {
            case '0':
                // A length of 0 says that it is in the next byte (CAN FD).
                bool isEscaped = control == 0;
                int length = isEscaped ? data[0] : (int)control;
                if (isEscaped) data = data[1..];
                if (length > 0 && data.Length >= length) messages.Add(new CapturedMessage(id, data.AsMemory(0, length), IsIntact: true));
                break;
            case '1':
                if (control > 0 && (_unfinished.Count < MaxUnfinished || _unfinished.ContainsKey(id))) _unfinished[id] = new Assembly((int)control, data, fits);
                break;
            case '2' when _unfinished.TryGetValue(id, out var message):
                message.Append((int)control, data, fits);
                if (!message.IsComplete) break;
                _unfinished.Remove(id);
                messages.Add(message.ToMessage(id));
                break;
        }
    }

    /// <summary>Without headers: a message a line, or <c>014</c> (its length) and <c>0: …</c>, <c>1: …</c>.</summary>
    private void AddBare(ReadOnlySpan<char> digits)
    {
        if (digits.Length == 3 && TryHex(digits, out uint length) && length > 0)
        {
            End();
            _numbered = new Assembly((int)length, [], isIntact: true);
        }
        else if (digits.Length > 2 && digits[1] == ':' && TryHex(digits[..1], out uint number))
        {
            if (_numbered is { } numbered && TryBytes(digits[2..], out byte[] part)) numbered.Append((int)number, part, isIntact: true);
        }
        else if (TryBytes(digits, out byte[] data))
        {
            End();
            messages.Add(new CapturedMessage(null, data, IsIntact: true));
        }
    }

    /// <summary>Format or priority, target, source, data, checksum: the sum of all before it.</summary>
    private void AddKLine(ReadOnlySpan<char> digits)
    {
        if (!TryBytes(digits, out byte[] frame) || frame.Length < 5) return;
        byte sum = 0;
        foreach (byte value in frame.AsSpan(..^1)) sum += value;
        if (sum == frame[^1]) messages.Add(new CapturedMessage(null, frame.AsMemory(3..^1), IsIntact: true));
    }

    private static bool TryHex(ReadOnlySpan<char> digits, out uint value) => uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static bool TryBytes(ReadOnlySpan<char> digits, out byte[] data)
    {
        data = digits.Length % 2 == 0 ? new byte[digits.Length / 2] : [];
        return data.Length > 0 && Convert.FromHexString(digits, data, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    /// <summary>A message that grows.</summary>
    private sealed class Assembly
    {
        private readonly byte[] _data;
        private int _count, _next;
        private bool _isIntact = true;

        public Assembly(int length, ReadOnlySpan<byte> begin, bool isIntact)
        {
            _data = new byte[length];
            Take(begin, isIntact);
            _next = begin.IsEmpty ? 0 : 1;
        }

        public bool IsComplete => _count == _data.Length;

        public void Append(int number, ReadOnlySpan<byte> part, bool isIntact)
        {
            bool follows = number == _next;
            _next = (number + 1) & 0xF;
            Take(part, isIntact && follows);
        }

        public CapturedMessage ToMessage(CanId? id) => new(id, _data, _isIntact);

        private void Take(ReadOnlySpan<byte> part, bool isIntact)
        {
            _isIntact &= isIntact;
            int count = Math.Min(part.Length, _data.Length - _count);
            part[..count].CopyTo(_data.AsSpan(_count));
            _count += count;
        }
    }
}
