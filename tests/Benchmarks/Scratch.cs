namespace EdgeAgent.Benchmarks;

/// <summary>A directory on the disk that /var/tmp is on; gone afterwards.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory($"/var/tmp/edge-agent-bench-{Guid.NewGuid():N}").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
