using EdgeAgent.Publishing;

namespace EdgeAgent.SystemTests.Broker;

/// <summary>The agent's link and a real mosquitto with certificates: that they get together, and what is said when they do not. What the broker says
/// itself before it breaks off may be lost with the connection: then the agent says what may be the reason.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private ShippedBroker _broker = null!;

    public async ValueTask InitializeAsync() => _broker = await ShippedBroker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null) await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_certificate_or_a_password_lets_a_device_in_under_its_name()
    {
        await using (var device = await _broker.ConnectAsync("dongle-1")) Assert.True(await device.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        await using var other = new ShippedBroker.Client(Password("secret"));
        await other.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.True(await other.PublishAsync("tenants/acme/devices/dongle-1/telemetry"));
        Assert.False(await other.PublishAsync("tenants/acme/devices/dongle-2/telemetry"));
    }

    [Fact]
    public async Task A_broker_of_another_authority_is_refused()
    {
        await ShippedBroker.CertifyAsync(_broker["elsewhere"], 365, "client", "x");
        Assert.Equal(
            $"mqtts://127.0.0.1:{_broker.Port} cannot be reached: its certificate (CN=127.0.0.1) is signed by an authority (CN=EdgeAgent trial authority) that is not trusted: "
            + $"{_broker["elsewhere/authority.pem"]} does not hold it; see /broker/authorityFile",
            await TroubleAsync(_broker.Options("dongle-1") with { AuthorityFile = _broker["elsewhere/authority.pem"] }));
    }

    [Fact]
    public async Task A_broker_whose_certificate_has_expired_is_refused_until_it_is_renewed()
    {
        await ShippedBroker.CertifyAsync(_broker[""], -1, "server", "127.0.0.1");
        await _broker.ReloadAsync();
        string trouble = await TroubleAsync(_broker.Options("dongle-1"));
        Assert.Matches("cannot be reached: its certificate \\(CN=127.0.0.1\\) expired on [0-9]{4}-[0-9]{2}-[0-9]{2}; whoever runs the broker has to renew it$", trouble);
        await _broker.CertifyAsync("server", "127.0.0.1");
        await _broker.ReloadAsync();
        await using var device = await _broker.ConnectAsync("dongle-1");
    }

    [Fact]
    public async Task A_broker_of_another_name_is_refused()
    {
        await _broker.CertifyAsync("server", "broker.example", "10.9.8.7");
        await _broker.ReloadAsync();
        Assert.Equal(
            $"mqtts://127.0.0.1:{_broker.Port} cannot be reached: its certificate (CN=broker.example) is for broker.example, 10.9.8.7 and not for 127.0.0.1; check /broker/url",
            await TroubleAsync(_broker.Options("dongle-1")));
    }

    [Fact]
    public async Task A_device_without_a_certificate_is_told_that_it_needs_one() =>
        Assert.Contains(
            " for a certificate of this device; set /broker/certificateFile and /broker/privateKeyFile",
            await TroubleAsync(_broker.Options("dongle-1") with { CertificateFile = null, PrivateKeyFile = null }), StringComparison.Ordinal);

    [Fact]
    public async Task A_device_whose_certificate_has_expired_is_told_so_until_it_is_renewed()
    {
        await ShippedBroker.CertifyAsync(_broker[""], -1, "client", "dongle-1");
        await using var device = new ShippedBroker.Client(_broker.Options("dongle-1"));
        var e = await Assert.ThrowsAsync<BrokerException>(() => device.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken));
        Assert.Matches($"this device's certificate \\(CN=dongle-1, {_broker["dongle-1.pem"]}\\) expired on [-0-9]{{10}}; renew it$", e.Message);
        await _broker.CertifyAsync("client", "dongle-1");
        await device.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.True(await device.PublishAsync("devices/dongle-1/status"));
    }

    [Fact]
    public async Task A_device_whose_certificate_is_of_another_authority_is_told_who_issued_it()
    {
        await ShippedBroker.CertifyAsync(_broker["elsewhere"], 365, "client", "dongle-1");
        string trouble = await TroubleAsync(_broker.Options("dongle-1") with { CertificateFile = _broker["elsewhere/dongle-1.pem"], PrivateKeyFile = _broker["elsewhere/dongle-1.key"] });
        Assert.Contains(" not accept this device's certificate (CN=dongle-1, ", trouble, StringComparison.Ordinal);
        Assert.EndsWith("issued by CN=EdgeAgent trial authority; see /broker/certificateFile", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_names_the_settings_to_check()
    {
        Assert.Equal(
            $"mqtts://127.0.0.1:{_broker.PasswordPort} refuses user 'dongle-1': NotAuthorized (0x87); check /broker/userName and /broker/passwordFile", await TroubleAsync(Password("wrong")));
    }

    private BrokerOptions Password(string password) => new(new Uri($"mqtts://127.0.0.1:{_broker.PasswordPort}"), "dongle-1", "dongle-1")
    {
        AuthorityFile = _broker["authority.pem"],
        Password = password,
    };

    private static async Task<string> TroubleAsync(BrokerOptions options)
    {
        await using var client = new ShippedBroker.Client(options);
        return (await Assert.ThrowsAsync<BrokerException>(() => client.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken))).Message;
    }
}
