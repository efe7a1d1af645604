using System.Diagnostics;
using System.Text;
using EdgeAgent.Can;
using EdgeAgent.Can.Candump;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli;
using EdgeAgent.Cli.Can;

namespace EdgeAgent.Tests.Cli.Can;

/// <summary>The commands on real interfaces, beside can-utils.</summary>
[Trait("needs", "vcan")]
public sealed class CanVcanTests
{
    private static readonly LogLimits Unlimited = new(long.MaxValue, TimeSpan.MaxValue, int.MaxValue, false);

    public CanVcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
    }

    [Fact]
    public async Task A_log_is_what_candump_writes_of_the_same_traffic()
    {
        if (!File.Exists("/usr/bin/candump")) Assert.Skip("candump is missing: apt-get install -y can-utils");
        using var set = CanListening.Open(["vcan0", "vcan1"]);
        using var candump = Process.Start(new ProcessStartInfo("candump", ["-L", "vcan0,0:0,#FFFFFFFF", "vcan1"]) { RedirectStandardOutput = true })!;
        using var classic = CanSocket.Open("vcan0");
        using var fd = CanSocket.Open("vcan1");
        try
        {
            // candump says nothing before it listens.
            var first = candump.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
            while (await Task.WhenAny(first, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken)) != first) classic.Send(CanFrame.Data(CanId.Standard(0x7FF), []));
            var random = new Random(7);
            for (int i = 0; i < 200; i++)
            {
                byte[] data = new byte[random.Next(9)];
                random.NextBytes(data);
                classic.Send(i % 20 == 0 ? CanFrame.Remote(CanId.Standard((uint)i), i % 9) : i % 2 == 0 ? CanFrame.Data(CanId.Standard((uint)i), data) : CanFrame.Data(CanId.Extended(0x18FE_0000u + (uint)i), data));
                fd.Send(CanFrame.Data(CanId.Standard((uint)i), new byte[CanFrame.PaddedLength(i % 65)], fd: true, bitRateSwitch: i % 3 == 0));
            }
            classic.Send(CanFrame.Error(0x04, [0, 8, 0, 0, 0, 0, 96, 0]));
            classic.Send(CanFrame.Data(CanId.Standard(0x7FE), []));
            List<string> theirs = [(await first)!];
            while (!theirs[^1].Contains(" 7FE#", StringComparison.Ordinal)) theirs.Add((await candump.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
            string[] ours = [.. Dumped(set, lines => new LogDumpWriter(lines)).SkipWhile(line => line != theirs[0])];
            // Newer kernels mark FD frames in the flags, and candump passes that on as 4; both orders of interfaces at one moment are right.
            Assert.Equal(theirs.Select(WithoutFdFlag).Order(StringComparer.Ordinal), ours.Order(StringComparer.Ordinal));
            Assert.Equal(theirs.Where(line => line.Contains("vcan0", StringComparison.Ordinal)), ours.Where(line => line.Contains("vcan0", StringComparison.Ordinal)));
        }
        finally
        {
            candump.Kill();
            await candump.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void What_was_recorded_decodes_as_what_was_sent()
    {
        using var directory = new TestDirectory();
        var sent = Read(File.OpenRead(Repository.PathOf("demo", "drive.log"))).Take(2000).ToList();
        using var set = CanListening.Open(["vcan0"]);
        using var sender = CanSocket.Open("vcan0");
        using var log = RotatingLog.InDirectory(directory.Path, "vcan0", Unlimited with { MaxBytes = 20_000 }, TimeProvider.System);
        foreach (var frame in sent) Assert.Equal(SendOutcome.Sent, sender.Send(frame));
        CanRecordCommand.Run(set, log, TimeSpan.FromSeconds(1), new TimeOfLooks(), CancellationToken.None);

        var recorded = Directory.GetFiles(directory.Path).Order(StringComparer.Ordinal).SelectMany(path => Read(File.OpenRead(path))).ToList();
        Assert.True(log.Files > 3);
        Assert.Equal(0, set.Dropped);
        Assert.Equal(Decoded(sent), Decoded(recorded));
    }

    [Fact]
    public void Only_frames_that_match_a_filter_come_and_errors_in_any_case()
    {
        using var set = CanListening.Open(["vcan0"], CanListening.Parse(["7E8:7F8", "18FEF100"]));
        using var sender = CanSocket.Open("vcan0");
        foreach (uint id in (uint[])[0x7E7, 0x7E8, 0x7EF, 0x100]) sender.Send(CanFrame.Data(CanId.Standard(id), [1]));
        foreach (uint id in (uint[])[0x7E8, 0x18FEF100]) sender.Send(CanFrame.Data(CanId.Extended(id), [1]));
        sender.Send(CanFrame.Error(0x40, new byte[8]));
        Assert.Equal(["7E8#01", "7EF#01", "18FEF100#01", "20000040#0000000000000000"], Dumped(set, lines => new LogDumpWriter(lines)).Select(line => line.Split(' ')[2]));
    }

    [Fact]
    public void The_loop_allocates_nothing_for_a_frame()
    {
        using var set = CanListening.Open(["vcan0"]);
        using var sender = CanSocket.Open("vcan0");
        var lines = new LineBuffer(Stream.Null);
        using var writer = new TextDumpWriter(lines, null);
        var frame = CanFrame.Data(CanId.Standard(0x123), [1, 2, 3]);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 200; i++) sender.Send(frame);
            CanDumpCommand.Run(set, writer, lines, 200, CancellationToken.None);
        }));
    }

    [Fact]
    public void A_disk_that_is_full_is_said_and_what_was_written_stays()
    {
        using var directory = new TestDirectory();
        Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", directory.Path);
        try
        {
            using var log = RotatingLog.InDirectory(directory.Path, "vcan0", Unlimited with { MaxBytes = 8192 }, TimeProvider.System);
            var e = Assert.Throws<CommandException>(() =>
            {
                for (int i = 0; i < 10_000; i++)
                {
                    log.Lines.Put("(1543509533.000838) vcan0 123#112233"u8);
                    log.Lines.EndLine();
                    log.EndLine();
                }
            });
            Assert.Equal(1, e.ExitCode);
            Assert.EndsWith("the disk is full; what was written before is kept", e.Message, StringComparison.Ordinal);
            Assert.InRange(Directory.GetFiles(directory.Path).Sum(path => new FileInfo(path).Length), 8192, 16384);
        }
        finally
        {
            Run("umount", directory.Path);
        }
    }

    [Fact]
    public void The_last_interface_that_is_lost_ends_it_and_one_before_does_not()
    {
        Run("ip", "link", "add", "vcan8", "type", "vcan");
        Run("ip", "link", "add", "vcan9", "type", "vcan");
        try
        {
            Run("ip", "link", "set", "vcan8", "up");
            Run("ip", "link", "set", "vcan9", "up");
            using var set = CanListening.Open(["vcan8", "vcan9"]);
            var lines = new LineBuffer(Stream.Null);
            using var writer = new LogDumpWriter(lines);
            Run("ip", "link", "set", "vcan8", "down");
            using var sender = CanSocket.Open("vcan9");
            sender.Send(CanFrame.Data(CanId.Standard(1), []));
            CanDumpCommand.Run(set, writer, lines, 1, CancellationToken.None);
            Run("ip", "link", "del", "vcan9");
            var e = Assert.Throws<CommandException>(() => CanDumpCommand.Run(set, writer, lines, long.MaxValue, CancellationToken.None));
            Assert.Equal((1, true), (e.ExitCode, e.Message.StartsWith("vcan9 ", StringComparison.Ordinal)));
        }
        finally
        {
            Run("ip", "link", "del", "vcan8");
            if (Directory.Exists("/sys/class/net/vcan9")) Run("ip", "link", "del", "vcan9");
        }
    }

    /// <summary>Each look at it is 10 ms later, so that the number of rounds is given.</summary>
    private sealed class TimeOfLooks : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 100;

        public override long GetTimestamp() => _looks++;
    }

    private static List<string> Dumped(CanSocketSet set, Func<LineBuffer, IDumpWriter> make)
    {
        using var stream = new MemoryStream();
        var lines = new LineBuffer(stream);
        using var writer = make(lines);
        int quiet = 0;
        while (quiet < 2)
        {
            Assert.Equal(-1, set.Read(TimeSpan.FromMilliseconds(100)));
            quiet++;
            while (set.TryNext(out int socket, out int index))
            {
                writer.Write(set.Batch(socket).TimestampNs(index), set.Sockets[socket].InterfaceName, set.Batch(socket)[index]);
                quiet = 0;
            }
        }
        lines.Flush();
        return [.. Encoding.ASCII.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static string WithoutFdFlag(string line) =>
        line.IndexOf("##", StringComparison.Ordinal) is > 0 and var at ? $"{line[..(at + 2)]}{Convert.ToInt32(line[(at + 2)..(at + 3)], 16) & 3:X}{line[(at + 3)..]}" : line;

    private static IEnumerable<CanFrame> Read(Stream stream)
    {
        using (stream)
        {
            var reader = new CandumpReader(stream);
            while (reader.TryRead(out var record)) yield return record.Error is null ? record.Frame : throw new InvalidDataException(record.Error.Expected);
        }
    }

    private static List<string> Decoded(IEnumerable<CanFrame> frames)
    {
        var plan = DecodePlan.Compile(DbcFile.Load(Repository.PathOf("demo", "vehicle.dbc")));
        var values = new SignalValue[plan.MaxSignalsPerFrame];
        List<string> all = [];
        foreach (var frame in frames)
        {
            plan.Decode(frame, values, out int count);
            all.Add($"{frame.Id}#{Convert.ToHexString(frame.Payload)} {string.Join(' ', values.Take(count).Select(value => value.Value))}");
        }
        return all;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
