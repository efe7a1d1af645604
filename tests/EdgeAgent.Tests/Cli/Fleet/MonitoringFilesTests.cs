using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeAgent.Cli.Fleet;

namespace EdgeAgent.Tests.Cli.Fleet;

/// <summary>The files for Prometheus and Grafana name metrics that there are.</summary>
public sealed partial class MonitoringFilesTests
{
    private static readonly HashSet<string> Metrics =
        [.. FleetMetrics.Write(Complete(), true, Messages.Now, TimeSpan.FromMinutes(5)).Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    [Theory]
    [InlineData("edge-agent.rules.yml")]
    [InlineData("edge-agent.rules.test.yml")]
    [InlineData("grafana/edge-agent-fleet.json")]
    public void Every_metric_named_exists(string file)
    {
        var named = MetricName().Matches(File.ReadAllText(PathOf(file))).Select(match => match.Value).ToHashSet();
        Assert.NotEmpty(named);
        Assert.Subset(Metrics, named);
    }

    [Fact]
    public void The_dashboard_is_JSON_with_its_variables_and_a_query_a_panel()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(PathOf("grafana/edge-agent-fleet.json")));
        Assert.Equal(["datasource", "tenant", "device"], dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(panels, panel => Assert.NotEqual(0, panel.GetProperty("targets").GetArrayLength()));
        Assert.All(panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()), target => Assert.Contains("$tenant", target.GetProperty("expr").GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("check", "rules", "edge-agent.rules.yml")]
    [InlineData("test", "rules", "edge-agent.rules.test.yml")]
    public async Task Promtool_agrees(params string[] arguments)
    {
        Process promtool;
        try
        {
            promtool = Process.Start(new ProcessStartInfo("promtool", arguments) { WorkingDirectory = PathOf(""), RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("promtool is not installed (Debian: prometheus)");
            return;
        }
        using (promtool)
        {
            var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string said = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
            await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(promtool.ExitCode == 0, said);
        }
    }

    /// <summary>A fleet that has every metric.</summary>
    private static FleetRoster Complete()
    {
        var roster = Messages.Mixed();
        roster.Take(Messages.Message("dongle-1", "ledger", """{"streams":[]}"""));
        return roster;
    }

    private static string PathOf(string file)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EdgeAgent.sln"))) directory = directory.Parent!;
        return Path.Combine(directory.FullName, "packaging", "monitoring", file);
    }

    [GeneratedRegex(@"\bedge_(agent|fleet)_\w+")]
    private static partial Regex MetricName();
}
