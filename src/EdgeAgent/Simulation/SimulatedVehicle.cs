namespace EdgeAgent.Simulation;

/// <summary>
/// A vehicle that is driven: speed, engine, temperatures, fuel and distance follow from what its drive has it do. The same drive is the same
/// values at the same moments, however often one looks. Thread-safe.
/// </summary>
internal sealed class SimulatedVehicle(IReadOnlyList<DriveLeg> drive)
{
    /// <summary>The bus falls silent so long after the engine.</summary>
    public static readonly TimeSpan SleepsAfter = TimeSpan.FromSeconds(5);

    private const double IdleSpeed = 800, Ambient = 14;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>From which speed (km/h) on each gear is in, and revolutions a minute for each km/h in it.</summary>
    private static readonly (double From, double Ratio)[] Gears = [(0, 110), (18, 66), (32, 46), (50, 35), (70, 28), (95, 23)];

    private readonly Lock _gate = new();
    private TimeSpan _time, _stoppedAt;
    private double _speed, _acceleration, _engineSpeed, _coolant = Ambient, _oil = Ambient, _fuel = 80, _odometer = 41_234.5, _runTime;
    private bool _isRunning;

    /// <param name="time">In the vehicle's time, from its beginning; one that has passed already is the present.</param>
    public VehicleState At(TimeSpan time)
    {
        lock (_gate)
        {
            // The first step is that of the key.
            if (_time == TimeSpan.Zero) Advance();
            while (_time + Step <= time) Advance();
            return Current();
        }
    }

    private void Advance()
    {
        double dt = Step.TotalSeconds;
        var phase = DriveLeg.At(drive, _time);
        _time += Step;
        double wanted = Wanted(phase, _time.TotalSeconds);
        _acceleration = Math.Clamp((wanted - _speed) / 3.6 / 2, -3.5, 2.5);
        _speed = Math.Max(0, _speed + _acceleration * 3.6 * dt);
        if (wanted == 0 && _speed < 0.5) _speed = _acceleration = 0;

        bool wasRunning = _isRunning;
        _isRunning = phase != DrivePhase.Off || _speed > 0;
        if (wasRunning && !_isRunning) _stoppedAt = _time;
        _runTime = _isRunning ? _runTime + dt : 0;
        double target = !_isRunning ? 0 : _speed == 0 ? IdleSpeed : Math.Max(IdleSpeed + 60, _speed * Gears[Gear - 1].Ratio);
        _engineSpeed = Math.Round(Approach(_engineSpeed, target, dt, 0.4), 3);
        if (!_isRunning && _engineSpeed < 20) _engineSpeed = 0;
        _coolant = _isRunning ? Approach(_coolant, 90, dt, 150) : Approach(_coolant, Ambient, dt, 3600);
        _oil = _isRunning ? Approach(_oil, 95, dt, 300) : Approach(_oil, Ambient, dt, 3600);
        _odometer += _speed / 3600 * dt;
        _fuel = Math.Max(2, _fuel - FuelRate / 3600 * dt / 55 * 100);
    }

    private static double Wanted(DrivePhase phase, double t) => phase switch
    {
        // A minute from light to light, a third of it red.
        DrivePhase.City => Math.Max(0, 50 * Math.Sin(2 * Math.PI * t / 60) + 15) is > 12 and var speed ? Math.Min(50, speed) : 0,
        DrivePhase.Motorway => 115 + 10 * Math.Sin(2 * Math.PI * t / 90),
        _ => 0,
    };

    private int Gear
    {
        get
        {
            int gear = 1;
            while (gear < Gears.Length && _speed >= Gears[gear].From) gear++;
            return gear;
        }
    }

    private double Load => _isRunning ? Math.Clamp(18 + 0.25 * _speed + 22 * _acceleration, 6, 96) : 0;

    private double AirFlow => _engineSpeed * Load / 100 * 0.016;

    /// <summary>Petrol, 14.7 parts of air to one, 740 g a litre.</summary>
    private double FuelRate => AirFlow * 3600 / 14.7 / 740;

    private VehicleState Current() => new()
    {
        Speed = _speed,
        EngineSpeed = _engineSpeed,
        EngineLoad = Load,
        Throttle = _isRunning ? 12 + Load * 0.7 : 12,
        CoolantTemperature = _coolant,
        OilTemperature = _oil,
        IntakeTemperature = Ambient + (_isRunning ? 8 : 0),
        AmbientTemperature = Ambient,
        ManifoldPressure = _isRunning ? 28 + Load * 0.72 : 101,
        AirFlow = AirFlow,
        FuelRate = FuelRate,
        FuelLevel = _fuel,
        Voltage = _isRunning ? 14.2 : 12.4,
        Odometer = _odometer,
        Gear = _speed > 0 ? Gear : 0,
        IsRunning = _isRunning,
        RunTime = _runTime,
        IsAwake = _isRunning || (_stoppedAt > TimeSpan.Zero && _time - _stoppedAt < SleepsAfter),
    };

    private static double Approach(double value, double target, double dt, double seconds) => value + (target - value) * Math.Min(1, dt / seconds);
}
