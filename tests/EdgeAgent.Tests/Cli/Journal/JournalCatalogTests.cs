using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;
using EdgeAgent.Cli.Journal;
using EdgeAgent.Diagnostics.Journal;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Tests.Cli.Journal;

/// <summary>The catalog against the events that there are.</summary>
public sealed partial class JournalCatalogTests
{
    private static readonly (int Id, string Name, ParameterInfo[] Members)[] Events =
    [
        .. from type in typeof(JournalEntry).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           select (message.EventId, method.Name, method.GetParameters()),
    ];

    [Fact]
    public void Each_event_has_an_entry_and_each_entry_an_event()
    {
        Assert.InRange(Events.Length, 70, 1000);
        Assert.Equal(
            Events.Select(one => $"{JournalMessageId.Of(one.Id)} {one.Name}").Order(),
            JournalCatalog.Load().Entries.Select(entry => $"{entry.MessageId} {entry.Event}").Order());
    }

    [Fact]
    public void Each_entry_says_what_happened_and_what_to_do_within_80_columns() => Assert.All(JournalCatalog.Load().Entries, entry =>
    {
        Assert.InRange(entry.Subject.Length, 10, 60);
        Assert.Equal(2, entry.Words.Split("\n\n").Length);
        Assert.All(entry.Words.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    });

    [Fact]
    public void What_an_entry_inserts_the_event_has() => Assert.All(JournalCatalog.Load().Entries, entry =>
    {
        Assert.True(JournalMessageId.TryParse(entry.MessageId, out int id));
        var fields = Events.Single(one => one.Id == id).Members.Select(member => $"EDGE_{member.Name!.ToUpperInvariant()}");
        Assert.Subset(fields.ToHashSet(), Field().Matches(entry.Words).Select(match => match.Groups[1].Value).ToHashSet());
    });

    [Fact]
    public async Task Journalctl_takes_it()
    {
        using var root = new TestDirectory();
        root.Write("usr/lib/systemd/catalog/edge-agent.catalog", await File.ReadAllTextAsync(Repository.PathOf("packaging", "journal", "edge-agent.catalog"), TestContext.Current.CancellationToken));
        Assert.SkipUnless(File.Exists("/usr/bin/journalctl"), "no journalctl here (Debian package systemd)");
        var (code, output) = await JournalctlAsync("--update-catalog", $"--root={root.Path}");
        Assert.Equal((0, ""), (code, output));
        (code, output) = await JournalctlAsync("--list-catalog", $"--root={root.Path}");
        Assert.Equal(0, code);
        Assert.Equal(
            JournalCatalog.Load().Entries.Select(entry => $"{entry.MessageId} EdgeAgent: {entry.Subject}").Order(),
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private static async Task<(int Code, string Output)> JournalctlAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/journalctl", ["--no-pager", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }

    [GeneratedRegex("@([A-Z0-9_]+)@")]
    private static partial Regex Field();
}
