using EdgeAgent.Can.SocketCan;
using EdgeAgent.Capture;
using EdgeAgent.Management.Configuration;

namespace EdgeAgent.Tests;

/// <summary>Where sources of tests come from: files by their paths, and the machine's own interfaces.</summary>
internal static class TestSources
{
    public static readonly SourceEnvironment Environment =
        new(_ => throw new IOException("no artifacts here"), CanSocket.Open, new ObdLinks(TimeProvider.System), TimeProvider.System);
}
