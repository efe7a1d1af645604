using System.CommandLine;
using System.Text.Json;
using EdgeAgent.Cli.Verification;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Outbox;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent ledger verify</c>: what a subscriber received against what the devices' ledgers say.</summary>
internal static class LedgerCommand
{
    /// <summary>Lines that cannot be read are named one by one up to this many; then they are only counted.</summary>
    private const int MaxReportedLines = 10;

    private const string FromReceived = "received";

    public static Command Create() => new("ledger", "The account of every record.") { CreateVerify() };

    private static Command CreateVerify()
    {
        var ledger = new Option<string>("--ledger")
        {
            Description = "Where the ledgers are: a file, recorded after the records; or 'from received' (just 'received'): the last ones among the records.",
            HelpName = "FILE|from received",
            DefaultValueFactory = _ => FromReceived,
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => result.Tokens is [{ Value: "from" }, { Value: FromReceived }] ? FromReceived : result.Tokens.Count == 1 ? result.Tokens[0].Value : Refuse(result),
        };
        var received = new Option<string[]>("--received") { Description = "What mosquitto_sub printed; may be given again, in the order of time; - for standard input.", HelpName = "FILE", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON object a stream, and one for all." };
        var verify = new Command("verify", """
            Checks what a subscriber received against the devices' ledgers: whether each record
            that was delivered is there, once, and why each other one is not.

            Exits with 0 if there is no gap and no stranger, else with 1. Duplicates are no fault:
            they have the number of the first.

            Examples:
              mosquitto_sub -t 'tenants/acme/#' -v > received.txt
              mosquitto_sub -t 'tenants/acme/#' -F '%t %x' > received.txt    (binary encodings)
              edge-agent ledger verify --ledger from received --received received.txt
            """) { ledger, received, json };
        verify.SetAction(result => Run(result.GetValue(ledger)!, result.GetValue(received)!, result.GetValue(json)));
        return verify;
    }

    private static string Refuse(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError("--ledger: expected a file, or: from received");
        return "";
    }

    private static int Run(string ledger, string[] received, bool json)
    {
        var audit = new LedgerAudit();
        if (ledger != FromReceived)
        {
            if (Read(ledger, audit.AddLedger) == 0) throw new CommandException(ExitCode.InputRefused, $"{ledger}: there is no ledger in it; mosquitto_sub -t 'tenants/+/devices/+/ledger' -v records them");
        }
        foreach (string path in received) Read(path, audit.Add);
        audit.Conclude();
        using var output = new StandardOutput();
        using var writer = new StreamWriter(output);
        if (json) WriteJson(writer, audit);
        else WriteText(writer, audit);
        return audit.IsSound ? ExitCode.Done : ExitCode.Failed;
    }

    /// <returns>How many lines were of use.</returns>
    private static long Read(string path, Func<string, bool> add)
    {
        long used = 0, refused = 0, number = 0;
        try
        {
            using var reader = path == "-" ? new StreamReader(Console.OpenStandardInput()) : new StreamReader(path);
            while (reader.ReadLine() is { } line)
            {
                number++;
                try
                {
                    if (add(line)) used++;
                }
                catch (InvalidDataException e)
                {
                    if (++refused <= MaxReportedLines) Console.Error.WriteLine($"edge-agent: {path}:{number}: {e.Message}");
                }
            }
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
        // Passing over what cannot be read would make its records gaps, and their cause a riddle.
        return refused == 0 ? used : throw new CommandException(ExitCode.InputRefused, $"{path}: {refused} lines cannot be read");
    }

    private static void WriteText(TextWriter output, LedgerAudit audit)
    {
        foreach (var stream in audit.Streams)
        {
            output.WriteLine($"{stream.Assignment.Tenant} {stream.Assignment.Device} epoch {stream.Assignment.Epoch} {LedgerJson.NameOf(stream.Stream)}: {stream.Received} received, {stream.Duplicates} duplicates, {stream.Gaps} gaps, {stream.Strangers} strangers");
            if (stream.Ledger is null) output.WriteLine("  there is no ledger of it");
            foreach (var (from, to) in stream.FirstGaps) output.WriteLine($"  gap: {from}-{to} was delivered, says the ledger");
            foreach (var (why, count) in stream.Missing) output.WriteLine($"  not received: {count} {why}");
        }
        if (audit.Misplaced > 0) output.WriteLine($"under a topic of another tenant, device or stream: {audit.Misplaced}");
        output.WriteLine($"{audit.Records} records, {audit.Gaps} gaps, {audit.Duplicates} duplicates, {audit.Strangers} strangers");
    }

    private static void WriteJson(TextWriter output, LedgerAudit audit)
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
