using System.CommandLine;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Publishing;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent payload</c>: what the agent has published, made readable.</summary>
internal static class PayloadCommand
{
    /// <summary>Payloads that cannot be decoded are named one by one up to this many; then they are only counted.</summary>
    private const int MaxReported = 10;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "One payload as it is, or a payload a line; - for standard input.", DefaultValueFactory = _ => "-" };
        var contentType = new Option<string>("--content-type") { Description = "The payloads' content type; else it is told by how they begin.", HelpName = "TYPE" };
        contentType.AcceptOnlyFromAmong([.. PayloadDecoder.ContentTypes]);
        var hex = new Option<bool>("--hex") { Description = "Every line is in hexadecimal; else JSON may stand as it is." };
        var json = new Option<bool>("--json") { Description = "One JSON object a sample." };
        var decode = new Command("decode", """
            Decodes what the agent publishes, in any of its encodings. Each line may begin
            with the topic.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              edge-agent payload decode batch.bin
              mosquitto_sub -t 'tenants/acme/devices/+/telemetry' -F '%t %x' |
                edge-agent payload decode - --json
            """) { file, contentType, hex, json };
        decode.SetAction(result => Decode(result.GetValue(file)!, result.GetValue(contentType), result.GetValue(hex), result.GetValue(json)));
        return new Command("payload", """
        Looks into what was published.

        Example:
          edge-agent payload decode batch.bin
        """) { decode };
    }

    private static int Decode(string path, string? contentType, bool isHex, bool isJson)
    {
        using var stream = InputFile.Open(path, "FILE");
        using var output = new StandardOutput();
        using var writer = new SampleWriter(output, isJson);
        var input = new PayloadInput(stream, isHex);
        long decoded = 0, refused = 0;
        while (true)
        {
            // What comes in slowly goes out at once.
            if (!input.HasBufferedLine) writer.Flush();
            try
            {
                if (!Next(input, path, out var payload)) break;
                writer.Write(contentType is null ? PayloadDecoder.Decode(payload) : PayloadDecoder.Decode(contentType, payload), payload);
                decoded++;
            }
            catch (InvalidDataException e)
            {
                string place = input.LineNumber > 0 ? $"{path}:{input.LineNumber}" : path;
                if (++refused <= MaxReported) Console.Error.WriteLine($"edge-agent: {place}: {e.Message}");
            }
        }
        writer.Flush();
        if (refused > MaxReported) Console.Error.WriteLine($"edge-agent: {path}: {refused} payloads in all could not be decoded");
        if (decoded + refused == 0) Console.Error.WriteLine($"edge-agent: {path}: no payloads");
        return refused == 0 ? ExitCode.Done : ExitCode.InputRefused;
    }

    private static bool Next(PayloadInput input, string path, out ReadOnlyMemory<byte> payload)
    {
        try
        {
            return input.TryRead(out payload);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }
}
