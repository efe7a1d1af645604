namespace EdgeAgent.Can.Dbc;

/// <summary>User-defined attributes.</summary>
internal sealed partial class DbcReader
{
    // BA_DEF_ [BU_|BO_|SG_|EV_] "name" INT 0 100;   … ENUM "a","b";   … STRING;
    private void ReadAttributeDefinition<TOwner>(DbcAttributeStatements<TOwner> attributes)
        where TOwner : notnull
    {
        Advance();
        var owner = ReadOwnerKind();
        var name = ReadText("the attribute's name in quotes");
        var type = ReadAttributeType();
        var choices = new List<string>();
        var limits = new List<double>();
        if (_current.Kind == DbcTokenKind.Text)
        {
            do choices.Add(ReadText("a text in quotes"));
            while (TrySkip(','));
        }
        else
        {
            while (_current.Kind == DbcTokenKind.Number) limits.Add(ReadNumber("a number").Value);
        }

        Skip(';', "after the attribute's definition");
        var hasLimits = limits.Count >= 2 && type is DbcAttributeType.WholeNumber or DbcAttributeType.Hexadecimal or DbcAttributeType.RealNumber;
        if (type != DbcAttributeType.RealNumber) limits = limits.ConvertAll(Math.Truncate);
        attributes.Definitions[name] = new DbcAttributeDeclaration(owner, type, hasLimits ? limits[0] : null, hasLimits ? limits[1] : null,
            type == DbcAttributeType.Enumeration ? choices : []);
    }

    private DbcAttributeOwner ReadOwnerKind()
    {
        if (TrySkip("BU_")) return DbcAttributeOwner.Node;
        if (TrySkip("BO_")) return DbcAttributeOwner.Message;
        if (TrySkip("SG_")) return DbcAttributeOwner.Signal;
        if (TrySkip("EV_")) return DbcAttributeOwner.EnvironmentVariable;
        if (TrySkip("BU_SG_REL_")) return DbcAttributeOwner.NodeAndSignal;
        if (TrySkip("BU_BO_REL_")) return DbcAttributeOwner.NodeAndMessage;
        return TrySkip("BU_EV_REL_") ? DbcAttributeOwner.NodeAndEnvironmentVariable : DbcAttributeOwner.Network;
    }

    private DbcAttributeType ReadAttributeType()
    {
        var position = _current.Position;
        var keyword = ReadWord("the attribute's type (INT, HEX, FLOAT, STRING or ENUM)");
        switch (keyword)
        {
            case "INT": return DbcAttributeType.WholeNumber;
            case "HEX": return DbcAttributeType.Hexadecimal;
            case "FLOAT": return DbcAttributeType.RealNumber;
            case "ENUM": return DbcAttributeType.Enumeration;
            case "STRING": return DbcAttributeType.Text;
            default:
                _contents.Warnings.Tolerate(DbcWarningKind.Malformed, position,
                    $"the attribute's type {DbcText.Show(keyword)} is none of INT, HEX, FLOAT, STRING and ENUM", "its values are taken as texts");
                return DbcAttributeType.Text;
        }
    }

    // BA_DEF_DEF_ "name" 0;
    private void ReadAttributeDefault<TOwner>(DbcAttributeStatements<TOwner> attributes)
        where TOwner : notnull
    {
        Advance();
        var name = ReadText("the attribute's name in quotes");
        attributes.Defaults[name] = ReadAttributeValue(name);
    }

    // BA_ "name" [BU_ node | BO_ id | SG_ id signal | EV_ variable] 0;
    private void ReadAttribute()
    {
        Advance();
        var name = ReadText("the attribute's name in quotes");
        var owner = ReadOwner() ?? DbcSubject.Network;
        _contents.Attributes.Add(owner, ReadAttributeValue(name));
    }

    // BA_REL_ "name" BU_SG_REL_ node SG_ id signal 0;   … BU_BO_REL_ node id 0;   … BU_EV_REL_ node variable 0;
    private void ReadRelationAttribute()
    {
        Advance();
        var name = ReadText("the attribute's name in quotes");
        DbcSubject node, related;
        if (TrySkip("BU_SG_REL_"))
        {
            node = ReadNodeReference();
            if (!TrySkip("SG_")) throw Expected("SG_ after the node's name");
            related = ReadSignalReference();
        }
        else if (TrySkip("BU_BO_REL_"))
        {
            (node, related) = (ReadNodeReference(), ReadMessageReference());
        }
        else if (TrySkip("BU_EV_REL_"))
        {
            (node, related) = (ReadNodeReference(), ReadVariableReference());
        }
        else
        {
            throw Expected("BU_SG_REL_, BU_BO_REL_ or BU_EV_REL_");
        }

        _contents.RelationAttributes.Add(new DbcRelation(node.Name, related), ReadAttributeValue(name));
    }

    private DbcAttributeStatement ReadAttributeValue(string name)
    {
        var position = _current.Position;
        var text = _current.Kind == DbcTokenKind.Number
            ? Take(DbcTokenKind.Number, "a number").ToString()
            : ReadText("a number or a text in quotes");
        Skip(';', "after the attribute's value");
        return new DbcAttributeStatement(position, name, text);
    }
}
