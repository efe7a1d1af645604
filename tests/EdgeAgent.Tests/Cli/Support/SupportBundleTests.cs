using System.Text.Json.Nodes;
using EdgeAgent.Cli.Support;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Support;

/// <summary>A bundle of parts that fail, hang or are too large.</summary>
public sealed class SupportBundleTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 28, 8, 0, 0, TimeSpan.Zero));
    private readonly KnownSecrets _secrets = new();

    [Fact]
    public async Task A_part_that_fails_or_hangs_is_named_with_its_reason_and_the_others_are_there()
    {
        _secrets.Add("topsecret");
        TaskCompletionSource slow = new(), deaf = new();
        var bundle = new SupportBundle(
        [
            Part("broken.json", _ => throw new InvalidDataException("topsecret cannot be read")),
            Part("well.json", _ => Task.FromResult(new BundleContent([new JsonObject { ["a"] = 1 }], "half of it"))),
            // One listens when it is told to end, the other does not.
            Part("slow.json", async stop =>
            {
                slow.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);
                return BundleContent.Of(1);
            }),
            Part("deaf.json", _ =>
            {
                deaf.SetResult();
                return new TaskCompletionSource<BundleContent>().Task;
            }),
        ], _secrets, _time);
        var collecting = bundle.CollectAsync(TestContext.Current.CancellationToken);
        await slow.Task;
        _time.Advance(SupportBundle.PartLimit);
        await deaf.Task;
        while (!collecting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await collecting;
        var files = Files(bundle);
        Assert.Equal(["broken.json", "slow.json", "deaf.json"], bundle.LeftOut);
        Assert.Equal(["manifest.json", "well.json"], files.Keys);
        Assert.Equal("{\"a\":1}\n", files["well.json"]);
        var manifest = JsonNode.Parse(files["manifest.json"])!;
        Assert.Equal(["(removed) cannot be read", "took longer than 30 s", "took longer than 30 s"], manifest["leftOut"]!.AsArray().Select(part => part!["why"]!.GetValue<string>()));
        Assert.Equal("half of it", manifest["parts"]![0]!["note"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_does_not_fit_is_cut_at_an_entry_and_that_is_said()
    {
        var line = JsonValue.Create(new string('x', 1_000_000));
        var bundle = new SupportBundle(
        [
            Part("long.jsonl", _ => Task.FromResult(new BundleContent([.. Enumerable.Repeat(line, 20)]))),
            Part("short.json", _ => Task.FromResult(BundleContent.Of(1))),
        ], _secrets, _time);
        await bundle.CollectAsync(TestContext.Current.CancellationToken);
        var files = Files(bundle);
        Assert.InRange(files["long.jsonl"].Length, SupportBundle.MaxBytes - 1_000_100, SupportBundle.MaxBytes);
        Assert.EndsWith("x\"\n", files["long.jsonl"], StringComparison.Ordinal);
        Assert.Equal("1\n", files["short.json"]);
        Assert.StartsWith("cut: ", JsonNode.Parse(files["manifest.json"])!["parts"]![0]!["note"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_had_enough_gets_nothing()
    {
        using var stop = new CancellationTokenSource();
        var bundle = new SupportBundle([Part("slow.json", async _ => { await stop.CancelAsync(); throw new InvalidDataException(); })], _secrets, _time);
        await Assert.ThrowsAsync<OperationCanceledException>(() => bundle.CollectAsync(stop.Token));
        Assert.Empty(bundle.LeftOut);
    }

    [Fact]
    public void A_password_in_the_place_of_its_file_is_a_secret_and_a_path_to_nothing_is_not()
    {
        _secrets.AddFile("hunter2", "/etc/edge-agent");
        _secrets.AddFile("/etc/edge-agent/nosuch.key", "/etc/edge-agent");
        _secrets.AddMember("interfce", "can0");
        _secrets.AddMember("pasword", new JsonArray("a longer word"));
        Assert.Equal("(removed): no such file, /etc/edge-agent/nosuch.key is not there, can0, (removed)", _secrets.Clean("hunter2: no such file, /etc/edge-agent/nosuch.key is not there, can0, a longer word")!.GetValue<string>());
    }

    private static BundlePart Part(string name, Func<CancellationToken, Task<BundleContent>> make) => new(name, "of the test", make);

    private static Dictionary<string, string> Files(SupportBundle bundle)
    {
        using var output = new MemoryStream();
        bundle.Write(output);
        output.Position = 0;
        return BundleFiles.Read(output);
    }
}
