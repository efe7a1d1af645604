namespace EdgeAgent.Can.Dbc;

/// <summary>Puts what the statements of a file say together into a <see cref="DbcDatabase"/>.</summary>
internal sealed partial class DbcAssembler(DbcContents contents, string? fileName)
{
    private const string CycleTimeAttribute = "GenMsgCycleTime";
    private const string SendTypeAttribute = "GenMsgSendType";

    private const string NoNode = "Vector__XXX";
    private const string SignalsOfNoMessage = "VECTOR__INDEPENDENT_SIG_MSG";

    private readonly DbcAttributeTable<DbcSubject> _attributes = new(contents.Attributes, fileName, contents.Warnings);
    private readonly DbcAttributeTable<DbcRelation> _relations = new(contents.RelationAttributes, fileName, contents.Warnings);
    private readonly DbcWarnings _warnings = contents.Warnings;

    public DbcDatabase Assemble()
    {
        CheckReferences();
        CheckNodes();

        var frameFormats = new DbcFrameFormats(_attributes, _warnings);
        var messages = new List<DbcMessage>(contents.Messages.Count);
        var unassigned = new List<DbcSignal>();
        var ids = new HashSet<CanId>();
        var names = new HashSet<string>();
        foreach (var declaration in contents.Messages)
        {
            if (declaration.Name == SignalsOfNoMessage)
            {
                unassigned.AddRange(AssembleSignals(declaration));
                continue;
            }

            var message = AssembleMessage(declaration, frameFormats);
            if (!ids.Add(message.Id))
            {
                Warn(DbcWarningKind.DuplicateMessageId, declaration.Position,
                    $"message {message.Name} has the same id as an earlier one and is not decoded");
            }

            if (!names.Add(message.Name)) Warn(DbcWarningKind.DuplicateName, declaration.Position, $"a second message {message.Name}");
            messages.Add(message);
        }

        return new DbcDatabase(messages)
        {
            FileName = fileName,
            Version = contents.Version,
            Comment = contents.Comment?.ToString(),
            Nodes = [.. contents.Nodes.Select(node => AssembleNode(node.Name))],
            ValueTables = contents.ValueTables,
            EnvironmentVariables = [.. contents.EnvironmentVariables.Select(AssembleVariable)],
            UnassignedSignals = unassigned,
            AttributeDefinitions = [.. _attributes.Definitions, .. _relations.Definitions],
            Attributes = _attributes.Of(DbcSubject.Network),
            RelationAttributes = [.. _relations.All.Select(pair => AssembleRelation(pair.Owner, pair.Attribute))],
            Warnings = _warnings.InFileOrder(),
        };
    }

    private DbcMessage AssembleMessage(DbcMessageDeclaration declaration, DbcFrameFormats frameFormats)
    {
        var id = declaration.Id;
        var subject = DbcSubject.Message(id);
        var format = frameFormats.Of(id);
        return new DbcMessage
        {
            Name = LongName(subject, "SystemMessageLongSymbol") ?? declaration.Name,
            Id = IdOf(declaration),
            Length = declaration.Length,
            Senders = Senders(declaration),
            Signals = AssembleSignals(declaration),
            SignalGroups = [.. SignalGroups(id)],
            Comment = contents.Comments.GetValueOrDefault(subject),
            CycleTime = CycleTime(subject),
            SendType = SendType(subject),
            IsJ1939 = format == DbcFrameFormats.ParameterGroup,
            IsFd = format?.EndsWith("CAN_FD", StringComparison.Ordinal) ?? false,
            Attributes = _attributes.Of(subject),
        };
    }

    private CanId IdOf(DbcMessageDeclaration declaration)
    {
        var value = declaration.Id & ~CanId.ExtendedFlag;
        var isExtended = value != declaration.Id;
        if (value > CanId.MaxExtended)
        {
            throw Error(declaration.Position, $"the id 0x{value:X} of message {declaration.Name} has more than 29 bits");
        }

        if (!isExtended && value > CanId.MaxStandard)
        {
            throw Error(declaration.Position, $"the id 0x{value:X} of message {declaration.Name} has more than 11 bits; "
                + $"if it is a 29-bit id, bit 31 must be set: {value | CanId.ExtendedFlag}");
        }

        return isExtended ? CanId.Extended(value) : CanId.Standard(value);
    }

