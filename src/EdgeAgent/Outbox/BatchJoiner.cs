using System.Buffers;
using EdgeAgent.Capture;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Outbox;

/// <summary>What is stored as one batch.</summary>
/// <param name="Batch">As it is stored.</param>
/// <param name="Of">What it was made of.</param>
internal sealed record Parcel(Batch Batch, IReadOnlyList<Delivery> Of);

/// <summary>
/// Makes one batch of several whose samples follow each other: names are stored once, more is compressed together, and what is published later
/// are fewer messages. Numbers, times and values stay as they are.
/// </summary>
internal static class BatchJoiner
{
    /// <summary>True for samples as this version writes them.</summary>
    private static bool MayBeJoined(Batch batch) => batch.Channel == Channel.Telemetry && batch.Payload is [SamplePayload.Version, ..];

    /// <summary>True if a batch goes on where these end, and all of them together are no larger than a sealed batch may be in any encoding.</summary>
    public static bool Fits(List<Delivery> before, Delivery next)
    {
        var (last, batch) = (before[^1].Batch, next.Batch);
        return MayBeJoined(last) && MayBeJoined(batch) && last.Stamp == batch.Stamp && last.LastSequence + 1 == batch.FirstSequence
            && last.ClockAtSeal.Synchronized == batch.ClockAtSeal.Synchronized
            && batch.LastSequence - before[0].Batch.FirstSequence < BatchBuilder.MaxReadableSamples
            && before.Sum(delivery => delivery.Batch.Payload.Length) + batch.Payload.Length <= BatchBuilder.MaxBytes;
    }

    public static List<Parcel> Join(List<List<Delivery>> parcels) =>
        [.. parcels.Select(parcel => new Parcel(parcel is [var single] ? single.Batch : Join([.. parcel.Select(delivery => delivery.Batch)]), parcel))];

    /// <param name="batches">At least one; each fits behind those before it.</param>
    public static Batch Join(IReadOnlyList<Batch> batches)
    {
        var samples = new ArrayBufferWriter<byte>(batches.Sum(batch => batch.Payload.Length));
        List<SignalDescription> signals = [];
        Dictionary<SignalDescription, int> known = [];
        long last = batches[0].FirstTimeNs;
        foreach (var batch in batches)
        {
            var reader = SamplePayload.Read(batch);
            int[] indexes = Array.ConvertAll(reader.Signals, signal =>
            {
                if (known.TryGetValue(signal, out int index)) return index;
                known.Add(signal, index = signals.Count);
                signals.Add(signal);
                return index;
            });
            long time = batch.FirstTimeNs;
            while (reader.TryRead(out int signal, out long deltaNs, out double value))
            {
                time += deltaNs;
                samples.Advance(SamplePayload.WriteSample(samples.GetSpan(SamplePayload.MaxSampleLength), indexes[signal], time - last, value, reader.Signals[signal].Scaling));
                last = time;
            }
        }
        // The clock as it was read last: what is known later of it holds for what was captured before, too.
        return batches[0] with { Count = batches.Sum(batch => batch.Count), ClockAtSeal = batches[^1].ClockAtSeal, Payload = SamplePayload.Assemble(signals, samples.WrittenSpan) };
    }
}
