using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Outbox;

public sealed class LedgerTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly DirectoryDisk _disk;
    private readonly Assignment _assignment = TestStamps.Acme.Assignment;

    public LedgerTests() => _disk = DirectoryDisk.OpenRoot(_directory.Path);

    public void Dispose()
    {
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_proper_stop_goes_on_without_a_gap_and_has_nothing_to_excuse()
    {
        var first = Open();
        Assert.Equal(1, first.First(RecordStream.Telemetry));
        Record(first, RecordStream.Telemetry, 10);
        Record(first, RecordStream.Messages, 3);
        first.Set(RecordStream.Telemetry, new LedgerRange(1, 10, LedgerOutcome.Delivered));
        first.Set(RecordStream.Messages, new LedgerRange(1, 3, LedgerOutcome.Delivered));
        first.Stop(11, 4);

        var second = Open();
        Assert.Equal((11, 4), (second.First(RecordStream.Telemetry), second.First(RecordStream.Messages)));
        Assert.Equal([new LedgerRange(1, 10, LedgerOutcome.Delivered)], second.Entry(RecordStream.Telemetry)!.Ranges);
        Assert.False(second.WasCutOff);
    }

    [Fact]
    public void After_a_power_cut_no_number_that_may_have_left_comes_again_and_none_is_passed_over_in_silence()
    {
        var first = Open();
        Record(first, RecordStream.Telemetry, 10);
        first.Set(RecordStream.Telemetry, new LedgerRange(1, 4, LedgerOutcome.Delivered));
        Record(first, RecordStream.Telemetry, 2 * Ledger.BlockSize);

        var second = Open();
        long next = second.First(RecordStream.Telemetry);
        Assert.True(next > 2 * Ledger.BlockSize);
        Assert.Equal(
            [new LedgerRange(1, 4, LedgerOutcome.Delivered), new LedgerRange(5, next - 1, LedgerOutcome.Unconfirmed, LedgerReason.PowerCut)],
            second.Entry(RecordStream.Telemetry)!.Ranges);
    }

    [Fact]
    public void What_a_proper_stop_left_on_the_disk_and_is_not_there_any_more_is_lost()
    {
        var first = Open();
        Record(first, RecordStream.Telemetry, 10);
        first.Stop(11, 1);
        Assert.Equal([new LedgerRange(1, 10, LedgerOutcome.Lost, LedgerReason.Corrupt)], Open().Entry(RecordStream.Telemetry)!.Ranges);
    }

    [Fact]
    public void What_is_found_again_waits_again()
    {
        var first = Open();
        Record(first, RecordStream.Telemetry, 10);
        first.Set(RecordStream.Telemetry, new LedgerRange(1, 10, LedgerOutcome.Lost, LedgerReason.Corrupt));
        first.Stop(11, 1);
        var second = OpenOnly();
        second.Found(RecordStream.Telemetry, 3, 10);
        second.TakeStock(atStart: true);
        Assert.Equal([new LedgerRange(1, 2, LedgerOutcome.Lost, LedgerReason.Corrupt), new LedgerRange(3, 10, LedgerOutcome.Buffered)], second.Entry(RecordStream.Telemetry)!.Ranges);
    }

    [Fact]
    public void Numbers_within_a_block_cost_no_write()
    {
        var ledger = Open();
        ledger.Reserve(RecordStream.Telemetry, 1);
        var before = Contents();
        ledger.Reserve(RecordStream.Telemetry, Ledger.BlockSize);
        Assert.Equal(before, Contents());
        ledger.Reserve(RecordStream.Telemetry, Ledger.BlockSize + 2);
        Assert.NotEqual(before, Contents());
    }

    [Fact]
    public void Each_assignment_counts_for_itself()
    {
        Open().Stop(100, 7);
        Assert.Equal(1, Open(_assignment with { Epoch = new Epoch(2) }).First(RecordStream.Telemetry));
        Assert.Equal(1, Open(_assignment with { Tenant = TenantId.Parse("bravo") }).First(RecordStream.Messages));
        Assert.Equal(1, Open(_assignment with { Device = DeviceId.Parse("dongle-2") }).First(RecordStream.Telemetry));
        Assert.Equal(100, Open().First(RecordStream.Telemetry));
    }

    [Theory]
    [InlineData(".a")]
    [InlineData(".b")]
    public void One_damaged_copy_repeats_no_number_and_stops_no_start(string copy)
    {
        var first = Open();
        long last = 0;
        for (int i = 0; i < 5; i++) Record(first, RecordStream.Telemetry, last += Ledger.BlockSize);
        first.Stop(last + 1, 1);
        string path = Assert.Single(Files(), file => file.EndsWith(copy, StringComparison.Ordinal));
        byte[] content = File.ReadAllBytes(path);
        content[40] ^= 1;
        File.WriteAllBytes(path, content);

        var second = Open();
        Assert.True(second.First(RecordStream.Telemetry) > last);
        Assert.True(second.WasCutOff);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("nonsense, and rather more of it than a header has room for")]
    public void Two_damaged_copies_are_refused_since_a_guess_could_repeat_numbers(string content)
    {
        var ledger = Open();
        Record(ledger, RecordStream.Telemetry, 5);
        ledger.Stop(6, 1);
        Assert.Equal(2, Files().Length);
        foreach (string file in Files()) File.WriteAllText(file, content);
        var e = Assert.Throws<NumbersUnknownException>(() => Open());
        Assert.Equal(_assignment, e.Assignment);
        Assert.Contains("larger epoch", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, Open(_assignment with { Epoch = new Epoch(2) }).First(RecordStream.Telemetry)); // as the message advises
    }

    [Fact]
    public void Of_a_tenants_many_epochs_the_last_are_kept_and_those_of_which_something_waits()
    {
        var waiting = Open();
        Record(waiting, RecordStream.Telemetry, 5);
        for (int epoch = 2; epoch <= 12; epoch++)
        {
            var ledger = Open(_assignment with { Epoch = new Epoch(epoch) }, waiting);
            Record(ledger, RecordStream.Messages, 1);
            ledger.Set(RecordStream.Messages, new LedgerRange(1, 1, LedgerOutcome.Delivered));
            ledger.Stop(1, 2);
        }
        var ledgers = new Ledgers(_disk, NullLogger.Instance);
        ledgers.Of(_assignment).Found(RecordStream.Telemetry, 1, 5);
        ledgers.Open(_assignment with { Epoch = new Epoch(13) });
        Assert.Equal([1L, 6, 7, 8, 9, 10, 11, 12, 13], ledgers.Of(_assignment.Tenant).Select(ledger => ledger.Assignment.Epoch.Value).Order());
    }

    private static void Record(Ledger ledger, RecordStream stream, long last)
    {
        ledger.Reserve(stream, last);
        ledger.Use(stream, last + 1);
    }

    private Ledger Open(Assignment? assignment = null, Ledger? found = null)
    {
        var ledgers = new Ledgers(_disk, NullLogger.Instance);
        if (found is not null) ledgers.Of(found.Assignment).Found(RecordStream.Telemetry, 1, 5);
        foreach (var ledger in ledgers.All) ledger.TakeStock(atStart: true);
        return ledgers.Open(assignment ?? _assignment);
    }

    private Ledger OpenOnly() => new Ledgers(_disk, NullLogger.Instance).Open(_assignment);

    private string[] Files() => [.. Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(file => file.Contains("/ledger/", StringComparison.Ordinal)).Order()];

    private string[] Contents() => [.. Files().Select(file => Convert.ToHexString(File.ReadAllBytes(file)))];
}
