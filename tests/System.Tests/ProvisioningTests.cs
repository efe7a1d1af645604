using EdgeAgent.Publishing;
using EdgeAgent.SystemTests.Broker;

namespace EdgeAgent.SystemTests;

/// <summary>From a table of devices to devices that a real broker lets in.</summary>
public sealed class ProvisioningTests
{
    [Fact]
    public async Task A_device_of_the_table_takes_its_boot_file_and_connects_with_its_certificate()
    {
        await using var broker = await ShippedBroker.StartAsync();
        using var workspace = new Workspace();
        await CreateAsync(workspace, broker, broker.Port, "\"privateKey\":\"generate\"", "--ca", broker["authority.pem"], "--ca-key", broker["authority.key"]);
        string etc = await ImportAsync(workspace, "dongle-1");
        await using var agent = RunningAgent.Start(workspace, Path.Combine(etc, "provision.json"), local: workspace["agent.sock"], state: workspace["state"]);
        await agent.UntilStatusAsync("broker=connected");
        Assert.Equal(0, await agent.TerminateAsync());
    }

    [Fact]
    public async Task The_brokers_side_knows_the_passwords_by_the_manifest()
    {
        await using var broker = await ShippedBroker.StartAsync();
        using var workspace = new Workspace();
        await CreateAsync(workspace, broker, broker.PasswordPort, "\"password\":\"generate\"");
        var passwords = await Rig.RunAsync("awk", ["-F,", "NR > 1 { print $2 \":\" $3 }", workspace["cards/manifest.csv"]]);
        await File.WriteAllTextAsync(broker["passwords"], passwords.Output, TestContext.Current.CancellationToken);
        await broker.ReloadAsync();
        string etc = await ImportAsync(workspace, "dongle-2");
        var options = new BrokerOptions(new Uri($"mqtts://127.0.0.1:{broker.PasswordPort}"), "dongle-2", "dongle-2", Path.Combine(etc, "provisioned-a.password")) { AuthorityFile = Path.Combine(etc, "provisioned-a.authority.pem") };
        await using var device = new ShippedBroker.Client(options);
        await device.Link.ConnectAsync(will: null, TestContext.Current.CancellationToken);
    }

    private static async Task CreateAsync(Workspace workspace, ShippedBroker broker, int port, string credentials, params string[] options)
    {
        string key = (await RunAsync("key", "new", "--out", workspace["platform.key"])).Trim();
        workspace.Write("devices.csv", "device\ndongle-1\ndongle-2\n");
        workspace.Write("template.json", $$$"""{"platformKeys":[{{{key}}}],"broker":{"url":"mqtts://127.0.0.1:{{{port}}}",{{{credentials}}}},"can":[{"interface":"can0","bitRate":500000}]}""");
        await RunAsync(["provision", "create", "--csv", workspace["devices.csv"], "--template", workspace["template.json"], "--authority", broker["authority.pem"], "--out", workspace["cards"], .. options]);
    }

    private static async Task<string> ImportAsync(Workspace workspace, string device)
    {
        foreach (string folder in (string[])["etc", "network"]) Directory.CreateDirectory(workspace[folder]);
        await RunAsync("provision", "import", "--from", workspace[$"cards/{device}"], "--to", workspace["etc"], "--network", workspace["network"]);
        Assert.True(File.Exists(workspace["network/70-edge-agent-can0.network"]));
        return workspace["etc"];
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        var result = await Rig.RunAsync(Rig.Agent, arguments);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output;
    }
}
