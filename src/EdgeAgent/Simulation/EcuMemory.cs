using EdgeAgent.Obd;

namespace EdgeAgent.Simulation;

/// <summary>What an ECU remembers of faults until it is told to forget it (SAE J1979 service 04, ISO 14229-1 service 14).</summary>
internal sealed class EcuMemory
{
    /// <summary>Monitors have all run when the engine has so long since they were reset.</summary>
    private const double ReadyAfterSeconds = 120;

    private readonly EcuDescription _ecu;
    private double _monitored, _lastRunTime;

    public EcuMemory(EcuDescription ecu)
    {
        _ecu = ecu;
        Stored = [.. ecu.Stored];
        Pending = [.. ecu.Pending];
        _monitored = ReadyAfterSeconds;
    }

    public IReadOnlyList<DiagnosticTroubleCode> Stored { get; private set; }

    public IReadOnlyList<DiagnosticTroubleCode> Pending { get; private set; }

    /// <summary>No tester can clear these.</summary>
    public IReadOnlyList<DiagnosticTroubleCode> Permanent => _ecu.Permanent;

    /// <summary>The vehicle as it was when the first stored code was; null if there is none.</summary>
    public VehicleState? FreezeFrame { get; private set; }

    public bool IndicatorIsOn => Stored.Count > 0;

    public double OdometerWhenCleared { get; private set; }

    public bool IsReady => _monitored >= ReadyAfterSeconds;

    /// <summary>Has the monitors run on, and keeps the moment at which a fault was there first.</summary>
    public void Observe(VehicleState state)
    {
        _monitored += Math.Max(0, state.RunTime - _lastRunTime);
        _lastRunTime = state.RunTime;
        if (Stored.Count > 0) FreezeFrame ??= state;
    }

    public void Clear(VehicleState state)
    {
        Stored = [];
        Pending = [];
        FreezeFrame = null;
        OdometerWhenCleared = state.Odometer;
        _monitored = 0;
        _lastRunTime = state.RunTime;
    }

    /// <summary>Every code once with its status by ISO 14229-1 Annex D.2: 01 test failed, 04 pending, 08 confirmed, 80 indicator requested.</summary>
    public IEnumerable<(DiagnosticTroubleCode Code, byte Status)> WithStatus() =>
        Stored.Concat(Pending).Distinct().Select(code => (code, (byte)((Stored.Contains(code) ? 0x89 : 0) | (Pending.Contains(code) ? 0x05 : 0))));
}
