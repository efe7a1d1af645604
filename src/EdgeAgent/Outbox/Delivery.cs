using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>A batch on its way to the broker. Its state belongs to the outbox.</summary>
internal sealed class Delivery(Batch batch, long since)
{
    public Batch Batch { get; } = batch;

    /// <summary>When it was accepted, on the monotonic clock.</summary>
    public long Since { get; } = since;

    public bool InFlight { get; set; }

    /// <summary>True while it must not leave, since it is being stored first.</summary>
    public bool IsHeld { get; set; }

    /// <summary>True once it is known that this version cannot publish it: it only has to be on the disk.</summary>
    public bool IsParked { get; set; }

    /// <summary>True once its tenant was purged: nobody wants to know what becomes of it.</summary>
    public bool IsOver { get; set; }

    /// <summary>Its place on the disk, if it is there.</summary>
    public StoredId? StoredAs { get; set; }

    /// <summary>Its place in memory, if it is there.</summary>
    public LinkedListNode<Delivery>? Node { get; set; }
}

/// <summary>Whether something may be published now. Called under the outbox's lock: has to answer at once.</summary>
/// <param name="tenant">Whose it is.</param>
/// <param name="priority">How important it is.</param>
/// <param name="isBacklog">True if it lies on the disk, false if it is new.</param>
internal delegate bool MayTake(TenantId tenant, Priority priority, bool isBacklog);
