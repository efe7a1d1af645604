using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeAgent.SystemTests.Faults;

namespace EdgeAgent.SystemTests.Packaging;

/// <summary>The package on an emulated arm64 machine that runs Debian: installed by dpkg, started and watched by systemd, on a bus that systemd-networkd brings up.</summary>
[Trait("needs", "arm64-machine")]
public sealed class PackageOnDeviceTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task It_is_installed_runs_is_watched_and_goes_as_it_came()
    {
        using var workspace = new Workspace();
        string job = await MakeJobAsync(workspace, "package-on-device.sh");
        File.WriteAllText(Path.Combine(job, "agent.json"), """
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://127.0.0.1", "userName": "dongle-1", "passwordFile": "broker.password" },
              "sources": [{ "interface": "can0", "dbc": ["vehicle.dbc"] }],
              "access": { "users": { "root": "viewer" } },
              "drainSeconds": 1
            }
            """);

        await RunAsync(job, "package on device: all is well");
    }

    /// <summary>What it said, with the times, is also in artifacts/first-boot-on-device.txt.</summary>
    [Fact]
    public async Task A_boot_file_is_all_it_takes_until_the_first_record_arrives_and_of_each_broken_set_up_why_names_the_cause()
    {
        using var workspace = new Workspace();
        string job = await MakeJobAsync(workspace, "first-boot-on-device.sh");
        WriteCertificates(job, "broker.test");
        string console = await RunAsync(job, "first boot on device: all is well");
        Directory.CreateDirectory(Path.Combine(Rig.Root, "artifacts"));
        await File.WriteAllTextAsync(Path.Combine(Rig.Root, "artifacts", "first-boot-on-device.txt"), console, TestContext.Current.CancellationToken);
    }

    /// <summary>What the machine gets: the package, a vehicle's DBC file, and the program that it runs.</summary>
    private static async Task<string> MakeJobAsync(Workspace workspace, string scenario)
    {
        Rig.Require("qemu-system-aarch64", "mke2fs", "debootstrap", "jq");
        string? binary = Environment.GetEnvironmentVariable("EDGE_AGENT_ARM64_BINARY");
        if (binary is null) Assert.Skip("no arm64 binary: ./build.sh device-test makes it");
        var made = await Rig.RunAsync(
            Path.Combine(Rig.Root, "packaging", "debian", "make.sh"), ["--arch", "arm64", "--binary", binary, "--agent", Rig.Agent, "--out", workspace["package"]], limit: TimeSpan.FromMinutes(5));
        Assert.True(made.ExitCode == 0, made.Output + made.Errors);
        string job = workspace["job"];
        Directory.CreateDirectory(job);
        File.Copy(made.Output.TrimEnd(), Path.Combine(job, "edge-agent.deb"));
        File.Copy(Path.Combine(Rig.Root, "tests", "System.Tests", "scenarios", scenario), Path.Combine(job, "main"));
        File.WriteAllText(Path.Combine(job, "vehicle.dbc"), Workspace.Dbc);
        return job;
    }

    private async Task<string> RunAsync(string job, string end)
    {
        await using var machine = Machine.BootDebian(job);
        await machine.UntilAsync(console => console.Contains(end, StringComparison.Ordinal) || console.Contains("FAILED: ", StringComparison.Ordinal), Patience);
        output.WriteLine(machine.Console);
        Assert.DoesNotContain("FAILED: ", machine.Console, StringComparison.Ordinal);
        return machine.Console;
    }

    /// <summary>An authority, and of the broker a certificate that is valid and one that has expired.</summary>
    private static void WriteCertificates(string directory, string host)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority of the test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var signer = authority.CreateSelfSigned(now.AddDays(-90), now.AddDays(90));
        File.WriteAllText(Path.Combine(directory, "authority.pem"), signer.ExportCertificatePem());
        foreach (var (name, until) in ((string, int)[])[("valid", 30), ("expired", -30)])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
            using var certificate = request.Create(signer, now.AddDays(-60), now.AddDays(until), RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path.Combine(directory, name + ".pem"), certificate.ExportCertificatePem());
            File.WriteAllText(Path.Combine(directory, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        }
    }
}
