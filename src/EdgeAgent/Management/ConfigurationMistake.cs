namespace EdgeAgent.Management;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901); empty for the document.</param>
/// <param name="Message">What, and what was expected.</param>
internal sealed record ConfigurationMistake(string Pointer, string Message)
{
    public override string ToString() => Pointer.Length == 0 ? Message : $"{Pointer}: {Message}";
}

/// <summary>A configuration, or something that it names, cannot be used. Carries every mistake that was found.</summary>
internal sealed class ConfigurationException : Exception
{
    public ConfigurationException(string message) : base(message) => Mistakes = [new ConfigurationMistake("", message)];

    public ConfigurationException(string file, IReadOnlyList<ConfigurationMistake> mistakes)
        : base(string.Join(Environment.NewLine, mistakes.Select(mistake => $"{file}: {mistake}"))) => Mistakes = mistakes;

    public IReadOnlyList<ConfigurationMistake> Mistakes { get; }
}
