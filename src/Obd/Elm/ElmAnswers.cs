using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Obd.Elm;

/// <summary>
/// Puts the lines of one exchange together to the answers of each ECU: on CAN by ISO 15765-2, elsewhere by what the services say. Answers are
/// given in the form that they have on CAN, whatever the bus. Not thread-safe.
/// </summary>
/// <param name="exchange">Gets the answers.</param>
/// <param name="protocol">A known one.</param>
internal sealed class ElmAnswers(ObdExchange exchange, ElmProtocol protocol)
{
    /// <summary>More lines than the longest answer outside of CAN has.</summary>
    private const int MaxLines = 128;

    /// <summary>Long enough for whatever an adapter still lets through; it keeps the times of the bus itself.</summary>
    private static readonly IsoTpOptions Options = new() { ConsecutiveFrameTimeout = TimeSpan.FromMinutes(1) };

    private readonly Dictionary<CanId, IsoTpReceiver> _receivers = [];
    private readonly SortedDictionary<CanId, List<byte[]>> _lines = [];
    private readonly HashSet<CanId> _damaged = [];

    /// <summary>Takes one line of data.</summary>
    public void Accept(in ElmLine line, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (protocol.IsCan()) AcceptFrame(line, data, now);
        else if (!line.IsDamaged) AcceptLine(line.Source, data, now);
        else _damaged.Add(line.Source);
    }

    /// <summary>No more lines come: what is incomplete has broken off.</summary>
    public void End(TimeSpan now)
    {
        foreach (var (source, receiver) in _receivers)
        {
            if (receiver.IsReceiving) exchange.BreakOff(source);
        }
        foreach (var (source, lines) in _lines)
        {
            if (_damaged.Contains(source)) exchange.BreakOff(source);
            else exchange.Accept(source, Join(lines), now);
        }
        foreach (var source in _damaged) exchange.BreakOff(source);
    }

    private void AcceptFrame(in ElmLine line, ReadOnlySpan<byte> payload, TimeSpan now)
    {
        if (!IsOfEcu(line.Source) || !IsoTpCodec.TryRead(payload, out var frame) || frame.Type == IsoTpFrameType.FlowControl) return;
        var known = _receivers.GetValueOrDefault(line.Source);
        if (line.IsDamaged)
        {
            if (known is { IsReceiving: true }) _damaged.Add(line.Source);
            return;
        }
        if (frame.Type != IsoTpFrameType.ConsecutiveFrame && !exchange.Wants(line.Source, frame.Data)) return;
        if (known is null) _receivers.Add(line.Source, known = new IsoTpReceiver(Options));
        var reception = known.Accept(payload, now);
        if (reception.Aborted is not null) exchange.BreakOff(line.Source);
        if (reception.IsComplete && known.Message.Length > 0) exchange.Accept(line.Source, known.Message.ToArray(), now);
    }

    /// <summary>A line from which characters are missing may have another identifier.</summary>
    private static bool IsOfEcu(CanId source) => source.IsExtended ? source.Value >> 8 == 0x18DAF1 : source.Value is >= 0x7E8 and <= 0x7EF;

    private void AcceptLine(CanId source, ReadOnlySpan<byte> data, TimeSpan now)
    {
        if (!exchange.Wants(source, data)) return;
        if (NegativeResponse.TryRead(data, out _, out _))
        {
            exchange.Accept(source, data.ToArray(), now);
            return;
        }
        if (!_lines.TryGetValue(source, out var lines)) _lines.Add(source, lines = []);
        if (lines.Count < MaxLines) lines.Add(data.ToArray());
    }

    /// <summary>
    /// SAE J1979 outside of CAN: trouble codes come three a message, without a count and filled up with zeros; vehicle information four bytes
    /// a message, numbered from 1. Everything else is one message.
    /// </summary>
    private static byte[] Join(List<byte[]> lines)
    {
        byte[] first = lines[0];
        switch (first[0] - 0x40)
        {
            case ObdService.StoredTroubleCodes or ObdService.PendingTroubleCodes or ObdService.PermanentTroubleCodes:
                var codes = lines.SelectMany(line => line.Skip(1).Chunk(2)).Where(code => code.Length == 2 && (code[0] | code[1]) != 0).ToArray();
                return [first[0], (byte)Math.Min(codes.Length, byte.MaxValue), .. codes.SelectMany(code => code)];
            case ObdService.VehicleInformation when first.Length > 3 && first[1] % 0x20 != 0:
                // Sorted by number: lines of one ECU do not overtake each other, but a repeated one counts once.
                var parts = lines.Where(line => line.Length > 3 && line[1] == first[1]).DistinctBy(line => line[2]).OrderBy(line => line[2]);
                return [first[0], first[1], 1, .. parts.SelectMany(line => line[3..])];
            case ObdService.VehicleInformation when first.Length > 3:
                return [first[0], first[1], .. first[3..]];
            default:
                return first;
        }
    }
}
