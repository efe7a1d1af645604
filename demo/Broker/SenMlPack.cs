using System.Text.Json;

namespace EdgeAgent.Demo.Broker;

/// <summary>One sample as it arrived.</summary>
internal readonly record struct ReceivedSample(string Name, string? Unit, double Value, long TimeUs);

/// <summary>A message of the agent: a SenML pack (RFC 8428) with the agent's stamp in its first record.</summary>
/// <param name="BaseName">The device and a slash.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Epoch">The device's assignment to that tenant.</param>
/// <param name="FirstSequence">The number of the first sample; the others count on from it.</param>
/// <param name="Samples">In order.</param>
internal sealed record SenMlPack(string BaseName, string Tenant, long Epoch, long FirstSequence, IReadOnlyList<ReceivedSample> Samples)
{
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A field is of the wrong kind.</exception>
    /// <exception cref="KeyNotFoundException">A field is missing.</exception>
    public static SenMlPack Parse(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        var head = document.RootElement[0];
        decimal baseTime = head.GetProperty("bt").GetDecimal();
        List<ReceivedSample> samples = new(document.RootElement.GetArrayLength());
        foreach (var record in document.RootElement.EnumerateArray())
        {
            decimal time = baseTime + (record.TryGetProperty("t", out var t) ? t.GetDecimal() : 0);
            samples.Add(new ReceivedSample(
                record.GetProperty("n").GetString()!,
                record.TryGetProperty("u", out var unit) ? unit.GetString() : null,
                record.GetProperty("v").GetDouble(),
                (long)(time * 1_000_000)));
        }
        return new SenMlPack(head.GetProperty("bn").GetString()!, head.GetProperty("tenant").GetString()!,
            head.GetProperty("epoch").GetInt64(), head.GetProperty("sequence").GetInt64(), samples);
    }
}
