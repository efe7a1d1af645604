using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Obd.Tests.Elm;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Capture;

/// <summary>From a configuration to samples, with an adapter behind a pseudo-terminal.</summary>
public sealed class ElmWatchTests
{
    [Fact]
    public async Task The_ecus_behind_an_adapter_are_polled_while_the_engine_runs_and_not_longer()
    {
        var emulator = new ElmEmulator((_, request) => request == "010C" ? [new(0x7E8, 1, "410C1AF8")] : []) { Voltage = "12.4V" };
        using var terminal = new PseudoTerminal(bytes =>
        {
            lock (emulator) return [.. emulator.Accept(bytes).Select(emission => emission.Bytes)];
        });
        int Requests()
        {
            lock (emulator) return emulator.Sent.Count;
        }
        int Readings()
        {
            lock (emulator) return emulator.Commands.Count(command => command == "ATRV");
        }
        void SetVoltage(string voltage)
        {
            lock (emulator) emulator.Voltage = voltage;
        }
        var configuration = ConfigurationReader.ParseTenant(Encoding.UTF8.GetBytes($$$"""{"sources":[{"serial":"{{{terminal.Path}}}","bus":"obd","obd":{"poll":[{"pid":"0C","everySeconds":0.1}]}}]}"""), "test");
        using var links = new ObdLinks(BootTimeProvider.Instance);
        var sources = new SourceCompiler("test", TestSources.Environment with { Links = links, Time = BootTimeProvider.Instance }).Compile(configuration.Sources);

        var clock = new WallClock(BootTimeProvider.Instance);
        var ring = new SampleRing(TestStamps.Acme, firstSequence: 1);
        var catalog = new SignalCatalog([]);
        using var pipeline = new Pipeline(ring, catalog, sources, clock, BootTimeProvider.Instance, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        await Eventually.TrueAsync(() => pipeline.Readers[0].State == SourceState.Open);
        pipeline.BeginAt(clock.NowNs());
        List<(string Name, double Value)> samples = [];
        void Look()
        {
            while (ring.TryTake(out var sample)) samples.Add((catalog[sample.Signal].Name, sample.Value));
        }

        await Eventually.TrueAsync(() => Readings() >= 3);
        Assert.Equal(0, Requests()); // parked
        SetVoltage("14.2V");
        await Eventually.TrueAsync(() => samples.Count >= 5, Look);
        Assert.All(samples, sample => Assert.Equal(("obd/OBD/EngineSpeed", 1726.0), sample));
        SetVoltage("12.6V");
        int readings = Readings();
        await Eventually.TrueAsync(() => Readings() >= readings + 4);
        int asked = Requests();
        await Eventually.TrueAsync(() => Readings() >= readings + 6);
        Assert.Equal(asked, Requests());
        await pipeline.EndAtAsync(clock.NowNs());
    }

    [Fact]
    public async Task An_adapter_that_is_not_there_is_tried_again_until_it_is()
    {
        string port = $"/dev/ttyNone{Environment.ProcessId}";
        using var links = new ObdLinks(TimeProvider.System);
        var configuration = ConfigurationReader.ParseTenant(Encoding.UTF8.GetBytes($$"""{"sources":[{"serial":"{{port}}"}]}"""), "test");
        var sources = new SourceCompiler("test", TestSources.Environment with { Links = links }).Compile(configuration.Sources);
        var clock = new WallClock(BootTimeProvider.Instance);
        using var pipeline = new Pipeline(new SampleRing(TestStamps.Acme, firstSequence: 1), new SignalCatalog([]), sources, clock, BootTimeProvider.Instance, ThreadWorkers.Instance, NullLogger.Instance);
        pipeline.Start((_, loop) => loop);
        await pipeline.TriedAsync(TestContext.Current.CancellationToken);
        Assert.Equal((SourceState.Retrying, $"{port}: no such serial port; `ls /dev/serial/by-id` shows which adapters are plugged in"), (pipeline.Readers[0].State, pipeline.Readers[0].Trouble));
        await pipeline.EndAtAsync(clock.NowNs());
    }
}
