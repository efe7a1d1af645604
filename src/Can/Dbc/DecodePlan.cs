using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EdgeAgent.Can.Dbc;

/// <summary>A signal in a plan.</summary>
/// <param name="Message">The message it belongs to.</param>
/// <param name="Signal">The signal.</param>
public readonly record struct PlannedSignal(DbcMessage Message, DbcSignal Signal);

/// <summary>
/// Databases compiled for decoding: for each identifier a flat list of what to take out of the payload. Immutable, so safe from any thread.
/// </summary>
/// <remarks>
/// <code>
///  frame id ─▶ IdTable ─▶ Message ─▶ Run: entries 17–20 ─▶ Entry: bits, scale, offset, slot
///                            └▶ Switch: multiplexer bits ─▶ Case: values 3–5 ─▶ Run: entries 21–23
/// </code>
/// A run holds the signals that are present together. Of the cases of a switch one holds at most, so a multiplexer is read once and its value
/// looked up in all of them. Signals under a multiplexer that is itself multiplexed are in a switch with a parent condition.
/// </remarks>
public sealed partial class DecodePlan
{
    private readonly IdTable _ids;
    private readonly ParameterGroupTable? _groups;
    private readonly PlannedMessage[] _messages;
    private readonly Switch[] _switches;
    private readonly Case[] _cases;
    private readonly Condition[] _conditions;
    private readonly DbcMultiplexerRange[] _ranges;
    private readonly Entry[] _entries;

    private DecodePlan(Compiler compiler)
    {
        _messages = [.. compiler.Messages];
        _ids = new IdTable([.. _messages.Select(planned => planned.Message.Id)]);
        _groups = ParameterGroupTable.Of(_messages.Select(planned => planned.Message));
        _switches = [.. compiler.Switches];
        _cases = [.. compiler.Cases];
        _conditions = [.. compiler.Conditions];
        _ranges = [.. compiler.Ranges];
        _entries = [.. compiler.Entries];
        Signals = [.. compiler.Signals];
        Ids = [.. _messages.Where(planned => planned.SignalCount > 0).Select(planned => planned.Message.Id)];
        HasJ1939 = _messages.Any(planned => planned is { SignalCount: > 0, Message: { IsJ1939: true, Id.IsExtended: true } });
        MaxSignalsPerFrame = _messages.Select(planned => planned.SignalCount).DefaultIfEmpty().Max();
    }

    /// <summary>Compiles one database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="select">Which signals to decode; all if null. A multiplexer that is not selected is evaluated but not reported.</param>
    public static DecodePlan Compile(DbcDatabase database, Func<DbcMessage, DbcSignal, bool>? select = null) => Compile([database], select);

    /// <summary>Compiles several databases for one bus. Where several messages have the same identifier, the first counts.</summary>
    /// <param name="databases">The databases, the most important first.</param>
    /// <param name="select">Which signals to decode; all if null. A multiplexer that is not selected is evaluated but not reported.</param>
    public static DecodePlan Compile(IReadOnlyList<DbcDatabase> databases, Func<DbcMessage, DbcSignal, bool>? select = null)
    {
        ArgumentNullException.ThrowIfNull(databases);
        var compiler = new Compiler(select);
        foreach (var database in databases) compiler.Add(database);
        return new DecodePlan(compiler);
    }

    /// <summary>The selected signals by slot number, message by message.</summary>
    public ImmutableArray<PlannedSignal> Signals { get; }

    /// <summary>How many slots there are.</summary>
    public int SlotCount => Signals.Length;

    /// <summary>The identifiers of the messages with selected signals, as the DBC files have them.</summary>
    public ImmutableArray<CanId> Ids { get; }

    /// <summary>True if signals of SAE J1939 messages are selected. Such a message is found by its parameter group, whoever sends it.</summary>
    public bool HasJ1939 { get; }

    /// <summary>The most values that one frame can give, and so the length of the buffer to decode into.</summary>
    public int MaxSignalsPerFrame { get; }

    /// <summary>Finds the message of an identifier, whether signals of it are selected or not.</summary>
    public bool TryGetMessage(CanId id, [NotNullWhen(true)] out DbcMessage? message)
    {
        var index = Find(id);
        message = index < 0 ? null : _messages[index].Message;
        return index >= 0;
    }

    private int Find(CanId id)
    {
        var index = _ids.Find(id);
        return index < 0 && _groups is not null ? _groups.Find(id) : index;
    }

    private readonly record struct PlannedMessage(DbcMessage Message, int Length, int SignalCount, Run Always, int FirstSwitch, int SwitchCount);

    /// <summary>Entries one behind the other, the plain ones first.</summary>
    /// <param name="FirstEntry">Where they begin.</param>
    /// <param name="Plain">How many are integers within eight bytes, for which one short sequence without a branch does.</param>
    /// <param name="Count">How many there are.</param>
    /// <param name="Needed">How many bytes a payload with all of them has.</param>
    private readonly record struct Run(int FirstEntry, int Plain, int Count, int Needed);

    private readonly record struct Switch(BitField Multiplexer, int Parent, int FirstCase, int CaseCount);

    /// <summary>Cases are sorted by value and have none in common.</summary>
    private readonly record struct Case(ulong First, ulong Last, Run Run);

    private readonly record struct Condition(BitField Multiplexer, int FirstRange, int RangeCount, int Parent);

    private readonly record struct Entry(BitField Bits, double Scale, double Offset, int Slot, NumberKind Kind)
    {
        public bool IsPlain => Kind == NumberKind.Signed && !Bits.HasNineBytes;
    }

    private enum NumberKind : byte
    {
        /// <summary>Fits into a signed integer of 64 bits, unsigned or not.</summary>
        Signed,

        /// <summary>Unsigned, all 64 bits.</summary>
        Unsigned,
        Half,
        Single,
        Double,

        /// <summary>Scaled in 128-bit integers and rounded once, since raw · scale does not fit into the 53 bits of a double.</summary>
        Wide,
    }
}
