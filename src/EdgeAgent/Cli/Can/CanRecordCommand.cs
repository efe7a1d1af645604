using System.CommandLine;
using System.Globalization;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can record</c>: frames into candump logs of bounded size and number.</summary>
internal static class CanRecordCommand
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var interfaces = CanListening.Interfaces();
        var filter = CanListening.Filter();
        var directory = new Option<string?>("--directory") { Description = "Where files are made, named by interfaces, time and number.", HelpName = "DIR" };
        var output = new Option<string?>("--output") { Description = "Or one file, which must not be there yet.", HelpName = "FILE" };
        var maxBytes = new Option<long?>("--max-bytes") { Description = "A file is closed at this size, from 4096 on, and the next begun; with --output the recording ends.", HelpName = "N" };
        var fileSeconds = new Option<double?>("--file-seconds") { Description = "A file is closed when it is so old, 1 to 86400, and the next begun.", HelpName = "N" };
        var files = new Option<int?>("--files") { Description = "So many files of this recording are kept, 1 to 100000; the oldest are deleted.", HelpName = "N" };
        var seconds = new Option<double?>("--seconds") { Description = "How long to record, 0.1 to 31536000; otherwise until Ctrl+C.", HelpName = "N" };
        var gzip = new Option<bool>("--gzip") { Description = "Compresses: .log.gz, which zcat reads." };
        var command = new Command("record", """
            Records frames as candump -l does, until it is told to stop.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not permitted,
            5 no such interface.

            Examples:
              edge-agent can record can0 can1 --directory logs \
                --max-bytes 10000000 --files 20
              edge-agent can record can0 --output drive.log --seconds 60
              edge-agent decode --dbc vehicle.dbc --log drive.log
            """) { interfaces, filter, directory, output, maxBytes, fileSeconds, files, seconds, gzip };
        command.SetAction(result =>
        {
            var (inDirectory, inFile) = (result.GetValue(directory), result.GetValue(output));
            if (inDirectory is null == inFile is null) throw Wrong("--directory or --output: exactly one of them is needed");
            if (inFile is not null && (result.GetValue(files) is not null || result.GetValue(fileSeconds) is not null)) throw Wrong("--files and --file-seconds go with --directory");
            if (result.GetValue(maxBytes) is < 4096) throw Wrong("--max-bytes: expected at least 4096");
            if (result.GetValue(files) is < 1 or > 100_000) throw Wrong("--files: expected 1 to 100000");
            if (result.GetValue(files) is not null && result.GetValue(maxBytes) is null && result.GetValue(fileSeconds) is null) throw Wrong("--files: without --max-bytes or --file-seconds there is only one file");
            var limits = new LogLimits(
                result.GetValue(maxBytes) ?? long.MaxValue,
                result.GetValue(fileSeconds) is { } age ? CanListening.Seconds("--file-seconds", age, 1, 86400) : TimeSpan.MaxValue,
                result.GetValue(files) ?? int.MaxValue, result.GetValue(gzip));
            var length = result.GetValue(seconds) is { } most ? CanListening.Seconds("--seconds", most, 0.1, 31_536_000) : TimeSpan.MaxValue;
            string[] names = result.GetValue(interfaces)!;
            using var stop = new StopSignal();
            using var set = CanListening.Open(names, CanListening.Parse(result.GetValue(filter)));
            using var log = inFile is not null ? RotatingLog.ToFile(inFile, limits, TimeProvider.System) : RotatingLog.InDirectory(inDirectory!, string.Join('-', names), limits, TimeProvider.System);
            Run(set, log, length, TimeProvider.System, stop.Token);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Until the time is over, the log is full, the last interface is lost or it is told to stop; says in the end what became of it.</summary>
    internal static void Run(CanSocketSet set, RotatingLog log, TimeSpan length, TimeProvider time, CancellationToken stop)
    {
        long frames = 0, begun = time.GetTimestamp(), flushed = begun;
        try
        {
            while (!stop.IsCancellationRequested && !log.IsFull && time.GetElapsedTime(begun) < length)
            {
                int lost = set.Read(CanListening.Patience);
                while (set.TryNext(out int socket, out int index))
                {
                    var batch = set.Batch(socket);
                    var line = log.Lines;
                    line.Advance(CandumpFormat.Write(line.Room(CandumpFormat.MaxLineLength), batch.TimestampNs(index), set.Sockets[socket].InterfaceName, batch[index]));
                    line.EndLine();
                    frames++;
                    log.EndLine();
                }
                if (time.GetElapsedTime(flushed) >= FlushInterval)
                {
                    log.Flush();
                    flushed = time.GetTimestamp();
                }
                CanListening.Report(set, lost);
            }
            log.Close();
        }
        finally
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"edge-agent: recorded {frames} frames in {time.GetElapsedTime(begun).TotalSeconds:0.0} s: {log.Files} files, {log.Bytes} bytes, {log.Deleted} of them deleted again; the kernel dropped {set.Dropped} frames"));
        }
    }

    private static CommandException Wrong(string message) => new(ExitCode.WrongUsage, message);
}
