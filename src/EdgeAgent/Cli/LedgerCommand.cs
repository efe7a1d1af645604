using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Cli.Verification;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent ledger verify</c>: what a subscriber received against what the devices' ledgers say.</summary>
internal static class LedgerCommand
{
    private const string FromReceived = "received";

    public static Command Create() => new("ledger", """
        The account of every record.

        Example:
          edge-agent ledger verify --received received.txt
        """) { CreateVerify() };

    private static Command CreateVerify()
    {
        var ledger = new Option<string>("--ledger")
        {
            Description = "Where the ledgers are: 'received': the last ones among the records; or a file of them, recorded at least 10 s after the records, with topics or one payload alone.",
            HelpName = "FILE|received",
            DefaultValueFactory = _ => FromReceived,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => result.Tokens is [{ Value: "from" }, { Value: FromReceived }] ? FromReceived : result.Tokens.Count == 1 ? result.Tokens[0].Value : Refuse(result),
        };
        var received = new Option<string[]>("--received") { Description = "What mosquitto_sub printed; may be given again, in the order of time; - for standard input.", HelpName = "FILE", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object a stream, and one for all." };
        var verify = new Command("verify", """
            Checks what a subscriber received against the devices' ledgers: whether each
            record that was delivered is there, once, and why each other one is not.

            A ledger is reported every 10 seconds: records that came after the last one
            may not yet be in it. They are counted apart and are no fault.

            Exit codes: 0 no gap and no stranger, 1 there are, 2 wrong usage, 5 records
            could not be read, or there are none. Duplicates are no fault: they have the
            number of the first.

            Examples:
              mosquitto_sub -t 'tenants/acme/#' -F '%t %x' > received.txt   # or -v: JSON
              edge-agent ledger verify --received received.txt

              mosquitto_sub -C 1 -t tenants/acme/devices/dongle-1/ledger > ledger.json
              edge-agent ledger verify --ledger ledger.json --received received.txt
            """) { ledger, received, json };
        verify.SetAction(result => Run(result.GetValue(ledger)!, result.GetValue(received)!, result.GetValue(json)));
        return verify;
    }

    private static string Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError("--ledger: expected a file, or: received");
        return "";
    }

    private static int Run(string ledger, string[] received, bool json)
    {
        var audit = new LedgerAudit();
        var ledgers = new RecordingReader(Console.Error);
        if (ledger != FromReceived)
        {
            Read(ledgers, ledger, audit.AddLedger);
            if (ledgers.Ledgers == 0) throw new CommandException(ExitCode.InputRefused, $"{ledger}: there is no ledger in it; mosquitto_sub -t 'tenants/+/devices/+/ledger' -v records them");
        }
        var records = new RecordingReader(Console.Error);
        foreach (string path in received) Read(records, path, audit.Add);
        if (records.Records + records.Ledgers + records.UnreadableRecords == 0) throw new CommandException(ExitCode.InputRefused, $"no records in {string.Join(", ", received)}");
        audit.Conclude();
        long unreadable = ledgers.Unreadable + records.Unreadable;
        using var output = new StandardOutput();
        using var writer = new StreamWriter(output);
        if (json) WriteJson(writer, audit, unreadable);
        else WriteText(writer, audit, unreadable);
        return ledgers.UnreadableRecords + records.UnreadableRecords > 0 ? ExitCode.InputRefused : audit.IsSound ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Read(RecordingReader reader, string path, Func<string, LineUse> add)
    {
        try
        {
            using var input = path == "-" ? new StreamReader(Console.OpenStandardInput()) : new StreamReader(path);
            reader.Read(path, input, add);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }

    private static void WriteText(TextWriter output, LedgerAudit audit, long unreadable)
    {
        foreach (var stream in audit.Streams)
        {
            output.WriteLine($"{NameOf(stream.Assignment, stream.Stream)}: {stream.Received} received, {stream.Duplicates} duplicates, {stream.Gaps} gaps, {stream.Strangers} strangers{Ahead(stream.Ahead)}");
            if (stream.Ledger is null) output.WriteLine("  there is no ledger of it");
            foreach (var (from, to) in stream.FirstGaps) output.WriteLine($"  gap: {from}-{to} was delivered, says the ledger");
            foreach (var stranger in stream.FirstStrangers) output.WriteLine($"  stranger: {Numbers(stranger)}: {stranger.Why}");
            foreach (var (why, count) in stream.Missing) output.WriteLine($"  not received: {count} {why}");
        }
        if (audit.Misplaced > 0) output.WriteLine($"under a topic of another tenant, device or stream: {audit.Misplaced}");
        foreach (var stranger in audit.FirstMisplaced) output.WriteLine($"  stranger: {NameOf(stranger.Assignment, stranger.Stream)} {Numbers(stranger)}: {stranger.Why}");
        output.WriteLine($"{audit.Records} records, {audit.Gaps} gaps, {audit.Duplicates} duplicates, {audit.Strangers} strangers{Ahead(audit.Ahead)}{(unreadable > 0 ? $", {unreadable} lines that cannot be read" : "")}");
    }

    private static string NameOf(Assignment assignment, RecordStream stream) => $"{assignment.Tenant} {assignment.Device} epoch {assignment.Epoch} {LedgerJson.NameOf(stream)}";

    private static string Ahead(long count) => count > 0 ? $", {count} not yet in the ledger" : "";

    private static string Numbers(Stranger stranger) => stranger.From == stranger.To ? $"{stranger.From}" : $"{stranger.From}-{stranger.To}";

    private static void WriteJson(TextWriter output, LedgerAudit audit, long unreadable)
    {
        foreach (var stream in audit.Streams)
        {
            output.WriteLine(Json(json =>
            {
                json.WriteString("tenant"u8, stream.Assignment.Tenant.ToString());
                json.WriteString("device"u8, stream.Assignment.Device.ToString());
                json.WriteNumber("epoch"u8, stream.Assignment.Epoch.Value);
                json.WriteString("stream"u8, LedgerJson.NameOf(stream.Stream));
                json.WriteBoolean("ledger"u8, stream.Ledger is not null);
                json.WriteNumber("received"u8, stream.Received);
                json.WriteNumber("duplicates"u8, stream.Duplicates);
                json.WriteNumber("gaps"u8, stream.Gaps);
                json.WriteNumber("strangers"u8, stream.Strangers);
                json.WriteNumber("ahead"u8, stream.Ahead);
                json.WriteStartObject("missing"u8);
                foreach (var (why, count) in stream.Missing) json.WriteNumber(why, count);
                json.WriteEndObject();
            }));
        }
        output.WriteLine(Json(json =>
        {
            json.WriteNumber("records"u8, audit.Records);
            json.WriteNumber("gaps"u8, audit.Gaps);
            json.WriteNumber("duplicates"u8, audit.Duplicates);
            json.WriteNumber("strangers"u8, audit.Strangers);
            json.WriteNumber("ahead"u8, audit.Ahead);
            json.WriteNumber("unreadable"u8, unreadable);
        }));
    }

    private static string Json(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
