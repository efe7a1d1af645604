namespace EdgeAgent.SystemTests.Packaging;

/// <summary>From an image to a card, without a device.</summary>
public sealed partial class PackageTests
{
    private const int CannotBeTried = 77;

    [Fact]
    public async Task An_image_is_prepared_written_and_read_back_and_a_disk_in_use_is_refused()
    {
        string file = Package;
        Rig.Require("mcopy", "fsck.vfat", "sfdisk", "losetup", "mkfs.ext4");
        string scenario = Path.Combine(Rig.Root, "tests", "System.Tests", "scenarios", "flash.sh");
        // What is mounted there is nobody else's business.
        var result = await Rig.RunAsync("unshare", ["--mount", "--propagation", "private", scenario, file], limit: Patience);
        if (result.ExitCode != 0 && (result.ExitCode == CannotBeTried || !Environment.IsPrivilegedProcess))
        {
            result = await Rig.RunAsync("bash", [.. Rig.Guest, scenario, file], limit: Rig.GuestPatience);
        }
        output.WriteLine(result.Output + result.Errors);
        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith("flash: all is well\n", result.Output, StringComparison.Ordinal);
    }
}
