namespace EdgeAgent.Can.Dbc;

/// <summary>Looks for statements that speak of what the file does not define.</summary>
internal sealed partial class DbcAssembler
{
    private void CheckReferences()
    {
        var known = new HashSet<DbcSubject>();
        foreach (var message in contents.Messages)
        {
            _ = known.Add(DbcSubject.Message(message.Id));
            foreach (var signal in message.Signals) _ = known.Add(DbcSubject.Signal(message.Id, signal.Name));
        }

        foreach (var (node, _) in contents.Nodes) _ = known.Add(DbcSubject.Node(node));
        foreach (var variable in contents.EnvironmentVariables) _ = known.Add(DbcSubject.EnvironmentVariable(variable.Name));
        foreach (var (position, subject) in contents.References)
        {
            if (!known.Contains(subject)) Warn(DbcWarningKind.UnknownReference, position, Missing(subject, known));
        }
    }

    private static string Missing(DbcSubject subject, HashSet<DbcSubject> known) => subject.Kind switch
    {
        DbcAttributeOwner.Node => $"no node {subject.Name}",
        DbcAttributeOwner.EnvironmentVariable => $"no environment variable {subject.Name}",
        DbcAttributeOwner.Signal when known.Contains(DbcSubject.Message(subject.MessageId)) => $"message {subject.MessageId} has no signal {subject.Name}",
        _ => $"no message has the id {subject.MessageId}",
    };

    // Once a name: files without BU_ would otherwise give a warning a signal.
    private void CheckNodes()
    {
        var known = new HashSet<string>(contents.Nodes.Select(node => node.Name)) { NoNode };
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
}
