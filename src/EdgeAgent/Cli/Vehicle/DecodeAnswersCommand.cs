using System.CommandLine;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Obd.Signalsets;

namespace EdgeAgent.Cli.Vehicle;

/// <summary><c>edge-agent obd decode</c>: captured answers in, values out, in constant memory.</summary>
internal static class DecodeAnswersCommand
{
    /// <summary>An answer and what is around it.</summary>
    private const int MaxLineBytes = 4 * SignalsetLimits.AnswerLength;

    public static Command Create()
    {
        var signalset = new Option<string[]>("--signalset")
        {
            Description = "A signalset of OBDb's format (v3); may be given again: the vehicle's and SAEJ1979's.",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Option<string?>("--command") { Description = "What was asked: an id of the set (7E0.7E8.22F190), or the request alone (010C).", HelpName = "ID|HEX" };
        var response = new Option<string?>("--response") { Description = "The frames of the answer, with headers or without; \\n or spaces between them.", HelpName = "HEX" };
        var input = new Option<string?>("--input") { Description = "Instead of these two: JSON lines with command, response and, if need be, year, idFormat, extendedAddressing.", HelpName = "FILE|-" };
        var year = new Option<int?>("--year") { Description = "The vehicle's model year.", HelpName = "YEAR" };
        var json = new Option<bool>("--json") { Description = "One JSON object an answer." };
        var decode = new Command("decode", """
            Decodes captured answers of ECUs with signalsets. Echoes, error texts, other
            ECUs' frames and lines that were cut off are passed over.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Examples:
              edge-agent obd decode --signalset saej1979.json --command 010C \
                --response 7E804410C1AF8
              edge-agent obd decode --signalset vehicle.json --signalset saej1979.json \
                --input cases.jsonl --json
            """) { signalset, command, response, input, year, json };
        decode.SetAction(result =>
        {
            string? one = result.GetValue(command), text = result.GetValue(response), lines = result.GetValue(input);
            if (lines is not null ? one is not null || text is not null : one is null || text is null)
                throw new CommandException(ExitCode.WrongUsage, "expected --command and --response, or --input");
            var decoder = new SignalsetDecoder(result.GetValue(signalset)!.Select(Load));
            using var output = new StandardOutput();
            using var writer = new DecodedAnswerWriter(output, result.GetValue(json));
            return lines is null ? DecodeOne(decoder, one!, text!, result.GetValue(year), writer) : DecodeLines(decoder, lines, result.GetValue(year), writer);
        });
        return decode;
    }

    /// <summary>Decodes line after line.</summary>
    /// <returns>How many could not be decoded.</returns>
    public static long DecodeLines(SignalsetDecoder decoder, Stream stream, int? year, DecodedAnswerWriter writer)
    {
        var lines = new ByteLines(stream, MaxLineBytes);
        long refused = 0;
        while (true)
        {
            // What comes in slowly goes out at once.
            if (!lines.HasBufferedLine) writer.Flush();
            try
            {
                if (!lines.TryRead(out var line)) break;
                if (line.Span.Trim(" \t"u8).IsEmpty) continue;
                if (!Decode(decoder, CapturedAnswerLine.Parse(line, year), writer)) refused++;
            }
            catch (Exception e) when (e is FormatException or InvalidDataException)
            {
                writer.WriteError(e.Message);
                refused++;
            }
        }
        writer.Flush();
        return refused;
    }

    private static bool Decode(SignalsetDecoder decoder, CapturedAnswerLine line, DecodedAnswerWriter writer)
    {
        if (decoder.TryDecode(line.Command, line.Response, line.Options, out var answer, out string? problem)) writer.Write(answer);
        else writer.WriteError(problem);
        return problem is null;
    }

    private static int DecodeOne(SignalsetDecoder decoder, string command, string response, int? year, DecodedAnswerWriter writer)
    {
        try
        {
            if (!decoder.TryDecode(CapturedAnswerLine.ParseCommand(command), response, new AnswerOptions(year), out var answer, out string? problem)) throw new CommandException(ExitCode.InputRefused, problem);
            writer.Write(answer);
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCode.WrongUsage, $"--command: {e.Message}", e);
        }
        writer.Flush();
        return ExitCode.Done;
    }

    private static int DecodeLines(SignalsetDecoder decoder, string path, int? year, DecodedAnswerWriter writer)
    {
        using var stream = InputFile.Open(path, "--input FILE");
        try
        {
            long refused = DecodeLines(decoder, stream, year, writer);
            if (refused > 0) Console.Error.WriteLine($"edge-agent: {path}: {refused} {(refused == 1 ? "answer" : "answers")} could not be decoded");
            return ExitCode.Done;
        }
        catch (Exception e) when (FileTrouble.Is(e) && e is not BrokenPipeException)
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }

    private static Signalset Load(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new CommandException(ExitCode.WrongUsage, "the name of a signalset is missing");
        try
        {
            var signalset = Signalset.Load(path);
            if (signalset.Warnings.Count > 0) Console.Error.WriteLine($"edge-agent: {path}: {signalset.Warnings.Count} warnings, the first: {signalset.Warnings[0]}");
            return signalset;
        }
        catch (SignalsetException e)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message, e);
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe(path, e), e);
        }
    }
}
