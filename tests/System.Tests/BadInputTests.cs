namespace EdgeAgent.SystemTests;

/// <summary>What the user gets for wrong input: one line on stderr that says what, where and what to do, and an exit code.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("", 2, "edge-agent: Required command was not provided.")]
    [InlineData("rnu", 2, "'rnu'")]
    [InlineData("decode", 2, "Option '--dbc' is required.")]
    [InlineData("decode --dbc vehicle.dbc --lgo x", 2, "'--lgo'")]
    [InlineData("decode --dbc nope.dbc --log drive.log", 5, "edge-agent: {dir}/nope.dbc: no such file")]
    [InlineData("decode --dbc broken.dbc --log drive.log", 5, "edge-agent: {dir}/broken.dbc:4:12: expected ':' after the signal's name")]
    [InlineData("decode --dbc vehicle.dbc --log nope.log", 5, "edge-agent: {dir}/nope.log: no such file")]
    [InlineData("decode --dbc vehicle.dbc --log broken.log", 5, "edge-agent: {dir}/broken.log:2:12: expected an identifier of 3 or 8 hexadecimal digits; the line is skipped")]
    [InlineData("dbc show ./.", 5, "is a directory; a file was expected")]
    [InlineData("dbc show nope.dbc", 5, "edge-agent: {dir}/nope.dbc: no such file")]
    [InlineData("dbc show broken.dbc --json", 5, "edge-agent: {dir}/broken.dbc:4:12: expected ':' after the signal's name")]
    [InlineData("run --config nope.json", 5, "edge-agent: {dir}/nope.json: no such file; name the configuration with --config FILE")]
    [InlineData("run --config mistakes.json", 5, "edge-agent: {dir}/mistakes.json: /sources/0/interfaec: unknown; expected one of: bus, interface")]
    [InlineData("run --config syntax.json", 5, "edge-agent: {dir}/syntax.json: line 1, column 2: ")]
    [InlineData("run --config missing-dbc.json", 5, "edge-agent: {dir}/missing-dbc.json: /sources/0/dbc/0: {dir}/nope.dbc: no such file")]
    [InlineData("run --config broken-dbc.json", 5, "edge-agent: {dir}/broken-dbc.json: /sources/0/dbc/0: {dir}/broken.dbc:4:12: expected ':' after the signal's name")]
    [InlineData("run --config missing-signal.json", 5, "edge-agent: {dir}/missing-signal.json: /sources/0/signals/0: 'Engine/Sped': no DBC file of this source has such a signal")]
    [InlineData("run --config unwritable.json", 1, "edge-agent: /proc/edge-agent: cannot write the outbox there: ")]
    public async Task A_mistake_is_answered_with_what_where_and_what_to_do(string arguments, int exitCode, string message)
    {
        _workspace.Write("broken.dbc", "VERSION \"\"\nBU_: ECU\nBO_ 256 Engine: 8 ECU\n SG_ Speed 0|16@1+ (0.25,0) [0|0] \"rpm\" Vector__XXX\n");
        _workspace.Write("broken.log", "(1.0) can0 100#A00F010000000000\n(1.0) can0 XYZ#00\n(1.0) can0 100#A00F010000000000\n");
        _workspace.Write("syntax.json", "{device}");
        string good = File.ReadAllText(_workspace.Configure());
        _workspace.Write("mistakes.json", good.Replace("\"log\"", "\"interfaec\"", StringComparison.Ordinal));
        _workspace.Write("missing-dbc.json", good.Replace("vehicle.dbc", "nope.dbc", StringComparison.Ordinal));
        _workspace.Write("broken-dbc.json", good.Replace("vehicle.dbc", "broken.dbc", StringComparison.Ordinal));
        _workspace.Write("missing-signal.json", good.Replace("\"bus\"", "\"signals\": [\"Engine/Sped\"], \"bus\"", StringComparison.Ordinal));
        _workspace.Write("unwritable.json", good.Replace("\"state\"", "\"/proc/edge-agent\"", StringComparison.Ordinal));

        string[] words = [.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Contains('.', StringComparison.Ordinal) ? _workspace[word] : word)];
        var result = await Rig.RunAsync(Rig.Agent, words);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(message.Replace("{dir}", _workspace.Path, StringComparison.Ordinal), result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal); // no stack trace
        Assert.All(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("edge-agent: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Good_lines_around_a_bad_one_are_decoded()
    {
        string log = _workspace.Write("broken.log", "(1.0) can0 100#A00F010000000000\nnonsense\n(2.0) can0 100#A00F000000000000\n(3.0) can0 10");
        var result = await Rig.RunAsync(Rig.Agent, ["decode", "--dbc", _workspace["vehicle.dbc"], "--log", log, "--json"]);
        Assert.Equal(5, result.ExitCode);
        Assert.Equal(2, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(2, result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Help_names_every_command_and_fits_a_terminal()
    {
        var result = await Rig.RunAsync(Rig.Agent, ["--help"]);
        Assert.Equal(0, result.ExitCode);
        foreach (string command in (string[])["run", "decode", "dbc", "key", "assignment", "config", "command", "document", "artifact", "payload", "ledger", "fleet"]) Assert.Contains($"  {command} ", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
    }
}
