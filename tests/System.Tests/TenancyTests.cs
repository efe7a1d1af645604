using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests;

/// <summary>The five steps of tenancy with the published binary and a real mosquitto with the shipped rules and certificates.</summary>
public sealed partial class TenancyTests(ITestOutputHelper output)
{
    /// <summary>The devices replay their drive from a log that their tenants publish.</summary>
    [Fact]
    public Task Two_tenants_and_two_devices_from_nothing_to_a_ledger_without_gaps_and_strangers() => RunAsync([]);

    /// <summary>They hear it on a bus.</summary>
    [Fact]
    [Trait("takes", "minutes")]
    public Task The_same_on_real_SocketCAN()
    {
        Rig.Require("canplayer");
        return RunAsync(Rig.Guest);
    }

    private async Task RunAsync(string[] where)
    {
        Rig.Require("mosquitto", "mosquitto_sub", "openssl", "perl");
        string directory = Directory.CreateTempSubdirectory("edge-agent-tenancy-").FullName;
        var result = await Rig.RunAsync("bash", [.. where, Path.Combine(Rig.Root, "demo", "tenancy.sh"), Rig.Agent, directory], input: null, Rig.GuestPatience);
        output.WriteLine(result.Output + result.Errors);
        foreach (string log in Directory.EnumerateFiles(directory, "dongle-*.log")) output.WriteLine($"--- {Path.GetFileName(log)}\n{await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken)}");

        var total = Total().Match(result.Output);
        Assert.True(total.Success, "the script did not come to its end");
        Assert.Equal(total.Groups["all"].Value, total.Groups["right"].Value);
        Assert.Equal(0, result.ExitCode);
        var verified = Verified().Matches(result.Output);
        Assert.Equal(2, verified.Count);
        Assert.All(verified, tenant => Assert.InRange(int.Parse(tenant.Groups["records"].Value, System.Globalization.CultureInfo.InvariantCulture), 1000, int.MaxValue));
        Directory.Delete(directory, recursive: true);
    }

    [GeneratedRegex(@"(?<right>\d+) of (?<all>\d+) as promised")]
    private static partial Regex Total();

    [GeneratedRegex(@"(?<records>\d+) records, 0 gaps, \d+ duplicates, 0 strangers")]
    private static partial Regex Verified();
}
