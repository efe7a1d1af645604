namespace EdgeAgent.Demo;

/// <summary>A directory of the demo's own (mode 0700) with all that it and the agent write; gone afterwards.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edge-agent-demo-");

    public string ConfigurationPath => Path.Combine(_directory.FullName, "agent.json");

    public string StatePath => Path.Combine(_directory.FullName, "state");

    public string AgentOutputPath => Path.Combine(_directory.FullName, "agent.log");

    public string NotifySocketPath => Path.Combine(_directory.FullName, "notify");

    public void Dispose() => _directory.Delete(recursive: true);
}
