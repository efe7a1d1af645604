using System.CommandLine;

namespace EdgeAgent.Cli.Vehicle;

/// <summary><c>edge-agent obd</c>: what a vehicle's ECUs say.</summary>
internal static class ObdCommand
{
    public static Command Create() => new("obd", """
        Asks a vehicle's ECUs, and decodes what they answered.

        Examples:
          edge-agent obd discover --bus can0
          edge-agent obd query --bus can0 01 0C
        """) { VehicleCommands.Query(), VehicleCommands.Discover(), DecodeAnswersCommand.Create() };
}
