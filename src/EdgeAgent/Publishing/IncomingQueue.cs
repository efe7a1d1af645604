using System.Threading.Channels;

namespace EdgeAgent.Publishing;

/// <summary>
/// What has arrived and waits to be dealt with, one after the other, apart from the loop that reads from the connection: neither a slow receiver
/// nor one that never comes back keeps acknowledgements, or the end of a connection, from being seen.
/// </summary>
internal sealed class IncomingQueue
{
    private readonly Channel<Arrival> _arrivals;

    /// <param name="receiver">Deals with them.</param>
    /// <param name="capacity">How many may wait; further ones are passed over, and not acknowledged.</param>
    public IncomingQueue(Func<IncomingMessage, Task> receiver, int capacity)
    {
        _arrivals = Channel.CreateBounded<Arrival>(new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        _ = RunAsync(receiver);
    }

    /// <summary>Never waits.</summary>
    /// <param name="message">What arrived.</param>
    /// <param name="isCurrent">False once its connection is over: the broker sends it again in the next one.</param>
    /// <param name="acknowledge">To be done when the receiver has dealt with it.</param>
    /// <returns>False if too many wait already: nobody will see this one.</returns>
    public bool Add(IncomingMessage message, Func<bool> isCurrent, Func<Task> acknowledge) => _arrivals.Writer.TryWrite(new Arrival(message, isCurrent, acknowledge));

    public void Complete() => _arrivals.Writer.TryComplete();

    private async Task RunAsync(Func<IncomingMessage, Task> receiver)
    {
        // ReadAllAsync would go on where it was woken.
        while (await _arrivals.Reader.WaitToReadAsync())
        {
            if (!_arrivals.Reader.TryRead(out var arrival) || !arrival.IsCurrent()) continue;
            try
            {
                await receiver(arrival.Message);
                if (arrival.IsCurrent()) await arrival.Acknowledge();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Not acknowledged, whatever the reason: it comes again with the next connection.
            }
        }
    }

    private readonly record struct Arrival(IncomingMessage Message, Func<bool> IsCurrent, Func<Task> Acknowledge);
}
