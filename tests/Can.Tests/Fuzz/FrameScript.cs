namespace EdgeAgent.Can.Tests.Fuzz;

/// <summary>
/// Reads an input as frames at times: a byte that chooses, one for the time since the frame before (10 ms each; 255 sets the clock back by two
/// seconds), one for the length, and the data.
/// </summary>
internal ref struct FrameScript(ReadOnlySpan<byte> input, int longestFrame)
{
    private const int Head = 3, ClockSetBack = 255;

    private ReadOnlySpan<byte> _rest = input;

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public int Choice { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    public bool TryNext()
    {
        if (_rest.Length < Head) return false;
        Choice = _rest[0];
        Now += _rest[1] == ClockSetBack ? TimeSpan.FromSeconds(-2) : TimeSpan.FromMilliseconds(10 * _rest[1]);
        int length = Math.Min(_rest[2] % (longestFrame + 1), _rest.Length - Head);
        Payload = _rest.Slice(Head, length);
        _rest = _rest[(Head + length)..];
        return true;
    }

    /// <summary>A frame as the script has it.</summary>
    public static byte[] Frame(int choice, int step, string data)
    {
        byte[] payload = Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal));
        return [(byte)choice, (byte)step, (byte)payload.Length, .. payload];
    }
}
