using EdgeAgent.Management.Provisioning;

namespace EdgeAgent.Tests.Management.Provisioning;

/// <summary>The power is lost.</summary>
internal sealed class PowerCutException : Exception;

/// <summary>File systems whose power is lost after so many steps, some of which are in the middle of a write.</summary>
internal sealed class CutFiles(int steps) : IProvisioningFiles
{
    private readonly ProvisioningFiles _files = new();
    private int _left = steps;

    public byte[]? TryRead(string path) => _files.TryRead(path);

    public IReadOnlyList<string> List(string directory, string pattern) => _files.List(directory, pattern);

    public void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode? mode)
    {
        Step();
        byte[] half = content[..(content.Length / 2)].ToArray();
        Step(() => File.WriteAllBytes(path + ProvisioningFiles.Unfinished, half));
        _files.Replace(path, content, mode);
    }

    public void Rename(string path, string newPath)
    {
        Step();
        _files.Rename(path, newPath);
    }

    public void Wipe(string path)
    {
        if (!File.Exists(path)) return;
        Step();
        Step(() =>
        {
            byte[] content = File.ReadAllBytes(path);
            content.AsSpan(0, content.Length / 2).Clear();
            File.WriteAllBytes(path, content);
        });
        _files.Wipe(path);
    }

    private void Step(Action? half = null)
    {
        if (_left-- > 0) return;
        half?.Invoke();
        throw new PowerCutException();
    }
}
