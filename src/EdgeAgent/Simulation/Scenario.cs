namespace EdgeAgent.Simulation;

/// <summary>A vehicle to be simulated, checked: what it does, who is on its bus, and how they answer. Immutable.</summary>
internal sealed record Scenario
{
    /// <summary>Decides everything that is by chance.</summary>
    public required int Seed { get; init; }

    /// <summary>At least one leg; it begins anew when it has ended.</summary>
    public required IReadOnlyList<DriveLeg> Drive { get; init; }

    /// <summary>No name and no identifier twice.</summary>
    public required IReadOnlyList<EcuDescription> Ecus { get; init; }

    public required IReadOnlyList<AnswerRule> Rules { get; init; }

    /// <summary>The path of a DBC file whose messages are sent; null for none.</summary>
    public required string? Dbc { get; init; }

    /// <summary>What signals show, by <c>Message/Signal</c>; the others wander through their range.</summary>
    public required IReadOnlyDictionary<string, SignalSource> Signals { get; init; }
}

/// <summary>Where a signal's value comes from: one of the vehicle's values, or always the same.</summary>
/// <param name="Value">The vehicle's value; null if it is always the same.</param>
/// <param name="Constant">What it always is.</param>
internal readonly record struct SignalSource(Func<VehicleState, double>? Value, double Constant)
{
    public double At(VehicleState state) => Value?.Invoke(state) ?? Constant;
}
