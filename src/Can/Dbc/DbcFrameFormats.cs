namespace EdgeAgent.Can.Dbc;

/// <summary>
/// The attribute <c>VFrameFormat</c>, which tells J1939 and CAN FD messages: an ENUM, or an INT with the usual numbers. In a file without it
/// every 29-bit message is one of J1939 if the network's <c>ProtocolType</c> says so.
/// </summary>
internal sealed class DbcFrameFormats
{
    public const string ParameterGroup = "J1939PG";

    private const string Attribute = "VFrameFormat", Protocol = "ProtocolType";

    private static readonly string[] StandardChoices =
    [
        "StandardCAN", "ExtendedCAN", "reserved", ParameterGroup, "reserved", "reserved", "reserved", "reserved", "reserved", "reserved",
        "reserved", "reserved", "reserved", "reserved", "StandardCAN_FD", "ExtendedCAN_FD",
    ];

    private readonly DbcAttributes _attributes;
    private readonly DbcWarnings _warnings;
    private readonly IReadOnlyList<string>? _choices;
    private readonly string? _default;
    private readonly bool _isJ1939Network;

    public DbcFrameFormats(DbcAttributes attributes, DbcWarnings warnings)
    {
        _attributes = attributes;
        _warnings = warnings;
        _isJ1939Network = (attributes.All.FindLast(value => value.Attribute == Protocol) ?? attributes.Defaults.GetValueOrDefault(Protocol))?.Text == "J1939";
        if (!attributes.Definitions.TryGetValue(Attribute, out var definition) || !definition.IsInteger) return;
        _choices = definition.Type == "ENUM" ? definition.Choices : StandardChoices;
        if (!attributes.Defaults.TryGetValue(Attribute, out var value)) return;
        _default = definition.Type == "ENUM" ? value.Text : Choice(value);
    }

    /// <summary>The format of a message by its identifier in the file, or null if the file does not say.</summary>
    public string? Of(uint messageId)
    {
        if (_choices is null) return _isJ1939Network && (messageId & CanId.ExtendedFlag) != 0 ? ParameterGroup : null;
        return _attributes.OfMessages.TryGetValue((messageId, Attribute), out var value) ? Choice(value) : _default;
    }

    private string? Choice(DbcAttributeValue value)
    {
        var index = _attributes.Number(value);
        if (index >= 0 && index < _choices!.Count) return _choices[(int)index];
        _warnings.Add(DbcWarningKind.UnusableValue, value.Position, $"{Attribute} has no choice {DbcText.Show(value.Text)}");
        return null;
    }
}
