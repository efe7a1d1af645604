using EdgeAgent.Can;

namespace EdgeAgent.Obd.Elm;

/// <summary>The ECUs behind an adapter, asked in one way. Thread-safe.</summary>
/// <param name="adapter">Shared by all links over its port.</param>
/// <param name="options">How it is used.</param>
/// <remarks>
/// Outside of CAN an ECU with address <c>xx</c> is named 18DAF1xx, all are asked whomever a request is for, and answers are given in the form
/// that they have on CAN. An ECU that asks for time has 1.02 s with an ELM327 and 5.1 s with an STN chip.
/// </remarks>
public sealed class ElmObdLink(ElmAdapter adapter, ElmOptions options) : IObdLink
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Length, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Length, ElmOptions.LongestRequest, nameof(request));
        return adapter.RunAsync(options, session => session.Start(ecu, request), session => session.Answers, cancellation);
    }

    /// <summary>The battery's voltage as the adapter measures it (AT RV), without a word on the bus; null if it cannot.</summary>
    /// <exception cref="CanSourceException">The adapter cannot be used.</exception>
    public Task<double?> VoltageAsync(CancellationToken cancellation) =>
        adapter.RunAsync(options, session => session.StartVoltage(), session => session.Voltage, cancellation);
}
