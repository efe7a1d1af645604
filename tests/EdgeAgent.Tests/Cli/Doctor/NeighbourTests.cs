using System.Diagnostics;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Tests.Management.Updates;

namespace EdgeAgent.Tests.Cli.Doctor;

public sealed class NeighbourTests
{
    private static readonly Neighbour Minion = new(100, "salt-minion", "salt-minion.service", [Neighbour.Can, "/dev/i2c-1", "/dev/ttyUSB2"]);

    [Fact]
    public void AutoPis_software_beside_the_agent_is_a_warning_with_what_it_has_open()
    {
        var finding = Find(new HashSet<string> { "salt-minion.service", "ssh.service" }, [Minion]);
        Assert.Equal(Outcome.Warning, finding.Outcome);
        Assert.Contains("salt-minion.service: /dev/i2c-1, /dev/ttyUSB2, CAN sockets", finding.Evidence, StringComparison.Ordinal);
        Assert.Contains("coexistence.md", finding.Remedy, StringComparison.Ordinal);
        Assert.False(finding.Breaks);
    }

    [Theory]
    [InlineData(false, "leaves the buses alone", "Ok")]
    [InlineData(true, "a bit rate of its own", "Warning")]
    public void Without_a_CAN_socket_it_leaves_the_bus_alone_if_one_may_look(bool isPartial, string evidence, string outcome)
    {
        var finding = Find(new HashSet<string> { "salt-minion.service" }, isPartial ? [] : [Minion with { Uses = ["/dev/i2c-1"] }], isPartial);
        Assert.Equal(outcome, finding.Outcome.ToString());
        Assert.Contains(evidence, finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_else_uses_the_bus_is_named()
    {
        var finding = Find(new HashSet<string>(), [new Neighbour(7, "candump", null, [Neighbour.Can])]);
        Assert.Equal((Outcome.Ok, "the buses are also used by candump (process 7: CAN sockets)"), (finding.Outcome, finding.Evidence));
        Assert.Equal("nobody else uses CAN", Find(new HashSet<string>(), []).Evidence);
        Assert.Contains("root sees more", Find(new HashSet<string>(), [], isPartial: true).Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open", "nobody else uses CAN")]
    [InlineData("retrying", "held by gpsd (gpsd.service: /dev/ttyUSB0)")]
    public void Whoever_holds_a_serial_port_is_named_when_an_adapter_cannot_be_opened(string state, string evidence)
    {
        var facts = TestFacts.Of(status =>
        {
            var source = status["sources"]![0]!;
            (source["interface"], source["state"], source["trouble"]) = (null, state, state == "open" ? null : "/dev/ttyUSB0: is in use");
        });
        var finding = Find(new HashSet<string>(), [new Neighbour(9, "gpsd", "gpsd.service", ["/dev/ttyUSB0"])], facts: facts);
        Assert.Contains(evidence, finding.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_are_seen_with_their_service_and_what_they_have_open()
    {
        using var root = new TestDirectory();
        Add(100, "salt-minion", "0::/system.slice/salt-minion.service\n", ("3", "socket:[1]"), ("4", "/dev/ttyS0"), ("5", "/tmp/x"), ("6", "socket:[2]"));
        Add(101, "bash", "0::/user.slice/user-0.slice/session-1.scope\n", ("0", "/dev/pts/0"));
        Add(102, "edge-agent", "0::/system.slice/edge-agent.service\n", ("3", "socket:[1]"));
        root.Write("proc/uptime", "1");
        var reading = NeighbourReading.Read(root.Path, file => file.EndsWith("/3", StringComparison.Ordinal) ? "CAN_RAW" : "TCP");
        Assert.Equal(["edge-agent.service", "salt-minion.service"], reading.Units.Order());
        var neighbour = Assert.Single(reading.Processes);
        Assert.Equal((100, "salt-minion", "salt-minion.service"), (neighbour.Process, neighbour.Name, neighbour.Unit));
        Assert.Equal(["/dev/ttyS0", Neighbour.Can], neighbour.Uses);
        Assert.False(reading.IsPartial);

        void Add(int number, string name, string cgroup, params (string File, string Target)[] open)
        {
            root.Write($"proc/{number}/comm", name + "\n");
            root.Write($"proc/{number}/cgroup", cgroup);
            Directory.CreateDirectory(root[$"proc/{number}/fd"]);
            foreach (var (file, target) in open) File.CreateSymbolicLink(root[$"proc/{number}/fd/{file}"], target);
        }
    }

    [Theory]
    [InlineData("0::/system.slice/qmi-manager.service/child\n", "qmi-manager.service")]
    [InlineData("9:name=systemd:/system.slice/salt-minion.service\n3:cpuset:/\n0::/\n", "salt-minion.service")]
    [InlineData("4:memory:/system.slice/other.service\n", null)]
    [InlineData("", null)]
    public void The_service_of_a_process_is_that_of_systemds_hierarchy(string cgroups, string? unit) => Assert.Equal(unit, NeighbourReading.UnitOf(cgroups));

    private static Finding Find(IReadOnlySet<string> units, IReadOnlyList<Neighbour> processes, bool isPartial = false, Facts? facts = null) =>
        Assert.Single(NeighbourChecks.Neighbours((facts ?? TestFacts.Of()) with { Neighbours = new NeighbourReading(units, processes, isPartial) }));
}

/// <summary>The same on real sockets.</summary>
[Trait("needs", "vcan")]
public sealed class NeighbourVcanTests
{
    public NeighbourVcanTests()
    {
        if (!File.Exists("/sys/class/net/vcan0/ifindex")) Assert.Skip("no vcan0 here: run with tests/rig/with-vcan.sh");
        if (!File.Exists("/usr/bin/candump")) Assert.Skip("candump is missing: apt-get install -y can-utils");
    }

    [Fact]
    public async Task A_process_with_a_CAN_socket_is_seen()
    {
        using var candump = Process.Start(new ProcessStartInfo("candump", ["vcan0"]) { RedirectStandardOutput = true })!;
        try
        {
            await UpdatedDevice.UntilAsync(() => NeighbourReading.Read().Processes.Any(process => process.Process == candump.Id && process.Uses.Contains(Neighbour.Can)), "candump's socket");
        }
        finally
        {
            candump.Kill();
        }
    }
}
