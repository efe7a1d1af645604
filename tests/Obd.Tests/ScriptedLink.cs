using EdgeAgent.Can;

namespace EdgeAgent.Obd.Tests;

/// <summary>ECUs that answer what the test says to a request, in hexadecimal, and nothing to others.</summary>
internal sealed class ScriptedLink : IObdLink
{
    public Dictionary<string, (CanId Ecu, string Message)[]> Answers { get; } = [];

    /// <summary>With the ECU in front where one alone was asked: <c>7E8 22F190</c>.</summary>
    public List<string> Requests { get; } = [];

    public Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        string text = Convert.ToHexString(request.Span);
        Requests.Add(ecu is { } asked ? $"{asked} {text}" : text);
        return Task.FromResult<IReadOnlyList<ObdAnswer>>(
            [.. Answers.GetValueOrDefault(text, []).Where(answer => ecu is null || answer.Ecu == ecu).Select(answer => new ObdAnswer(answer.Ecu, Convert.FromHexString(answer.Message)))]);
    }
}
