using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Management.Provisioning.ProvisioningExamples;

namespace EdgeAgent.Tests.Management.Provisioning;

/// <summary>From the boot partition to the device, whenever the power is lost.</summary>
public sealed class ProvisionerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Now);
    private readonly TestDirectory _directory = new();

    public ProvisionerTests()
    {
        foreach (string folder in (string[])["boot", "etc", "network"]) Directory.CreateDirectory(_directory[folder]);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_boot_file_becomes_a_provisioning_and_its_secrets_are_gone_from_the_boot_partition()
    {
        Put(Boot(file => file["can"] = JsonNode.Parse("""[{"interface":"can0","bitRate":500000},{"interface":"can1","bitRate":250000}]""")));
        Assert.Equal(ProvisioningOutcome.Provisioned, Assert.Single(Take()).Outcome);

        Assert.Equal("secret\n", File.ReadAllText(BrokerOf("provision.json").PasswordFile!));
        Assert.Equal(["edge-agent-provision.result.json"], Names("boot"));
        Assert.Equal(["provision.json", "provisioned-a.password"], Names("etc"));
        Assert.Equal(["70-edge-agent-can0.network", "70-edge-agent-can1.network"], Names("network"));
        Assert.All(Directory.GetFiles(_directory["etc"]), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file)));
        Assert.Equal("""{"status":"provisioned","file":"edge-agent-provision.json","time":"2026-05-04T08:00:00Z","device":"dongle-1","credentials":["password"]}""", ResultOnCard());
        Assert.Empty(Take());
    }

    [Fact]
    public void A_wrong_file_stays_and_changes_nothing()
    {
        Put(Boot());
        Take();
        string before = Snapshot();
        byte[] wrong = Utf8(Boot(file => file["device"] = "a/b"));
        File.WriteAllBytes(_directory["boot/edge-agent-provision.json"], wrong);
        Assert.Equal("/device", Assert.Single(Assert.Single(Take()).Mistakes).Pointer);
        Assert.Equal(before, Snapshot());
        Assert.Equal(wrong, File.ReadAllBytes(_directory["boot/edge-agent-provision.json"]));
        Assert.StartsWith("""{"status":"refused","file":"edge-agent-provision.json","time":"2026-05-04T08:00:00Z","mistakes":[{"pointer":"/device","message":""", ResultOnCard(), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_file_replaces_the_provisioning_its_secrets_and_its_buses()
    {
        Put(Boot(file => file["can"] = JsonNode.Parse("""[{"interface":"can0","bitRate":500000}]""")));
        Take();
        Put(Boot(file => { file["broker"]!["password"] = "new"; file["can"] = JsonNode.Parse("""[{"interface":"can1","bitRate":250000}]"""); }));
        Take();
        Assert.Equal("new\n", File.ReadAllText(BrokerOf("provision.json").PasswordFile!));
        Assert.Equal(["provision.json", "provisioned-b.password"], Names("etc"));
        Assert.Equal(["70-edge-agent-can1.network"], Names("network"));
    }

    [Fact]
    public void A_key_made_on_the_device_waits_for_its_certificate_and_the_old_provisioning_counts_until_then()
    {
        Put(Boot());
        Take();
        Put(BootWith(null, Secret.Generate));
        var waiting = Assert.Single(Take());
        Assert.Equal(ProvisioningOutcome.AwaitingCertificate, waiting.Outcome);
        Assert.Equal("secret\n", File.ReadAllText(BrokerOf("provision.json").PasswordFile!));
        Assert.Equal("dongle-1", Provisioner().Waiting().ToString());
        Assert.Equal(["edge-agent-provision.csr", "edge-agent-provision.result.json"], Names("boot"));
        Assert.Equal(waiting.PublicKey!.ToString(), JsonDocument.Parse(ResultOnCard()).RootElement.GetProperty("publicKey").GetRawText());
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(_directory["boot/edge-agent-provision.csr"]) + ResultOnCard(), StringComparison.Ordinal);

        // Somebody else's is refused, and stays.
        File.WriteAllText(_directory["boot/edge-agent-certificate.pem"], Pair().Certificate);
        Assert.StartsWith("not the key of the certificate", Assert.Single(Assert.Single(Take()).Mistakes).Message, StringComparison.Ordinal);

        string certificate = Certify(File.ReadAllText(_directory["boot/edge-agent-provision.csr"]));
        File.WriteAllText(_directory["boot/edge-agent-certificate.pem"], certificate);
        Assert.Equal(ProvisioningOutcome.CertificateInstalled, Assert.Single(Take()).Outcome);
        Assert.Equal(certificate, File.ReadAllText(BrokerOf("provision.json").CertificateFile!));
        Assert.Equal(["provision.json", "provisioned-b.authority.pem", "provisioned-b.certificate.pem", "provisioned-b.key.pem"], Names("etc"));
        Assert.DoesNotContain("edge-agent-certificate.pem", Names("boot"));

        Assert.Null(Provisioner().Waiting());

        // Renewed for the same key.
        string renewed = Certify(Provisioner().Request(), notAfter: Now.AddYears(2));
        Assert.Equal(ProvisioningOutcome.CertificateInstalled, Provisioner().Install(Encoding.UTF8.GetBytes(renewed), "new.pem").Outcome);
        Assert.Equal(renewed, File.ReadAllText(BrokerOf("provision.json").CertificateFile!));
    }

    [Fact]
    public void A_device_without_a_key_of_its_own_says_so()
    {
        Assert.Contains("no such file: the device has no key before it is provisioned", Assert.Throws<ConfigurationException>(() => Provisioner().Request()).Message, StringComparison.Ordinal);
        Put(Boot());
        Take();
        Assert.Contains("this device has no key of its own", Assert.Throws<ConfigurationException>(() => Provisioner().Request()).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Histories => ["first", "again", "key", "certificate"];

    [Theory]
    [MemberData(nameof(Histories))]
    public void Power_may_be_lost_at_every_step_and_after_it_the_same_comes_about(string history)
    {
        for (int steps = 0; ; steps++)
        {
            foreach (string folder in (string[])["boot", "etc", "network"])
            {
                Directory.Delete(_directory[folder], recursive: true);
                Directory.CreateDirectory(_directory[folder]);
            }
            Prepare(history);
            var disk = new CutFiles(steps);
            bool isCut = false;
            try
            {
                Provisioner(disk).TakeFrom(_directory["boot"]);
            }
            catch (PowerCutException)
            {
                isCut = true;
            }
            if (isCut) AssertWholeProvisioning();
            // The next boot.
            Take();
            AssertDone(history);
            if (isCut) continue;
            Assert.InRange(steps, 8, 100);
            return;
        }
    }

    private void Prepare(string history)
    {
        if (history != "first")
        {
            Put(Boot());
            Take();
        }
        var (certificate, key) = Pair();
        Put(history is "first" or "again" ? BootWith(certificate, key) : BootWith(null, Secret.Generate));
        if (history != "certificate") return;
        Take();
        File.WriteAllText(_directory["boot/edge-agent-certificate.pem"], Certify(File.ReadAllText(_directory["boot/edge-agent-provision.csr"])));
    }

    /// <summary>What would start now is the old device or the new one, with everything that belongs to it.</summary>
    private void AssertWholeProvisioning()
    {
        if (!File.Exists(_directory["etc/provision.json"])) return;
        var broker = BrokerOf("provision.json");
        if (broker.CertificateFile is null) Assert.Equal("secret\n", File.ReadAllText(broker.PasswordFile!));
        else X509Certificate2.CreateFromPemFile(broker.CertificateFile, broker.PrivateKeyFile).Dispose();
    }

    private void AssertDone(string history)
    {
        string request = history is "key" or "certificate" ? "edge-agent-provision.csr " : "";
        Assert.Equal($"{request}edge-agent-provision.result.json", string.Join(' ', Names("boot")));
        string[] certified = ["provision.json", "provisioned-X.authority.pem", "provisioned-X.certificate.pem", "provisioned-X.key.pem"];
        string[] expected = history == "key" ? ["provision.json", "provision.pending.json", "provisioned-X.authority.pem", "provisioned-X.key.pem", "provisioned-X.password"] : certified;
        Assert.Equal(expected, Names("etc").Select(name => name.Replace("-a.", "-X.", StringComparison.Ordinal).Replace("-b.", "-X.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        AssertWholeProvisioning();
        Assert.Equal(history == "key", BrokerOf("provision.json").CertificateFile is null);
    }

    private void Put(JsonObject file) => File.WriteAllBytes(_directory["boot/edge-agent-provision.json"], Utf8(file));

    private IReadOnlyList<ProvisioningResult> Take() => Provisioner().TakeFrom(_directory["boot"]);

    private Provisioner Provisioner(IProvisioningFiles? files = null) => new(files ?? new ProvisioningFiles(), _directory["etc"], _directory["network"], _time);

    private EdgeAgent.Publishing.BrokerOptions BrokerOf(string name) => ConfigurationReader.LoadProvisioning(_directory[$"etc/{name}"], _directory["state"]).Device.Broker;

    private string[] Names(string folder) => [.. Directory.GetFiles(_directory[folder]).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private string Snapshot() => string.Join('\n', Directory.GetFiles(_directory["etc"]).Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToBase64String(File.ReadAllBytes(path))}"));

    private string ResultOnCard() => JsonNode.Parse(File.ReadAllText(_directory["boot/edge-agent-provision.result.json"]))!.ToJsonString();
}
