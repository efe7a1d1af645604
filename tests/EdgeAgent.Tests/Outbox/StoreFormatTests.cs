using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

/// <summary>What a later version has stored is left alone.</summary>
public sealed class StoreFormatTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_store_says_by_which_format_it_is_kept()
    {
        DirectoryDisk.OpenRoot(_directory["state"]).Dispose();
        Assert.Equal("1\n", File.ReadAllText(_directory["state/format"]));
        DirectoryDisk.OpenRoot(_directory["state"]).Dispose();
    }

    [Fact]
    public void A_newer_store_is_named_with_both_formats_and_nothing_in_it_is_touched()
    {
        _directory.Write("state/format", "2\n");
        _directory.Write("state/tenants/acme/half.new", "a file of the later version");
        var refused = Assert.Throws<NewerStoreException>(() => DirectoryDisk.OpenRoot(_directory["state"]));
        Assert.Equal(
            $"{_directory["state"]}: written by a newer version of edge-agent (store format 2; this one reads up to 1); install that version again, or move the directory away and lose what waits in it",
            refused.Message);
        Assert.Equal("2\n", File.ReadAllText(_directory["state/format"]));
        Assert.True(File.Exists(_directory["state/tenants/acme/half.new"]));

        // It is not held either.
        File.WriteAllText(_directory["state/format"], "1\n");
        DirectoryDisk.OpenRoot(_directory["state"]).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0")]
    [InlineData("-2\n")]
    [InlineData("99999999999999999999\n")]
    [InlineData("0\n")]
    public void A_mark_that_is_damaged_stops_no_start_and_is_written_anew(string mark)
    {
        _directory.Write("state/format", mark);
        DirectoryDisk.OpenRoot(_directory["state"]).Dispose();
        Assert.Equal("1\n", File.ReadAllText(_directory["state/format"]));
    }
}
