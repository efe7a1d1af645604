using System.CommandLine;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.J1939;
using EdgeAgent.Cli.J1939;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent j1939</c>: what nodes of a J1939 bus say to each other, without a DBC file.</summary>
internal static class J1939Command
{
    public static Command Create()
    {
        var log = new Option<string>("--log") { Description = "A log as candump -l or -L writes it; - for standard input.", HelpName = "FILE|-", DefaultValueFactory = _ => "-" };
        var group = new Option<int[]>("--pgn") { Description = "Only this parameter group; may be given again.", HelpName = "NUMBER" };
        var older = new Option<int>("--spn-conversion") { Description = "How trouble codes of the older kinds are written: 1, 2 or 3; they do not tell.", HelpName = "1|2|3", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "One JSON object a message." };
        older.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3) result.AddError("--spn-conversion: expected 1, 2 or 3");
        });
        group.Validators.Add(result =>
        {
            foreach (int number in result.GetValueOrDefault<int[]>() ?? [])
            {
                if (number < 0 || !ParameterGroupNumber.TryFrom((uint)number, out _)) result.AddError($"--pgn: {number} is the number of no group; expected 0-262143, ending in 00 (hex) if bits 8-15 are below F0");
            }
        });
        var dump = new Command("dump", """
            Shows the messages of a J1939 log, those of several frames put together:
            trouble codes and lamps (DM1, DM2), requests and what is answered to them,
            address claims; of others group, source, destination and data.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              edge-agent j1939 dump --log truck.log
              candump -L can0 | edge-agent j1939 dump --pgn 65226 --json
            """) { log, group, older, json };
        dump.SetAction(result => Dump(result.GetValue(log)!, result.GetValue(group) ?? [], (SpnConversion)result.GetValue(older), result.GetValue(json)));
        return new Command("j1939", """
        Looks into the traffic of heavy vehicles (SAE J1939).

        Example:
          edge-agent j1939 dump --log truck.log
        """) { dump };
    }

    private static int Dump(string path, int[] groups, SpnConversion older, bool json)
    {
        using var input = InputFile.Open(path, "--log FILE");
        using var output = new StandardOutput();
        using IJ1939Writer writer = json ? new J1939JsonWriter(output, older) : new J1939TextWriter(output, older);
        var buses = new BusStates<J1939Bus>(() => new J1939Bus());
        var reader = new LogFrames(new CandumpReader(input), path);
        long frames = 0, messages = 0;
        while (true)
        {
            if (!reader.HasBufferedLine) writer.Flush();
            if (!reader.TryRead(out var record)) break;
            frames++;
            if (!buses.Of(record.Bus).TryTake(record, out var heard)) continue;
            messages++;
            if (groups.Length == 0 || groups.Contains((int)heard.Id.Group.Value)) writer.Write(record.TimestampNs, record.Bus, heard);
        }
        writer.Flush();
        if (messages == 0) Console.Error.WriteLine(frames == 0 ? $"edge-agent: {path}: no frames" : $"edge-agent: {path}: none of its {frames} frames has a 29-bit identifier");
        return reader.Finish();
    }
}
