using System.CommandLine;

namespace EdgeAgent.Cli.Can;

/// <summary><c>edge-agent can</c>: looking at CAN interfaces, recording them and setting them up, without the agent.</summary>
internal static class CanCommand
{
    public static Command Create() => new("can", """
        Shows, measures and records what CAN interfaces carry, and sets them up.

        Nothing is ever sent. Examples:
          edge-agent can show
          edge-agent can dump can0 --dbc vehicle.dbc
          edge-agent can record can0 --directory logs --max-bytes 10000000 --files 20
        """)
    {
        CanShowCommand.Create(), CanDumpCommand.Create(), CanStatsCommand.Create(), CanTopCommand.Create(), CanRecordCommand.Create(), CanFindBitRateCommand.Create(),
        CanSetCommand.CreateSet(), CanSetCommand.CreateUp(), CanSetCommand.CreateDown(), CanSetCommand.CreateRestart(),
    };
}
