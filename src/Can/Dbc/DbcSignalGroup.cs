namespace EdgeAgent.Can.Dbc;

/// <summary>Signals of a message that belong together (<c>SIG_GROUP_</c>).</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Repetitions">How often it is repeated.</param>
/// <param name="Signals">The names of its signals, the long ones where the file gives them.</param>
public sealed record DbcSignalGroup(string Name, int Repetitions, IReadOnlyList<string> Signals);
