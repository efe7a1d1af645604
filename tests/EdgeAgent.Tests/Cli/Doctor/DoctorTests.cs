using System.Text.Json;
using EdgeAgent.Cli.Doctor;
using EdgeAgent.Diagnostics;
using EdgeAgent.Management;
using EdgeAgent.Outbox;
using EdgeAgent.Publishing;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Tests.Cli.Doctor;

public sealed class DoctorTests
{
    [Fact]
    public void A_device_that_is_well_has_no_finding_that_failed_or_warns()
    {
        var facts = TestFacts.Of();
        var findings = Examination.Of(facts);
        Assert.All(findings, finding => Assert.True(finding.Outcome is Outcome.Ok or Outcome.Skipped, $"{finding.Check}: {finding.Evidence}"));
        Assert.Equal(0, Examination.ExitCodeOf(facts, findings));
        Assert.Equal(
            ["setup", "agent", "can0", "can0", "can0", "assignment", "configuration", "store", "ledger", "clock", "DNS", "route", "TCP", "TLS", "certificate", "own certificate", "MQTT", "access", "delivery", "neighbours", "memory", "flash"],
            findings.Select(finding => finding.Check));
    }

    public static TheoryData<string, string, string> Machines => new()
    {
        { "unset clock", "clock", "Warning" }, { "wrong clock", "clock", "Failed" }, { "little memory", "memory", "Warning" }, { "no memory", "memory", "Failed" },
        { "worn flash", "flash", "Warning" }, { "dead flash", "flash", "Failed" }, { "no spare blocks", "flash", "Failed" }, { "reserve", "store", "Warning" },
        { "damaged segments", "segments", "Warning" }, { "certificate soon", "certificate", "Warning" }, { "own certificate expired", "own certificate", "Failed" }, { "no TLS", "TLS", "Warning" },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void What_is_wrong_with_the_machine_is_found_with_a_remedy_and_stops_no_data(string name, string check, string outcome)
    {
        var facts = TestFacts.Of();
        facts = name switch
        {
            "unset clock" => facts with { Machine = facts.Machine with { ClockIsSynchronized = false } },
            "wrong clock" => facts with { Machine = facts.Machine with { Now = DateTimeOffset.UnixEpoch } },
            "little memory" => facts with { Machine = facts.Machine with { MemoryAvailableBytes = 40_000_000 } },
            "no memory" => facts with { Machine = facts.Machine with { MemoryAvailableBytes = 4_000_000 } },
            "worn flash" => facts with { Machine = facts.Machine with { Flash = [new FlashWear("mmcblk0", 10, 1)] } },
            "dead flash" => facts with { Machine = facts.Machine with { Flash = [new FlashWear("mmcblk0", 11, null)] } },
            "no spare blocks" => facts with { Machine = facts.Machine with { Flash = [new FlashWear("mmcblk0", 1, 3)] } },
            "reserve" => facts with { Machine = facts.Machine with { DiskFreeBytes = 30_000_000 } },
            "damaged segments" => facts with { Machine = facts.Machine with { SegmentsAside = 2 } },
            "certificate soon" => facts with { Network = facts.Network! with { BrokerCertificateUntil = TestFacts.Now.AddDays(3) } },
            "own certificate expired" => facts with { Network = facts.Network! with { DeviceCertificate = ("own.pem", TestFacts.Now.AddDays(-3)) } },
            _ => facts with { Network = facts.Network! with { IsTls = false } },
        };
        var finding = Examination.Of(facts).First(finding => finding.Check == check);
        Assert.Equal(outcome, finding.Outcome.ToString());
        Assert.NotNull(finding.Remedy);
        Assert.Null(Verdict.Of(facts).Broken);
    }

    [Fact]
    public void Findings_fit_80_columns_and_colours_come_only_when_asked_for()
    {
        var finding = Finding.Failed(Link.Store, "a-name-that-is-too-long", string.Join(' ', Enumerable.Repeat("word", 60)) + new string('x', 200), "do this and that " + new string('y', 100));
        Assert.All(FindingText.Lines(finding, colour: false), line => Assert.InRange(line.Length, 1, 80));
        Assert.DoesNotContain('\e', string.Concat(FindingText.Lines(finding, colour: false)));
        Assert.StartsWith("\e[1;31mFAILED  \e[0ma-name-that-is…", FindingText.Lines(finding, colour: true).First(), StringComparison.Ordinal);
        Assert.Contains(FindingText.Lines(finding, colour: false), line => line.StartsWith("                        → do this", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/dev/root / ext4 rw 0 0\n/dev/mmcblk0p3 /var/lib ext4 ro,noatime 0 0\n", "/var/lib/edge-agent", true)]
    [InlineData("/dev/root / ext4 ro 0 0\n/dev/mmcblk0p3 /var/lib ext4 rw,noatime 0 0\n", "/var/lib/edge-agent", false)]
    [InlineData("/dev/root / ext4 rw 0 0\n/dev/x /var/li ext4 ro 0 0\n", "/var/lib/edge-agent", false)]
    [InlineData("/dev/root / ext4 rw,errors=remount-ro 0 0\n", "/var/lib/edge-agent", false)]
    [InlineData("", "/var/lib/edge-agent", false)]
    public void A_read_only_file_system_is_known_by_its_mount_point(string mounts, string directory, bool expected) =>
        Assert.Equal(expected, MachineReading.IsReadOnly(mounts, directory));

    [Theory]
    [InlineData("0x01 0x0a\n", "0x02\n", 10, 2)]
    [InlineData("0x0b 0x01\n", "", 11, null)]
    [InlineData("0x00 0x00\n", "0x00\n", null, null)]
    [InlineData("odd", "odd", null, null)]
    public void The_wear_of_an_eMMC_is_that_of_its_worse_part(string lifeTime, string preEol, int? expected, int? expectedPreEol)
    {
        using var root = new TestDirectory();
        Directory.CreateDirectory(Path.Combine(root.Path, "sys/block/mmcblk1/device"));
        root.Write("sys/block/mmcblk1/device/life_time", lifeTime);
        root.Write("sys/block/mmcblk1/device/pre_eol_info", preEol);
        var wear = FlashWear.Read(new SystemFiles(root.Path), "sys/block/mmcblk1");
        Assert.Equal(expected is null ? null : new FlashWear("mmcblk1", expected.Value, expectedPreEol), wear);
    }

    [Fact]
    public async Task Without_an_agent_the_machine_is_examined_all_the_same()
    {
        using var directory = new TestDirectory();
        string file = directory.Write("agent.json", """{"device":"dongle-1","broker":{"url":"mqtt://127.0.0.1:1"},"sources":[{"bus":"can0","interface":"nosuch0","dbc":["vehicle.dbc"]}]}""");
        directory.Write("vehicle.dbc", "VERSION \"\"\nBU_: ECU\nBO_ 256 Engine: 8 ECU\n SG_ Speed : 0|16@1+ (0.25,0) [0|16383.75] \"rpm\" Vector__XXX\n");
        var (code, output, errors) = await AgentProgram.RunAsync($"doctor --json --config {file} --socket {directory.Path}/agent.sock");
        Assert.Equal((3, ""), (code, errors));
        var findings = output.TrimEnd().Split('\n').Select(line => JsonElement.Parse(line)).ToList();
        Assert.Contains(findings, finding => Said(finding) is ("agent", "failed"));
        Assert.Contains(findings, finding => Said(finding) is ("can0", "failed") or ("nosuch0", "failed"));
        Assert.Contains(findings, finding => Said(finding) is ("memory", _));
        Assert.Contains(findings, finding => Said(finding) is ("TCP", "failed") && finding.GetProperty("evidence").GetString()!.Contains("Connection refused", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_agent_says_of_itself_is_what_is_read()
    {
        var status = new AgentStatus(DeviceId.Parse("dongle-1"), null, null, new OutboxCounts(), BrokerIsConnected: false)
        {
            BrokerReport = new BrokerReport(BrokerFault.Credentials, "refused", TimeSpan.FromSeconds(3), 2, "not this topic", TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5)),
            RefusedSubscriptions = ["not this filter"],
            StateDirectory = "/state",
            StoringTrouble = "full",
        };
        var read = AgentReading.Parse(StatusJson.Of(status));
        Assert.Equal(("credentials", "refused", 3.0, 2L, "not this topic", 4.0, 5.0),
            (read.Broker.Fault, read.Broker.Trouble, read.Broker.TroubleSeconds, read.Broker.Refusals, read.Broker.Refusal, read.Broker.RefusalSeconds, read.Broker.AcknowledgedSeconds));
        Assert.Equal(["not this filter"], read.Broker.RefusedSubscriptions);
        Assert.Equal(("/state", "full"), (read.StoreDirectory, read.StoreTrouble));
    }

    private static (string? Check, string? Outcome) Said(JsonElement finding) => (finding.GetProperty("check").GetString(), finding.GetProperty("outcome").GetString());
}
