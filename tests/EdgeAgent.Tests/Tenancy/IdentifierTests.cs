using CsCheck;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Tenancy;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("Acme_2-x", true)]
    [InlineData("0f", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    [InlineData("a/b", false)]
    [InlineData("+", false)]
    [InlineData("#", false)]
    [InlineData("..", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a\0", false)]
    public void An_id_is_safe_in_topics_and_file_names(string? text, bool valid)
    {
        Assert.Equal(valid, TenantId.TryParse(text, out _));
        Assert.Equal(valid, DeviceId.TryParse(text, out _));
        Assert.Equal(valid, BusName.TryParse(text, out _));
    }

    [Fact]
    public void An_id_has_at_most_64_characters()
    {
        Assert.True(TenantId.TryParse(new string('a', 64), out _));
        Assert.False(TenantId.TryParse(new string('a', 65), out _));
    }

    [Fact]
    public void A_topic_can_only_be_made_from_ids_that_were_checked()
    {
        Assert.Throws<InvalidOperationException>(() => Topics.State(default, DeviceId.Parse("d")));
        Gen.String.Sample(text =>
        {
            if (!TenantId.TryParse(text, out var tenant)) return;
            Assert.Equal(4, Topics.State(tenant, DeviceId.Parse("d")).Count(c => c == '/'));
        });
        Assert.Equal("tenants/acme/devices/d/state", Topics.State(TenantId.Parse("acme"), DeviceId.Parse("d")));
    }
}
