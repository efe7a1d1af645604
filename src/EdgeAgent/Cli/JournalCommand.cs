using System.CommandLine;
using EdgeAgent.Capture;
using EdgeAgent.Cli.Journal;
using EdgeAgent.Diagnostics.Journal;
using EdgeAgent.Tenancy;

namespace EdgeAgent.Cli;

/// <summary><c>edge-agent journal</c>: what the agent has said, from systemd's journal.</summary>
internal static class JournalCommand
{
    private const int DefaultLines = 100, MaxLines = 1_000_000;

    /// <summary>The agent's levels, and what they are called in the journal.</summary>
    private static readonly (string Level, string Priority)[] Priorities = [("critical", "crit"), ("error", "err"), ("warning", "warning"), ("information", "info"), ("debug", "debug")];

    /// <summary>Matches what the agent has said, and what systemd says of its unit.</summary>
    internal static readonly IReadOnlyList<string> Everything = [$"SYSLOG_IDENTIFIER={JournalLoggerProvider.Identifier}", "+", "UNIT=edge-agent.service", "_PID=1"];

    public static Command Create()
    {
        var tenant = new Option<string?>("--tenant") { Description = "Entries about this tenant.", HelpName = "T" };
        var bus = new Option<string?>("--bus") { Description = "Entries about this bus.", HelpName = "B" };
        var name = new Option<string?>("--event") { Description = "Entries of this event: its name or its number.", HelpName = "NAME" };
        var priority = new Option<string?>("--priority") { Description = "Entries that are as grave or graver: critical, error, warning, information or debug.", HelpName = "P" };
        var since = new Option<string?>("--since") { Description = "From then on: '2026-05-01 12:00', 12:00, yesterday, '2 hours ago', -15m.", HelpName = "TIME" };
        var until = new Option<string?>("--until") { Description = "Until then.", HelpName = "TIME" };
        var lines = new Option<int?>("--lines") { Description = $"The last so many; default {DefaultLines}, or all with --since or --until.", HelpName = "N" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with what comes, until Ctrl+C." };
        var explain = new Option<bool>("--explain") { Description = "Says of each event, once, what it means and what to do." };
        var json = new Option<bool>("--json") { Description = "One JSON object an entry, with all fields." };
        var command = new Command("journal", """
            Shows what the agent has said, and systemd of it: time, level, bus, text.
            Entries are found by their fields; journalctl has to be there to read them.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 4 the journal is not readable
            for this user.

            Examples:
              edge-agent journal --priority warning --since yesterday --explain
              edge-agent journal --bus can0 --follow
              edge-agent journal --tenant acme --event BusIsTroubled --json
            """) { tenant, bus, name, priority, since, until, lines, follow, explain, json };
        command.SetAction(result =>
        {
            var catalog = JournalCatalog.Load();
            string[] arguments =
            [
                "--output=json", "--all", "--no-pager",
                .. Window(result.GetValue(since), result.GetValue(until), result.GetValue(lines)),
                .. result.GetValue(follow) ? ["--follow"] : (string[])[],
                .. Priority(result.GetValue(priority)),
                .. Matches(result.GetValue(tenant), result.GetValue(bus), result.GetValue(name), catalog),
            ];
            if (result.GetValue(json) && result.GetValue(explain)) throw new CommandException(ExitCode.WrongUsage, "--explain is for people; with --json, event names the entry of the catalog");
            return Show(arguments, result.GetValue(json), result.GetValue(explain) ? catalog : null);
        });
        return command;
    }

    private static int Show(string[] arguments, bool json, JournalCatalog? explained)
    {
        using var stop = new StopSignal();
        using var output = new StandardOutput();
        using var objects = new JsonLines(output);
        using var text = new StreamWriter(output);
        int? width = Console.IsOutputRedirected ? null : Console.WindowWidth;
        var people = new JournalTextWriter(text, TimeZoneInfo.Local, width, explained);
        long shown = 0;
        Journalctl.Read(
            arguments,
            (line, isLast) =>
            {
                var record = JournalRecord.Parse(line);
                shown++;
                if (json)
                {
                    record.WriteTo(objects.Writer);
                    objects.End();
                    if (isLast) objects.Flush();
                }
                else
                {
                    people.Write(record);
                    if (isLast) text.Flush();
                }
            },
            stop.Token);
        objects.Flush();
        text.Flush();
        if (shown == 0 && !stop.Token.IsCancellationRequested) Console.Error.WriteLine("edge-agent: no entries");
        return ExitCode.Done;
    }

    private static string[] Window(string? since, string? until, int? lines)
    {
        if (lines is < 1 or > MaxLines) throw new CommandException(ExitCode.WrongUsage, $"--lines: {lines} is not from 1 to {MaxLines}");
        int? count = lines ?? (since is null && until is null ? DefaultLines : null);
        return
        [
            .. since is null ? (string[])[] : [$"--since={since}"],
            .. until is null ? (string[])[] : [$"--until={until}"],
            .. count is null ? (string[])[] : [$"--lines={count}"],
        ];
    }

    private static string[] Priority(string? level)
    {
        if (level is null) return [];
        int place = Array.FindIndex(Priorities, one => one.Level == level);
        if (place < 0) throw new CommandException(ExitCode.WrongUsage, $"--priority: '{level}' is none; {Suggestion.For(level, Priorities.Select(one => one.Level))}");
        return [$"--priority={Priorities[place].Priority}"];
    }

    /// <summary>Matches of different fields are all to be met, of the same field one. Without any of ours, what systemd says of the unit is shown, too.</summary>
    private static IEnumerable<string> Matches(string? tenant, string? bus, string? name, JournalCatalog catalog)
    {
        if (tenant is not null && !TenantId.TryParse(tenant, out _)) throw new CommandException(ExitCode.WrongUsage, $"--tenant: '{tenant}' is no tenant: {Identifier.Expected}");
        if (bus is not null && !BusName.TryParse(bus, out _)) throw new CommandException(ExitCode.WrongUsage, $"--bus: '{bus}' is no bus name: {Identifier.Expected}");
        var ids = name is null ? [] : catalog.IdsOf(name);
        if (name is not null && ids.Count == 0) throw new CommandException(ExitCode.WrongUsage, $"--event: '{name}' is no event; {Suggestion.For(name, catalog.Entries.Select(entry => entry.Event).Distinct())}");
        if (tenant is null && bus is null && name is null) return Everything;
        return
        [
            Everything[0],
            .. tenant is null ? (string[])[] : [$"EDGE_TENANT={tenant}"],
            .. bus is null ? (string[])[] : [$"EDGE_BUS={bus}"],
            .. ids.Select(id => $"MESSAGE_ID={id}"),
        ];
    }
}
