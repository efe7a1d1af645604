namespace EdgeAgent.Tenancy;

/// <summary>One thing that is wrong with a configuration or document.</summary>
/// <param name="Pointer">Where: a JSON pointer (RFC 6901); empty for the document.</param>
/// <param name="Message">What, and what was expected.</param>
internal sealed record ConfigurationMistake(string Pointer, string Message)
{
    public override string ToString() => Pointer.Length == 0 ? Message : $"{Pointer}: {Message}";
}
