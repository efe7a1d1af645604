using EdgeAgent.Can;
using EdgeAgent.Obd.Elm;

namespace EdgeAgent.Obd.Tests.Elm;

/// <summary>Client, link and the framework's serial port against the emulator behind a pseudo-terminal.</summary>
public sealed class ElmObdLinkTests
{
    // However busy the machine is: what answers at all does so in time.
    private static readonly ElmOptions Patient = new() { CommandTimeout = TimeSpan.FromSeconds(20), ResetTimeout = TimeSpan.FromSeconds(20), RequestTimeout = TimeSpan.FromSeconds(20) };

    private static readonly ElmOptions Quick = new() { CommandTimeout = TimeSpan.FromMilliseconds(100) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_vehicle_is_read_through_a_real_serial_port()
    {
        var emulator = new ElmEmulator((_, request) => request switch
        {
            "0902" => [new(0x7E8, 1, "490201" + Convert.ToHexString("WVWZZZ1KZAW000001"u8))],
            "03" => [new(0x7E8, 1, "4304" + "0301042001710420"), new(0x7E9, 1, "43010700")],
            _ => [],
        })
        { Stn = "STN1110 v4.0.1" };
        using var terminal = new PseudoTerminal(bytes => emulator.Accept(bytes).Select(emission => emission.Bytes));
        using var adapter = new ElmAdapter(terminal.Path, new ObdTiming(), TimeProvider.System);
        var link = new ElmObdLink(adapter, Patient with { Baud = 115200 });
        var client = new ObdClient(link);
        Assert.Equal("WVWZZZ1KZAW000001", await client.VinAsync(Stop));
        Assert.Equal(["7E8: P0301 P0420 P0171 P0420", "7E9: P0700"], (await client.TroubleCodesAsync(TroubleCodeKind.Stored, Stop)).Select(ecu => $"{ecu.Ecu}: {string.Join(' ', ecu.Codes)}"));
        Assert.Empty(await client.CurrentDataAsync(null, 0x0C, Stop));
        Assert.Equal(14.2, await link.VoltageAsync(Stop));
    }

    [Fact]
    public async Task Noise_on_a_real_port_is_survived()
    {
        var emulator = new ElmEmulator((_, _) => [new(0x7E8, 1, "410C0FA0")], new LineFaults(4, InsertCharacter: 0.003, Zero: 0.1));
        using var terminal = new PseudoTerminal(bytes => emulator.Accept(bytes).Select(emission => emission.Bytes));
        terminal.Send("\0garbage>7E8 03 41");
        using var adapter = new ElmAdapter(terminal.Path, new ObdTiming { Gap = default }, TimeProvider.System);
        var link = new ElmObdLink(adapter, Patient);
        int right = 0;
        for (int i = 0; i < 50; i++)
        {
            var answers = await link.RequestAsync(null, new byte[] { 1, 0x0C }, Stop);
            right += answers.Count;
            Assert.All(answers, answer => Assert.Equal("410C0FA0", Convert.ToHexString(answer.Message.Span)));
        }
        Assert.InRange(right, 40, 50);
    }

    [Fact]
    public async Task Links_that_want_the_adapter_otherwise_take_turns()
    {
        var emulator = new ElmEmulator((header, _) => [new(header == "7DF" ? 0x7E8u : 0x18DAF110, 1, "4300")]);
        using var terminal = new PseudoTerminal(bytes => emulator.Accept(bytes).Select(emission => emission.Bytes));
        using var adapter = new ElmAdapter(terminal.Path, new ObdTiming(), TimeProvider.System);
        ElmObdLink one = new(adapter, Patient), other = new(adapter, Patient with { Baud = 115200, Protocol = ElmProtocol.Automatic });
        foreach (var link in (ElmObdLink[])[one, other, one]) Assert.Equal("7E8", Assert.Single(await link.RequestAsync(null, new byte[] { 3 }, Stop)).Ecu.ToString());
        Assert.Equal(["ATSP6", "ATSP0", "ATSP6"], emulator.Commands.Where(command => command.StartsWith("ATSP", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_port_that_is_missing_is_named()
    {
        using var adapter = new ElmAdapter("/dev/ttyNone7", new ObdTiming(), TimeProvider.System);
        var link = new ElmObdLink(adapter, Patient);
        var e = await Assert.ThrowsAsync<CanSourceException>(() => link.RequestAsync(null, new byte[] { 3 }, Stop));
        Assert.Equal((CanSourceFault.Missing, "/dev/ttyNone7: no such serial port; `ls /dev/serial/by-id` shows which adapters are plugged in"), (e.Fault, e.Message));
    }

    [Fact]
    public async Task A_file_that_is_no_serial_port_is_called_so()
    {
        using var adapter = new ElmAdapter("/dev/null", new ObdTiming(), TimeProvider.System);
        var link = new ElmObdLink(adapter, Patient);
        var e = await Assert.ThrowsAsync<CanSourceException>(() => link.RequestAsync(null, new byte[] { 3 }, Stop));
        Assert.Equal("/dev/null: is no serial port, is used by somebody else, or not for this user (group dialout)", e.Message);
    }

    [Fact]
    public async Task Where_nobody_answers_the_port_is_there_and_the_adapter_is_not()
    {
        using var terminal = new PseudoTerminal(_ => []);
        using var adapter = new ElmAdapter(terminal.Path, new ObdTiming(), TimeProvider.System);
        var link = new ElmObdLink(adapter, Quick);
        var e = await Assert.ThrowsAsync<CanSourceException>(() => link.RequestAsync(null, new byte[] { 3 }, Stop));
        Assert.Equal($"{terminal.Path}: {ElmTrouble.Silent.Message}", e.Message);
    }

    [Fact]
    public async Task An_adapter_that_is_unplugged_is_lost_and_one_that_is_back_is_used_again()
    {
        string link = Path.Combine(Path.GetTempPath(), $"tty-{Guid.NewGuid():N}");
        PseudoTerminal Plug()
        {
            var emulator = new ElmEmulator((_, _) => [new(0x7E8, 1, "4300")]);
            var terminal = new PseudoTerminal(bytes => emulator.Accept(bytes).Select(emission => emission.Bytes));
            File.Delete(link);
            File.CreateSymbolicLink(link, terminal.Path);
            return terminal;
        }
        using var adapter = new ElmAdapter(link, new ObdTiming(), TimeProvider.System);
        var obd = new ElmObdLink(adapter, Patient);
        try
        {
            using (Plug()) Assert.Single(await obd.RequestAsync(null, new byte[] { 3 }, Stop));
            await Assert.ThrowsAsync<CanSourceException>(() => obd.RequestAsync(null, new byte[] { 3 }, Stop));
            using (Plug()) Assert.Single(await obd.RequestAsync(null, new byte[] { 3 }, Stop));
        }
        finally
        {
            File.Delete(link);
        }
    }
}
