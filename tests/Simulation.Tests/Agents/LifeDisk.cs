using EdgeAgent.Outbox;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>The disk as one life of the agent sees it: nothing of an earlier life changes it any more.</summary>
internal sealed class LifeDisk(SimulatedDisk disk, SingleThread thread, Life life) : IDisk
{
    public long FreeBytes => Here().FreeBytes;

    public IReadOnlyList<string> List() => Here().List();

    public Stream Open(string path) => Here().Open(path);

    public byte[]? TryRead(string path) => Here().TryRead(path);

    public void Replace(string path, ReadOnlySpan<byte> content) => Here().Replace(path, content);

    public void Overwrite(string path, ReadOnlySpan<byte> content) => Here().Overwrite(path, content);

    public void Copy(string path, string newPath) => Here().Copy(path, newPath);

    public void Rename(string path, string newPath) => Here().Rename(path, newPath);

    public void Delete(string path) => Here().Delete(path);

    private SimulatedDisk Here()
    {
        thread.AssertHere();
        return life.IsOver ? throw new IOException("This disk belongs to an earlier life of the device.") : disk;
    }
}
