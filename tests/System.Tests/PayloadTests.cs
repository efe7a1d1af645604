namespace EdgeAgent.SystemTests;

/// <summary>What arrived at a receiver, read with the agent's own command and with programs of others.</summary>
public sealed class PayloadTests : IDisposable
{
    private const string Columnar = "28B52FFD20D51D0600340B08011208646F6E676C652D311A0461636D6520012A100F0E0D0C0B0A0908070605040302010030E724380140C0843D4880" +
        "C082A0BE67521163616E302F456E67696E652F537065656452044C6F6164520A4D6F74696F6E2F5961775A03000C05620372706D6201256A03010200" +
        "721000D03FE03F7A100082018A010202019201030000009A01060001A20106000A1E0A1E0AAA010301011DB20103030103BA0105E43202027CC2010A" +
        "00CD99B3EE1F8080801C050072B19A0A30AEEB9541F80267";

    private const string Cbor = "89AA2169646F6E676C652D312F221A69F852006674656E616E746461636D656565706F63680164626F6F74782430663065306430632D306230612D30" +
        "3930382D303730362D3035303430333032303130306873657175656E636519126765636C6F636B6C73796E6368726F6E697A6564007163616E302F45" +
        "6E67696E652F53706565640165312F6D696E02F96259A3007063616E302F456E67696E652F4C6F616401612502181FA3006F63616E302F4D6F74696F" +
        "6E2F59617706FB3F747AE147AE147B0200A4007163616E302F456E67696E652F53706565640165312F6D696E06FB3F947AE147AE147B02FA444B3000" +
        "A4007063616E302F456E67696E652F4C6F616401612506FB3F947AE147AE147B02181FA3006F63616E302F4D6F74696F6E2F59617706FB3F99999999" +
        "99999A02FA3DCCCCCDA4007163616E302F456E67696E652F53706565640165312F6D696E06FB3FA47AE147AE147B0219032DA4007063616E302F456E" +
        "67696E652F4C6F616401612506FB3FA47AE147AE147B02181FA3006F63616E302F4D6F74696F6E2F59617706FB3FA70A3D70A3D70A02FA3E4CCCCD";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData(Columnar, "rpm")]
    [InlineData(Cbor, "1/min")]
    public async Task What_mosquitto_sub_prints_becomes_one_JSON_object_a_sample(string hex, string unit)
    {
        var result = await Rig.RunAsync(Rig.Agent, ["payload", "decode", "-", "--json"], input: $"tenants/acme/devices/dongle-1/telemetry {hex.ToLowerInvariant()}\n");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9, lines.Length);
        Assert.Equal($$"""{"tenant":"acme","device":"dongle-1","epoch":1,"boot":"0f0e0d0c-0b0a-0908-0706-050403020100","sequence":4714,"time":"2026-05-04T08:00:00.020Z","name":"can0/Engine/Speed","unit":"{{unit}}","value":812.75}""", lines[3]);
    }

    [Fact]
    public async Task A_file_with_one_payload_is_printed_for_people()
    {
        string file = _workspace.Write("batch.bin", "");
        await File.WriteAllBytesAsync(file, Convert.FromHexString(Columnar), TestContext.Current.CancellationToken);
        var result = await Rig.RunAsync(Rig.Agent, ["payload", "decode", file]);
        Assert.StartsWith("2026-05-04T08:00:00Z acme/dongle-1 4711 can0/Engine/Speed=812.5 rpm\n2026-05-04T08:00:00Z acme/dongle-1 4712 can0/Engine/Load=31 %\n", result.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
    }

    [Fact]
    public async Task What_is_no_record_is_named_by_its_line_and_the_rest_is_decoded()
    {
        var result = await Rig.RunAsync(Rig.Agent, ["payload", "decode"], input: $"tenants/acme/devices/dongle-1/telemetry not-hex\n{Columnar}\n{Columnar[..^4]}\n[]\n");
        Assert.Equal(5, result.ExitCode);
        Assert.Equal(9, result.Output.Count(letter => letter == '\n'));
        string[] errors = result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["-:1", "-:3", "-:4"], errors.Select(error => error.Split(": ")[1]));
    }

    [Fact]
    public async Task The_columnar_encoding_is_what_its_schema_says_to_zstd_and_protoc()
    {
        Rig.Require("zstd", "protoc");
        string file = _workspace.Write("batch.bin", "");
        await File.WriteAllBytesAsync(file, Convert.FromHexString(Columnar), TestContext.Current.CancellationToken);
        var result = await Rig.RunAsync("bash", ["-c", "set -o pipefail; zstd -dc \"$0\" | protoc -I \"$1\" --decode edge_agent.columnar.ColumnarBatch columnar.proto", file, Path.Combine(Rig.Root, "packaging", "schema")]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        string text = result.Output.ReplaceLineEndings(" ");
        // Raw 3250, 3251, 3252 by factor 0.25; 62, 62, 62 by 0.5; and the changing bits of 0, 0.1f, 0.2f without their 29 zeros.
        foreach (string expected in (string[])["names: \"Load\"", "factors: 0.25 factors: 0.5", "frame_times: 0 frame_times: 5 frame_times: 15", "integers: 3250 integers: 1 integers: 1 integers: 62 doubles: 0 doubles: 8553024717 doubles: 58720256"])
            Assert.Contains(expected, text, StringComparison.Ordinal);
    }
}
