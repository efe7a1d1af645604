namespace EdgeAgent.Can.Dbc;

/// <summary><c>BA_DEF_</c>.</summary>
internal sealed record DbcAttributeDeclaration(DbcAttributeOwner Owner, DbcAttributeType Type, double? Minimum, double? Maximum, IReadOnlyList<string> Choices);

/// <summary><c>BA_</c>, <c>BA_DEF_DEF_</c>: the value is kept as text, since its definition may follow.</summary>
internal sealed record DbcAttributeStatement(DbcPosition Position, string Attribute, string Text);

/// <summary><c>BA_REL_</c>: <paramref name="Object"/> is what the node is related to.</summary>
internal readonly record struct DbcRelation(string Node, DbcSubject Object);

/// <summary>What a file says about attributes. Of what is said twice the last counts, in the place of the first.</summary>
internal sealed class DbcAttributeStatements<TOwner>
    where TOwner : notnull
{
    public Dictionary<string, DbcAttributeDeclaration> Definitions { get; } = [];
    public Dictionary<string, DbcAttributeStatement> Defaults { get; } = [];
    public Dictionary<TOwner, Dictionary<string, DbcAttributeStatement>> Values { get; } = [];

    public void Add(TOwner owner, DbcAttributeStatement statement)
    {
        if (!Values.TryGetValue(owner, out var own)) Values.Add(owner, own = []);
        own[statement.Attribute] = statement;
    }
}
