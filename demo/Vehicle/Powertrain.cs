namespace EdgeAgent.Demo.Vehicle;

/// <summary>Engine, torque converter and six gears. Advances in small steps of time; one speed of the vehicle gives one speed of the engine.</summary>
internal sealed class Powertrain
{
    public const double WheelCircumference = 1.98;

    private const double FinalRatio = 3.2, IdleSpeed = 820, Mass = 1450, Efficiency = 0.92;

    private const double UpshiftSpeed = 2900, CruisingUpshiftSpeed = 1750, DownshiftSpeed = 1250, ShiftSeconds = 0.22;

    private static readonly double[] Ratios = [4.71, 3.14, 2.11, 1.67, 1.29, 1.00];

    private double _shiftUntil;

    public EngineState State { get; private set; }

    /// <summary>Revolutions a minute.</summary>
    public double Speed { get; private set; }

    /// <summary>Of the gearbox's input, revolutions a minute.</summary>
    public double InputSpeed { get; private set; }

    /// <summary>Newton metres at the crankshaft.</summary>
    public double Torque { get; private set; }

    public double LoadPercent { get; private set; }

    public double ThrottlePercent { get; private set; }

    public double LitresPerHour { get; private set; }

    /// <summary>-1 reverse, 0 none, 1–6.</summary>
    public int Gear { get; private set; }

    public bool IsShifting { get; private set; }

    public void Step(double t, double dt, double vehicleSpeed, double acceleration)
    {
        TurnKey(DriveScript.IgnitionAt(t));
        Shift(t, acceleration, ShaftSpeed(vehicleSpeed));

        double locked = Gear > 0 ? ShaftSpeed(vehicleSpeed) * Ratios[Gear - 1] : 0;
        bool drives = Gear > 0 && acceleration > -0.5;
        double force = Mass * acceleration + 0.4 * vehicleSpeed * vehicleSpeed + (vehicleSpeed > 0.1 ? 200 : 0);
        double wanted = State != EngineState.Running ? 0
            : drives ? 12 + Math.Max(0, force) * WheelCircumference / (2 * Math.PI) / (Ratios[Gear - 1] * FinalRatio) / Efficiency
            : locked > 1000 ? -28 : 12;
        Torque = Approach(Torque, wanted, dt, 0.08);

        // The converter slips most while the vehicle is slow, and with the torque.
        double slip = Math.Max(0, Torque - 12) * 6 * Math.Max(0, 1 - locked / 2000);
        double target = State switch
        {
            EngineState.Cranking => 230,
            EngineState.Running => Math.Max(IdleSpeed, locked) + slip,
            _ => 0,
        };
        Speed = Approach(Speed, target, dt, State == EngineState.Stopping ? 0.15 : 0.1);
        InputSpeed = Approach(InputSpeed, Gear > 0 ? locked : Speed * 0.97, dt, 0.06);

        LoadPercent = State == EngineState.Running ? Math.Clamp((Torque + 28) / 250 * 100, 0, 100) : 0;
        ThrottlePercent = Approach(ThrottlePercent, drives && Torque > 14 ? Math.Clamp(Torque / 2.6, 0, 100) : 0, dt, 0.1);
        double kilowatts = Math.Max(0, Torque) * Speed * 2 * Math.PI / 60 / 1000;
        LitresPerHour = State != EngineState.Running || Torque < 0 ? 0 : 0.5 + kilowatts * 0.335;
    }

    private void TurnKey(Ignition key)
    {
        State = (State, key) switch
        {
            (EngineState.Off, Ignition.Start) => EngineState.Cranking,
            (EngineState.Cranking, not Ignition.Start) => EngineState.Running,
            (EngineState.Running, Ignition.Accessory or Ignition.Off) => EngineState.Stopping,
            (EngineState.Stopping, _) when Speed < 20 => EngineState.Off,
            _ => State,
        };
    }

    private void Shift(double t, double acceleration, double shaftSpeed)
    {
        if (DriveScript.LeverAt(t) is not Lever.Drive and var lever)
        {
            Gear = lever == Lever.Reverse ? -1 : 0;
            IsShifting = false;
            return;
        }
        IsShifting = t < _shiftUntil;
        if (IsShifting) return;
        int next = Gear < 1 ? 1 : Gear;
        double engaged = shaftSpeed * Ratios[next - 1];
        if (next < Ratios.Length && engaged > (acceleration < 0.6 ? CruisingUpshiftSpeed * Ratios[next - 1] / Ratios[next] : UpshiftSpeed)) next++;
        else if (next > 1 && acceleration < 0 && engaged < DownshiftSpeed) next--;
        if (next == Gear) return;
        if (Gear >= 1) _shiftUntil = t + ShiftSeconds;
        Gear = next;
    }

    private static double ShaftSpeed(double vehicleSpeed) => vehicleSpeed / WheelCircumference * 60 * FinalRatio;

    internal static double Approach(double value, double target, double dt, double seconds) => value + (target - value) * Math.Min(1, dt / seconds);
}
