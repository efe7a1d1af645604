namespace EdgeAgent.Simulation;

/// <summary>How a vehicle is at one moment.</summary>
internal sealed record VehicleState
{
    /// <summary>km/h.</summary>
    public required double Speed { get; init; }

    /// <summary>Revolutions a minute.</summary>
    public required double EngineSpeed { get; init; }

    /// <summary>Calculated load, %.</summary>
    public required double EngineLoad { get; init; }

    /// <summary>%.</summary>
    public required double Throttle { get; init; }

    /// <summary>°C.</summary>
    public required double CoolantTemperature { get; init; }

    /// <summary>°C.</summary>
    public required double OilTemperature { get; init; }

    /// <summary>°C.</summary>
    public required double IntakeTemperature { get; init; }

    /// <summary>°C.</summary>
    public required double AmbientTemperature { get; init; }

    /// <summary>kPa, absolute.</summary>
    public required double ManifoldPressure { get; init; }

    /// <summary>Of air, g/s.</summary>
    public required double AirFlow { get; init; }

    /// <summary>L/h.</summary>
    public required double FuelRate { get; init; }

    /// <summary>%.</summary>
    public required double FuelLevel { get; init; }

    /// <summary>V.</summary>
    public required double Voltage { get; init; }

    /// <summary>km.</summary>
    public required double Odometer { get; init; }

    /// <summary>0 while it stands, else 1–6.</summary>
    public required int Gear { get; init; }

    /// <summary>True while the engine runs.</summary>
    public required bool IsRunning { get; init; }

    /// <summary>Seconds since the engine was started; 0 while it stands still.</summary>
    public required double RunTime { get; init; }

    /// <summary>True while ECUs send and answer.</summary>
    public required bool IsAwake { get; init; }

    /// <summary>What a scenario can have a signal show, by its name there.</summary>
    public static IReadOnlyDictionary<string, Func<VehicleState, double>> Values { get; } = new Dictionary<string, Func<VehicleState, double>>
    {
        ["speed"] = state => state.Speed,
        ["engineSpeed"] = state => state.EngineSpeed,
        ["engineLoad"] = state => state.EngineLoad,
        ["throttle"] = state => state.Throttle,
        ["coolantTemperature"] = state => state.CoolantTemperature,
        ["oilTemperature"] = state => state.OilTemperature,
        ["intakeTemperature"] = state => state.IntakeTemperature,
        ["ambientTemperature"] = state => state.AmbientTemperature,
        ["manifoldPressure"] = state => state.ManifoldPressure,
        ["airFlow"] = state => state.AirFlow,
        ["fuelRate"] = state => state.FuelRate,
        ["fuelLevel"] = state => state.FuelLevel,
        ["voltage"] = state => state.Voltage,
        ["odometer"] = state => state.Odometer,
        ["gear"] = state => state.Gear,
        ["engineRuns"] = state => state.IsRunning ? 1 : 0,
        ["runTime"] = state => state.RunTime,
    };
}
