using System.Diagnostics;
using EdgeAgent.Diagnostics.Local;

namespace EdgeAgent.Tests.Diagnostics.Local;

public sealed class LocalAccountsTests
{
    /// <summary>No user or group of a usual system.</summary>
    private const uint Nobodys = 3_999_999_999;

    [Fact]
    public async Task Every_user_of_this_machine_has_the_groups_that_id_tells()
    {
        foreach (string line in await File.ReadAllLinesAsync("/etc/passwd", TestContext.Current.CancellationToken))
        {
            string[] fields = line.Split(':');
            if (fields.Length < 4) continue;
            var (userId, groupId) = (uint.Parse(fields[2], null), uint.Parse(fields[3], null));
            var user = LocalAccounts.UserOf(new PeerCredentials(1, userId, groupId));
            Assert.Equal((userId, await RunAsync("id", "-un", fields[2])), (user.UserId, user.Name));
            Assert.Equal((await RunAsync("id", "-Gn", user.Name)).Split(' ').Order(), user.Groups.Order());
        }
    }

    [Fact]
    public void The_group_with_which_he_came_counts_too()
    {
        var user = LocalAccounts.UserOf(new PeerCredentials(1, 65534, 0));
        Assert.Equal("nobody", user.Name);
        Assert.Contains("root", user.Groups);
        Assert.Contains("nogroup", user.Groups);
    }

    [Fact]
    public void Whom_the_databases_do_not_know_has_numbers()
    {
        var user = LocalAccounts.UserOf(new PeerCredentials(1, Nobodys, Nobodys));
        Assert.Equal((Nobodys, "3999999999"), (user.UserId, user.Name));
        Assert.Equal(["3999999999"], user.Groups);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output.TrimEnd('\n');
    }
}
