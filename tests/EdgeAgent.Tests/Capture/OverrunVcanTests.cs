using System.Diagnostics;
using EdgeAgent.Can;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Capture;

/// <summary>More frames than anybody could take, on two CAN FD buses at once, through a whole pipeline.</summary>
[Trait("needs", "vcan")]
public sealed class OverrunVcanTests
{
    private const int SignalsPerFrame = 8, Burst = 2000, Meanwhile = 3000;

    private static readonly DecodePlan Plan = DecodePlan.Compile(DbcFile.Parse(
        "BO_ 1 M: 64 ECU\n" + string.Concat(Enumerable.Range(0, SignalsPerFrame).Select(i => $" SG_ S{i} : {64 * i}|32@1+ (1,0) [0|0] \"\" ECU\n"))));

    [Fact]
    public async Task Every_frame_is_decoded_or_counted_where_it_was_lost()
    {
        if (!File.Exists("/sys/class/net/vcan1/ifindex")) Assert.Skip("no vcan1 here: run with tests/rig/with-vcan.sh (Debian packages user-mode-linux, iproute2, kmod)");
        Ip("link add vcan8 type vcan");
        try
        {
            Ip("link set vcan8 mtu 72 up");
            await OverrunAsync("vcan1", "vcan8");
        }
        finally
        {
            Ip("link del vcan8");
        }
    }

    private static async Task OverrunAsync(params string[] names)
    {
        var stop = TestContext.Current.CancellationToken;
        var time = BootTimeProvider.Instance;
        var clock = new WallClock(time);
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1, capacity: 256);
        using var gate = new ManualResetEventSlim();
        using var pipeline = new Pipeline(ring, new SignalCatalog([]), [.. names.Select(name => Source(name, gate))], clock, time, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        pipeline.BeginAt(0);
        await pipeline.TriedAsync(stop);

        // Nobody reads the sockets, then nobody empties the ring; then everybody is at work at once.
        Send(names[0], 0, Burst);
        Send(names[1], 0, Burst);
        gate.Set();
        await Eventually.TrueAsync(() => pipeline.Readers.All(reader => reader.Counters.RefusedSamples > 0));
        var taking = Task.Factory.StartNew(() => Take(ring, stop), TaskCreationOptions.LongRunning);
        await Task.WhenAll(names.Select(name => Task.Factory.StartNew(() => Send(name, Burst, Meanwhile), TaskCreationOptions.LongRunning)));
        await pipeline.EndAtAsync(clock.NowNs() + 20_000_000);
        while (!ring.TryAccept(0, [-1], [new SignalValue(0, 0, 0)])) await Task.Yield(); // the last one

        long taken = await taking, accepted = 0;
        foreach (var reader in pipeline.Readers)
        {
            var counts = reader.Counters;
            TestContext.Current.SendDiagnosticMessage(
                $"{reader.Source.Bus}: sent {Burst + Meanwhile} = read {counts.Frames} + dropped {counts.DroppedByKernel}; samples {counts.Samples} + refused {counts.RefusedSamples}");
            Assert.True(counts.DroppedByKernel > 0);
            Assert.Equal(Burst + Meanwhile, (counts.Samples + counts.RefusedSamples) / SignalsPerFrame + counts.DroppedByKernel);
            Assert.Equal(Burst + Meanwhile, counts.Frames + counts.DroppedByKernel);
            accepted += counts.Samples;
        }
        Assert.Equal(accepted, taken);
    }

    private static CaptureSource Source(string name, ManualResetEventSlim gate) => new(
        BusName.Parse(name), name, Plan, [.. Plan.Signals.Select(planned => new SignalDescription($"{name}/M/{planned.Signal.Name}", null))], IsLive: true,
        () => new HeldSource(CanSocket.Open(name, new CanSocketOptions { ReceiveBufferBytes = 64 * 1024 }), gate));

    private static void Send(string name, int first, int count)
    {
        using var sender = CanSocket.Open(name);
        byte[] payload = new byte[CanFrame.MaxLength];
        for (int i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(payload, first + i);
            Assert.Equal(SendOutcome.Sent, sender.Send(CanFrame.Data(CanId.Standard(1), payload, fd: true)));
        }
    }

    /// <returns>How many samples came, without the last one; their numbers follow each other.</returns>
    private static long Take(SampleRing ring, CancellationToken stop)
    {
        for (long taken = 0; ;)
        {
            stop.ThrowIfCancellationRequested();
            if (!ring.TryTake(out var sample)) Thread.Yield();
            else if (sample.Signal < 0) return taken;
            else Assert.Equal(++taken, sample.Sequence);
        }
    }

    private static void Ip(string arguments)
    {
        using var process = Process.Start("ip", arguments.Split(' '))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>A socket that is open and not read until the gate is.</summary>
    private sealed class HeldSource(CanSocket socket, ManualResetEventSlim gate) : ICanSource
    {
        public long Dropped => socket.Dropped;

        public CanSourceException? Fault => socket.Fault;

        public string Details => socket.Details;

        public ReadOutcome Read(FrameBatch batch)
        {
            gate.Wait();
            return socket.Read(batch);
        }

        public void Dispose() => socket.Dispose();
    }
}
