using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeAgent.Management.Provisioning;
using EdgeAgent.Tests.Tenancy;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Cli.Provision;

/// <summary>A hundred devices without typing: boot files from a table, and then from the boot partition.</summary>
public sealed class CreateCommandTests : IDisposable
{
    private static readonly string Template = $$"""
        {"platformKeys":[{{TestDocuments.Platform.Public}}],
         "broker":{"url":"mqtts://broker.example.com","password":"generate","privateKey":"generate"},
         "can":[{"interface":"can0","bitRate":500000,"listenOnly":false}]}
        """;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_device_gets_a_key_a_certificate_and_a_password_of_its_own(bool isRsa)
    {
        MakeAuthority(isRsa);
        string table = "device,/can/0/bitRate,/can/0/listenOnly\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"dongle-{i},{(i == 7 ? "250000,true" : ",")}\n"));
        var (code, output, errors) = await CreateAsync(table, Template, "--ca ca.pem --ca-key ca.key");
        Assert.Equal((0, "", "edge-agent: 200 boot files\n"), (code, output, errors));

        string[][] manifest = [.. File.ReadAllLines(_directory["out/manifest.csv"]).Select(line => line.Split(','))];
        Assert.Equal(["device", "userName", "passwordHash", "keyThumbprint", "certificateSerial", "certificateNotAfter"], manifest[0]);
        Assert.Equal(200, manifest.Skip(1).Select(row => row[3]).Distinct().Count());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["out/dongle-7/edge-agent-provision.json"]));

        var file = new BootFileReader("/nowhere", TimeProvider.System).Read(File.ReadAllBytes(_directory["out/dongle-7/edge-agent-provision.json"]), "f");
        Assert.Equal(("dongle-7", 250000, true), (file.Device.ToString(), file.Can![0].BitRate, file.Can[0].ListenOnly));
        using var certificate = X509Certificate2.CreateFromPem(file.Secrets[Secret.Certificate], file.Secrets[Secret.PrivateKey]);
        using var authority = X509CertificateLoader.LoadCertificateFromFile(_directory["ca.pem"]);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        Assert.True(chain.Build(certificate), string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation)));

        string[] row = manifest.Single(row => row[0] == "dongle-7");
        using var key = DeviceKey.Parse(file.Secrets[Secret.PrivateKey]);
        Assert.Equal(["dongle-7", "dongle-7", key.Public.Id, certificate.SerialNumber], [row[0], row[1], row[3], row[4]]);
        string[] hash = row[2].Split('$');
        byte[] expected = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(file.Secrets[Secret.Password]), Convert.FromBase64String(hash[3]), int.Parse(hash[2], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA512, 64);
        Assert.Equal(("7", Convert.ToBase64String(expected)), (hash[1], hash[4]));
    }

    [Fact]
    public async Task Without_an_authority_the_key_is_made_on_the_device()
    {
        var (code, _, errors) = await CreateAsync("device\ndongle-1\n", Template);
        Assert.Equal((0, "edge-agent: 1 boot files\n"), (code, errors));
        var file = new BootFileReader("/nowhere", new FakeTimeProvider()).Read(File.ReadAllBytes(_directory["out/dongle-1/edge-agent-provision.json"]), "f");
        Assert.True(file.MakesKey);
        Assert.Equal(24, file.Secrets[Secret.Password].Length);
        Assert.EndsWith(",,,", File.ReadAllLines(_directory["out/manifest.csv"])[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("device\na/b\nd\nd", null, "", "devices.csv:2: 'a/b' is no id", "devices.csv:4: d again, after line 3")]
    [InlineData("device,/can/0/bitRate\nd,x\ne,5", null, "", "devices.csv:2: /can/0/bitRate: the template has no such place", "devices.csv:3: /can/0/bitRate: expected an integer of 1000 to 1000000")]
    [InlineData("device,/can/1/bitRate\nd,5", null, "", "devices.csv:2: /can/1/bitRate: the template has no such place")]
    [InlineData("device\nd\ne\nf", "{}", "", "devices.csv:2: /broker: missing: an object with the broker's url (and 2 more lines)", "devices.csv:2: /platformKeys: missing")]
    [InlineData("device\nd", "{", "", "template.json: no JSON at line 1, column 2")]
    [InlineData("device\nd", "{}", "--ca ca.pem --ca-key ca.key", "template.json: /broker/privateKey: expected \"generate\"")]
    [InlineData("device\nd", null, "--ca none.pem --ca-key none.key", "--ca, --ca-key: Could not find file")]
    public async Task What_is_wrong_is_told_and_nothing_written(string table, string? template, string options, params string[] expected)
    {
        var (code, output, errors) = await CreateAsync(table, template ?? Template, options);
        Assert.Equal((5, ""), (code, output));
        string[] told = errors.TrimEnd('\n').Split('\n');
        Assert.Equal(expected.Length, told.Length);
        Assert.All(expected, line => Assert.Contains(told, one => one.Replace(_directory.Path + "/", "", StringComparison.Ordinal).StartsWith($"edge-agent: {line}", StringComparison.Ordinal)));
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [Fact]
    public async Task Nothing_is_overwritten_unasked()
    {
        await CreateAsync("device\ndongle-1\n", Template);
        byte[] before = File.ReadAllBytes(_directory["out/dongle-1/edge-agent-provision.json"]);
        var (code, _, errors) = await CreateAsync("device\ndongle-2\ndongle-1\n", Template);
        Assert.Equal(5, code);
        Assert.Contains("and 1 more: exists already; --force replaces what is there", errors, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_directory["out/dongle-1/edge-agent-provision.json"]));
        Assert.False(Directory.Exists(_directory["out/dongle-2"]));
        Assert.Equal(0, (await CreateAsync("device\ndongle-2\ndongle-1\n", Template, "--force")).Code);
        Assert.NotEqual(before, File.ReadAllBytes(_directory["out/dongle-1/edge-agent-provision.json"]));
    }

    [Fact]
    public async Task What_was_made_is_taken_by_its_device_and_by_another_program_understood()
    {
        MakeAuthority(isRsa: false);
        await CreateAsync("device\ndongle-1\n", Template, "--ca ca.pem --ca-key ca.key");
        foreach (string folder in (string[])["etc", "network"]) Directory.CreateDirectory(_directory[folder]);
        string places = $"--from {_directory["out/dongle-1"]} --to {_directory["etc"]} --network {_directory["network"]}";
        var (code, output, errors) = await AgentProgram.RunAsync($"provision import {places}");
        Assert.Equal((0, "", "edge-agent: edge-agent-provision.json: provisioned as dongle-1; what was secret in it is wiped\n"), (code, output, errors));
        Assert.Equal(0, (await AgentProgram.RunAsync($"config validate {_directory["etc/provision.json"]}")).Code);
        var request = await AgentProgram.RunAsync($"provision csr --to {_directory["etc"]}");
        Assert.StartsWith("-----BEGIN CERTIFICATE REQUEST-----\n", request.Output, StringComparison.Ordinal);

        File.WriteAllText(_directory["out/dongle-1/edge-agent-provision.json"], "{}");
        (code, _, errors) = await AgentProgram.RunAsync($"provision import {places}");
        Assert.Equal(5, code);
        Assert.Contains("edge-agent: edge-agent-provision.json: /broker: missing: an object with the broker's url\n", errors, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Errors)> CreateAsync(string table, string template, string options = "")
    {
        options = options.Replace("ca.", _directory["ca."], StringComparison.Ordinal).Replace("none.", _directory["none."], StringComparison.Ordinal);
        return AgentProgram.RunAsync($"provision create --csv {_directory.Write("devices.csv", table)} --template {_directory.Write("template.json", template)} --out {_directory["out"]} {options}");
    }

    private void MakeAuthority(bool isRsa)
    {
        using var rsa = RSA.Create(2048);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = isRsa ? new CertificateRequest("CN=Fleet", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : new CertificateRequest("CN=Fleet", ecdsa, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        _directory.Write("ca.pem", certificate.ExportCertificatePem());
        _directory.Write("ca.key", isRsa ? rsa.ExportPkcs8PrivateKeyPem() : ecdsa.ExportPkcs8PrivateKeyPem());
    }
}
