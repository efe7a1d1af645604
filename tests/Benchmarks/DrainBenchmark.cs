using System.Diagnostics;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Benchmarks;

/// <summary>
/// How fast what waited for days goes out: a store that the agent's own recorder and outbox filled without a broker, drained by its publisher to
/// a mosquitto on the loopback while live samples come in; beside it MQTTnet publishing the same messages with the same window and no store.
/// </summary>
internal static class DrainBenchmark
{
    private const string Stored = "acme", Live = "globex";

    private const double SecondsADay = 86_400;

    public static async Task RunAsync(BenchmarkOptions options, Report report)
    {
        double stored = options.Days * options.Share;
        report.Begin("drain", $"Drain of {options.Days:0.##} days at {options.Rate} samples a second, from {options.Share:P0} of them ({stored * 24:0.##} hours), to mosquitto on the loopback");
        using var directory = new Scratch();
        await using var broker = await Mosquitto.StartAsync(directory);
        string state = Path.Combine(directory.Path, "state");
        long samples = Fill(state, TimeSpan.FromDays(stored), options.Rate, report);
        await WarmUpAsync(directory, broker, options.Rate);

        foreach (var encoding in PayloadEncoding.All)
        {
            var drained = await DrainCopyAsync(directory, state, broker, encoding, options.Rate);
            var bareWorked = Environment.CpuUsage.TotalTime;
            var bare = await BareMqtt.PublishAsync(broker, drained.Sent);
            bareWorked = Environment.CpuUsage.TotalTime - bareWorked;
            double perSecond = samples / drained.Time.TotalSeconds;
            var delays = drained.LiveDelays.Order().ToArray();
            string name = encoding.Name;
            report.Add($"{name}SamplesASecond", $"{name}: samples a second", perSecond, "");
            report.Add($"{name}MessagesASecond", $"{name}: messages a second", drained.Sent.Count / drained.Time.TotalSeconds, "");
            report.Add($"{name}BareMessagesASecond", $"{name}: MQTTnet alone, the same messages from memory", drained.Sent.Count / bare.TotalSeconds, "");
            report.Add($"{name}Ratio", $"{name}: the agent's part of that", bare / drained.Time, "");
            report.Add($"{name}SecondsForAll", $"{name}: all {options.Days:0.##} days", options.Days * SecondsADay * options.Rate / perSecond, "s", "≤ 60");
            // Which says more than the clock where others are at work on the same machine.
            report.Add($"{name}CpuSecondsForAll", $"{name}: processor time for all of them", drained.Worked.TotalSeconds / options.Share, "s");
            report.Add($"{name}BareCpuSecondsForAll", $"{name}: MQTTnet's alone", bareWorked.TotalSeconds / options.Share, "s");
            report.Add($"{name}WireBytes", $"{name}: payload a sample", (double)drained.Sent.Sum(publication => (long)publication.PayloadBytes) / samples, "B");
            report.Add($"{name}LongestFlush", $"{name}: the longest that the outbox was busy with the disk at once", drained.LongestFlush.TotalSeconds, "s");
            if (delays.Length == 0) continue;
            report.Add($"{name}LiveDelayMedian", $"{name}: live data meanwhile, sample to PUBACK, median of {delays.Length}", delays[delays.Length / 2].TotalSeconds, "s");
            report.Add($"{name}LiveDelayWorst", $"{name}: the longest", delays[^1].TotalSeconds, "s", "≤ 1");
        }
    }

    private static long Fill(string state, TimeSpan time, int rate, Report report)
    {
        long begun = Stopwatch.GetTimestamp();
        var (samples, bytes) = Fill(state, time, rate);
        report.Add("samples", "samples stored", samples, "");
        report.Add("storedBytes", "bytes of the store", bytes, "");
        report.Add("fillSeconds", "time to store them", Stopwatch.GetElapsedTime(begun).TotalSeconds, "s");
        return samples;
    }

    private static (long Samples, long Bytes) Fill(string state, TimeSpan time, int rate)
    {
        using var disk = DirectoryDisk.OpenRoot(state);
        var vehicle = new Vehicle(rate);
        using var device = new Device(disk, vehicle, Stored, maxStoreBytes: 1L << 40);
        device.Live(time, online: false);
        device.Stop();
        return (vehicle.Count, device.Outbox.Counts.StoredBytes);
    }

