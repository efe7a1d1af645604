using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests;

/// <summary>The five steps of tenancy with the published binary, real SocketCAN, and a real mosquitto with the shipped rules and certificates.</summary>
public sealed partial class TenancyTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Two_tenants_and_two_devices_from_nothing_to_a_ledger_without_gaps_and_strangers()
    {
        Rig.Require("mosquitto", "mosquitto_sub", "canplayer", "openssl", "perl");
        string directory = Directory.CreateTempSubdirectory("edge-agent-tenancy-").FullName;
        List<string> command = [Path.Combine(Rig.Root, "demo", "tenancy.sh"), Rig.Agent, directory];
        if (!Directory.Exists("/sys/class/net/vcan0"))
        {
            Rig.Require("linux.uml");
            command.InsertRange(0, [Path.Combine(Rig.Root, "tests", "rig", "with-vcan.sh"), "--timeout", Rig.GuestSeconds]);
        }
        var result = await Rig.RunAsync("bash", command, input: null, Rig.GuestPatience);
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
