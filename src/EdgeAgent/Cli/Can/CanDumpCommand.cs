using System.CommandLine;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can dump</c>: every frame as a line.</summary>
internal static class CanDumpCommand
{
    public static Command Create()
    {
        var interfaces = CanListening.Interfaces();
        var dbc = new Option<string[]>("--dbc") { Description = "A DBC file, whose signals are shown with each frame; may be given again.", HelpName = "FILE" };
        var filter = CanListening.Filter();
        var count = new Option<long?>("--count") { Description = "Ends after so many frames.", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "One JSON object a frame." };
        var log = new Option<bool>("--log") { Description = "Lines as candump -L writes them, for decode and can-utils." };
        var encoding = DbcCommand.EncodingOption();
        var command = new Command("dump", """
            Shows every frame until it is told to stop: time, interface, identifier,
            data; error frames in words; with --dbc what they mean.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted, 5 input
            refused.

            Examples:
              edge-agent can dump can0 can1 --filter 7E8:7F8
              edge-agent can dump can0 --dbc vehicle.dbc --json
              edge-agent can dump can0 --log > drive.log
            """) { interfaces, dbc, filter, count, json, log, encoding };
        command.SetAction(result =>
        {
            if (result.GetValue(json) && result.GetValue(log)) throw new CommandException(ExitCode.WrongUsage, "--json and --log: one of them is enough");
            string[] files = result.GetValue(dbc) ?? [];
            if (files.Length > 0 && result.GetValue(log)) throw new CommandException(ExitCode.WrongUsage, "--dbc: a log holds frames alone; decode it with: edge-agent decode");
            if (result.GetValue(count) is < 1) throw new CommandException(ExitCode.WrongUsage, "--count: expected at least 1");
            var plan = files.Length == 0 ? null : DecodePlan.Compile([.. files.Select(file => DbcCommand.Load(file, result.GetValue(encoding)!, strict: false))]);
            using var output = new StandardOutput();
            var lines = new LineBuffer(output);
            using IDumpWriter writer = result.GetValue(log) ? new LogDumpWriter(lines) : result.GetValue(json) ? new JsonDumpWriter(lines, plan) : new TextDumpWriter(lines, plan);
            using var stop = new StopSignal();
            using var set = CanListening.Open(result.GetValue(interfaces)!, CanListening.Parse(result.GetValue(filter)));
            try
            {
                Run(set, writer, lines, result.GetValue(count) ?? long.MaxValue, stop.Token);
            }
            finally
            {
                CanListening.ReportDrops(set);
            }
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Until so many frames were written, the last interface is lost or it is told to stop. Allocates nothing for a frame.</summary>
    internal static void Run(CanSocketSet set, IDumpWriter writer, LineBuffer lines, long most, CancellationToken stop)
    {
        long written = 0;
        while (written < most && !stop.IsCancellationRequested)
        {
            int lost = set.Read(CanListening.Patience);
            while (written < most && set.TryNext(out int socket, out int index))
            {
                var batch = set.Batch(socket);
                writer.Write(batch.TimestampNs(index), set.Sockets[socket].InterfaceName, batch[index]);
                written++;
            }
            // What comes in slowly goes out at once.
            lines.Flush();
            CanListening.Report(set, lost);
        }
    }
}
