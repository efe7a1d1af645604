using System.Text;
using System.Text.Json;
using EdgeAgent.Management.Control;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Tests.Management.Control;

public sealed class ControlStateTests
{
    private static readonly TenantId Acme = TenantId.Parse("acme");

    [Fact]
    public void What_is_written_is_read_again_whole()
    {
        using var key = SigningKey.Create();
        var state = new ControlState
        {
            Epoch = 7,
            Tenant = KeyRing.Create(Acme, [key.Public]),
            Platform = KeyRing.Create(null, [key.Public]),
            Newest = new Layers(new Layer(3, JsonElement.Parse("""{"sources":[]}""")), new Layer(2, JsonElement.Parse("{}"))),
            Good = new Layers(new Layer(2, JsonElement.Parse("""{"log":{"level":"debug"}}""")), null),
            InTrial = true,
            Refused = new Refused(1, 0, true, [new ConfigurationMistake("/sources/0", "can77 does not exist")]),
            Departures = [new Departure(TenantId.Parse("bravo"), Handover.Deliver, TimeSpan.FromHours(1), DateTimeOffset.FromUnixTimeSeconds(1_777_000_000)), new Departure(TenantId.Parse("c"), Handover.Purge, TimeSpan.Zero, null)],
            Floors = [new Floor(Acme, 3, 2, ["key-1"])],
        };
        var read = ControlState.FromUtf8(state.ToUtf8());
        Assert.Equal(Encoding.UTF8.GetString(state.ToUtf8()), Encoding.UTF8.GetString(read.ToUtf8()));
        Assert.Equal(7, read.Epoch);
        Assert.Equal([key.Public], read.Tenant!.Keys);
        Assert.True(read.InTrial);
        Assert.True(read.Newest.IsSameAs(state.Newest));
        Assert.Equal(state.Departures, read.Departures);
    }

    [Fact]
    public void A_fresh_device_belongs_to_nobody() => Assert.Null(ControlState.FromUtf8(new ControlState().ToUtf8()).Tenant);

    [Fact]
    public void What_is_deepest_allowed_in_a_document_can_be_kept()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 14)) + "{}" + new string('}', 14);
        var state = new ControlState { Newest = new Layers(new Layer(1, JsonElement.Parse(deep)), null) };
        Assert.Equal(deep, ControlState.FromUtf8(state.ToUtf8()).Newest.Tenant!.Configuration.GetRawText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"epoch":-1}""")]
    [InlineData("""{"epoch":0,"tenant":7,"platform":null,"newest":[],"good":{},"inTrial":1,"refused":null,"departures":[{}],"floors":[]}""")]
    public void What_this_agent_did_not_write_is_refused(string text) =>
        Assert.Throws<DocumentException>(() => ControlState.FromUtf8(Encoding.UTF8.GetBytes(text)));
}
