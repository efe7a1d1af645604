using EdgeAgent.Management.Control;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Management.Control;

public sealed class ArtifactStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly DirectoryDisk _disk;
    private readonly ArtifactStore _store;

    public ArtifactStoreTests()
    {
        _disk = DirectoryDisk.OpenRoot(_directory.Path);
        _store = new ArtifactStore(_disk, TenantId.Parse("acme"), NullLogger.Instance);
    }

    public void Dispose()
    {
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_file_is_taken_under_its_own_digest_alone()
    {
        byte[] file = [1, 2, 3];
        var name = Sha256Digest.Of(file);
        Assert.Equal([name], _store.Missing([name]));
        _store.Accept(name, file, [name]);
        Assert.Empty(_store.Missing([name]));
        Assert.Null(_store.TroubleOf(name));
        Assert.Equal(file, Content(name));
    }

    [Fact]
    public void What_is_neither_the_file_nor_its_manifest_is_refused_and_why_is_known()
    {
        var name = Sha256Digest.Of([1, 2, 3]);
        _store.Accept(name, [1, 2, 4], [name]);
        Assert.False(_store.Contains(name));
        Assert.Contains("another digest", _store.TroubleOf(name), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tenant_gets_no_more_room_than_vehicles_need()
    {
        byte[] large = new byte[ArtifactManifest.MaxSize];
        for (byte i = 0; i < 5; i++)
        {
            large[0] = i;
            var name = Sha256Digest.Of(large);
            _store.Accept(name, large, [name]);
            Assert.Equal(i < 4, _store.Contains(name));
            Assert.Equal(i < 4, _store.TroubleOf(name) is null);
        }
    }

    [Fact]
    public void What_nobody_asked_for_is_not_stored()
    {
        var name = Sha256Digest.Of([9]);
        _store.Accept(name, [9], []);
        Assert.False(_store.Contains(name));
    }

    [Fact]
    public void A_larger_file_comes_as_a_manifest_and_chunks_in_any_order()
    {
        byte[] file = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 7))];
        byte[][] chunks = [file[..400], file[400..800], file[800..]];
        var name = Sha256Digest.Of(file);
        _store.Accept(name, new ArtifactManifest(file.Length, [.. chunks.Select(chunk => Sha256Digest.Of(chunk))]).ToUtf8(), [name]);
        Assert.Equal(chunks.Select(chunk => Sha256Digest.Of(chunk)), _store.Missing([name]));
        foreach (int i in new[] { 2, 0, 1 }) _store.Accept(Sha256Digest.Of(chunks[i]), chunks[i], [name]);
        Assert.Empty(_store.Missing([name]));
        Assert.Equal(file, Content(name));
        Assert.Single(_disk.List());
    }

    [Fact]
    public void Chunks_that_do_not_make_the_file_are_thrown_away_and_the_file_is_refused()
    {
        byte[] file = [1, 2, 3, 4], other = [1, 2];
        var name = Sha256Digest.Of(file);
        _store.Accept(name, new ArtifactManifest(2, [Sha256Digest.Of(other)]).ToUtf8(), [name]);
        _store.Accept(Sha256Digest.Of(other), other, [name]);
        Assert.Contains("put together", _store.TroubleOf(name), StringComparison.Ordinal);
        Assert.Empty(_disk.List());
    }

    [Fact]
    public void What_was_altered_on_the_disk_is_not_used_and_asked_for_again()
    {
        byte[] file = [1, 2, 3];
        var name = Sha256Digest.Of(file);
        _store.Accept(name, file, [name]);
        _disk.Replace(_disk.List()[0], [1, 2, 4]);
        Assert.Throws<IOException>(() => _store.Open(name));
        Assert.Equal([name], _store.Missing([name]));
    }

    [Fact]
    public void What_is_needed_is_kept_and_the_rest_goes()
    {
        byte[][] files = [[1], [2], [3]];
        Sha256Digest[] names = [.. files.Select(file => Sha256Digest.Of(file))];
        for (int i = 0; i < 3; i++) _store.Accept(names[i], files[i], names);
        _store.Keep([names[1]]);
        Assert.Equal([names[0], names[2]], _store.Missing(names));
    }

    private byte[] Content(Sha256Digest name)
    {
        using var stream = _store.Open(name);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
