using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Tests.Capture;

/// <summary>ECUs that answer what they are told to, in no time or some, on a bus that somebody else uses or not.</summary>
internal sealed class FakeVehicle(TimeProvider time) : IObdLink, IBusTraffic
{
    public static readonly CanId Engine = CanId.Standard(0x7E8), Transmission = CanId.Standard(0x7E9);

    private readonly long _begun = time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<(TimeSpan At, CanId? Ecu, string Request)> _requests = [];
    private volatile bool _isDriven = true;

    /// <summary>Answers in hexadecimal by request.</summary>
    public Dictionary<string, (CanId Ecu, string Message)[]> Answers { get; } = [];

    /// <summary>How long each exchange takes.</summary>
    public TimeSpan Takes { get; init; }

    /// <summary>True if its ECUs know requests for several parameters of service 01; else they answer the first that they have.</summary>
    public bool KnowsSeveral { get; init; } = true;

    /// <summary>What a request throws.</summary>
    public Exception? Trouble { get; set; }

    /// <summary>True while there are other frames on the bus.</summary>
    public bool IsDriven
    {
        get => _isDriven;
        set => _isDriven = value;
    }

    public IReadOnlyList<(TimeSpan At, CanId? Ecu, string Request)> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    public async Task<IReadOnlyList<ObdAnswer>> RequestAsync(CanId? ecu, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        string text = Convert.ToHexString(request.Span);
        lock (_gate) _requests.Add((time.GetElapsedTime(_begun), ecu, text));
        if (Takes > TimeSpan.Zero) await Task.Delay(Takes, time, cancellation);
        if (Trouble is { } trouble) throw trouble;
        if (request.Span[0] == ObdService.CurrentData && request.Length > 2) return Several(ecu, request.ToArray()[1..]);
        return [.. Answers.GetValueOrDefault(text, []).Where(answer => ecu is null || ecu == answer.Ecu).Select(answer => new ObdAnswer(answer.Ecu, Convert.FromHexString(answer.Message)))];
    }

    private IReadOnlyList<ObdAnswer> Several(CanId? asked, byte[] pids)
    {
        var answers = pids.SelectMany(pid => Answers.GetValueOrDefault($"01{pid:X2}", [])).Where(answer => asked is null || asked == answer.Ecu);
        return [.. answers.GroupBy(answer => answer.Ecu, answer => answer.Message[2..]).OrderBy(ecu => ecu.Key)
            .Select(ecu => new ObdAnswer(ecu.Key, Convert.FromHexString("41" + string.Concat(KnowsSeveral ? ecu : ecu.Take(1)))))];
    }

    public bool WasSeen() => IsDriven;

    public void Dispose()
    {
    }
}
