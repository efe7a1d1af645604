namespace EdgeAgent.Can.Dbc;

/// <summary>User-defined attributes.</summary>
internal sealed partial class DbcReader
{
    // BA_DEF_ [BU_|BO_|SG_|EV_] "name" INT 0 100;   … ENUM "a","b";   … STRING;
    private void ReadAttributeDefinition(DbcAttributes attributes)
    {
        Advance();
        _ = TrySkip("BU_") || TrySkip("BO_") || TrySkip("SG_") || TrySkip("EV_")
            || TrySkip("BU_SG_REL_") || TrySkip("BU_BO_REL_") || TrySkip("BU_EV_REL_");
        var name = ReadText("the attribute's name in quotes");
        var type = ReadWord("the attribute's type (INT, HEX, FLOAT, STRING or ENUM)");
        var choices = new List<string>();
        if (_current.Kind == DbcTokenKind.Text)
        {
            do choices.Add(ReadText("a text in quotes"));
            while (TrySkip(','));
        }
        else
        {
            while (_current.Kind == DbcTokenKind.Number) Advance();
        }

        Skip(';', "after the attribute's definition");
        attributes.Definitions[name] = new DbcAttributeDefinition(type, choices);
    }

    // BA_DEF_DEF_ "name" 0;
    private void ReadAttributeDefault(DbcAttributes attributes)
    {
        Advance();
        var name = ReadText("the attribute's name in quotes");
        attributes.Defaults[name] = ReadAttributeValue(name);
    }

    // BA_ "name" [BU_ node | BO_ id | SG_ id signal | EV_ variable] 0;
    private void ReadAttribute()
    {
        Advance();
        var attributes = _contents.Attributes;
        var name = ReadText("the attribute's name in quotes");
        if (TrySkip("BO_"))
        {
            var id = ReadReferredMessageId();
            attributes.All.Add(attributes.OfMessages[(id, name)] = ReadAttributeValue(name));
        }
        else if (TrySkip("SG_"))
        {
            var key = ReadSignalKey();
            attributes.All.Add(attributes.OfSignals[(key, name)] = ReadAttributeValue(name));
        }
        else if (TrySkip("BU_"))
        {
            var node = ReadWord("a node's name");
            attributes.All.Add(attributes.OfNodes[(node, name)] = ReadAttributeValue(name));
        }
        else
        {
            if (TrySkip("EV_")) _ = ReadWord("an environment variable's name");
            attributes.All.Add(ReadAttributeValue(name));
        }
    }

    // BA_REL_ "name" BU_SG_REL_ node SG_ id signal 0;   … BU_BO_REL_ node id 0;   … BU_EV_REL_ node variable 0;
    private void ReadRelationAttribute()
    {
        Advance();
        var name = ReadText("the attribute's name in quotes");
        if (TrySkip("BU_SG_REL_"))
        {
            _ = ReadWord("a node's name");
            if (!TrySkip("SG_")) throw Expected("SG_ after the node's name");
            _ = ReadSignalKey();
        }
        else if (TrySkip("BU_BO_REL_"))
        {
            _ = ReadWord("a node's name");
            _ = ReadReferredMessageId();
        }
        else if (TrySkip("BU_EV_REL_"))
        {
            _ = ReadWord("a node's name");
            _ = ReadWord("an environment variable's name");
        }
        else
        {
            throw Expected("BU_SG_REL_, BU_BO_REL_ or BU_EV_REL_");
        }

        _contents.RelationAttributes.All.Add(ReadAttributeValue(name));
    }

    private DbcAttributeValue ReadAttributeValue(string name)
    {
        var position = _current.Position;
        var text = _current.Kind == DbcTokenKind.Number
            ? Take(DbcTokenKind.Number, "a number").ToString()
            : ReadText("a number or a text in quotes");
        Skip(';', "after the attribute's value");
        return new DbcAttributeValue(position, name, text);
    }
}
