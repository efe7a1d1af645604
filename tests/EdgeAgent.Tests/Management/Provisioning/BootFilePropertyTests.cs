using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CsCheck;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Management.Provisioning;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Time.Testing;
using static EdgeAgent.Tests.Management.Provisioning.ProvisioningExamples;

namespace EdgeAgent.Tests.Management.Provisioning;

/// <summary>Whatever is on a boot partition, it is taken or refused, and nothing else happens.</summary>
public sealed class BootFilePropertyTests
{
    private static readonly (string Certificate, string Key) Own = Pair();

    private static readonly byte[] Whole = Utf8(BootWith(Own.Certificate, Own.Key)), WithBuses = Utf8(Boot(file => file["can"] = JsonNode.Parse(
        """[{"interface":"can0","bitRate":500000,"samplePoint":0.875,"dataBitRate":2000000,"dataSamplePoint":0.8,"restartMs":250,"listenOnly":true}]""")));

    private static readonly Gen<(int Place, byte Value)[]> Changes = Gen.Select(Gen.Int[0, 1_000_000], Gen.Byte).Array[1, 4];

    [Fact]
    public void A_damaged_file_is_refused_with_mistakes_or_still_one() => Gen.Select(Gen.Bool, Changes, Gen.Int[0, 50]).Sample((hasBuses, changes, cut) =>
    {
        byte[] content = Damaged(hasBuses ? WithBuses : Whole, changes);
        try
        {
            new BootFileReader("/nowhere", new FakeTimeProvider(Now)).Read(cut == 0 ? content.AsSpan(0, content.Length / 2) : content, "f");
        }
        catch (ConfigurationException e)
        {
            Assert.NotEmpty(e.Mistakes);
        }
    }, iter: 3000);

    [Fact]
    public void A_damaged_certificate_is_refused_or_still_one() => Changes.Sample(changes =>
    {
        using var certificate = X509Certificate2.CreateFromPem(Own.Certificate);
        string damaged = PemEncoding.WriteString("CERTIFICATE", Damaged(certificate.RawData, changes));
        CertificateCheck.Of(damaged, Own.Key, DeviceId.Parse("dongle-1"), new FakeTimeProvider(Now));
        CertificateCheck.TroubleWithAuthorities(damaged);
    }, iter: 3000);

    private static byte[] Damaged(byte[] content, (int Place, byte Value)[] changes)
    {
        byte[] damaged = [.. content];
        foreach (var (place, value) in changes) damaged[place % damaged.Length] = value;
        return damaged;
    }
}
