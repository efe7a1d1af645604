using System.Globalization;

namespace EdgeAgent.Capture;

/// <summary>Times as RFC 3339 in UTC, with as many decimals as there are, in steps of three.</summary>
internal static class Rfc3339
{
    /// <summary>Enough for <c>2255-03-14T16:00:00.123456789Z</c>.</summary>
    public const int MaxLength = 32;

    public static int Format(Span<char> destination, long unixNs)
    {
        var second = DateTimeOffset.UnixEpoch.AddSeconds(unixNs / 1_000_000_000);
        _ = second.TryFormat(destination, out int length, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        long fraction = unixNs % 1_000_000_000;
        int digits = fraction == 0 ? 0 : fraction % 1_000_000 == 0 ? 3 : fraction % 1_000 == 0 ? 6 : 9;
        if (digits > 0)
        {
            destination[length++] = '.';
            for (int i = digits; i < 9; i++) fraction /= 10;
            for (int i = digits - 1; i >= 0; i--)
            {
                destination[length + i] = (char)('0' + fraction % 10);
                fraction /= 10;
            }
            length += digits;
        }
        destination[length++] = 'Z';
        return length;
    }
}
