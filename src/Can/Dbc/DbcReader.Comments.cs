using System.Text;

namespace EdgeAgent.Can.Dbc;

/// <summary>Comments and environment variables.</summary>
internal sealed partial class DbcReader
{
    // EV_ name : type [minimum|maximum] "unit" initial id access node,node;
    private void ReadEnvironmentVariable()
    {
        Advance();
        var position = _current.Position;
        var name = ReadWord("the environment variable's name");
        Skip(':', "after the environment variable's name");
        var type = (uint)ReadInteger("the environment variable's type", int.MaxValue);
        Skip('[', "before the minimum");
        var minimum = ReadNumber("the minimum").Value;
        Skip('|', "after the minimum");
        var maximum = ReadNumber("the maximum").Value;
        Skip(']', "after the maximum");
        var unit = ReadText("the unit in quotes");
        var initial = ReadNumber("the initial value").Value;
        var id = (uint)ReadInteger("the environment variable's id", uint.MaxValue);
        var access = ReadWord("the access type");
        var nodes = new List<string>();
        do nodes.Add(ReadWord("an access node's name"));
        while (TrySkip(','));
        Skip(';', "after the environment variable");
        if (!_names.Add((nameof(DbcEnvironmentVariable), name))) WarnOfSecond("environment variable", name, position);
        _contents.EnvironmentVariables.Add(new DbcEnvironmentVariableDeclaration(position, name, type, minimum, maximum, unit, initial, id, access, nodes));
    }

    // ENVVAR_DATA_ name : bytes;
    private void ReadDataLength()
    {
        Advance();
        var position = _current.Position;
        var name = ReadWord("an environment variable's name");
        Skip(':', "after the environment variable's name");
        var length = (int)ReadInteger("the length in bytes", int.MaxValue);
        Skip(';', "after the length");
        _contents.DataLengths[name] = length;
        _ = ReadReference(DbcSubject.EnvironmentVariable(name), position);
    }

    // CM_ "…";   CM_ BU_ node "…";   CM_ BO_ id "…";   CM_ SG_ id signal "…";   CM_ EV_ variable "…";
    private void ReadComment()
    {
        Advance();
        var subject = ReadOwner();
        var comment = ReadText(subject is null ? "BU_, BO_, SG_, EV_ or the comment in quotes" : "the comment in quotes");
        Skip(';', "after the comment");
        if (subject is { } owner) _contents.Comments[owner] = comment;
        else _contents.Comment = (_contents.Comment ?? new StringBuilder()).Append(comment);
    }

    /// <summary>Reads what a comment or an attribute belongs to; null if nothing is named, which means the network.</summary>
    private DbcSubject? ReadOwner()
    {
        if (TrySkip("SG_")) return ReadSignalReference();
        if (TrySkip("BO_")) return ReadMessageReference();
        if (TrySkip("BU_")) return ReadNodeReference();
        return TrySkip("EV_") ? ReadVariableReference() : null;
    }

    private DbcSubject ReadSignalReference()
    {
        var position = _current.Position;
        return ReadReference(DbcSubject.Signal(ReadMessageId(), ReadWord("a signal's name")), position);
    }

    private DbcSubject ReadMessageReference()
    {
        var position = _current.Position;
        return ReadReference(DbcSubject.Message(ReadMessageId()), position);
    }

    private DbcSubject ReadNodeReference()
    {
        var position = _current.Position;
        return ReadReference(DbcSubject.Node(ReadWord("a node's name")), position);
    }

    private DbcSubject ReadVariableReference()
    {
        var position = _current.Position;
        return ReadReference(DbcSubject.EnvironmentVariable(ReadWord("an environment variable's name")), position);
    }

    private DbcSubject ReadReference(DbcSubject subject, DbcPosition position)
    {
        _contents.References.Add(new DbcReference(position, subject));
        return subject;
    }
}