    /// <summary>So that nothing is measured while the runtime still compiles it.</summary>
    private static async Task WarmUpAsync(Scratch directory, Mosquitto broker, int rate)
    {
        string state = Path.Combine(directory.Path, "small");
        Fill(state, TimeSpan.FromMinutes(20), rate);
        foreach (var encoding in PayloadEncoding.All) await DrainCopyAsync(directory, state, broker, encoding, rate);
        await BareMqtt.PublishAsync(broker, [.. Enumerable.Repeat(new Sent("warm/up", PayloadEncoding.Json.ContentType, 1000), 5000)]);
    }

    private static async Task<Drained> DrainCopyAsync(Scratch directory, string state, Mosquitto broker, PayloadEncoding encoding, int rate)
    {
        string copy = Path.Combine(directory.Path, "copy");
        CopyAll(state, copy);
        var drained = await DrainAsync(copy, broker, encoding, rate);
        Directory.Delete(copy, recursive: true);
        return drained;
    }

    private static async Task<Drained> DrainAsync(string state, Mosquitto broker, PayloadEncoding encoding, int rate)
    {
        var time = BootTimeProvider.Instance;
        var clock = new WallClock(time);
        var boot = BootId.OfThisBoot();
        using var disk = DirectoryDisk.OpenRoot(state);
        var options = new OutboxOptions(TimeSpan.FromSeconds(5), OutboxOptions.DefaultMemoryBytes) { MaxStoreBytes = 1L << 40 };
        using var outbox = new BatchOutbox(disk, options, time, NullLogger.Instance);
        var stamp = new RecordStamp(Device.Assignment(Live), boot);
        var recorder = Recorder.Open(stamp, outbox, TimeSpan.FromSeconds(1), clock, time, NullLogger.Instance);
        await using var link = new MeasuringLink(
            new MqttBrokerLink(new BrokerOptions(new Uri($"mqtt://127.0.0.1:{broker.Port}"), "dongle-1"), time), Topics.Of(stamp, Channel.Telemetry), clock);
        var publisher = new Publisher(
            link, outbox, new DeviceStatus(stamp.Device, "benchmark", boot, clock), _ => Task.CompletedTask, clock, time, Random.Shared, NullLogger.Instance);
        publisher.Configure(TenantId.Parse(Stored), PublishingOptions.Default with { Encoding = encoding });

        using var stop = new CancellationTokenSource();
        long begunNs = clock.NowNs();
        var vehicle = new Vehicle(rate);
        int[] signals = recorder.Catalog.Add(vehicle.Signals);
        long waiting = outbox.Counts.StoredBatches, begun = Stopwatch.GetTimestamp();
        var worked = Environment.CpuUsage.TotalTime;
        var longest = TimeSpan.Zero;
        Task[] loops =
        [
            Task.Run(() => publisher.RunAsync(stop.Token)),
            Task.Run(() => Periodic.RunAsync(TimeSpan.FromMilliseconds(250), time, () =>
            {
                long started = Stopwatch.GetTimestamp();
                outbox.Flush();
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            }, stop.Token)),
            Task.Run(() => Periodic.RunAsync(
                BatchSealer.Interval, time,
                () =>
                {
                    vehicle.DriveUntil(recorder.Ring, signals, clock.NowNs() - begunNs, begunNs);
                    recorder.Step();
                },
                stop.Token)),
        ];
        while (link.Messages < waiting)
        {
            if (loops.FirstOrDefault(loop => loop.IsFaulted) is { } dead) await dead;
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, CancellationToken.None);
        }
        var took = Stopwatch.GetElapsedTime(begun);
        worked = Environment.CpuUsage.TotalTime - worked;
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        return new Drained(took, worked, link.Backlog, link.LiveDelays, longest);
    }

    private static void CopyAll(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private sealed record Drained(TimeSpan Time, TimeSpan Worked, IReadOnlyList<Sent> Sent, IReadOnlyList<TimeSpan> LiveDelays, TimeSpan LongestFlush);
}
