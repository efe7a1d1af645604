namespace EdgeAgent.SystemTests;

/// <summary>A directory with a small vehicle, a log and a configuration, for one test.</summary>
internal sealed class Workspace : IDisposable
{
    public const string Dbc = """
        VERSION ""
        BU_: ECU
        BO_ 256 Engine: 8 ECU
         SG_ Speed : 0|16@1+ (0.25,0) [0|16383.75] "rpm" Vector__XXX
         SG_ State : 16|2@1+ (1,0) [0|3] "" Vector__XXX
        VAL_ 256 State 0 "Off" 1 "Running";
        """;

    public const string Log = "(1777881600.000001) can0 100#A00F010000000000\n(1777881600.500000) can0 100#A00F\n(1777881601.000000) can0 7FF#00\n";

    public string Path { get; } = Directory.CreateTempSubdirectory("edge-agent-system-").FullName;

    public Workspace()
    {
        Write("vehicle.dbc", Dbc);
        Write("drive.log", Log);
    }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this[name];
    }

    /// <summary>A configuration whose broker and directory can be chosen.</summary>
    public string Configure(int brokerPort = 1, string credentials = "", string directory = "state", string source = "\"log\": \"drive.log\"") =>
        Write("agent.json", $$"""
            {
              "device": "dongle-1",
              "tenant": { "id": "acme", "epoch": 1 },
              "broker": { "url": "mqtt://127.0.0.1:{{brokerPort}}"{{credentials}} },
              "sources": [{ "bus": "can0", {{source}}, "dbc": ["vehicle.dbc"] }],
              "outbox": { "directory": "{{directory}}" },
              "drainSeconds": 1
            }
            """);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
