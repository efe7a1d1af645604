namespace EdgeAgent.Obd.Elm;

/// <summary>What <see cref="ElmLineReader.TryRead"/> found.</summary>
public enum ElmToken
{
    /// <summary>A line that is not empty, without its end.</summary>
    Line,

    /// <summary><c>&gt;</c>: the adapter waits for a command.</summary>
    Prompt,
}

/// <summary>
/// Cuts what comes from an adapter into lines and prompts. Lines end with CR, LF or both; zero bytes are to be ignored (ELM327 data sheet,
/// "Communicating with the ELM327"). Of a line that is too long the beginning is forgotten. Allocates nothing after its making.
/// </summary>
public sealed class ElmLineReader
{
    /// <summary>Longer than any line that an adapter sends.</summary>
    public const int MaxLineLength = 512;

    private readonly byte[] _line = new byte[MaxLineLength];
    private int _length;
    private bool _isTaken;

    /// <summary>Takes bytes up to the end of a line or a prompt.</summary>
    /// <param name="received">What has come; what was taken is cut off.</param>
    /// <param name="token">What was found.</param>
    /// <param name="line">The line; valid until the next call.</param>
    /// <returns>False if more has to come.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> received, out ElmToken token, out ReadOnlySpan<byte> line)
    {
        if (_isTaken) Clear();
        while (!received.IsEmpty)
        {
            byte next = received[0];
            if (next == '>' && _length > 0) return Take(out token, out line); // the prompt comes with the next call
            received = received[1..];
            switch (next)
            {
                case (byte)'>':
                    token = ElmToken.Prompt;
                    line = default;
                    return true;
                case (byte)'\r' or (byte)'\n' when _length > 0:
                    return Take(out token, out line);
                case (byte)'\r' or (byte)'\n' or 0:
                    break;
                default:
                    if (_length == MaxLineLength) _length = 0;
                    _line[_length++] = next;
                    break;
            }
        }
        token = default;
        line = default;
        return false;
    }

    /// <summary>Forgets a line that has begun.</summary>
    public void Clear()
    {
        _length = 0;
        _isTaken = false;
    }

    private bool Take(out ElmToken token, out ReadOnlySpan<byte> line)
    {
        token = ElmToken.Line;
        line = _line.AsSpan(0, _length);
        return _isTaken = true;
    }
}
