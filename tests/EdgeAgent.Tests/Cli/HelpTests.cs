namespace EdgeAgent.Tests.Cli;

/// <summary>What the command line says of itself and of what is wrong with it.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("fleet --broker mqtt://h --tenant t --seconds x", "--seconds: 'x' is not a number")]
    [InlineData("fleet --broker mqtt://h --tenant t --seconds 1,5x", "--seconds: '1,5x' is not a number")]
    [InlineData("config sign f --key k --tenant t --version 1.5", "--version: '1.5' is not a whole number")]
    [InlineData("assignment sign --key k --device d --none --epoch 1 --deliver-seconds x", "--deliver-seconds: 'x' is not a whole number")]
    [InlineData("artifact split f --out d --chunk-bytes 99999999999", "--chunk-bytes: '99999999999' is too large a number")]
    public async Task What_is_no_number_is_called_so(string arguments, string expected)
    {
        var (code, output, errors) = await AgentProgram.RunAsync(arguments);
        Assert.Equal((2, "", $"edge-agent: {expected}"), (code, output, errors.Split('\n')[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("provision import")]
    [InlineData("provision certificate")]
    [InlineData("provision create")]
    [InlineData("key new")]
    [InlineData("key public")]
    [InlineData("key rotate")]
    [InlineData("assignment sign")]
    [InlineData("config sign")]
    [InlineData("command sign")]
    [InlineData("document show")]
    [InlineData("artifact split")]
    [InlineData("payload decode")]
    [InlineData("ledger verify")]
    [InlineData("operation")]
    [InlineData("can")]
    [InlineData("can dump")]
    [InlineData("can record")]
    [InlineData("can set")]
    [InlineData("decode")]
    [InlineData("dbc show")]
    [InlineData("obd decode")]
    [InlineData("obd query")]
    [InlineData("obd discover")]
    [InlineData("dtc")]
    [InlineData("dtc read")]
    [InlineData("dtc clear")]
    [InlineData("readiness")]
    [InlineData("vin")]
    [InlineData("j1939 dump")]
    [InlineData("status")]
    [InlineData("live")]
    [InlineData("journal")]
    [InlineData("why")]
    [InlineData("doctor")]
    [InlineData("fleet")]
    [InlineData("simulate")]
    public async Task Descriptions_and_examples_fit_80_columns(string command)
    {
        string description = (await AgentProgram.RunAsync($"{command} --help")).Output.Split("\nUsage:")[0];
        Assert.All(description.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }
}
