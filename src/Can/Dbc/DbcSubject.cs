namespace EdgeAgent.Can.Dbc;

/// <summary>What a statement speaks of: a message by the identifier as the file writes it, everything else by its short name.</summary>
internal readonly record struct DbcSubject(DbcAttributeOwner Kind, uint MessageId, string Name)
{
    public static DbcSubject Network => new(DbcAttributeOwner.Network, 0, "");

    public static DbcSubject Node(string name) => new(DbcAttributeOwner.Node, 0, name);

    public static DbcSubject Message(uint id) => new(DbcAttributeOwner.Message, id, "");

    public static DbcSubject Signal(uint messageId, string name) => new(DbcAttributeOwner.Signal, messageId, name);

    public static DbcSubject EnvironmentVariable(string name) => new(DbcAttributeOwner.EnvironmentVariable, 0, name);
}
