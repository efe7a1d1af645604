namespace EdgeAgent.Publishing;

/// <summary>A connection to a broker, as far as the publisher needs it. Tests have one with faults.</summary>
internal interface IBrokerLink : IAsyncDisposable
{
    /// <summary>Connects, or throws <see cref="BrokerException"/>.</summary>
    Task ConnectAsync(CancellationToken stop);

    /// <summary>Publishes at QoS 1 and completes with the broker's PUBACK; throws <see cref="BrokerException"/> if there will be none.</summary>
    Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, string contentType, CancellationToken stop);

    /// <summary>Completes when the connection of the last <see cref="ConnectAsync"/> is lost, with the reason for people.</summary>
    Task<string> Lost { get; }

    /// <summary>The most publications under way at once that broker and agent agree on.</summary>
    int ReceiveMaximum { get; }

    /// <summary>Says good-bye, as far as that is possible.</summary>
    Task DisconnectAsync();
}

/// <summary>The broker cannot be reached or the connection is of no use. The message is one line that says what, where and what to do.</summary>
internal class BrokerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The broker answered that it does not take a publication (PUBACK with a reason code from 0x80 on); the connection is well.</summary>
internal sealed class PublicationRefusedException(string message) : BrokerException(message);
