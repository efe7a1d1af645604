using System.Buffers;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Publishing;

/// <summary>What goes out in one connection, in which order.</summary>
internal sealed partial class Publisher
{
    /// <summary>So often it looks round even if nothing wakes it, which shows that it still can be woken.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(15);

    /// <summary>Reports first, which are few and small; then new records, those of high priority before the others; then the backlog.</summary>
    private async Task PumpAsync(Window window, CancellationToken stop)
    {
        _ = _wakeup.SetAfterAsync(_link.Lost);
        Task? arrival = null;
        while (!_link.Lost.IsCompleted && window.Trouble is null)
        {
            stop.ThrowIfCancellationRequested();
            Pulse.Beat();
            var next = _wakeup.Next;
            if (!window.HasRoom)
            {
                await _wakeup.WaitAsync(next, LongestIdle, _time, stop);
            }
            else if (_reports.TryTake() is { } report)
            {
                window.Begin(() => PublishAsync(window, report, stop));
            }
            else if (_outbox.TryTake(_allowances.MayGo, window.HasRoomForBacklog) is { } delivery)
            {
                window.Begin(() => PublishAsync(window, delivery, stop));
            }
            else if (_allowances.HasRecovered())
            {
                _outbox.Reconsider();
            }
            else
            {
                if (arrival != _outbox.ArrivalAsync()) _ = _wakeup.SetAfterAsync(arrival = _outbox.ArrivalAsync());
                var (more, due) = (_allowances.UntilMore(), _reports.UntilDue());
                var wait = more is null || due < more ? due : more;
                await _wakeup.WaitAsync(next, wait is null || LongestIdle < wait ? LongestIdle : wait, _time, stop);
            }
        }
    }

    /// <summary>Publishes one batch. Never throws: what becomes of the batch is told to the outbox, what is wrong with the connection to the window.</summary>
    private async Task PublishAsync(Window window, Delivery delivery, CancellationToken stop)
    {
        var batch = delivery.Batch;
        try
        {
            long begun = _time.GetTimestamp();
            await PublishAsync(batch, stop);
            window.AddDelivered(begun);
            History.AddAcknowledgement(batch.Stamp.Tenant);
            _outbox.Acknowledge(delivery);
        }
        catch (PublicationRefusedException e)
        {
            if (e.Message != _lastSaid) PublishingLog.Refused(_logger, e.Message);
            _lastSaid = e.Message;
            History.AddRefusal(batch.Stamp.Tenant, e.Message);
            _outbox.Refuse(delivery);
        }
        catch (PublicationTooLargeException e)
        {
            PublishingLog.TooLarge(_logger, batch.FirstSequence, batch.LastSequence, batch.Channel.Path, batch.Stamp.Tenant, batch.Stamp.Epoch, e.Message);
            _outbox.Lose(delivery, LedgerReason.TooLarge);
        }
        catch (InvalidDataException e)
        {
            PublishingLog.CannotPublish(_logger, batch.FirstSequence, batch.LastSequence, batch.Channel.Path, batch.Stamp.Tenant, batch.Stamp.Epoch, e.Message);
            _outbox.Park(delivery);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _outbox.Return(delivery);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(window, e);
            _outbox.Return(delivery);
        }
        finally
        {
            window.Leave();
        }
    }

    /// <summary>Publishes a batch as its tenant wants it, or in the smallest encoding that there is if the broker takes nothing as large as that.</summary>
    private async Task PublishAsync(Batch batch, CancellationToken stop)
    {
        var encoding = _allowances.OptionsOf(batch.Stamp.Tenant).Encoding.For(batch);
        try
        {
            await PublishAsync(batch, encoding, stop);
        }
        catch (PublicationTooLargeException) when (encoding.Smaller is not null)
        {
            await PublishAsync(batch, encoding.Smaller, stop);
        }
    }

    private async Task PublishAsync(Batch batch, PayloadEncoding encoding, CancellationToken stop)
    {
        var publication = Encode(batch, encoding);
        _allowances.Spend(batch.Stamp.Tenant, publication.WireBytes);
        try
        {
            await _link.PublishAsync(publication, stop);
        }
        catch (PublicationTooLargeException)
        {
            // It was not sent.
            _allowances.Spend(batch.Stamp.Tenant, -publication.WireBytes);
            throw;
        }
    }

    /// <summary>The same for a report.</summary>
    private async Task PublishAsync(Window window, Publication report, CancellationToken stop)
    {
        try
        {
            await _link.PublishAsync(report, stop);
            _reports.Published(report);
        }
        catch (Exception e) when (e is PublicationRefusedException or PublicationTooLargeException)
        {
            if (_reports.Refused(report, wasSent: e is PublicationRefusedException)) PublishingLog.Refused(_logger, e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _reports.Returned(report);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail(window, e);
            _reports.Returned(report);
        }
        finally
        {
            window.Leave();
        }
    }

    private Publication Encode(Batch batch, PayloadEncoding encoding)
    {
        var output = new ArrayBufferWriter<byte>(batch.Count * 64);
        bool isOfThisBoot = batch.Stamp.Boot == _status.Boot;
        encoding.Encode(batch, isOfThisBoot ? _clock.Read() : batch.ClockAtSeal, isOfThisBoot ? _clock.NowNs() : null, output);
        // Whoever begins to watch a fleet sees at once how each device was last.
        return new Publication(Topics.Of(batch.Stamp, batch.Channel), output.WrittenMemory, encoding.ContentType, Retain: batch.Channel == Channel.Health);
    }

    private static void Fail(Window window, Exception e) =>
        window.Fail(e as BrokerException ?? new BrokerException($"publishing failed: {e.Message}", e));
}
