using EdgeAgent.Tenancy;

namespace EdgeAgent.Management.Configuration;

/// <summary>A configuration, or something that it names, cannot be used. Carries every mistake that was found.</summary>
internal sealed class ConfigurationException : Exception
{
    public ConfigurationException(string message) : base(message) => Mistakes = [new ConfigurationMistake("", message)];

    public ConfigurationException(string file, IReadOnlyList<ConfigurationMistake> mistakes)
        : base(string.Join(Environment.NewLine, mistakes.Select(mistake => $"{file}: {mistake}"))) => Mistakes = mistakes;

    public IReadOnlyList<ConfigurationMistake> Mistakes { get; }
}
