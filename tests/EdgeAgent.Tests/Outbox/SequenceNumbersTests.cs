using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Outbox;

public sealed class SequenceNumbersTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly DirectoryDisk _disk;
    private readonly Assignment _assignment = TestStamps.Acme.Assignment;

    public SequenceNumbersTests() => _disk = DirectoryDisk.OpenRoot(_directory.Path);

    public void Dispose()
    {
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_proper_stop_goes_on_without_a_gap()
    {
        var first = Open();
        Assert.Equal(1, first.First);
        first.Reserve(10);
        first.Stop(11);
        Assert.Equal(11, Open().First);
    }

    [Fact]
    public void After_a_power_cut_no_number_that_may_have_left_comes_again()
    {
        var first = Open();
        first.Reserve(10);
        first.Reserve(SequenceNumbers.BlockSize + 5);
        Assert.True(Open().First > SequenceNumbers.BlockSize + 5);
    }

    [Fact]
    public void Numbers_within_a_block_cost_no_write()
    {
        var numbers = Open();
        numbers.Reserve(1);
        string file = Assert.Single(Directory.GetFiles(_directory.Path, "*.json", SearchOption.AllDirectories));
        string before = File.ReadAllText(file);
        numbers.Reserve(SequenceNumbers.BlockSize);
        Assert.Equal(before, File.ReadAllText(file));
        numbers.Reserve(SequenceNumbers.BlockSize + 2);
        Assert.NotEqual(before, File.ReadAllText(file));
    }

    [Fact]
    public void Each_assignment_counts_for_itself()
    {
        Open().Stop(100);
        Assert.Equal(1, Open(_assignment with { Epoch = new Epoch(2) }).First);
        Assert.Equal(1, Open(_assignment with { Tenant = TenantId.Parse("bravo") }).First);
        Assert.Equal(1, Open(_assignment with { Device = DeviceId.Parse("dongle-2") }).First);
        Assert.Equal(100, Open().First);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"next\":0,\"from\":0,\"stopped\":true}")]
    [InlineData("null")]
    [InlineData("nonsense")]
    public void A_damaged_file_is_refused_since_a_guess_could_repeat_numbers(string content)
    {
        Open().Stop(5);
        string file = Assert.Single(Directory.GetFiles(_directory.Path, "*.json", SearchOption.AllDirectories));
        File.WriteAllText(file, content);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Open()).Message, StringComparison.Ordinal);
    }

    private SequenceNumbers Open(Assignment? assignment = null) =>
        SequenceNumbers.Open(_disk, assignment ?? _assignment, NullLogger.Instance);
}
