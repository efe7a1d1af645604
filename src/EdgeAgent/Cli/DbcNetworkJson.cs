using System.Text.Json;
using EdgeAgent.Can.Dbc;

namespace EdgeAgent.Cli;

/// <summary>What a DBC file says of the network as a whole, as one JSON object.</summary>
internal static class DbcNetworkJson
{
    public static void Write(DbcDatabase database, Stream output) => DbcJson.WriteLines(output, [database], WriteNetwork);

    private static void WriteNetwork(Utf8JsonWriter json, DbcDatabase database)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, database.Version);
        json.WriteString("comment"u8, database.Comment);
        WriteObjects(json, "nodes"u8, database.Nodes, node =>
        {
            json.WriteString("name"u8, node.Name);
            json.WriteString("comment"u8, node.Comment);
            DbcJson.WriteAttributes(json, node.Attributes);
        });
        WriteObjects(json, "valueTables"u8, database.ValueTables, table =>
        {
            json.WriteString("name"u8, table.Name);
            DbcJson.WriteLabels(json, table.Labels);
        });
        WriteObjects(json, "environmentVariables"u8, database.EnvironmentVariables, variable => WriteVariable(json, variable));
        json.WriteStartArray("unassignedSignals"u8);
        foreach (var signal in database.UnassignedSignals) DbcJson.WriteSignal(json, signal);
        json.WriteEndArray();
        WriteObjects(json, "attributeDefinitions"u8, database.AttributeDefinitions, definition => WriteDefinition(json, definition));
        DbcJson.WriteAttributes(json, database.Attributes);
        WriteObjects(json, "relationAttributes"u8, database.RelationAttributes, relation => WriteRelation(json, relation));
        json.WriteEndObject();
    }

    private static void WriteVariable(Utf8JsonWriter json, DbcEnvironmentVariable variable)
    {
        json.WriteString("name"u8, variable.Name);
        json.WriteString("type"u8, Name(variable.Type));
        DbcJson.WriteNumber(json, "minimum"u8, variable.Minimum);
        DbcJson.WriteNumber(json, "maximum"u8, variable.Maximum);
        json.WriteString("unit"u8, variable.Unit);
        DbcJson.WriteNumber(json, "initial"u8, variable.Initial);
        json.WriteNumber("id"u8, variable.Id);
        json.WriteString("accessType"u8, variable.AccessType);
        DbcJson.WriteTexts(json, "accessNodes"u8, variable.AccessNodes);
        DbcJson.WriteNumber(json, "dataLength"u8, variable.DataLength);
        DbcJson.WriteLabels(json, variable.Labels);
        json.WriteString("comment"u8, variable.Comment);
        DbcJson.WriteAttributes(json, variable.Attributes);
    }

    private static void WriteDefinition(Utf8JsonWriter json, DbcAttributeDefinition definition)
    {
        json.WriteString("name"u8, definition.Name);
        json.WriteString("owner"u8, Name(definition.Owner));
        json.WriteString("type"u8, Name(definition.Type));
        DbcJson.WriteNumber(json, "minimum"u8, definition.Minimum);
        DbcJson.WriteNumber(json, "maximum"u8, definition.Maximum);
        DbcJson.WriteTexts(json, "choices"u8, definition.Choices);
        json.WritePropertyName("default"u8);
        if (definition.Default is not { } value) json.WriteNullValue();
        else if (definition.Type == DbcAttributeType.Enumeration) json.WriteStringValue(value.Text);
        else DbcJson.WriteValue(json, value);
    }

    private static void WriteRelation(Utf8JsonWriter json, DbcRelationAttribute relation)
    {
        json.WriteString("attribute"u8, relation.Definition.Name);
        json.WriteString("node"u8, relation.Node);
        DbcJson.WriteNumber(json, "id"u8, relation.MessageId?.Value);
        json.WriteBoolean("extended"u8, relation.MessageId?.IsExtended ?? false);
        json.WriteString("name"u8, relation.Name);
        json.WritePropertyName("value"u8);
        DbcJson.WriteValue(json, relation.Value);
    }

    private static void WriteObjects<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<T> items, Action<T> writeMembers)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            writeMembers(item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