    private List<string> Senders(DbcMessageDeclaration declaration)
    {
        List<string> all = [declaration.Sender, .. contents.FurtherSenders.GetValueOrDefault(declaration.Id) ?? []];
        List<string> senders = [.. all.Select(NodeName).Distinct()];
        return senders is [NoNode] ? [] : senders;
    }

    private TimeSpan? CycleTime(DbcSubject message)
    {
        if (_attributes.Find(message, CycleTimeAttribute) is not { } value) return null;
        if (value.Number is > 0 and <= int.MaxValue) return TimeSpan.FromMilliseconds(value.Number.Value);
        if (value.Number != 0) WarnOfUnusable(message, CycleTimeAttribute, $"the cycle time \"{DbcText.Show(value.Text)}\" is no number of milliseconds above 0");
        return null;
    }

    private string? SendType(DbcSubject message) => _attributes.Find(message, SendTypeAttribute)?.Text;

    private IEnumerable<DbcSignalGroup> SignalGroups(uint id) =>
        (contents.SignalGroups.GetValueOrDefault(id) ?? [])
            .Select(group => group with { Signals = [.. group.Signals.Select(signal => SignalName(DbcSubject.Signal(id, signal)))] });

    private DbcNode AssembleNode(string name) =>
        new(NodeName(name), contents.Comments.GetValueOrDefault(DbcSubject.Node(name))) { Attributes = _attributes.Of(DbcSubject.Node(name)) };

    private DbcEnvironmentVariable AssembleVariable(DbcEnvironmentVariableDeclaration declaration)
    {
        var subject = DbcSubject.EnvironmentVariable(declaration.Name);
        var isData = contents.DataLengths.TryGetValue(declaration.Name, out var dataLength);
        return new DbcEnvironmentVariable
        {
            Name = VariableName(declaration.Name),
            Type = isData ? DbcEnvironmentVariableType.Data : declaration switch
            {
                { Type: 2 } or { AccessType: ['D', .., '8', '0', '0', '0' or '1' or '2' or '3'] } => DbcEnvironmentVariableType.Text,
                { Type: 1 } => DbcEnvironmentVariableType.RealNumber,
                _ => DbcEnvironmentVariableType.WholeNumber,
            },
            Minimum = declaration.Minimum,
            Maximum = declaration.Maximum,
            Unit = declaration.Unit.Length == 0 ? null : declaration.Unit,
            Initial = declaration.Initial,
            Id = declaration.Id,
            AccessType = declaration.AccessType,
            AccessNodes = declaration.AccessNodes is [NoNode] ? [] : [.. declaration.AccessNodes.Select(NodeName)],
            DataLength = isData ? dataLength : null,
            Labels = Labels(subject),
            Comment = contents.Comments.GetValueOrDefault(subject),
            Attributes = _attributes.Of(subject),
        };
    }

    private DbcRelationAttribute AssembleRelation(DbcRelation relation, DbcAttribute attribute)
    {
        var (kind, id, name) = relation.Object;
        var isVariable = kind == DbcAttributeOwner.EnvironmentVariable;
        return new DbcRelationAttribute(attribute.Definition, NodeName(relation.Node), isVariable ? null : CanId.FromRaw(id), kind switch
        {
            DbcAttributeOwner.EnvironmentVariable => VariableName(name),
            DbcAttributeOwner.Signal => SignalName(relation.Object),
            _ => null,
        }, attribute.Value);
    }

    private string NodeName(string shortName) => LongName(DbcSubject.Node(shortName), "SystemNodeLongSymbol") ?? shortName;

    private string VariableName(string shortName) => LongName(DbcSubject.EnvironmentVariable(shortName), "SystemEnvVarLongSymbol") ?? shortName;

    private string? LongName(DbcSubject subject, string attribute) => _attributes.FindOwn(subject, attribute)?.Text is { Length: > 0 } name ? name : null;

    private void WarnOfUnusable(DbcSubject subject, string attribute, string text) =>
        Warn(DbcWarningKind.UnusableValue, _attributes.PositionOf(subject, attribute), text);

    private void Warn(DbcWarningKind kind, DbcPosition position, string text) => _warnings.Add(kind, position, text);

    private DbcException Error(DbcPosition position, string problem) => new(fileName, position.Line, position.Column, problem);
}
