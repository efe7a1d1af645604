using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeAgent.SystemTests;

public sealed class DecodeTests(ITestOutputHelper output) : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_frame_becomes_one_JSON_object_a_line()
    {
        var result = await Rig.RunAsync(Rig.Agent, ["decode", "--dbc", _workspace["vehicle.dbc"], "--log", _workspace["drive.log"], "--json"]);
        Assert.Equal("", result.Errors);
        Assert.Equal("""
            {"time":"2026-05-04T08:00:00.000001Z","bus":"can0","id":256,"extended":false,"message":"Engine","signals":{"Speed":1000,"State":1},"labels":{"State":"Running"}}
            {"time":"2026-05-04T08:00:00.500Z","bus":"can0","id":256,"extended":false,"message":"Engine","signals":{"Speed":1000},"labels":{},"truncated":true}

            """, result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task For_people_a_frame_is_a_line_with_units_and_labels()
    {
        var result = await Rig.RunAsync(Rig.Agent, ["decode", "--dbc", _workspace["vehicle.dbc"]], input: Workspace.Log);
        Assert.Equal("""
            2026-05-04T08:00:00.000001Z can0 100 Engine  Speed=1000 rpm  State=1 (Running)
            2026-05-04T08:00:00.500Z can0 100 Engine  Speed=1000 rpm  [truncated]

            """, result.Output);
    }

    [Fact]
    public async Task Whoever_reads_only_the_beginning_causes_no_error()
    {
        string log = _workspace.Write("long.log", string.Concat(Enumerable.Repeat("(1777881600.000001) can0 100#A00F010000000000\n", 100_000)));
        var result = await Rig.RunAsync("bash", ["-c", "set -o pipefail; \"$0\" decode --dbc \"$1\" --log \"$2\" --json | head -n 1", Rig.Agent, _workspace["vehicle.dbc"], log]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
    }

    [Fact]
    public async Task It_ends_with_its_reader_though_frames_keep_coming()
    {
        var result = await Rig.RunAsync("bash", ["-c", "yes '(1777881600.000001) can0 100#A00F010000000000' 2> /dev/null | \"$0\" decode --dbc \"$1\" | head -n 1", Rig.Agent, _workspace["vehicle.dbc"]]);
        Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", result.Errors);
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("")]
    public async Task A_frame_that_comes_in_goes_out_at_once(string format)
    {
        using var process = Process.Start(new ProcessStartInfo(Rig.Agent, ["decode", "--dbc", _workspace["vehicle.dbc"], .. format.Split(' ', StringSplitOptions.RemoveEmptyEntries)]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        using var patience = new CancellationTokenSource(Rig.Patience, TimeProvider.System);
        for (int i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteLineAsync($"(177788160{i}.000001) can0 100#A00F010000000000".AsMemory(), patience.Token);
            await process.StandardInput.FlushAsync(patience.Token);
            Assert.Contains($"08:00:0{i}.000001Z", await process.StandardOutput.ReadLineAsync(patience.Token), StringComparison.Ordinal);
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Memory_does_not_grow_with_the_log()
    {
        using var process = Process.Start(new ProcessStartInfo(Rig.Agent, ["decode", "--dbc", _workspace["vehicle.dbc"], "--json"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var reading = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken);
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("(1777881600.000001) can0 100#A00F010000000000\n", 10_000)));
        long early = 0, late = 0;
        for (int i = 1; i <= 200; i++)
        {
            await process.StandardInput.BaseStream.WriteAsync(block, TestContext.Current.CancellationToken);
            if (i == 20) early = PeakMemory(process.Id);
            if (i == 200) late = PeakMemory(process.Id);
        }
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        output.WriteLine($"peak after 200,000 frames {early} kB, after 2,000,000 frames {late} kB");
        Assert.InRange(late, 1, early + 2048);
    }

    [Fact]
    public async Task What_is_wrong_in_a_DBC_file_is_listed_and_refused_when_strict()
    {
        string dbc = _workspace.Write("overlap.dbc", "BU_: A\nBO_ 1 M: 1 A\n SG_ S : 0|8@1+ (1,0) [0|0] \"\" A\n SG_ T : 7|1@1+ (1,0) [0|0] \"\" B\n");
        var result = await Rig.RunAsync(Rig.Agent, ["dbc", "check", dbc]);
        Assert.Equal($"""
            {dbc}:4:6: warning: no node B (receiver of T)
            {dbc}:4:6: error: signals S and T overlap in message M

            """, result.Output);
        Assert.Equal((5, $"edge-agent: {dbc}: 1 messages; 1 errors, 1 warnings\n"), (result.ExitCode, result.Errors));
        result = await Rig.RunAsync(Rig.Agent, ["dbc", "check", dbc, "--json"]);
        Assert.Contains("""{"line":4,"column":6,"error":true,"kind":"signalsOverlap","text":"signals S and T overlap in message M"}""", result.Output, StringComparison.Ordinal);
        result = await Rig.RunAsync(Rig.Agent, ["decode", "--dbc", dbc, "--strict"], input: Workspace.Log);
        Assert.Equal((5, "", $"edge-agent: {dbc}:4:6: signals S and T overlap in message M\n"), (result.ExitCode, result.Output, result.Errors));
        result = await Rig.RunAsync(Rig.Agent, ["dbc", "check", _workspace["vehicle.dbc"]]);
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Logs_of_real_DBC_files_decode_to_the_expected_values()
    {
        string? data = Rig.SharedData;
        if (data is null) Assert.Skip("no ../shared/data beside the checkout, which has DBC files and frames that cantools decoded");
        int files = 0, frames = 0, values = 0;
        foreach (string vectors in Directory.GetFiles(Path.Combine(data, "dbc", "vectors"), "*.frames.jsonl").Order(StringComparer.Ordinal))
        {
            JsonElement[] expected = [.. File.ReadLines(vectors).Select(line => JsonElement.Parse(line))];
            if (expected.Length == 0) continue;
            string dbc = Path.Combine(data, "dbc", expected[0].GetProperty("dbc").GetString()!);
            string log = _workspace.Write("vectors.log", string.Concat(expected.Select((frame, i) => ToLogLine(frame, i))));
            var result = await Rig.RunAsync(Rig.Agent, ["decode", "--dbc", dbc, "--log", log, "--json", "--encoding", "windows-1252"]);
            Assert.Equal(0, result.ExitCode);
            Assert.All(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" warnings; see them with: ", line, StringComparison.Ordinal));
            JsonElement[] decoded = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
            Assert.Equal(expected.Length, decoded.Length);
            foreach (var (want, got) in expected.Zip(decoded))
            {
                AssertSame(want.GetProperty("signals"), got.GetProperty("signals"), vectors);
                AssertSame(want.GetProperty("labels"), got.GetProperty("labels"), vectors);
                Assert.Equal(want.GetProperty("message").GetString(), got.GetProperty("message").GetString());
                values += want.GetProperty("signals").EnumerateObject().Count();
            }
            files++;
            frames += expected.Length;
        }
        Assert.InRange(files, 5, int.MaxValue);
        output.WriteLine($"{files} DBC files, {frames} frames, {values} values equal");
    }

    [Fact]
    public async Task Real_DBC_files_are_shown_as_they_are_expected_to_be()
    {
        string? data = Rig.SharedData;
        if (data is null) Assert.Skip("no ../shared/data beside the checkout, which has DBC files and what cantools reads in them");
        int files = 0, messages = 0, signals = 0;
        foreach (string path in Directory.GetFiles(Path.Combine(data, "dbc", "vectors"), "*.messages.jsonl").Order(StringComparer.Ordinal))
        {
            JsonElement[] expected = [.. File.ReadLines(path).Select(line => JsonElement.Parse(line))];
            if (expected.Length == 0) continue;
            var result = await Rig.RunAsync(Rig.Agent, ["dbc", "show", Path.Combine(data, "dbc", expected[0].GetProperty("dbc").GetString()!), "--json", "--encoding", "windows-1252"]);
            Assert.Equal(0, result.ExitCode);
            var shown = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToDictionary(message => message.GetProperty("message").GetString()!);
            Assert.Equal(expected.Length, shown.Count);
            foreach (var want in expected)
            {
                var got = shown[want.GetProperty("message").GetString()!];
                foreach (string member in (string[])["id", "extended", "length", "senders", "comment", "cycleTimeMs"]) AssertSameMember(want, got, member, path);
                var wantSignals = want.GetProperty("signals").EnumerateArray().ToArray();
                var gotSignals = got.GetProperty("signals").EnumerateArray().ToDictionary(signal => signal.GetProperty("name").GetString()!);
                Assert.Equal(wantSignals.Length, gotSignals.Count);
                foreach (var signal in wantSignals)
                {
                    var other = gotSignals[signal.GetProperty("name").GetString()!];
                    foreach (string member in (string[])["start", "length", "byteOrder", "signed", "float", "scale", "offset", "minimum", "maximum", "unit", "multiplexer", "labels", "comment"])
                        AssertSameMember(signal, other, member, path);
                    Assert.Equal(Selectors(signal), Ranges(other));
                    signals++;
                }
                messages++;
            }
            files++;
        }
        Assert.InRange(files, 5, int.MaxValue);
        output.WriteLine($"{files} DBC files, {messages} messages, {signals} signals shown as expected");

        static string Selectors(JsonElement signal) => signal.GetProperty("multiplexedBy").GetString() is not { } name ? "" :
            name + " " + string.Join(" ", signal.GetProperty("multiplexIds").EnumerateArray().Select(id => id.GetInt64()).Order());

        static string Ranges(JsonElement signal) => signal.GetProperty("multiplexedBy") is not { ValueKind: JsonValueKind.Object } by ? "" :
            by.GetProperty("signal").GetString() + " " + string.Join(" ", by.GetProperty("ranges").EnumerateArray().SelectMany(range => Enumerable.Range(range[0].GetInt32(), range[1].GetInt32() - range[0].GetInt32() + 1)));
    }

    private static void AssertSameMember(JsonElement want, JsonElement got, string member, string where)
    {
        var (expected, actual) = (want.GetProperty(member), got.GetProperty(member));
        bool same = expected.ValueKind == JsonValueKind.Number && actual.ValueKind == JsonValueKind.Number
            ? expected.GetDouble().Equals(actual.GetDouble())
            : JsonElement.DeepEquals(expected, actual);
        Assert.True(same, $"{where}: {member}: expected {expected.GetRawText()}, shown {actual.GetRawText()}");
    }

    private static void AssertSame(JsonElement want, JsonElement got, string where)
    {
        var expected = want.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        var actual = got.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in expected) Assert.True(IsSame(value, actual[name]), $"{where}: {name}: expected {value.GetRawText()}, decoded {actual[name].GetRawText()}");
    }

    private static bool IsSame(JsonElement want, JsonElement got) =>
        want.ValueKind == got.ValueKind && want.ValueKind switch
        {
            JsonValueKind.Number => want.GetRawText() == got.GetRawText() || !IsInteger(want) && want.GetDouble().Equals(got.GetDouble()) || (decimal)want.GetDouble() == (decimal)got.GetDouble() && Math.Abs(want.GetDouble()) < 1L << 53,
            JsonValueKind.String => want.GetString() == got.GetString(),
            _ => true,
        };

    private static bool IsInteger(JsonElement number) => number.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    private static string ToLogLine(JsonElement frame, int index)
    {
        string data = frame.GetProperty("data").GetString()!;
        string id = frame.GetProperty("id").GetUInt32().ToString(frame.GetProperty("ext").GetBoolean() ? "X8" : "X3", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"(1700000000.{index:D6}) can0 {id}#{(data.Length > 16 ? "#0" : "")}{data}\n");
    }

    private static long PeakMemory(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
