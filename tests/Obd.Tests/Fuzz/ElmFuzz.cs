using System.Text;
using EdgeAgent.Can.Tests.Fuzz;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Obd.Tests.Fuzz;

/// <summary>What an adapter sends: the first byte says which protocol is spoken. Lines are the same however the bytes come.</summary>
internal sealed class ElmLineFuzz : FuzzTarget
{
    private readonly byte[] _data = new byte[ElmLineParser.MaxData];
    private readonly ElmLineReader _reader = new(), _dribbled = new();
    private readonly StringBuilder _outcome = new();

    public override string Name => "elm-line";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "67E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 36\r\r>", "718DAF110064100BE3FA813\r\r>", "248 6B 10 41 00 BE 3E B8 11 FA\r\n\r\n>",
            "583 F1 11 41 05 7B 46\r>", "6SEARCHING...\r7E8 03 41 05 7B <DATA ERROR\rSTOPPED\r>?", "3BUS INIT: ...ERROR\r\r>LV RESET\r>", "0ELM327 v1.5\rA6\r14.2V\r\0OK\r>",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } =
        [.. new[] { "7E8", "18DAF110", "486B10", "\r", "\r\n", ">", " ", "<DATA ERROR", "<RX ERROR", "SEARCHING...", "BUS INIT: ", "ERROR", "BUFFER FULL", "NO DATA", "ERR94", "\0", "00", "FF" }.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Only the words for what came out, a few for each line.</summary>
    public override long AllocationLimit(int inputLength) => 20_000 + (100L * inputLength);

    public override string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return "empty";
        var protocol = (ElmProtocol)(input[0] % 10);
        Assert.Equal(Tokens(_reader, input[1..], input.Length), Tokens(_dribbled, input[1..], 1));
        var rest = input[1..];
        _reader.Clear();
        _ = _outcome.Clear().Append(protocol);
        while (_reader.TryRead(ref rest, out var token, out var line))
        {
            Assert.InRange(line.Length, token == ElmToken.Line ? 1 : 0, ElmLineReader.MaxLineLength);
            if (token == ElmToken.Prompt) continue;
            var parsed = ElmLineParser.Parse(line, protocol, _data);
            Assert.InRange(parsed.Length, parsed.Kind == ElmLineKind.Data ? 1 : 0, parsed.Kind == ElmLineKind.Data ? ElmLineParser.MaxData : 0);
            Assert.True(parsed.Kind != ElmLineKind.Data || protocol != ElmProtocol.Automatic);
            if (_outcome.Length < 200) _ = _outcome.Append(' ').Append(parsed.Kind).Append(parsed.IsDamaged ? "!" : "");
        }
        return _outcome.ToString();
    }

    /// <summary>What a reader finds in bytes that come so many at a time, as a number.</summary>
    private static int Tokens(ElmLineReader reader, ReadOnlySpan<byte> bytes, int chunk)
    {
        reader.Clear();
        var hash = new HashCode();
        for (int at = 0; at < bytes.Length; at += chunk)
        {
            var part = bytes[at..Math.Min(at + chunk, bytes.Length)];
            while (reader.TryRead(ref part, out var token, out var line))
            {
                hash.Add(token);
                hash.AddBytes(line);
            }
        }
        return hash.ToHashCode();
    }
}

/// <summary>An adapter that answers everything with the pieces of the input, one after the other: whatever it says, a request ends in time.</summary>
internal sealed class ElmSessionFuzz : FuzzTarget
{
    private static readonly byte[][] Requests = [[0x01, 0x0C], [0x09, 0x02], [0x04], [0x22, 0xF1, 0x90, 0xF1, 0x87, 0xF1, 0x8C, 0xF1, 0x95]];

    public override string Name => "elm-session";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[]
        {
            "6ELM327 v1.5\r>|\r\rELM327 v1.5\r>|OK\r>|OK\r>|OK\r>|OK\r>|OK\r>|OK\r>|OK\r>|?\r>|OK\r>|7E8 04 41 0C 0F A0\r\r>",
            "0>|>|>|>|>|>|>|OK\r>|OK\r>|STN1110 v4.0.1\r>|OK\r>|SEARCHING...\r>|A6\r>|OK\r>|7E810144902013144343\r7E82147503030523535\r7E82242313233343536\r>",
            "6>|>|>|>|>|>|>|OK\r>|OK\r>|?\r>|OK\r>|OK\r>|OK\r>|7E8 03 7F 04 78\r7E8 01 44\r>", "6>|LV RESET\r>|STOPPED\r>|BUFFER FULL\r>|CAN ERROR\r>",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public override IReadOnlyList<byte[]> Words { get; } = [.. new[] { "|", ">", "\r>|", "OK\r>|", "?\r>|", "STOPPED", "LV RESET", "7E8", "037F0178", "\0" }.Select(Encoding.UTF8.GetBytes)];

    public override string Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return "empty";
        byte[] bytes = input[1..].ToArray();
        var session = new ElmSession(new ElmOptions { Protocol = (ElmProtocol)(input[0] % 10) }, new ObdTiming());
        session.Start(null, Requests[input[0] / 10 % Requests.Length]);
        var now = TimeSpan.Zero;
        for (int at = 0; !session.IsOver;)
        {
            if (!session.TryNext(now, out _))
            {
                now = session.Due > now ? session.Due : now + TimeSpan.FromMilliseconds(1);
                Assert.True(now <= ElmSession.Longest + TimeSpan.FromMilliseconds(100));
                continue;
            }
            int end = Array.IndexOf(bytes, (byte)'|', at);
            if (end < 0) end = bytes.Length;
            session.Accept(bytes.AsSpan(at..end), now);
            at = Math.Min(end + 1, bytes.Length);
        }
        foreach (var answer in session.Answers) Assert.True(answer.State == ObdAnswerState.Complete ? answer.Message.Length is > 0 and <= 4095 : answer.Message.IsEmpty);
        return $"{session.Protocol} {session.IsStn} {session.Trouble?.Message} {string.Join(' ', session.Answers.Select(answer => answer.State))}";
    }
}
