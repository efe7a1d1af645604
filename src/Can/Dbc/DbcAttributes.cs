using System.Globalization;

namespace EdgeAgent.Can.Dbc;

/// <summary><c>BA_DEF_</c>.</summary>
internal sealed record DbcAttributeDefinition(string Type, IReadOnlyList<string> Choices)
{
    public bool IsInteger => Type is "INT" or "HEX" or "ENUM";

    public bool IsNumber => IsInteger || Type == "FLOAT";
}

/// <summary><c>BA_</c>: the value is kept as text, since its definition may follow.</summary>
internal sealed record DbcAttributeValue(DbcPosition Position, string Attribute, string Text);

/// <summary>The user-defined attributes. Only a few have a meaning for every reader: long names, cycle times, the frame format.</summary>
internal sealed class DbcAttributes
{
    public Dictionary<string, DbcAttributeDefinition> Definitions { get; } = [];
    public Dictionary<string, DbcAttributeValue> Defaults { get; } = [];
    public List<DbcAttributeValue> All { get; } = [];
    public Dictionary<(uint MessageId, string Attribute), DbcAttributeValue> OfMessages { get; } = [];
    public Dictionary<(DbcSignalKey Signal, string Attribute), DbcAttributeValue> OfSignals { get; } = [];
    public Dictionary<(string Node, string Attribute), DbcAttributeValue> OfNodes { get; } = [];

    /// <summary>Checks every value and default against its definition.</summary>
    public void Check(string? fileName, DbcWarnings warnings)
    {
        foreach (var value in All)
        {
            if (!Definitions.TryGetValue(value.Attribute, out var definition))
            {
                throw new DbcException(fileName, value.Position.Line, value.Position.Column, NotDefined(value));
            }

            CheckNumber(value, definition, definition.IsNumber, fileName);
        }

        foreach (var value in Defaults.Values)
        {
            if (!Definitions.TryGetValue(value.Attribute, out var definition))
            {
                warnings.Add(DbcWarningKind.UnknownReference, value.Position, NotDefined(value));
                continue;
            }

            // The default of an ENUM is one of its texts, while a value is its index.
            CheckNumber(value, definition, definition.IsNumber && definition.Type != "ENUM", fileName);
        }
    }

    /// <summary>The number that a checked value stands for; integers are cut, as cantools does.</summary>
    public double Number(DbcAttributeValue value)
    {
        if (!TryParse(value.Text, out var number)) return double.NaN;
        return Definitions[value.Attribute].IsInteger ? Math.Truncate(number) : number;
    }

    private static void CheckNumber(DbcAttributeValue value, DbcAttributeDefinition definition, bool isNumber, string? fileName)
    {
        if (!isNumber || (TryParse(value.Text, out var number) && (double.IsFinite(number) || !definition.IsInteger))) return;
        var (attribute, text) = (DbcText.Show(value.Attribute), DbcText.Show(value.Text));
        throw new DbcException(fileName, value.Position.Line, value.Position.Column,
            $"expected a number, as the attribute \"{attribute}\" is of type {definition.Type}, found \"{text}\"");
    }

    private static string NotDefined(DbcAttributeValue value) => $"the attribute \"{DbcText.Show(value.Attribute)}\" is not defined";

    private static bool TryParse(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
