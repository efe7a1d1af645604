using System.Text;
using System.Text.Json.Nodes;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Management.Provisioning.ProvisioningExamples;

namespace EdgeAgent.Tests.Management.Provisioning;

/// <summary>A boot file is checked as a whole, and everything that is wrong with it is told at once.</summary>
public sealed class BootFileTests
{
    [Theory]
    [InlineData("""{"device":"a/b"}""", "/device: 'a/b' is no id")]
    [InlineData("""{"passwd":"x"}""", "/passwd: unknown; expected one of: device, platformKeys, broker, ")]
    [InlineData("""{"broker":{"certficate":"x"}}""", "/broker/certficate: unknown; expected one of: url, userName, password, ")]
    [InlineData("""{"broker":{"url":"https://b"}}""", "/broker/url: 'https://b' is no broker")]
    [InlineData("""{"drainSeconds":"5"}""", "/drainSeconds: expected a number, found a string")]
    [InlineData("""{"broker":{"password":"a\nb"}}""", "/broker/password: expected 1 to 1024 characters on one line")]
    [InlineData("""{"broker":{"password":7}}""", "/broker/password: expected a string, found a number")]
    [InlineData("""{"broker":{"password":"generate"}}""", "/broker/password: generate: edge-agent provision create does that")]
    [InlineData("""{"broker":{"claimCode":"x"}}""", "/broker/claimCode: given beside /broker/password")]
    [InlineData("""{"broker":{"passwordFile":"x"}}""", "/broker/passwordFile: given beside /broker/password")]
    [InlineData("""{"broker":{"authorityFile":"missing.pem"}}""", "/broker/authorityFile: /nowhere/missing.pem: no such file")]
    [InlineData("""{"broker":{"authority":"x"}}""", "/broker/authority: no certificate in PEM")]
    [InlineData("""{"broker":{"certificate":"x"}}""", "/broker/certificate: a certificate without /broker/privateKey")]
    [InlineData("""{"broker":{"privateKey":"x"}}""", "/broker/privateKey: a key without /broker/certificate")]
    [InlineData("""{"broker":{"certificate":"x","privateKey":"generate"}}""", "/broker/certificate: given for a key that is yet to be made")]
    [InlineData("""{"broker":{"certificate":"x","privateKey":"x"}}""", "/broker/certificate: no certificate in PEM")]
    [InlineData("""{"broker":{"url":"mqtt://b","privateKey":"generate"}}""", "/broker/url: certificates need TLS")]
    [InlineData("""{"platformKeys":[]}""", "/platformKeys: missing")]
    [InlineData("""{"can":{}}""", "/can: expected an array")]
    [InlineData("""{"can":[]}""", "/can: 0 elements; expected 1 to 8")]
    [InlineData("""{"can":[{"interface":"can0"}]}""", "/can/0/bitRate: missing: a number")]
    [InlineData("""{"can":[{"interface":"can*","bitRate":500000}]}""", "/can/0/interface: 'can*' is no interface")]
    [InlineData("""{"can":[{"interface":"../../x","bitRate":500000}]}""", "/can/0/interface: '../../x' is no interface")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":5000000}]}""", "/can/0/bitRate: expected an integer of 1000 to 1000000")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000,"dataBitRate":250000}]}""", "/can/0/dataBitRate: 250000 is below")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000,"samplePoint":87.5}]}""", "/can/0/samplePoint: expected a number of 0.5 to 0.95")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000,"listenOnly":"yes"}]}""", "/can/0/listenOnly: expected true or false, found a string")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000,"restartMs":-1}]}""", "/can/0/restartMs: expected an integer")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000,"dataSamplePoint":0.8}]}""", "/can/0/dataSamplePoint: goes with dataBitRate")]
    [InlineData("""{"can":[{"interface":"can0","bitRate":500000},{"interface":"can0","bitRate":250000}]}""", "/can/1/interface: can0 again")]
    public void A_mistake_is_told_with_its_place(string changes, string expected)
    {
        var file = Boot();
        Merge(file, JsonNode.Parse(changes)!.AsObject());
        Assert.StartsWith($"f.json: {expected}", Assert.Single(MistakesOf(Utf8(file))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "f.json: the file is empty")]
    [InlineData("\0\0\0\0", "f.json: the file is empty")]
    [InlineData("[]", "f.json: expected an object, found an array")]
    [InlineData("{", "f.json: no JSON at line 1, column 2")]
    [InlineData("""{"device":"a","device":"b"}""", "f.json: /device: given twice")]
    public void What_is_no_document_at_all_is_called_so(string content, string expected) => Assert.Equal([expected], MistakesOf(Encoding.UTF8.GetBytes(content)));

    [Fact]
    public void All_mistakes_are_told_at_once() =>
        Assert.Equal(
            ["/broker/url", "/can/0/bitRate", "/device", "/extra"],
            MistakesOf("""{"extra":1,"device":"?","platformKeys":[KEY],"broker":{"url":"x"},"can":[{"interface":"can0","bitRate":1}]}"""u8.ToArray(), key: true).Select(line => line.Split(": ")[1]).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("dongle-2", 0, "/broker/certificate: for dongle-2, and the device is dongle-1")]
    [InlineData("dongle-1", -400, "/broker/certificate: expired on 2026-03-31")]
    public void A_certificate_that_the_broker_would_refuse_is_refused(string device, int days, string expected)
    {
        var (certificate, key) = Pair(device, Now.AddDays(days - 1), Now.AddDays(days + 366));
        Assert.Equal([$"f.json: {expected}"], MistakesOf(Utf8(BootWith(certificate, key))));
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused() =>
        Assert.StartsWith("f.json: /broker/privateKey: not the key of the certificate (CN=dongle-1)", Assert.Single(MistakesOf(Utf8(BootWith(Pair().Certificate, Pair().Key)))), StringComparison.Ordinal);

    [Fact]
    public void A_certificate_for_later_is_taken_since_the_clock_may_be_late()
    {
        var (certificate, key) = Pair(notBefore: Now.AddDays(10));
        var file = Read(Utf8(BootWith(certificate, key)));
        Assert.StartsWith("the certificate is not valid before 2026-05-14, and this device's clock says 2026-05-04", Assert.Single(file.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_secrets_are_not_in_the_provisioning_which_names_their_files()
    {
        var (certificate, key) = Pair();
        var file = Read([.. "\uFEFF"u8, .. Utf8(BootWith(certificate, key))]);
        string provisioning = Encoding.UTF8.GetString(file.ProvisioningWith(new SecretSet('b')));
        Assert.Equal([(Secret.Authority, AuthorityPem), (Secret.Certificate, certificate), (Secret.PrivateKey, key)], file.Secrets.Select(pair => (pair.Key, pair.Value)));
        Assert.DoesNotContain("-----", provisioning, StringComparison.Ordinal);
        var broker = ConfigurationReader.ParseProvisioning(Encoding.UTF8.GetBytes(provisioning), "/etc/edge-agent/provision.json", "/var/lib/edge-agent").Device.Broker;
        Assert.Equal(
            ("/etc/edge-agent/provisioned-b.authority.pem", "/etc/edge-agent/provisioned-b.certificate.pem", "/etc/edge-agent/provisioned-b.key.pem"),
            (broker.AuthorityFile, broker.CertificateFile, broker.PrivateKeyFile));
    }

    [Fact]
    public void A_claim_code_is_shown_under_the_devices_own_name()
    {
        var file = Read(Utf8(Boot(file => file["broker"] = new JsonObject { ["url"] = "mqtts://b", ["claimCode"] = "7F3K-99QX" })));
        Assert.Equal("7F3K-99QX", file.Secrets[Secret.ClaimCode]);
        Assert.Equal("dongle-1", (string?)file.Rest["broker"]!["userName"]);
    }

    [Fact]
    public void A_bus_becomes_a_file_of_systemd_networkd()
    {
        var bus = Assert.Single(Read(Utf8(Boot(file => file["can"] = JsonNode.Parse(
            """[{"interface":"can0","bitRate":500000,"samplePoint":0.875,"dataBitRate":2000000,"dataSamplePoint":0.8,"restartMs":250,"listenOnly":true}]""")))).Can!);
        Assert.Equal("70-edge-agent-can0.network", bus.FileName);
        Assert.EndsWith(
            "[Match]\nName=can0\n[CAN]\nBitRate=500000\nSamplePoint=87.5%\nFDMode=yes\nDataBitRate=2000000\nDataSamplePoint=80%\nRestartSec=250ms\nListenOnly=yes\n",
            Encoding.UTF8.GetString(bus.ToNetworkFile()), StringComparison.Ordinal);
    }

    private static BootFile Read(byte[] content) => new BootFileReader("/nowhere", new FakeTimeProvider(Now)).Read(content, "f.json");

    private static string[] MistakesOf(byte[] content, bool key = false)
    {
        if (key) content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content).Replace("KEY", EdgeAgent.Tests.Tenancy.TestDocuments.Platform.Public.ToString(), StringComparison.Ordinal));
        return Assert.Throws<ConfigurationException>(() => Read(content)).Message.Split('\n');
    }

    /// <summary>RFC 7396, as far as these tests go.</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch.ToArray())
        {
            if (value is JsonObject inner && target[name] is JsonObject below) Merge(below, inner);
            else if (value is null) target.Remove(name);
            else target[name] = value.DeepClone();
        }
    }
}
