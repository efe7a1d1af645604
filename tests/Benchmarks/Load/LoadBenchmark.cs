using System.Buffers;
using EdgeAgent.Benchmarks.Reader;
using EdgeAgent.Can.Dbc;
using EdgeAgent.Capture;
using EdgeAgent.Diagnostics;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Benchmarks.Load;

/// <summary>
/// Two CAN FD buses at full load for so many seconds, through the agent's pipeline, recorder, outbox and encoding as they run in a device with a
/// broker that acknowledges at once. Every frame that was sent was read or is counted as dropped.
/// </summary>
internal static class LoadBenchmark
{
    private const int Buses = 2, FramesPerMillisecond = 20;

    private const double Megabyte = 1e6;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        report.Begin("load", $"{Buses} CAN FD buses with {1000 * FramesPerMillisecond:N0} frames a second each, {SeededBus.Signals} signals in all, for {options.Seconds} s");
        using var directory = new Scratch();
        using var disk = DirectoryDisk.OpenRoot(directory.Path);
        var time = BootTimeProvider.Instance;
        var clock = new WallClock(time);
        using var outbox = new BatchOutbox(disk, new OutboxOptions(TimeSpan.FromSeconds(5), OutboxOptions.DefaultMemoryBytes), time, NullLogger.Instance);
        outbox.SetBrokerIsThere(true);
        var recorder = Recorder.Open(new RecordStamp(Device.Assignment("acme"), new BootId(Guid.NewGuid())), outbox, TimeSpan.FromSeconds(1), clock, time, NullLogger.Instance);
        recorder.MaxSamples = PayloadEncoding.Columnar.MaxSamples;

        using var c = new CReaders();
        var bus = new SeededBus(fd: true);
        byte[] messages = bus.Messages(1000);
        LoopbackBus[] buses = [.. Enumerable.Range(0, Buses).Select(i => new LoopbackBus($"can{i}"))];
        using var pipeline = new Pipeline(recorder.Ring, recorder.Catalog, [.. buses.Select((each, i) => Source(each, bus.Database, i))], clock, time, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        pipeline.BeginAt(0);
        await pipeline.TriedAsync(CancellationToken.None);

        using var stop = new CancellationTokenSource();
        var publishing = new Delivered(outbox, clock);
        var metrics = new SystemMetrics(directory.Path);
        long peak = 0;
        Task[] loops =
        [
            Task.Run(() => Periodic.RunAsync(BatchSealer.Interval, time, recorder.Step, stop.Token)),
            Task.Run(() => Periodic.RunAsync(BatchSealer.Interval, time, publishing.Step, stop.Token)),
            Task.Run(() => Periodic.RunAsync(TimeSpan.FromMilliseconds(250), time, () => outbox.Flush(), stop.Token)),
            Task.Run(() => Periodic.RunAsync(TimeSpan.FromMilliseconds(250), time, () => peak = Math.Max(peak, metrics.Read().RssBytes ?? 0), stop.Token)),
        ];
        var worked = Environment.CpuUsage.TotalTime;
        var sent = await Task.WhenAll(buses.Select(each =>
            Task.Factory.StartNew(() => each.Send(c, messages, FramesPerMillisecond, 1000 * options.Seconds), TaskCreationOptions.LongRunning)));
        worked = Environment.CpuUsage.TotalTime - worked - TimeSpan.FromMicroseconds(sent.Sum(each => each.CpuNs) / 1000.0);
        await pipeline.EndAtAsync(clock.NowNs() + 20_000_000);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        long unsealed = recorder.Finish();
        publishing.Step();

        var counts = pipeline.Readers.Select(reader => reader.Counters).ToArray();
        long frames = sent.Sum(each => each.Frames), read = counts.Sum(each => each.Frames), dropped = counts.Sum(each => each.DroppedByKernel), accepted = counts.Sum(each => each.Samples);
        if (frames != read + dropped) throw new BenchmarkException($"of {frames} frames {read} were read and {dropped} counted as dropped");
        if (publishing.Samples + unsealed != accepted) throw new BenchmarkException($"of {accepted} samples {publishing.Samples} were delivered");
        report.Add("frames", "frames sent", frames, "");
        report.Add("dropped", "dropped at the sockets", dropped, "", "0");
        report.Add("samples", "samples recorded and delivered", publishing.Samples, "");
        report.Add("refused", "samples for which the ring had no room", counts.Sum(each => each.RefusedSamples), "", "0");
        report.Add("payload", "payload a sample, columnar", (double)publishing.Bytes / publishing.Samples, "B");
        report.Add("processor", "processor time of all but the senders, in each second", worked.TotalSeconds / options.Seconds, "s");
        report.Add("resident", "most memory of the process, senders included", peak / Megabyte, "MB", "≤ 45");
    }

    /// <summary>Every other signal on one bus, those between them on the other.</summary>
    private static CaptureSource Source(LoopbackBus bus, DbcDatabase database, int number)
    {
        int each = number;
        var plan = DecodePlan.Compile(database, (_, _) => each++ % Buses == 0);
        SignalDescription[] signals = [.. plan.Signals.Select(planned => new SignalDescription(
            $"can{number}/{planned.Message.Name}/{planned.Signal.Name}", planned.Signal.Unit, new SignalScaling(planned.Signal.Scale, planned.Signal.Offset)))];
        return new CaptureSource(BusName.Parse($"can{number}"), "loopback", plan, signals, IsLive: true, () => bus.Receiver);
    }

    /// <summary>Takes what is sealed, encodes it and acknowledges it.</summary>
    private sealed class Delivered(BatchOutbox outbox, WallClock clock)
    {
        private readonly ArrayBufferWriter<byte> _payload = new();

        public long Samples { get; private set; }

        public long Bytes { get; private set; }

        public void Step()
        {
            while (outbox.TryTake() is { } delivery)
            {
                _payload.ResetWrittenCount();
                PayloadEncoding.Columnar.Encode(delivery.Batch, clock.Read(), clock.NowNs(), _payload);
                Samples += delivery.Batch.Count;
                Bytes += _payload.WrittenCount;
                outbox.Acknowledge(delivery);
            }
        }
    }
}
