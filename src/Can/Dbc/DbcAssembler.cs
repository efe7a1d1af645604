namespace EdgeAgent.Can.Dbc;

/// <summary>Puts what the statements of a file say together into a <see cref="DbcDatabase"/>.</summary>
internal sealed partial class DbcAssembler(DbcContents contents, string? fileName)
{
    private const string NoNode = "Vector__XXX";
    private const string SignalsOfNoMessage = "VECTOR__INDEPENDENT_SIG_MSG";

    private readonly DbcAttributes _attributes = contents.Attributes;
    private readonly DbcWarnings _warnings = contents.Warnings;

    public DbcDatabase Assemble()
    {
        _attributes.Check(fileName, _warnings);
        contents.RelationAttributes.Check(fileName, _warnings);
        CheckReferences();
        CheckNodes();

        var frameFormats = new DbcFrameFormats(_attributes, _warnings);
        var messages = new List<DbcMessage>(contents.Messages.Count);
        var ids = new HashSet<CanId>();
        var names = new HashSet<string>();
        foreach (var declaration in contents.Messages)
        {
            if (declaration.Name == SignalsOfNoMessage) continue;
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
            Nodes = [.. contents.Nodes.Select(node => new DbcNode(NodeName(node), contents.NodeComments.GetValueOrDefault(node)))],
            Warnings = _warnings.InFileOrder(),
        };
    }

    private DbcMessage AssembleMessage(DbcMessageDeclaration declaration, DbcFrameFormats frameFormats)
    {
        var id = declaration.Id;
        var format = frameFormats.Of(id);
        return new DbcMessage
        {
            Name = LongName(_attributes.OfMessages.GetValueOrDefault((id, "SystemMessageLongSymbol"))) ?? declaration.Name,
            Id = IdOf(declaration),
            Length = declaration.Length,
            Senders = Senders(declaration),
            Signals = AssembleSignals(declaration),
            Comment = contents.MessageComments.GetValueOrDefault(id),
            CycleTime = CycleTime(id),
            IsJ1939 = format == DbcFrameFormats.ParameterGroup,
            IsFd = format?.EndsWith("CAN_FD", StringComparison.Ordinal) ?? false,
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

    private TimeSpan? CycleTime(uint id)
    {
        const string attribute = "GenMsgCycleTime";
        if (!_attributes.Definitions.ContainsKey(attribute)) return null;
        var value = _attributes.OfMessages.GetValueOrDefault((id, attribute)) ?? _attributes.Defaults.GetValueOrDefault(attribute);
        if (value is null) return null;
        var milliseconds = _attributes.Number(value);
        if (milliseconds is > 0 and <= int.MaxValue) return TimeSpan.FromMilliseconds(milliseconds);
        if (milliseconds == 0) return null;
        Warn(DbcWarningKind.UnusableValue, value.Position,
            $"the cycle time \"{DbcText.Show(value.Text)}\" is no number of milliseconds above 0");
        return null;
    }

    private string NodeName(string shortName) =>
        LongName(_attributes.OfNodes.GetValueOrDefault((shortName, "SystemNodeLongSymbol"))) ?? shortName;

    private static string? LongName(DbcAttributeValue? value) => string.IsNullOrEmpty(value?.Text) ? null : value.Text;

    private void CheckReferences()
    {
        var signals = new HashSet<DbcSignalKey>();
        var messages = new HashSet<uint>();
        foreach (var message in contents.Messages)
        {
            _ = messages.Add(message.Id);
            foreach (var signal in message.Signals) _ = signals.Add(new DbcSignalKey(message.Id, signal.Name));
        }

        foreach (var reference in contents.References)
        {
            if (!messages.Contains(reference.MessageId))
            {
                Warn(DbcWarningKind.UnknownReference, reference.Position, $"no message has the id {reference.MessageId}");
            }
            else if (reference.Signal is { } signal && !signals.Contains(new DbcSignalKey(reference.MessageId, signal)))
            {
                Warn(DbcWarningKind.UnknownReference, reference.Position, $"message {reference.MessageId} has no signal {signal}");
            }
        }
    }

    // Once a name: files without BU_ would otherwise give a warning a signal.
    private void CheckNodes()
    {
        var known = new HashSet<string>(contents.Nodes) { NoNode };
        foreach (var message in contents.Messages)
        {
            CheckNode(message.Sender, message.Position, $"sender of {message.Name}");
            foreach (var signal in message.Signals)
            {
                foreach (var receiver in signal.Receivers) CheckNode(receiver, signal.Position, $"receiver of {signal.Name}");
            }
        }

        void CheckNode(string node, DbcPosition position, string role)
        {
            if (known.Add(node)) Warn(DbcWarningKind.UnknownReference, position, $"no node {node} ({role})");
        }
    }

    private void Warn(DbcWarningKind kind, DbcPosition position, string text) => _warnings.Add(kind, position, text);

    private DbcException Error(DbcPosition position, string problem) => new(fileName, position.Line, position.Column, problem);
}
