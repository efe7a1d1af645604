namespace EdgeAgent.Obd;

/// <summary>Requests for several parameters at once (service 01, on CAN alone; SAE J1979 §6.1), and their answers.</summary>
public static class CurrentData
{
    /// <summary>The most parameters of a request.</summary>
    public const int MaxPids = 6;

    private const int SupportBytes = 4;

    /// <summary>01 and the parameters.</summary>
    /// <exception cref="ArgumentException">None, or more than <see cref="MaxPids"/>.</exception>
    public static byte[] Request(ReadOnlySpan<byte> pids) =>
        pids.Length is > 0 and <= MaxPids ? [ObdService.CurrentData, .. pids] : throw new ArgumentException($"1 to {MaxPids} parameters can be asked for at once.", nameof(pids));

    /// <summary>
    /// The data of each parameter in an answer: <c>41, id, data, id, data …</c> in any order. Trims of banks that may be missing are of one byte
    /// or two, so what is behind them decides.
    /// </summary>
    /// <param name="message">The answer.</param>
    /// <param name="asked">The parameters of the request.</param>
    /// <param name="parameters">Those that the ECU has.</param>
    /// <returns>False if it cannot be divided into them.</returns>
    public static bool TrySplit(ReadOnlyMemory<byte> message, ReadOnlySpan<byte> asked, out IReadOnlyList<(byte Pid, ReadOnlyMemory<byte> Data)> parameters)
    {
        var found = new List<(byte, ReadOnlyMemory<byte>)>();
        parameters = found;
        if (message.Length < 2 || message.Span[0] != ObdService.CurrentData + 0x40 || !Split(message[1..], asked, found)) return false;
        return true;
    }

    /// <summary>How many bytes the data of a parameter has; 0 if that is not known.</summary>
    public static int LengthOf(byte pid) => pid % 0x20 == 0 ? SupportBytes : ObdPids.Find(pid)?.Length ?? 0;

    private static bool Split(ReadOnlyMemory<byte> rest, ReadOnlySpan<byte> asked, List<(byte Pid, ReadOnlyMemory<byte> Data)> found)
    {
        if (rest.IsEmpty) return found.Count > 0;
        byte pid = rest.Span[0];
        if (found.Count == MaxPids || !asked.Contains(pid)) return false;
        int length = LengthOf(pid);
        if (length == 0) length = rest.Length - 1; // only the last can be of unknown length
        for (int tried = length; tried >= (IsTrim(pid) ? 1 : length); tried--)
        {
            if (rest.Length < 1 + tried) continue;
            found.Add((pid, rest.Slice(1, tried)));
            if (Split(rest[(1 + tried)..], asked, found)) return true;
            found.RemoveAt(found.Count - 1);
        }
        return false;
    }

    private static bool IsTrim(byte pid) => pid is >= 0x06 and <= 0x09 or >= 0x55 and <= 0x58;
}
