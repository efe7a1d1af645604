using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EdgeAgent.Management.Configuration;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent document</c>: what is in a signed document.</summary>
internal static class DocumentCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE|-") { Description = "A JWS; - for standard input." };
        var show = new Command("show", """
            Prints header and payload of a signed document. The signature is not checked.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 5 input refused.

            Example:
              mosquitto_sub -C 1 -t devices/dongle-1/assignment |
                edge-agent document show -
            """) { file };
        show.SetAction(result => Show(result.GetValue(file)!));
        return new Command("document", """
        Looks into signed documents.

        Example:
          edge-agent document show assignment.jws
        """) { show };
    }

    private static int Show(string path)
    {
        byte[] text = path == "-" ? ReadStandardInput() : SigningArguments.ReadFile(path, Jws.MaxBytes + 1);
        var (header, payload) = SigningArguments.Read(path, () => Peek(text));
        Console.Error.WriteLine("edge-agent: the signature was not checked");
        return SigningArguments.Print($"{Indented(header)}\n{Indented(payload)}");
    }

    /// <summary>A document with whatever white space came behind it: mosquitto_sub adds a line's end to the one that the document may have.</summary>
    /// <exception cref="DocumentException">It is no document.</exception>
    internal static (JsonElement Header, JsonElement Payload) Peek(ReadOnlySpan<byte> text) => Jws.Peek(text.TrimEnd(" \t\r\n"u8));

    private static byte[] ReadStandardInput()
    {
        if (!Console.IsInputRedirected) Console.Error.WriteLine("edge-agent: reading standard input; name a file to read that");
        using var input = Console.OpenStandardInput();
        byte[] text = new byte[Jws.MaxBytes + 2];
        try
        {
            return text[..input.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            throw new CommandException(ExitCode.InputRefused, FileTrouble.Describe("-", e), e);
        }
    }

    private static string Indented(JsonElement json)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) json.WriteTo(writer);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
