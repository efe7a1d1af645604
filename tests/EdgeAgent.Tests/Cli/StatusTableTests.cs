using System.Text.Json.Nodes;
using EdgeAgent.Cli;

namespace EdgeAgent.Tests.Cli;

public sealed class StatusTableTests
{
    [Fact]
    public void A_busy_device_fits_into_80_columns()
    {
        var status = JsonNode.Parse("""
            {"version":"0.1.0","device":"dongle-1","tenant":"acme","epoch":3,"configuration":{"status":"applied","tenantVersion":12,"deviceVersion":2},
             "broker":{"url":"mqtts://broker.example.com:8883","connected":false,"connects":4,"trouble":"mqtts://broker.example.com:8883 cannot be reached: its certificate\u001b[31m (CN=broker.example.com) expired on 2026-10-01"},
             "sources":[
               {"bus":"can0","state":"open","trouble":null,"frames":123456789012,"samples":1234567890123,"droppedByKernel":1,"refusedSamples":2,"errorFrames":0,"openings":1},
               {"bus":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","state":"retrying","trouble":"can77 does not exist; `ip link show type can` shows which do","frames":0,"samples":0,"droppedByKernel":0,"refusedSamples":0,"errorFrames":0,"openings":17}],
             "outbox":{"bufferedSamples":120,"deliveredSamples":4680,"evicted":3,"corrupt":4,"storedBatches":3,"storedBytes":114896,"memoryBytes":4000}}
            """)!.AsObject();
        string[] lines = [.. StatusTable.Lines(status)];
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.Equal("tenant         acme, epoch 3", lines[1]);
        Assert.Equal("configuration  applied, tenant-wide version 12, own version 2", lines[2]);
        Assert.Equal("broker         mqtts://broker.example.com:8883 away, connections so far: 4", lines[3]);
        Assert.Contains(lines, line => line.StartsWith("can0  ", StringComparison.Ordinal) && line.EndsWith("  123456789012  1234567890123        3       0       1", StringComparison.Ordinal));
        Assert.Contains("outbox         samples waiting: 120, delivered: 4680, given up or lost: 7", lines);
        Assert.Contains("  bbbbbbbbbbb…", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', string.Concat(lines));
    }

    [Fact]
    public void What_is_not_known_is_shown_as_such()
    {
        string[] lines = [.. StatusTable.Lines([])];
        Assert.Equal("tenant         nobody: nothing is captured", lines[1]);
        Assert.Equal("broker         - away, connections so far: -", lines[3]);
    }

    [Theory]
    [InlineData("pnig", "did you mean ping?")]
    [InlineData("statsu", "did you mean status?")]
    [InlineData("dtcread", "did you mean dtc.read?")]
    [InlineData("", "expected one of: ping, status, dtc.read")]
    [InlineData("everything", "expected one of: ping, status, dtc.read")]
    public void A_mistyped_word_is_guessed(string word, string suggestion) => Assert.Equal(suggestion, Suggestion.For(word, ["ping", "status", "dtc.read"]));
}
