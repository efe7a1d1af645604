using System.Reflection;
using System.Text.RegularExpressions;
using EdgeAgent.Can;
using EdgeAgent.Obd;

namespace EdgeAgent.Tests;

/// <summary>The structure that ARCHITECTURE.md describes: dependencies point one way.</summary>
public sealed partial class StructureTests
{
    /// <summary>The folders of the agent in the direction of the data. A file may use its own folder and those before it.</summary>
    private static readonly string[] Order = ["Tenancy", "Capture", "Outbox", "Publishing", "Management", "Diagnostics", "Simulation", "Cli"];

    [Fact]
    public void Can_knows_nothing_but_the_framework() => Assert.Empty(OutsideReferences(typeof(CanFrame).Assembly));

    [Fact]
    public void Obd_knows_only_Can() =>
        Assert.Subset(new HashSet<string> { "EdgeAgent.Can" }, OutsideReferences(typeof(DiagnosticTroubleCode).Assembly).ToHashSet());

    [Fact]
    public void The_projects_reference_each_other_in_one_direction()
    {
        Assert.Empty(ProjectReferences("Can"));
        Assert.Equal(["Can"], ProjectReferences("Obd"));
        Assert.Equal(["Can", "Obd"], ProjectReferences("EdgeAgent"));
    }

    [Fact]
    public void No_folder_of_the_agent_uses_one_that_comes_after_it()
    {
        string source = Repository.PathOf("src", "EdgeAgent");
        var folders = Directory.GetDirectories(source).Select(path => Path.GetFileName(path)!).Where(name => name is not ("bin" or "obj"));
        Assert.Subset(Order.ToHashSet(), folders.ToHashSet());

        var backwards =
            from folder in Order
            let place = Array.IndexOf(Order, folder)
            from file in Directory.EnumerateFiles(Path.Combine(source, folder), "*.cs", SearchOption.AllDirectories)
            from Match match in UsedFolder().Matches(File.ReadAllText(file))
            let used = match.Groups["folder"].Value
            where Array.IndexOf(Order, used) > place
            select $"{Path.GetRelativePath(source, file)} uses {used}";
        Assert.Empty(backwards);
    }

    private static IEnumerable<string> OutsideReferences(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Select(name => name.Name!).Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && name != "Microsoft.Win32.Primitives");

    private static IEnumerable<string> ProjectReferences(string project) =>
        ProjectReference().Matches(File.ReadAllText(Repository.PathOf("src", project, project + ".csproj"))).Select(match => match.Groups["name"].Value).Order();

    [GeneratedRegex(@"<ProjectReference Include=""\.\./\w+/(?<name>\w+)\.csproj""")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"\bEdgeAgent\.(?<folder>Tenancy|Capture|Outbox|Publishing|Management|Diagnostics|Simulation|Cli)\b")]
    private static partial Regex UsedFolder();
}
