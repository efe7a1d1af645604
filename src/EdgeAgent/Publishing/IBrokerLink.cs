namespace EdgeAgent.Publishing;

/// <summary>A connection to a broker, as far as the publisher needs it. Tests have one with faults.</summary>
internal interface IBrokerLink : IAsyncDisposable
{
    /// <summary>Connects with the last will, if there is one, or throws <see cref="BrokerException"/>.</summary>
    Task ConnectAsync(Publication? will, CancellationToken stop);

    /// <summary>True if the broker still had the session of the connection before: then what was subscribed in that one is subscribed in this one.</summary>
    bool SessionIsPresent { get; }

    /// <summary>Publishes at QoS 1 and completes with the broker's PUBACK; throws <see cref="BrokerException"/> if there will be none. To be called
    /// for one publication after the other; what was called first leaves first.</summary>
    Task PublishAsync(Publication publication, CancellationToken stop);

    /// <summary>Subscribes at QoS 1 and completes with the broker's SUBACK; throws <see cref="BrokerException"/> if there will be none.</summary>
    /// <returns>The filters that the broker refuses; the others are subscribed.</returns>
    Task<IReadOnlyList<RefusedSubscription>> SubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop);

    /// <summary>The opposite.</summary>
    Task UnsubscribeAsync(IReadOnlyCollection<string> filters, CancellationToken stop);

    /// <summary>Whoever takes what arrives, one message after the other. The broker gets its PUBACK when the task completes, so what has to
    /// survive a power cut is on the disk by then. To be set once, before the first connection.</summary>
    Func<IncomingMessage, Task> Received { set; }

    /// <summary>Whoever is told the topic of what arrived while too many others waited, and so was passed over. May be set once, before the first connection.</summary>
    Action<string> PassedOver { set; }

    /// <summary>Completes when the connection of the last <see cref="ConnectAsync"/> is lost, with the reason for people.</summary>
    Task<string> Lost { get; }

    /// <summary>The most publications under way at once that broker and agent agree on.</summary>
    int ReceiveMaximum { get; }

    /// <summary>The name of the network interface that the connection goes over, as <c>wwan0</c>; null if it is not known.</summary>
    string? NetworkInterface { get; }

    /// <summary>Says good-bye, as far as that is possible.</summary>
    Task DisconnectAsync();
}

/// <summary>Something to be published.</summary>
/// <param name="Topic">From <see cref="Tenancy.Topics"/>.</param>
/// <param name="Payload">What.</param>
/// <param name="ContentType">A media type.</param>
/// <param name="Retain">True if the broker shall keep it for later subscribers; an empty payload then clears it.</param>
internal sealed record Publication(string Topic, ReadOnlyMemory<byte> Payload, string ContentType, bool Retain = false)
{
    /// <summary>Fixed header, lengths of topic and properties, packet identifier, alias, content type's prefix, at most.</summary>
    private const int Overhead = 5 + 2 + 2 + 2 + 3 + 3;

    /// <summary>Bytes of the packet, at most: with its topic, which an alias may spare.</summary>
    public int WireBytes => Overhead + Topic.Length + ContentType.Length + Payload.Length;
}

/// <summary>A filter that the broker does not let this device subscribe to.</summary>
/// <param name="Filter">Which.</param>
/// <param name="Message">One line that says what, where and what to do.</param>
internal sealed record RefusedSubscription(string Filter, string Message);

/// <summary>Something that arrived; from outside, so nothing about it can be relied on.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Payload">Belongs to the receiver.</param>
/// <param name="Retained">True if the broker had kept it and sends it because of the subscription.</param>
internal sealed record IncomingMessage(string Topic, ReadOnlyMemory<byte> Payload, bool Retained = false);

/// <summary>The broker cannot be reached or the connection is of no use. The message is one line that says what, where and what to do.</summary>
internal class BrokerException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Where on the way to the broker it happened.</summary>
    public BrokerFault Fault { get; init; }
}

/// <summary>The broker answered that it does not take a publication (PUBACK with a reason code from 0x80 on); the connection is well.</summary>
internal sealed class PublicationRefusedException(string message) : BrokerException(message);

/// <summary>The broker announced that it takes no packet as large as this one, which therefore was not sent; the connection is well.</summary>
internal sealed class PublicationTooLargeException(string message) : BrokerException(message);
