using EdgeAgent.Can;
using EdgeAgent.Can.IsoTp;

namespace EdgeAgent.Obd.Tests;

/// <summary>An ECU on a real interface, on a thread of its own: what it answers to a request is up to the test, message after message.</summary>
internal sealed class EcuSimulator : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IsoTpChannel _channel;
    private readonly Func<string, IEnumerable<string>> _answer;
    private readonly CanId _response;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly List<string> _requests = [];

    /// <param name="interfaceName">Where.</param>
    /// <param name="addressing">Which identifiers.</param>
    /// <param name="ecu">Its place in them: 0 answers as 7E8, or 18DAF100.</param>
    /// <param name="answer">From a request to its answers, in hexadecimal; none to keep silent.</param>
    public EcuSimulator(string interfaceName, ObdAddressing addressing, int ecu, Func<string, IEnumerable<string>> answer)
    {
        var address = addressing.Ecus[ecu];
        _response = address.Receive;
        _answer = answer;
        _channel = IsoTpChannel.Open(interfaceName, [new IsoTpAddress(_response, address.Transmit), new IsoTpAddress(_response, addressing.Functional)],
            new IsoTpOptions { Padding = 0x00 }, TimeProvider.System);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_gate) return [.. _requests];
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _channel.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                if (!_channel.TryReceive(TimeSpan.FromSeconds(1), _stop.Token, out var request) || request.Result != IsoTpResult.Ok) continue;
                string text = Convert.ToHexString(request.Data.Span);
                lock (_gate) _requests.Add(text);
                foreach (string answer in _answer(text)) _channel.Send(_response, Convert.FromHexString(answer), _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
