using System.Text;

namespace EdgeAgent.Cli.Verification;

/// <summary>Goes through recordings line by line. What cannot be read is named and counted, and the rest counts all the same.</summary>
/// <param name="complaints">Where unreadable lines are named, the first of each recording.</param>
internal sealed class RecordingReader(TextWriter complaints)
{
    /// <summary>More unreadable lines of a recording are only counted.</summary>
    public const int MaxNamed = 10;

    /// <summary>Lines with a record.</summary>
    public long Records { get; private set; }

    /// <summary>Lines with a ledger.</summary>
    public long Ledgers { get; private set; }

    /// <summary>Lines that cannot be read, whatever they may have been.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Those of them whose topic is that of a record or ledger.</summary>
    public long UnreadableRecords { get; private set; }

    /// <summary>Reads one recording to its end.</summary>
    /// <param name="name">How it is called where a line of it is named.</param>
    /// <param name="input">What it holds.</param>
    /// <param name="add">Takes a line, and throws <see cref="InvalidDataException"/> if it is a record or ledger and cannot be read.</param>
    public void Read(string name, TextReader input, Func<string, LineUse> add)
    {
        long number = 0, unreadable = 0;
        foreach (var (line, isComplete) in Lines(input))
        {
            number++;
            string? trouble = null;
            bool isRecord = false;
            try
            {
                var use = add(line);
                if (use == LineUse.Record) Records++;
                if (use == LineUse.Ledger) Ledgers++;
                if (use == LineUse.NoTopic) trouble = "there is no topic; mosquitto_sub -F '%t %x' or -v records it";
            }
            catch (InvalidDataException e)
            {
                (trouble, isRecord) = (e.Message, true);
            }
            if (trouble is null) continue;
            if (!isComplete)
            {
                complaints.WriteLine($"edge-agent: {name}:{number}: the last line is incomplete and does not count");
                continue;
            }
            if (isRecord) UnreadableRecords++;
            if (++unreadable <= MaxNamed) complaints.WriteLine($"edge-agent: {name}:{number}: {trouble}");
        }
        Unreadable += unreadable;
        if (unreadable > 0) complaints.WriteLine($"edge-agent: {name}: {unreadable} {(unreadable == 1 ? "line" : "lines")} cannot be read");
    }

    /// <summary>Each line, and whether its end is there.</summary>
    private static IEnumerable<(string Line, bool IsComplete)> Lines(TextReader input)
    {
        char[] buffer = new char[64 * 1024];
        var line = new StringBuilder();
        int length;
        while ((length = input.Read(buffer, 0, buffer.Length)) > 0)
        {
            int from = 0;
            for (int end; (end = Array.IndexOf(buffer, '\n', from, length - from)) >= 0; from = end + 1)
            {
                yield return (line.Append(buffer, from, end - from).ToString().TrimEnd('\r'), true);
                line.Clear();
            }
            line.Append(buffer, from, length - from);
        }
        if (line.Length > 0) yield return (line.ToString(), false);
    }
}
