using System.Text.Json;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Management.Configuration;

/// <summary>Collects what is wrong with a document, so that all of it is told at once.</summary>
internal sealed class Findings
{
    private readonly List<ConfigurationMistake> _mistakes = [];

    public IReadOnlyList<ConfigurationMistake> Mistakes => _mistakes;

    public void Add(string pointer, string message) => _mistakes.Add(new ConfigurationMistake(pointer, message));

    public void Add(IEnumerable<ConfigurationMistake> mistakes) => _mistakes.AddRange(mistakes);

    public bool Check(bool isRight, string pointer, string otherwise)
    {
        if (!isRight) Add(pointer, otherwise);
        return isRight;
    }

    public string? Required(string pointer, string? value, string what)
    {
        if (!string.IsNullOrWhiteSpace(value)) return value;
        Add(pointer, $"missing: {what}");
        return null;
    }

    public TimeSpan Seconds(string pointer, double? value, double normal, double least, double most)
    {
        if (value is not { } given) return TimeSpan.FromSeconds(normal);
        return Check(given >= least && given <= most, pointer, FormattableString.Invariant($"{given} is outside of {least} to {most} seconds"))
            ? TimeSpan.FromSeconds(given) : TimeSpan.FromSeconds(normal);
    }

    public long Number(string pointer, long? value, long normal, long least, long most) =>
        value is not { } given || Check(given >= least && given <= most, pointer, $"{given} is outside of {least} to {most}") ? value ?? normal : normal;

    /// <summary>Refuses members that nobody knows: a slip of the pen must not go unnoticed.</summary>
    public void RefuseUnknown(string at, IDictionary<string, JsonElement>? unknown, params string[] known)
    {
        foreach (string name in unknown?.Keys ?? [])
        {
            Add(at + JsonPointer.Of(name), $"unknown; expected one of: {string.Join(", ", known)}");
        }
    }
}
