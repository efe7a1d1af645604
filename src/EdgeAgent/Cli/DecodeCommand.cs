using System.CommandLine;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent decode</c>: a candump log in, decoded signals out, in constant memory.</summary>
internal static class DecodeCommand
{
    public static Command Create()
    {
        var dbc = new Option<string[]>("--dbc") { Description = "A DBC file; may be given again. Of two that define the same identifier the first counts.", HelpName = "FILE", Required = true };
        var log = new Option<string>("--log") { Description = "A log as candump -l or -L writes it; - for standard input.", HelpName = "FILE|-", DefaultValueFactory = _ => "-" };
        var json = new Option<bool>("--json") { Description = "One JSON object a frame." };
        var indications = new Option<bool>("--j1939-indications") { Description = "J1939 values that are no numbers (0xFB… and above) are named: error, not available." };
        var (encoding, strict) = (DbcCommand.EncodingOption(), DbcCommand.StrictOption());
        var command = new Command("decode", """
            Decodes a candump log with DBC files. Frames that these do not know are
            left out. A J1939 message is known by its parameter group, whoever sends it;
            those of more than 8 bytes are put together first.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              edge-agent decode --dbc vehicle.dbc --log drive.log
              candump -L can0 | edge-agent decode --dbc vehicle.dbc --json
            """) { dbc, log, json, indications, encoding, strict };
        command.SetAction(result =>
        {
            var databases = result.GetValue(dbc)!.Select(path => DbcCommand.Load(path, result.GetValue(encoding)!, result.GetValue(strict))).ToArray();
            return Run(databases, result.GetValue(log)!, result.GetValue(json), result.GetValue(indications));
        });
        return command;
    }

    private static int Run(DbcDatabase[] databases, string logPath, bool json, bool indications)
    {
        foreach (var database in databases.Where(database => database.Warnings.Count > 0))
            Console.Error.WriteLine($"edge-agent: {database.FileName}: {database.Warnings.Count} warnings; see them with: edge-agent dbc check {database.FileName}");
        var plan = DecodePlan.Compile(databases);
        using var input = InputFile.Open(logPath, "--log FILE");
        using var output = new StandardOutput();
        using var writer = json ? (IFrameWriter)new JsonFrameWriter(output, plan, indications) : new TextFrameWriter(output, plan, indications);
        var reader = new LogFrames(new CandumpReader(input), logPath);
        var decoders = new BusStates<J1939Decoder>(() => new J1939Decoder(plan, numbersOnly: false));
        var values = new SignalValue[Math.Max(1, plan.MaxSignalsPerFrame)];
        long frames = 0, known = 0;
        while (true)
        {
            // What comes in slowly goes out at once.
            if (!reader.HasBufferedLine) writer.Flush();
            if (!reader.TryRead(out var record)) break;
            frames++;
            var status = decoders.Of(record.Bus).Decode(record.Frame, TimeSpan.FromTicks(record.TimestampNs / TimeSpan.NanosecondsPerTick), values, out int count, out var id);
            if (status is not (DecodeStatus.Decoded or DecodeStatus.Truncated) || !plan.TryGetMessage(id, out var message)) continue;
            known++;
            writer.Write(record.TimestampNs, record.Bus, id, message, values.AsSpan(0, count), status == DecodeStatus.Truncated);
        }
        writer.Flush();
        if (known == 0) Console.Error.WriteLine(frames == 0 ? $"edge-agent: {logPath}: no frames" : $"edge-agent: {logPath}: none of its {frames} frames has a message in these DBC files");
        return reader.Finish();
    }
}
