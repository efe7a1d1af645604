using EdgeAgent.Simulation;

namespace EdgeAgent.Tests.Simulation;

public sealed class SimulatedVehicleTests
{
    private static readonly DriveLeg[] Drive = [new(DrivePhase.Idle, Seconds(20)), new(DrivePhase.City, Seconds(120)), new(DrivePhase.Motorway, Seconds(120)), new(DrivePhase.Off, Seconds(60))];

    [Fact]
    public void Each_phase_moves_the_values_as_it_should()
    {
        var vehicle = new SimulatedVehicle(Drive);
        var idle = vehicle.At(Seconds(19));
        Assert.Equal((0.0, true, 0), (idle.Speed, idle.IsRunning, idle.Gear));
        Assert.InRange(idle.EngineSpeed, 780, 820);

        double[] city = [.. Enumerable.Range(60, 80).Select(second => vehicle.At(Seconds(second)).Speed)];
        Assert.Contains(0, city);
        Assert.InRange(city.Max(), 40, 51);

        var motorway = vehicle.At(Seconds(250));
        Assert.InRange(motorway.Speed, 100, 126);
        Assert.InRange(motorway.EngineSpeed, 2000, 3200);
        Assert.Equal(6, motorway.Gear);
        Assert.True(motorway.CoolantTemperature > 70 && motorway.Odometer > idle.Odometer + 2 && motorway.FuelLevel < idle.FuelLevel);
    }

    [Fact]
    public void With_the_engine_off_the_vehicle_stops_and_then_its_bus_is_silent_until_it_is_started_again()
    {
        var vehicle = new SimulatedVehicle(Drive);
        var states = Enumerable.Range(260, 80).Select(second => vehicle.At(Seconds(second))).ToArray();
        int stopped = Array.FindIndex(states, state => !state.IsRunning), asleep = Array.FindIndex(states, state => !state.IsAwake), again = Array.FindLastIndex(states, state => !state.IsAwake) + 1;
        Assert.Equal(0, states[stopped].Speed);
        Assert.InRange(asleep - stopped, 4, 6);
        Assert.Equal(320, 260 + again, tolerance: 1.0);
        Assert.True(states[^1].IsRunning);
    }

    [Fact]
    public void The_same_drive_is_the_same_however_often_one_looks()
    {
        var one = new SimulatedVehicle(Drive);
        var other = new SimulatedVehicle(Drive);
        for (int i = 0; i < 300; i++) one.At(Seconds(i));
        Assert.Equal(one.At(Seconds(300)), other.At(Seconds(300)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
