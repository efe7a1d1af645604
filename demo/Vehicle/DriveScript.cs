namespace EdgeAgent.Demo.Vehicle;

/// <summary>What the driver does and when, in seconds since the log began.</summary>
internal static class DriveScript
{
    public const double LengthSeconds = 28;

    private const double CruisingMetresPerSecond = 20;

    private const double Away = 3.0, Braking = 18.5;

    public static Ignition IgnitionAt(double t) => t switch
    {
        >= 0.6 and < 1.3 => Ignition.Start,
        >= 27.2 => Ignition.Accessory,
        _ => Ignition.On,
    };

    public static Lever LeverAt(double t) => t switch
    {
        < 2.0 or >= 26.0 => Lever.Park,
        < 2.15 or >= 25.85 => Lever.Reverse,
        < 2.3 or >= 25.7 => Lever.Neutral,
        _ => Lever.Drive,
    };

    public static Indicators IndicatorsAt(double t) => t switch
    {
        >= 1.8 and < 4.2 => Indicators.Left,
        >= 20.5 and < 25.4 => Indicators.Right,
        _ => Indicators.Off,
    };

    public static bool IsPedalPressed(double t) => t is >= 1.1 and < 2.95 or >= Braking and < 26.4;

    public static bool IsParkingBrakeSet(double t) => t is < 2.5 or >= 26.1;

    public static bool IsBeltFastened(double t) => t is >= 0.4 and < 27.3;

    public static bool IsDriverDoorOpen(double t) => t is < 0.2 or >= 27.5;

    /// <summary>What the driver asks for, in m/s².</summary>
    public static double AccelerationAt(double t, double speed) => t switch
    {
        < Away => 0,
        < Braking => Math.Clamp(0.9 * (CruisingMetresPerSecond - speed), -1, 2.7 - 0.055 * speed),
        _ when speed > 0 => -Math.Min(3.4, 0.5 + 2 * speed),
        _ => 0,
    };

    /// <summary>The steering wheel in degrees, to the left: out of the parking place, a bend while cruising, and into another place.</summary>
    public static double SteeringAt(double t) => Bump(t, 3.1, 5.0, 40) + Bump(t, 14.6, 18.0, 13) + Bump(t, 22.4, 24.6, -26);

    private static double Bump(double t, double from, double to, double height)
    {
        if (t <= from || t >= to) return 0;
        double sine = Math.Sin(Math.PI * (t - from) / (to - from));
        return height * sine * sine;
    }
}

/// <summary>The numbers are those of the value tables in vehicle.dbc, here and below.</summary>
internal enum Ignition { Off, Accessory, On, Start }

internal enum Lever { Park, Reverse, Neutral, Drive }

internal enum Indicators { Off, Left, Right, Hazard }

internal enum EngineState { Off, Cranking, Running, Stopping }
