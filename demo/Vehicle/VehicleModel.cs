namespace EdgeAgent.Demo.Vehicle;

/// <summary>The vehicle as a whole: moves by what the driver does and knows each signal's value at the present moment.</summary>
internal sealed class VehicleModel(Random noise)
{
    private const double WheelBase = 2.7, Track = 1.55, SteeringRatio = 15;

    private readonly Powertrain _powertrain = new();
    private double _t, _speed, _acceleration, _pressure, _discTemperature = 38, _coolant = 61, _gearboxOil = 48;
    private double _voltage = 12.5, _current = -8, _charge = 81, _fuel = 62.5;
    private bool _locked;

    public void Step(double t, double dt)
    {
        _t = t;
        double wanted = DriveScript.AccelerationAt(t, _speed) * (_powertrain.IsShifting && t < 18 ? 0.6 : 1);
        _acceleration = Powertrain.Approach(_acceleration, wanted, dt, 0.25);
        _speed += _acceleration * dt;
        if (_speed <= 0.01 && wanted <= 0) _speed = _acceleration = 0;
        _powertrain.Step(t, dt, _speed, _acceleration);

        // The engine brakes with about 0.3 m/s²; the driver's foot rests on the pedal while standing.
        double pressure = !DriveScript.IsPedalPressed(t) ? 0 : _speed > 0 ? Math.Max(1.5, 12.5 * (-_acceleration - 0.3)) : 16;
        _pressure = Powertrain.Approach(_pressure, pressure, dt, 0.12);
        double brakeForce = Math.Min(_pressure / 12.5, 5) * 1450;
        _discTemperature += (brakeForce * _speed * 0.3 / 3700 - (_discTemperature - 14.5) * 0.012) * dt;

        StepSupply(dt);
        _locked = _speed > 4.2 || _locked && t < 26.5;
    }

    /// <summary>Everything that vehicle.dbc has, as <c>Message/Signal</c>.</summary>
    public double Value(string signal) => signal switch
    {
        "Engine/Speed" => Math.Max(0, _powertrain.Speed + Noise(3, _powertrain.Speed > 100)),
        "Engine/Load" => _powertrain.LoadPercent,
        "Engine/Throttle" => _powertrain.ThrottlePercent,
        "Engine/Torque" => _powertrain.Torque + Noise(0.8, _powertrain.State == EngineState.Running),
        "Engine/State" => (int)_powertrain.State,
        "Engine/CoolantTemperature" => _coolant,
        "Engine/FuelRate" => _powertrain.LitresPerHour,

        "Motion/VehicleSpeed" => _speed * 3.6,
        "Motion/LongitudinalAcceleration" => _acceleration + Noise(0.02, _speed > 0),
        "Motion/SteeringAngle" => Steering,
        "Motion/YawRate" => YawRate * 180 / Math.PI + Noise(0.1, _speed > 0),
        "Motion/Counter" => Math.Floor(_t / 0.04) % 16,

        "Wheels/FrontLeft" => Wheel(left: true, slip: 0.004),
        "Wheels/FrontRight" => Wheel(left: false, slip: 0.004),
        "Wheels/RearLeft" => Wheel(left: true, slip: 0.001),
        "Wheels/RearRight" => Wheel(left: false, slip: 0.001),

        "Brakes/Pressure" => _pressure,
        "Brakes/PedalPressed" or "Body/BrakeLights" => DriveScript.IsPedalPressed(_t) ? 1 : 0,
        "Brakes/ParkingBrake" => DriveScript.IsParkingBrakeSet(_t) ? 1 : 0,
        "Brakes/FrontDiscTemperature" => _discTemperature,

        "Transmission/Gear" => _powertrain.Gear,
        "Transmission/Lever" => (int)DriveScript.LeverAt(_t),
        "Transmission/Shifting" => _powertrain.IsShifting ? 1 : 0,
        "Transmission/InputSpeed" => _powertrain.InputSpeed,
        "Transmission/OilTemperature" => _gearboxOil,

        "Body/DriverDoor" => DriveScript.IsDriverDoorOpen(_t) ? 1 : 0,
        "Body/Headlights" => _t is < 1.5 or > 27.2 ? 1 : 2,
        "Body/Indicators" => (int)DriveScript.IndicatorsAt(_t),
        "Body/DriverBelt" => DriveScript.IsBeltFastened(_t) ? 1 : 0,
        "Body/Locked" => _locked ? 1 : 0,
        "Body/Ignition" => (int)DriveScript.IgnitionAt(_t),
        "Body/FuelLevel" => _fuel,
        "Brakes/AntiLock" or "Body/PassengerDoor" or "Body/RearLeftDoor" or "Body/RearRightDoor" or "Body/Tailgate" => 0,

        "Supply/BatteryVoltage" => _voltage + Noise(0.012),
        "Supply/BatteryCurrent" => _current + Noise(0.3),
        "Supply/BatteryCharge" => _charge,
        "Supply/AmbientTemperature" => 14.5,
        "Supply/AmbientPressure" => 1008.3 + Noise(0.1),
        _ => throw new InvalidOperationException($"the model has no {signal}"),
    };

    private double Steering => DriveScript.SteeringAt(_t);

    /// <summary>Radians a second of a vehicle that follows its front wheels.</summary>
    private double YawRate => _speed / WheelBase * Math.Tan(Steering / SteeringRatio * Math.PI / 180);

    private double Wheel(bool left, double slip)
    {
        double metres = _speed + YawRate * Track / 2 * (left ? -1 : 1);
        return Math.Max(0, metres * 3.6 * (1 + slip * _acceleration) + Noise(0.02, _speed > 0));
    }

    private void StepSupply(double dt)
    {
        (double voltage, double current) = _powertrain.State switch
        {
            EngineState.Cranking => (10.3, -170.0),
            EngineState.Running => (14.2, 24 * Math.Exp(-_t / 20)),
            _ => (12.4, -9),
        };
        _voltage = Powertrain.Approach(_voltage, voltage, dt, 0.2);
        _current = Powertrain.Approach(_current, current, dt, 0.2);
        _charge += _current * dt / 3600 / 70 * 100;
        _coolant += (_powertrain.State == EngineState.Running ? 0.2 + _powertrain.LoadPercent / 200 : 0) * dt;
        _gearboxOil += (_speed > 1 ? 0.15 : 0) * dt;
        _fuel -= _powertrain.LitresPerHour / 3600 / 55 * 100 * dt;
    }

    private double Noise(double amplitude, bool isThere = true) => isThere ? (noise.NextDouble() * 2 - 1) * amplitude : 0;
}
