using System.Net;
using System.Net.Sockets;
using EdgeAgent.Publishing;
using MQTTnet.Server;

namespace EdgeAgent.Tests.Publishing;

/// <summary>TLS against a broker on loopback, and what is said when something about a certificate is wrong.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly TestAuthority _authority;
    private readonly int _port = FreePort();

    public BrokerTlsTests() => _authority = new TestAuthority(_directory, "authority");

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_private_authority_is_trusted_and_no_other()
    {
        using var broker = await StartAsync("127.0.0.1");
        await using (var link = Link(_authority.File))
        {
            await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
            await link.PublishAsync(new Publication("t", "x"u8.ToArray(), "text/plain"), TestContext.Current.CancellationToken);
        }
        using var other = new TestAuthority(_directory, "other");
        Assert.Equal(
            $"{Name} cannot be reached: its certificate (CN=127.0.0.1) is signed by an authority (CN=authority) that is not trusted: {other.File} does not hold it; see /broker/authorityFile",
            await TroubleAsync(Link(other.File)));
        Assert.Equal(
            $"{Name} cannot be reached: its certificate (CN=127.0.0.1) is signed by an authority (CN=authority) that is not trusted: "
            + "name its PEM file in /broker/authorityFile, or install it with update-ca-certificates",
            await TroubleAsync(Link(authority: null)));
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused_with_the_names_in_it()
    {
        using var broker = await StartAsync("broker.example");
        Assert.Equal(
            $"{Name} cannot be reached: its certificate (CN=broker.example) is for broker.example and not for 127.0.0.1; check /broker/url",
            await TroubleAsync(Link(_authority.File)));
    }

    [Theory]
    [InlineData(-30, -2, "expired on {to}; whoever runs the broker has to renew it")]
    [InlineData(2, 30, "is not valid before {from}, and this device's clock says {now}")]
    public async Task A_certificate_out_of_its_time_is_refused_with_the_dates(int from, int to, string expected)
    {
        using var broker = await StartAsync("127.0.0.1", from, to);
        expected = expected.Replace("{from}", Day(from), StringComparison.Ordinal).Replace("{to}", Day(to), StringComparison.Ordinal).Replace("{now}", Day(0), StringComparison.Ordinal);
        Assert.Equal($"{Name} cannot be reached: its certificate (CN=127.0.0.1) {expected}", await TroubleAsync(Link(_authority.File)));
    }

    [Fact]
    public async Task A_certificate_of_the_device_is_shown_and_read_anew_at_each_connection()
    {
        var own = _authority.Issue("dongle-1");
        List<string?> shown = [];
        using var broker = await StartAsync("127.0.0.1", wantsCertificate: certificate => shown.Add(certificate));
        await using var link = new MqttBrokerLink(Options(_authority.File) with { CertificateFile = own.Certificate, PrivateKeyFile = own.Key }, TimeProvider.System);
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        await link.DisconnectAsync();
        var renewed = _authority.Issue("dongle-2");
        File.Copy(renewed.Certificate, own.Certificate, overwrite: true);
        File.Copy(renewed.Key, own.Key, overwrite: true);
        await link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
        Assert.Equal(["CN=dongle-1", "CN=dongle-2"], shown);
    }

    [Fact]
    public async Task Files_that_are_missing_or_hold_something_else_are_named_with_the_setting()
    {
        var own = _authority.Issue("dongle-1");
        var other = _authority.Issue("dongle-2");
        string garbage = _directory.Write("garbage.pem", "not PEM"), broken = _directory.Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        string missing = _directory.Path + "/missing.pem";
        var options = Options(_authority.File);

        await SaysAsync(options with { AuthorityFile = missing }, $"{missing}: cannot be read: ", "see /broker/authorityFile");
        await SaysAsync(options with { AuthorityFile = garbage }, $"{garbage}: holds no certificate in PEM", "see /broker/authorityFile");
        await SaysAsync(options with { AuthorityFile = broken }, $"{broken}: holds a certificate that cannot be understood", "see /broker/authorityFile");
        await SaysAsync(options with { CertificateFile = missing, PrivateKeyFile = own.Key }, $"{missing}: cannot be read: ", "see /broker/certificateFile");
        await SaysAsync(options with { CertificateFile = own.Certificate, PrivateKeyFile = missing }, $"{missing}: cannot be read: ", "see /broker/privateKeyFile");
        await SaysAsync(options with { CertificateFile = own.Certificate, PrivateKeyFile = other.Key }, $"{other.Key}: is not the key of the certificate (CN=dongle-1) in /broker/certificateFile", "");
        await SaysAsync(options with { CertificateFile = own.Certificate }, $"{own.Certificate}: is not the key of the certificate (CN=dongle-1)", "not a key in PEM");
    }

    private string Name => $"mqtts://127.0.0.1:{_port}";

    private BrokerOptions Options(string? authority) => new(new Uri(Name), "dongle-1") { AuthorityFile = authority };

    private MqttBrokerLink Link(string? authority) => new(Options(authority), TimeProvider.System);

    private static async Task<string> TroubleAsync(MqttBrokerLink link)
    {
        await using (link)
        {
            return (await Assert.ThrowsAsync<BrokerException>(() => link.ConnectAsync(will: null, TestContext.Current.CancellationToken))).Message;
        }
    }

    private static async Task SaysAsync(BrokerOptions options, string begin, string end)
    {
        // Files are read once there is a connection.
        using var listener = new TcpListener(IPAddress.Loopback, options.Port);
        listener.Start();
        string trouble = await TroubleAsync(new MqttBrokerLink(options, TimeProvider.System));
        Assert.StartsWith(begin, trouble, StringComparison.Ordinal);
        Assert.Contains(end, trouble, StringComparison.Ordinal);
    }

    private async Task<MqttServer> StartAsync(string host, int from = -1, int to = 30, Action<string?>? wantsCertificate = null)
    {
        var builder = new MqttServerOptionsBuilder().WithoutDefaultEndpoint().WithEncryptedEndpoint().WithEncryptedEndpointPort(_port)
            .WithEncryptedEndpointBoundIPAddress(IPAddress.Loopback).WithEncryptedEndpointBoundIPV6Address(IPAddress.None)
            .WithEncryptionCertificate(_authority.Issue(host, from, to).WithKey);
        if (wantsCertificate is not null)
        {
            builder.WithClientCertificate((_, certificate, _, _) =>
            {
                wantsCertificate(certificate?.Subject);
                return certificate?.Issuer == "CN=authority";
            });
        }
        var broker = new MqttServerFactory().CreateMqttServer(builder.Build());
        await broker.StartAsync();
        return broker;
    }

    private static string Day(int offset) => TimeProvider.System.GetUtcNow().AddDays(offset).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
