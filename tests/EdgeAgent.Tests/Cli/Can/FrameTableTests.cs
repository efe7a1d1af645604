using EdgeAgent.Can;
using EdgeAgent.Can.SocketCan;
using EdgeAgent.Cli;
using EdgeAgent.Cli.Can;

namespace EdgeAgent.Tests.Cli.Can;

/// <summary>What is counted of frames, and the tables that show it.</summary>
public sealed class FrameTableTests
{
    private static readonly CanId Id = CanId.Standard(0x123);

    [Fact]
    public void Period_and_jitter_are_those_of_the_receive_times()
    {
        var row = new FrameStatistics("can0", Id);
        foreach (int ms in (int[])[0, 10, 22, 30]) row.Add(CanFrame.Data(Id, [1]), 1_000_000_000_000L + ms * 1_000_000L);
        // 10, 12 and 8 ms: deviation sqrt((0 + 4 + 4) / 2)
        Assert.Equal((4, 0.010, 0.002, 0.008, 0.012), (row.Count, Math.Round(row.MeanPeriod!.Value, 9), Math.Round(row.Deviation!.Value, 9), row.ShortestPeriod, row.LongestPeriod));
    }

    [Fact]
    public void One_frame_has_no_period() =>
        Assert.Equal((null, null), (Single().MeanPeriod, Single().Deviation));

    [Fact]
    public void Bytes_that_change_are_noted_until_they_are_shown()
    {
        var row = new FrameStatistics("can0", Id);
        row.Add(CanFrame.Data(Id, [1, 2, 3]), 1);
        row.Add(CanFrame.Data(Id, [1, 9, 3]), 2);
        row.Add(CanFrame.Data(Id, [1, 9, 3, 4]), 3);
        row.Add(CanFrame.Data(Id, [1, 9, 3, 4]), 4);
        Assert.Equal((2L, 0b1010UL, 0UL), (row.Changes, row.TakeChangedBytes(), row.TakeChangedBytes()));
    }

