using EdgeAgent.Tenancy;

namespace EdgeAgent.SystemTests.Broker;

/// <summary>Who can write and read what, on a real mosquitto with the rules that are shipped: dongle-1 and -2 belong to acme, dongle-3 to bravo
/// and before that to acme.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private ShippedBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await ShippedBroker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_device_writes_its_own_topics_and_nobody_elses()
    {
        await using var device = await _broker.ConnectAsync("dongle-1");
        foreach (string topic in Own("acme", "dongle-1").Append("devices/dongle-1/status")) Assert.True(await device.PublishAsync(topic), topic);
        string[] others =
        [
            .. Own("acme", "dongle-2"), // another device's
            .. Own("bravo", "dongle-1"), // another tenant's
            .. Own("bravo", "dongle-3"),
            "devices/dongle-2/status", "devices/dongle-1/assignment", "devices/dongle-1/other", "platform/keys/1",
            "tenants/acme/config", "tenants/acme/keys/1", "tenants/acme/artifacts/0", "tenants/acme/devices/dongle-1/config", "tenants/acme/devices/dongle-1/commands/1",
            "tenants/acme/devices/dongle-1/telemetry/more", "tenants/acme/devices/dongle-1", "tenants/acme/devices/dongle-1/responses/a/b", "tenants/acme/telemetry", "other",
        ];
        foreach (string topic in others) Assert.False(await device.PublishAsync(topic), topic);
        await _broker.UntilLogAsync("Denied PUBLISH from dongle-1 (d0, q1, r0, m");
        Assert.Contains("'tenants/bravo/devices/dongle-3/telemetry'", _broker.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_previous_tenants_topics_can_be_written_only_while_it_is_listed_and_never_read()
    {
        await using var device = await _broker.ConnectAsync("dongle-3");
        foreach (string topic in Own("bravo", "dongle-3").Concat(Own("acme", "dongle-3"))) Assert.True(await device.PublishAsync(topic), topic);
        await device.SubscribeAsync("tenants/acme/config", "tenants/bravo/config", "tenants/acme/devices/dongle-3/commands/+");
        await using var acme = await _broker.ConnectAsync("tenant.acme");
        await using var bravo = await _broker.ConnectAsync("tenant.bravo");
        Assert.True(await acme.PublishAsync("tenants/acme/config"));
        Assert.True(await acme.PublishAsync("tenants/acme/devices/dongle-3/commands/1"));
        Assert.True(await bravo.PublishAsync("tenants/bravo/config"));
        await device.UntilAsync("tenants/bravo/config");
        Assert.Equal(["tenants/bravo/config"], device.Received);

        await _broker.AssignAsync("dongle-1,acme,\ndongle-2,acme,\ndongle-3,bravo,\n");
        foreach (string topic in Own("acme", "dongle-3")) Assert.False(await device.PublishAsync(topic), topic);
        Assert.True(await device.PublishAsync("tenants/bravo/devices/dongle-3/telemetry"));
    }

    [Fact]
    public async Task A_device_that_is_reassigned_changes_sides_without_a_new_connection()
    {
        await using var device = await _broker.ConnectAsync("dongle-1");
        Assert.True(await device.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        Assert.False(await device.PublishAsync("tenants/bravo/devices/dongle-1/telemetry"));
        await _broker.AssignAsync("dongle-1,bravo,acme\n");
        Assert.True(await device.PublishAsync("tenants/bravo/devices/dongle-1/telemetry"));
        Assert.True(await device.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        await _broker.AssignAsync("dongle-1,,\n"); // nobody's
        Assert.False(await device.PublishAsync("tenants/bravo/devices/dongle-1/telemetry"));
        Assert.True(await device.PublishAsync("devices/dongle-1/status"));
    }

    [Theory]
    [InlineData("#")]
    [InlineData("tenants/+/#")]
    [InlineData("tenants/bravo/#")]
    [InlineData("tenants/+/devices/+/telemetry")]
    [InlineData("+/+/+/dongle-3/#")]
    [InlineData("$share/group/tenants/bravo/#")]
    public async Task A_tenant_and_a_device_read_nothing_of_another_whatever_they_subscribe_to_now_or_before(string filter)
    {
        await using var bravo = await _broker.ConnectAsync("tenant.bravo");
        await using var bravosDevice = await _broker.ConnectAsync("dongle-3");
        await using var platform = await _broker.ConnectAsync("platform");
        // Retained, before anybody subscribes.
        Assert.True(await bravo.PublishAsync("tenants/bravo/config", retain: true));
        Assert.True(await bravosDevice.PublishAsync("tenants/bravo/devices/dongle-3/state", retain: true));
        Assert.True(await bravosDevice.PublishAsync("devices/dongle-3/status", retain: true));
        Assert.True(await platform.PublishAsync("devices/dongle-3/assignment", retain: true));

        await using var acme = await _broker.ConnectAsync("tenant.acme");
        await using var acmesDevice = await _broker.ConnectAsync("dongle-1");
        await acme.SubscribeAsync(filter, "tenants/acme/devices/dongle-1/events/last");
        await acmesDevice.SubscribeAsync(filter, "tenants/acme/devices/dongle-1/commands/+");
        // And live.
        Assert.True(await bravosDevice.PublishAsync("tenants/bravo/devices/dongle-3/telemetry"));
        Assert.True(await bravo.PublishAsync("tenants/bravo/devices/dongle-3/commands/1"));
        Assert.True(await bravo.PublishAsync("tenants/bravo/keys/1", retain: true));

        Assert.True(await acmesDevice.PublishAsync("tenants/acme/devices/dongle-1/events/last"));
        Assert.True(await acme.PublishAsync("tenants/acme/devices/dongle-1/commands/last"));
        await acme.UntilAsync("tenants/acme/devices/dongle-1/events/last");
        await acmesDevice.UntilAsync("tenants/acme/devices/dongle-1/commands/last");
        Assert.All(acme.Received, topic => Assert.StartsWith("tenants/acme/", topic, StringComparison.Ordinal));
        Assert.All(acmesDevice.Received, topic => Assert.Equal("tenants/acme/devices/dongle-1/commands/last", topic));
    }

    [Fact]
    public async Task A_tenant_reads_all_that_is_its_own_and_writes_what_its_devices_read()
    {
        await using var acme = await _broker.ConnectAsync("tenant.acme");
        await using var device = await _broker.ConnectAsync("dongle-1");
        await acme.SubscribeAsync("tenants/acme/#", "devices/+/status");
        await device.SubscribeAsync("tenants/acme/config", "tenants/acme/keys/+", "tenants/acme/artifacts/+", "tenants/acme/devices/dongle-1/config", "tenants/acme/devices/dongle-1/commands/+");
        string[] said = [.. Own("acme", "dongle-1"), "devices/dongle-1/status"];
        foreach (string topic in said) Assert.True(await device.PublishAsync(topic), topic);
        string[] told =
        [
            "tenants/acme/artifacts/0", "tenants/acme/config", "tenants/acme/devices/dongle-1/commands/1", "tenants/acme/devices/dongle-1/config", "tenants/acme/keys/1",
        ];
        foreach (string topic in told) Assert.True(await acme.PublishAsync(topic), topic);
        string[] notItsOwn = ["tenants/bravo/config", "devices/dongle-1/assignment", "platform/keys/1", "tenants/acme/devices/dongle-1/telemetry", "devices/dongle-1/status"];
        foreach (string topic in notItsOwn) Assert.False(await acme.PublishAsync(topic), topic);
        foreach (string topic in told) await device.UntilAsync(topic);
        foreach (string topic in said) await acme.UntilAsync(topic);
        Assert.Equal(told, device.Received);
    }

    [Fact]
    public async Task The_platform_assigns_and_sees_who_is_online_and_reads_no_tenants_data()
    {
        await using var platform = await _broker.ConnectAsync("platform");
        await using var device = await _broker.ConnectAsync("dongle-1");
        await platform.SubscribeAsync("#");
        await device.SubscribeAsync("devices/dongle-1/assignment", "devices/dongle-2/assignment", "platform/keys/+");
        Assert.True(await device.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        Assert.True(await device.PublishAsync("devices/dongle-1/status"));
        Assert.False(await platform.PublishAsync("tenants/acme/config"));
        Assert.True(await platform.PublishAsync("devices/dongle-2/assignment"));
        Assert.True(await platform.PublishAsync("platform/keys/1"));
        Assert.True(await platform.PublishAsync("devices/dongle-1/assignment"));
        await device.UntilAsync("devices/dongle-1/assignment");
        Assert.Equal(["devices/dongle-1/assignment", "platform/keys/1"], device.Received);
        await platform.UntilAsync("devices/dongle-1/status");
        Assert.Equal(["devices/dongle-1/assignment", "devices/dongle-1/status", "devices/dongle-2/assignment"], platform.Received);
    }

    [Fact]
    public async Task Nobody_takes_over_anothers_session_by_its_client_id()
    {
        await using var device = await _broker.ConnectAsync("dongle-1");
        await using var intruder = new ShippedBroker.Client(_broker.Options("dongle-2") with { ClientId = "dongle-1" });
        await intruder.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.False(await intruder.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        Assert.True(await intruder.PublishAsync("tenants/acme/devices/dongle-2/telemetry"));
        Assert.True(await device.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        Assert.False(device.Link.Lost.IsCompleted);
    }

    /// <summary>Everything that the agent publishes under a tenant.</summary>
    private static IEnumerable<string> Own(string tenant, string device)
    {
        var stamp = new RecordStamp(new Assignment(DeviceId.Parse(device), TenantId.Parse(tenant), new Epoch(1)), default);
        Channel[] channels = [Channel.Telemetry, Channel.Health, Channel.Raw, Channel.Event("vehicle/engine/running"), Channel.Event("agent/audit"), Channel.Response("1")];
        return [.. channels.Select(channel => Topics.Of(stamp, channel)), Topics.State(stamp.Tenant, stamp.Device), Topics.Ledger(stamp.Tenant, stamp.Device)];
    }
}
