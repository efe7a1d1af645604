using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>What an attribute can be given to.</summary>
public enum DbcAttributeOwner
{
    /// <summary>The network as a whole.</summary>
    Network,

    /// <summary>A node (<c>BU_</c>).</summary>
    Node,

    /// <summary>A message (<c>BO_</c>).</summary>
    Message,

    /// <summary>A signal (<c>SG_</c>).</summary>
    Signal,

    /// <summary>An environment variable (<c>EV_</c>).</summary>
    EnvironmentVariable,

    /// <summary>A node that receives a signal (<c>BU_SG_REL_</c>).</summary>
    NodeAndSignal,

    /// <summary>A node that sends a message (<c>BU_BO_REL_</c>).</summary>
    NodeAndMessage,

    /// <summary>A node that uses an environment variable (<c>BU_EV_REL_</c>).</summary>
    NodeAndEnvironmentVariable,
}

/// <summary>What kind of value an attribute has.</summary>
public enum DbcAttributeType
{
    /// <summary>A whole number (<c>INT</c>).</summary>
    WholeNumber,

    /// <summary>A whole number that is shown in hexadecimal (<c>HEX</c>).</summary>
    Hexadecimal,

    /// <summary>A number (<c>FLOAT</c>).</summary>
    RealNumber,

    /// <summary>A text (<c>STRING</c>).</summary>
    Text,

    /// <summary>One of several texts, given by its index from 0 (<c>ENUM</c>).</summary>
    Enumeration,
}

/// <summary>The value of an attribute.</summary>
/// <param name="Text">The text; of a number the number as the file writes it; of an enumeration the text of the choice.</param>
/// <param name="Number">The number, cut to its whole part if the attribute is an integer; the index of an enumeration; null for a text.</param>
/// <param name="Whole">The number exactly if it is whole, else null.</param>
public readonly record struct DbcAttributeValue(string Text, double? Number, Int128? Whole);

/// <summary>What an attribute is (<c>BA_DEF_</c>, <c>BA_DEF_REL_</c>).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Owner">What it is defined for.</param>
/// <param name="Type">The kind of its values.</param>
/// <param name="Minimum">The least value of a number, or null.</param>
/// <param name="Maximum">The greatest value of a number, or null.</param>
/// <param name="Choices">The texts of an enumeration by index; else empty.</param>
/// <param name="Default">The value where none is given (<c>BA_DEF_DEF_</c>), or null.</param>
public sealed record DbcAttributeDefinition(
    string Name, DbcAttributeOwner Owner, DbcAttributeType Type, double? Minimum, double? Maximum, IReadOnlyList<string> Choices, DbcAttributeValue? Default);

/// <summary>An attribute that something has of its own (<c>BA_</c>).</summary>
/// <param name="Definition">What attribute it is.</param>
/// <param name="Value">Its value.</param>
[SuppressMessage("Naming", "CA1711", Justification = "It is what the format calls an attribute.")]
public sealed record DbcAttribute(DbcAttributeDefinition Definition, DbcAttributeValue Value)
{
    /// <summary>The attribute's name.</summary>
    public string Name => Definition.Name;
}

/// <summary>An attribute of a node together with a message, a signal or an environment variable (<c>BA_REL_</c>).</summary>
/// <param name="Definition">What attribute it is.</param>
/// <param name="Node">The node.</param>
/// <param name="MessageId">The message, or the signal's message, or null.</param>
/// <param name="Name">The signal or the environment variable, or null.</param>
/// <param name="Value">The attribute's value.</param>
[SuppressMessage("Naming", "CA1711", Justification = "It is what the format calls an attribute.")]
public sealed record DbcRelationAttribute(DbcAttributeDefinition Definition, string Node, CanId? MessageId, string? Name, DbcAttributeValue Value);