    [Fact]
    public void Counting_allocates_nothing_for_a_frame()
    {
        var table = new FrameTable();
        var frame = CanFrame.Data(Id, [1, 2, 3, 4, 5, 6, 7, 8]);
        table.Add("can0", frame, 1);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 2000; i++) table.Add("can0", frame, i);
        }));
    }

    [Fact]
    public void More_identifiers_than_there_is_room_for_are_only_counted()
    {
        var table = new FrameTable();
        for (uint id = 0; id < FrameTable.MaxIdentifiers + 5; id++) table.Add("can0", CanFrame.Data(CanId.Extended(id), []), 1);
        Assert.Equal((FrameTable.MaxIdentifiers, 5L, FrameTable.MaxIdentifiers + 5L), (table.Rows.Count, table.Beyond, table.Frames));
    }

    [Fact]
    public void The_statistics_fit_80_columns_and_say_what_is_wrong()
    {
        var table = Busy();
        table.Add("can0", CanFrame.Error(0x88, [0, 0, 4, 0x0A, 0, 0, 0, 0]), 1);
        var link = new CanLinkInfo { BitTiming = new CanBitTiming(500_000, 875) };
        string[] lines = [.. CanStatsCommand.Lines(new BusSummary("can0", TimeSpan.FromSeconds(10), table, 7, 0.345, link))];
        Assert.Equal("can0: 400 frames in 10.0 s, load 34.5 % of 500 kbit/s, 1 error frames, 7 dropped", lines[0]);
        Assert.Equal("errors: protocol 1, bus-error 1", lines[1]);
        Assert.Contains(lines, line => line.StartsWith("1FFFFFF0 ", StringComparison.Ordinal) && line.EndsWith("FFFFFFFFFFFFFFFF", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
    }

    [Theory]
    [InlineData("rate", "123")]
    [InlineData("change", "1FFFFFF0")]
    [InlineData("id", "123")]
    public void The_live_table_fits_80_columns_and_is_sorted(string order, string first)
    {
        string[] lines = [.. new TopTable(Busy(), order, TimeSpan.FromSeconds(10), hasBus: true).Lines(80).Select(line => line.Text)];
        Assert.Equal("3 identifiers, 40 frames/s, 0 error frames", lines[0]);
        Assert.StartsWith($"can0   {first} ", lines[2], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains(lines, line => line.EndsWith('…'));
    }

    [Fact]
    public void Rates_count_from_one_table_to_the_next()
    {
        var table = Busy();
        _ = new TopTable(table, "rate", TimeSpan.FromSeconds(10), hasBus: false);
        table.Add("can0", CanFrame.Data(Id, [1]), 1);
        Assert.Contains("1 frames/s", new TopTable(table, "rate", TimeSpan.FromSeconds(1), hasBus: false).Lines(80).First().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("123", 0x123u, 0x7FFu)]
    [InlineData("7E8:7F8", 0x7E8u, 0x7F8u)]
    [InlineData("18FEF100", 0x98FEF100u, 0x1FFFFFFFu)]
    [InlineData("18FEF100:00FFFF00", 0x98FEF100u, 0x00FFFF00u)]
    public void A_filter_is_read(string text, uint id, uint mask)
    {
        var filter = Assert.Single(CanListening.Parse([text])!);
        Assert.Equal((id, mask), (filter.Id.Raw, filter.Mask));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("800")]
    [InlineData("20000000")]
    [InlineData("123:800")]
    [InlineData("123:7F:7F")]
    [InlineData("xyz")]
    public void What_is_no_filter_is_wrong_usage(string text) =>
        Assert.Equal(2, Assert.Throws<CommandException>(() => CanListening.Parse([text])).ExitCode);

    [Fact]
    public void An_interface_is_shown_with_what_to_do()
    {
        var link = new CanLinkInfo
        {
            Kind = "can",
            IsUp = true,
            State = CanControllerState.BusOff,
            BitTiming = new CanBitTiming(250_000, 875),
            RestartAfter = TimeSpan.Zero,
            SendErrorCounter = 255,
            ReceiveErrorCounter = 3,
            Modes = CanControllerModes.ListenOnly,
            DeviceStatistics = new CanDeviceStatistics(1, 2, 3, 4, 5, 6),
        };
        string[] lines = [.. CanShowCommand.Lines("can0", link)];
        Assert.Equal(
            [
                "can0: up, bus-off, 250 kbit/s sampled at 87.5 %, listen-only, no restart after",
                "  bus-off",
                "  received 0 frames, 0 errors, 0 dropped; sent 0 frames, 0 errors, 0 dropped",
                "  error counters: 255 sending, 3 receiving",
                "  since it was made: error-warning 2, error-passive 3, bus-off 4, restarts 6,",
                "    bus errors 1, arbitration lost 5",
                "  check the bit rate (250 kbit/s now) and the wires (CAN_H and CAN_L swapped or",
                "    short-circuited); it stays off until: edge-agent can restart can0",
            ],
            lines);
        Assert.Contains("\"controller\":\"bus-off\",\"bitrate\":250000,\"samplePoint\":0.875,\"fd\":false,\"listenOnly\":true,\"restartMs\":0,\"sendErrorCounter\":255", CanShowCommand.Json("can0", link), StringComparison.Ordinal);
    }

    private static FrameStatistics Single()
    {
        var row = new FrameStatistics("can0", Id);
        row.Add(CanFrame.Data(Id, [1]), 1);
        return row;
    }

    private static FrameTable Busy()
    {
        var table = new FrameTable();
        for (int i = 0; i < 200; i++) table.Add("can0", CanFrame.Data(Id, [1, 2, 3]), i * 50_000_000L);
        for (int i = 0; i < 100; i++) table.Add("can0", CanFrame.Data(CanId.Extended(0x1FFFFFF0), i % 2 == 0 ? new byte[8] : [255, 255, 255, 255, 255, 255, 255, 255]), i * 100_000_000L);
        for (int i = 0; i < 100; i++) table.Add("can1", CanFrame.Data(CanId.Standard(0x400), new byte[64], fd: true), i * 100_000_000L);
        return table;
    }
}
