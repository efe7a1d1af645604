using EdgeAgent.Can.Candump;
using EdgeAgent.Can.J1939;

namespace EdgeAgent.Cli.J1939;

/// <summary>A message that was heard, or one that broke off.</summary>
internal readonly ref struct HeardMessage
{
    /// <summary>Its group, source and destination; of one that broke off, those of the frame that ended it.</summary>
    public required J1939Id Id { get; init; }

    /// <summary>The data of the message or the frame.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Why it broke off; null if it is complete.</summary>
    public TransportResult? Failed { get; init; }

    /// <summary>What it meant as an address claim.</summary>
    public AddressClaim Claim { get; init; }
}

/// <summary>How messages are printed.</summary>
internal interface IJ1939Writer : IDisposable
{
    void Write(long timestampNs, string bus, in HeardMessage message);

    void Flush();
}

/// <summary>A bus of a log: who is where, and what is being put together.</summary>
internal sealed class J1939Bus
{
    private readonly TransportListener _transport = new();
    private readonly J1939AddressTable _addresses = new();
    private byte[] _payload = [];

    /// <summary>The message that a frame is or completes, or that it ends; false if there is none.</summary>
    public bool TryTake(in CandumpRecord record, out HeardMessage message)
    {
        message = default;
        var frame = record.Frame;
        if (frame.IsError || frame.IsRemote || frame.IsFd || !J1939Id.TryFrom(frame.Id, out var id)) return false;
        _payload = frame.Payload.ToArray();
        if (!TransportListener.IsTransport(id.Group))
        {
            message = new HeardMessage { Id = id, Data = _payload, Claim = _addresses.Observe(id, _payload) };
            return true;
        }
        var hearing = _transport.Accept(id, _payload, TimeSpan.FromTicks(record.TimestampNs / TimeSpan.NanosecondsPerTick));
        message = hearing.IsComplete ? new HeardMessage { Id = _transport.Id, Data = _transport.Message } : new HeardMessage { Id = id, Data = _payload, Failed = hearing.Failed };
        return hearing.IsComplete || hearing.Failed is not null;
    }
}
