using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>Where messages of the current assignment go.</summary>
internal interface IRecordSink
{
    /// <summary>Records a message; one of high priority is on the disk, synced, on return. Any thread.</summary>
    /// <param name="channel">Where it is published.</param>
    /// <param name="members">The members of its JSON object, without braces; of too many bytes the number alone is recorded, as <c>"oversize":BYTES</c>.</param>
    void Append(Channel channel, ReadOnlyMemory<byte> members);
}
