using System.Text;
using EdgeAgent.Cli.Verification;

namespace EdgeAgent.Tests.Cli;

public sealed class LedgerAuditTests
{
    private const string Branch = "tenants/acme/devices/d1/";

    private const string Delivered10 = """[{"from":1,"to":10,"outcome":"delivered"}]""";

    public static TheoryData<string, string[], (long Records, long Gaps, long Duplicates, long Strangers)> Cases => new()
    {
        { "all there", [Pack(1, 10), Ledger(11, Delivered10)], (10, 0, 0, 0) },
        { "in another order, in pieces", [Pack(6, 5), Pack(1, 5), Ledger(11, Delivered10)], (10, 0, 0, 0) },
        { "twice", [Pack(1, 10), Pack(4, 3), Ledger(11, Delivered10)], (10, 0, 3, 0) },
        { "twice, with a clock that was set meanwhile", [Pack(1, 10), Pack(1, 10, time: 7), Ledger(11, Delivered10)], (10, 0, 10, 0) },
        { "a gap", [Pack(1, 4), Pack(7, 4), Ledger(11, Delivered10)], (8, 2, 0, 0) },
        { "nothing arrived", [Ledger(11, Delivered10)], (0, 10, 0, 0) },
        { "missing and accounted for", [Pack(1, 4), Ledger(11, """[{"from":1,"to":4,"outcome":"delivered"},{"from":5,"to":6,"outcome":"evicted","reason":"quota"},{"from":7,"to":10,"outcome":"unconfirmed","reason":"power-cut"}]""")], (4, 0, 0, 0) },
        { "arrived though nobody confirmed it", [Pack(1, 10), Ledger(11, """[{"from":1,"to":10,"outcome":"unconfirmed","reason":"power-cut"}]""")], (10, 0, 0, 0) },
        { "still buffered", [Pack(1, 4), Ledger(11, """[{"from":1,"to":4,"outcome":"delivered"},{"from":5,"to":10,"outcome":"buffered"}]""")], (4, 0, 0, 0) },
        { "the last ledger counts", [Pack(1, 10), Ledger(11, Delivered10), Pack(11, 2), Ledger(14, """[{"from":1,"to":13,"outcome":"delivered"}]""")], (12, 1, 0, 0) },
        { "records that are younger than the ledger", [Ledger(11, Delivered10), Pack(1, 10), Pack(11, 5)], (15, 0, 0, 0) },
        { "a number that the ledger does not know", [Pack(1, 12), Ledger(11, Delivered10)], (12, 0, 0, 2) },
        { "a number for two different samples", [Pack(1, 10), Pack(5, 1, value: 99), Ledger(11, Delivered10)], (10, 0, 0, 1) },
        { "no ledger at all", [Pack(1, 3)], (3, 0, 0, 3) },
        { "another tenant's stamp", [Pack(1, 10), Pack(1, 2, tenant: "bravo"), Ledger(11, Delivered10)], (10, 0, 0, 2) },
        { "another device's stamp", [Pack(1, 10), Pack(1, 2, device: "d2"), Ledger(11, Delivered10)], (10, 0, 0, 2) },
        { "samples under the topic of health", [Pack(1, 10), Pack(1, 2, topic: "health"), Ledger(11, Delivered10)], (10, 0, 0, 2) },
        { "an epoch that no ledger knows", [Pack(1, 10), Pack(1, 2, epoch: 2), Ledger(11, Delivered10)], (12, 0, 0, 2) },
        { "messages are numbered for themselves", [Pack(1, 10), Message(1, "events/vehicle/engine/running", 1), Message(2, "health", 2), Ledger(11, Delivered10), Ledger(3, """[{"from":1,"to":2,"outcome":"delivered"}]""", "messages")], (12, 0, 0, 0) },
        { "a message is missing", [Message(2, "health", 2), Ledger(3, """[{"from":1,"to":2,"outcome":"delivered"}]""", "messages")], (1, 1, 0, 0) },
        { "a message again, at another time", [Message(1, "health", 2), Message(1, "health", 2, "2027-01-01T00:00:00Z"), Ledger(2, """[{"from":1,"to":1,"outcome":"delivered"}]""", "messages")], (1, 0, 1, 0) },
        { "a number for two different messages", [Message(1, "health", 2), Message(1, "health", 3), Ledger(2, """[{"from":1,"to":1,"outcome":"delivered"}]""", "messages")], (1, 0, 0, 1) },
        { "in hexadecimal", [Hex(Pack(1, 10)), Hex(Ledger(11, Delivered10))], (10, 0, 0, 0) },
        { "what is no record does not matter", ["tenants/acme/config eyJ", Branch + "state {}", "devices/d1/status {}", "", Pack(1, 10), Ledger(11, Delivered10)], (10, 0, 0, 0) },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_was_received_is_compared_with_the_ledger(string name, string[] lines, (long Records, long Gaps, long Duplicates, long Strangers) expected)
    {
        Assert.NotEmpty(name);
        var audit = new LedgerAudit();
        foreach (string line in lines) audit.Add(line);
        audit.Conclude();
        Assert.Equal(expected, (audit.Records, audit.Gaps, audit.Duplicates, audit.Strangers));
        Assert.Equal(expected.Gaps == 0 && expected.Strangers == 0, audit.IsSound);
    }

    [Fact]
    public void A_ledger_of_its_own_is_the_last_word()
    {
        var audit = new LedgerAudit();
        Assert.Equal(LineUse.Ledger, audit.AddLedger(Ledger(11, Delivered10)));
        Assert.Equal(LineUse.None, audit.AddLedger(Pack(1, 1)));
        audit.Add(Ledger(5, "[]"));
        audit.Add(Pack(1, 12));
        audit.Conclude();
        Assert.Equal((0L, 2L), (audit.Gaps, audit.Strangers));
        Assert.Equal((11L, 12L, "the ledger knows only those before 11"), Assert.Single(audit.Streams).FirstStrangers.Select(stranger => (stranger.From, stranger.To, stranger.Why)).Single());
    }

    [Fact]
    public void What_comes_after_the_last_ledger_may_be_ahead_of_it()
    {
        Assert.Equal((5L, 0L), AheadAndStrangers(null, Pack(1, 10), Ledger(11, Delivered10), Pack(11, 5)));
        Assert.Equal((0L, 5L), AheadAndStrangers(null, Pack(1, 15), Ledger(11, Delivered10)));
        Assert.Equal((2L, 3L), AheadAndStrangers(null, Pack(1, 13), Ledger(11, Delivered10), Pack(14, 2)));
        // Whoever subscribes again gets the ledger that the broker keeps once more.
        Assert.Equal((5L, 0L), AheadAndStrangers(null, Pack(1, 10), Ledger(11, Delivered10), Pack(11, 5), Ledger(11, Delivered10)));
        Assert.Equal((0L, 5L), AheadAndStrangers(null, Pack(1, 10), Ledger(10, "[]"), Pack(11, 5), Ledger(11, Delivered10)));
        Assert.Equal((5L, 0L), AheadAndStrangers(Ledger(11, Delivered10), Pack(1, 10), Ledger(11, Delivered10), Pack(11, 5)));
    }

    [Fact]
    public void A_ledger_may_be_the_payload_alone()
    {
        string ledger = Ledger(11, Delivered10);
        Assert.Equal((0L, 2L), AheadAndStrangers(ledger[(ledger.IndexOf(' ', StringComparison.Ordinal) + 1)..], Pack(1, 12)));
        Assert.Throws<InvalidDataException>(() => new LedgerAudit().AddLedger("{}"));
    }

    [Fact]
    public void Strangers_are_named_with_their_numbers_and_why()
    {
        var audit = new LedgerAudit();
        foreach (string line in (string[])[Pack(1, 10), Pack(5, 2, value: 99), Pack(1, 3, tenant: "bravo", epoch: 4), Ledger(11, Delivered10)]) audit.Add(line);
        audit.Conclude();
        Assert.Equal((5L, 6L, "another record has this number"), audit.Streams[0].FirstStrangers.Select(stranger => (stranger.From, stranger.To, stranger.Why)).Single());
        Assert.Equal(("bravo", 4L, 1L, 3L, "under tenants/acme/devices/d1/telemetry"), audit.FirstMisplaced.Select(stranger => (stranger.Assignment.Tenant.ToString(), stranger.Assignment.Epoch.Value, stranger.From, stranger.To, stranger.Why)).Single());
    }

    public static TheoryData<string, string, (long Records, long Unreadable, long UnreadableRecords, int Complaints)> Recordings => new()
    {
        { "nothing", "", (0, 0, 0, 0) },
        { "bytes of chance", "\u0000\u0001/\uFFFDx y\n\uFFFD\u0003\n", (0, 2, 0, 3) },
        { "a JSON file", "{\n  \"url\": \"mqtt://x/y\"\n}\n", (0, 3, 0, 4) },
        { "payloads without topics", "[{\"n\":\"x\"}]\n", (0, 1, 0, 2) },
        { "a retained message that is cleared", $"tenants/acme/config \n{Branch}config \n{Branch}state\n{Branch}ledger \n{Pack(1, 2)}\n", (1, 0, 0, 0) },
        { "a document as it is", $"{Branch}config eyJhbGciOiJFUzI1NiJ9.e30.x\n{Pack(1, 2)}\n", (1, 0, 0, 0) },
        { "a record among them that cannot be read", $"{Pack(1, 2)}\n{Branch}telemetry zz\n{Pack(3, 2)}\n", (2, 1, 1, 2) },
        { "a last line that was cut off", $"{Pack(1, 2)}\n{Branch}telemetry [{{\"bn\":", (1, 0, 0, 1) },
        { "a last line without its end", $"{Pack(1, 2)}\r\n{Pack(3, 2)}", (2, 0, 0, 0) },
        { "too many to name them", string.Concat(Enumerable.Repeat($"{Branch}health zz\n", 25)), (0, 25, 25, RecordingReader.MaxNamed + 1) },
    };

    [Theory]
    [MemberData(nameof(Recordings))]
    public void What_cannot_be_read_of_a_recording_is_counted_and_the_rest_counts(string name, string recording, (long Records, long Unreadable, long UnreadableRecords, int Complaints) expected)
    {
        using var complaints = new StringWriter();
        var reader = new RecordingReader(complaints);
        reader.Read(name, new StringReader(recording), new LedgerAudit().Add);
        Assert.Equal(expected, (reader.Records, reader.Unreadable, reader.UnreadableRecords, complaints.ToString().Count(letter => letter == '\n')));
    }

    private static (long Ahead, long Strangers) AheadAndStrangers(string? ledger, params string[] lines)
    {
        var audit = new LedgerAudit();
        if (ledger is not null) Assert.Equal(LineUse.Ledger, audit.AddLedger(ledger));
        foreach (string line in lines) audit.Add(line);
        audit.Conclude();
        return (audit.Ahead, audit.Strangers);
    }

    [Fact]
    public void Why_something_is_missing_is_counted_by_reason()
    {
        var audit = new LedgerAudit();
        audit.Add(Pack(1, 2));
        audit.Add(Ledger(11, """[{"from":1,"to":4,"outcome":"evicted","reason":"quota"},{"from":5,"to":10,"outcome":"purged","reason":"purge"}]"""));
        audit.Conclude();
        Assert.Equal([("evicted (quota)", 2L), ("purged (purge)", 6L)], Assert.Single(audit.Streams).Missing.Select(missing => (missing.Key, missing.Value)));
    }

    [Theory]
    [InlineData(Branch + "telemetry")]
    [InlineData(Branch + "telemetry [")]
    [InlineData(Branch + "telemetry []")]
    [InlineData(Branch + "telemetry [{\"n\":\"x\",\"v\":1}]")]
    [InlineData(Branch + "telemetry zz")]
    [InlineData(Branch + "telemetry A0")]
    [InlineData(Branch + "health {\"stream\":\"messages\"}")]
    [InlineData(Branch + "ledger {}")]
    [InlineData(Branch + "ledger {\"device\":\"d1\",\"tenant\":\"bravo\",\"streams\":[]}")]
    [InlineData(Branch + "ledger {\"device\":\"d1\",\"tenant\":\"acme\",\"streams\":[{\"epoch\":1,\"stream\":\"x\",\"next\":2,\"ranges\":[]}]}")]
    [InlineData(Branch + "ledger {\"device\":\"d1\",\"tenant\":\"acme\",\"streams\":[{\"epoch\":1,\"stream\":\"telemetry\",\"next\":2,\"ranges\":[{\"from\":1,\"to\":1,\"outcome\":\"eaten\"}]}]}")]
    public void What_cannot_be_read_is_refused(string line) => Assert.Throws<InvalidDataException>(() => new LedgerAudit().Add(line));

    private static string Pack(long first, int count, string tenant = "acme", string device = "d1", long epoch = 1, double value = 0, long time = 0, string topic = "telemetry")
    {
        var pack = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            pack.Append(i == 0 ? $$"""[{"bn":"{{device}}/","bt":{{1700000000 + time}},"tenant":"{{tenant}}","epoch":{{epoch}},"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":{{first}},"clock":"synchronized",""" : ",{");
            pack.Append(System.Globalization.CultureInfo.InvariantCulture, $"\"n\":\"can0/M/S\",\"v\":{first + i + value}}}");
        }
        return $"{Branch}{topic} {pack}]";
    }

    private static string Message(long sequence, string channel, int value, string time = "2026-01-01T00:00:00Z") =>
        $$"""{{Branch}}{{channel}} {"device":"d1","tenant":"acme","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","stream":"messages","sequence":{{sequence}},"time":"{{time}}","clock":"synchronized","a":{{value}}}""";

    private static string Ledger(long next, string ranges, string stream = "telemetry") =>
        $$"""{{Branch}}ledger {"device":"d1","tenant":"acme","boot":"0f0e0d0c-0b0a-0908-0706-050403020100","streams":[{"epoch":1,"stream":"{{stream}}","next":{{next}},"ranges":{{ranges}}}]}""";

    private static string Hex(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return $"{line[..space]} {Convert.ToHexString(Encoding.UTF8.GetBytes(line[(space + 1)..]))}";
    }
}
