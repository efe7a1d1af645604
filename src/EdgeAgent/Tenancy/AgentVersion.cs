using System.Reflection;

namespace EdgeAgent.Tenancy;

/// <summary>Which version of the agent this is, as it is reported.</summary>
internal static class AgentVersion
{
    public static string Text { get; } = typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
