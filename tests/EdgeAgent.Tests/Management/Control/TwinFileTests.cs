using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Management.Control;

public sealed class TwinFileTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_written_last_is_read()
    {
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        Assert.Null(TwinFile.Open(disk, "f").Content);
        for (byte i = 1; i <= 5; i++)
        {
            TwinFile.Open(disk, "f").Write([i]);
            Assert.Equal([i], TwinFile.Open(disk, "f").Content!);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_damaged_copy_leaves_what_was_written_before_it_and_is_written_over_next(int damaged)
    {
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        var file = TwinFile.Open(disk, "f");
        file.Write([1]);
        file.Write([2]);
        byte[] copy = disk.TryRead($"f.{damaged}")!;
        copy[^1] ^= 1;
        disk.Replace($"f.{damaged}", copy);

        file = TwinFile.Open(disk, "f");
        Assert.Equal((1, damaged == 1 ? 1 : 2), (file.Damaged, file.Content![0]));
        file.Write([3]);
        file = TwinFile.Open(disk, "f");
        Assert.Equal((0, 3), (file.Damaged, file.Content![0]));
    }

    [Fact]
    public void With_both_copies_damaged_there_is_nothing_and_that_is_said()
    {
        using var disk = DirectoryDisk.OpenRoot(_directory.Path);
        disk.Replace("f.0", [1, 2, 3]);
        disk.Replace("f.1", new byte[40]);
        var file = TwinFile.Open(disk, "f");
        Assert.Null(file.Content);
        Assert.Equal(2, file.Damaged);
    }
}
