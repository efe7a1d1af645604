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

    private readonly DbcAttributeTable<DbcSubject> _attributes;
    private readonly DbcWarnings _warnings;
    private readonly DbcAttributeType? _type;
    private readonly bool _isJ1939Network;

    public DbcFrameFormats(DbcAttributeTable<DbcSubject> attributes, DbcWarnings warnings)
    {
        _attributes = attributes;
        _warnings = warnings;
        _type = attributes.Definition(Attribute)?.Type;
        _isJ1939Network = attributes.Find(DbcSubject.Network, Protocol)?.Text == "J1939";
    }

    /// <summary>The format of a message by its identifier in the file, or null if the file does not say.</summary>
    public string? Of(uint messageId)
    {
        var message = DbcSubject.Message(messageId);
        if (_type is null or DbcAttributeType.RealNumber or DbcAttributeType.Text) return _isJ1939Network && (messageId & CanId.ExtendedFlag) != 0 ? ParameterGroup : null;
        if (_attributes.Find(message, Attribute) is not { } value) return null;
        if (_type == DbcAttributeType.Enumeration)
        {
            // A default that is no choice is a text all the same.
            if (value.Number is not { } index || (index >= 0 && index < _attributes.Definition(Attribute)!.Choices.Count)) return value.Text;
        }
        else if (value.Number is { } number && number >= 0 && number < StandardChoices.Length)
        {
            return StandardChoices[(int)number];
        }

        _warnings.Add(DbcWarningKind.UnusableValue, _attributes.PositionOf(message, Attribute), $"{Attribute} has no choice {DbcText.Show(value.Text)}");
        return null;
    }
}
