using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests.Broker;

/// <summary>
/// The generator of access rules, and its output for EMQX. There is no EMQX to run here: its file is held against the grammar of the terms that
/// it documents, and against the file for mosquitto, which is proven; that EMQX reads it so is not.
/// </summary>
public sealed partial class RulesTests
{
    private static string Packaging => Path.Combine(Rig.Root, "packaging", "broker");

    [Theory]
    [InlineData("mosquitto", "mosquitto/acl")]
    [InlineData("emqx", "emqx/acl.conf")]
    public async Task The_example_is_what_the_generator_makes_of_the_table(string format, string file)
    {
        var result = await Rig.RunAsync(Path.Combine(Packaging, "acl.sh"), [format, Path.Combine(Packaging, "devices.csv")]);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Packaging, file), TestContext.Current.CancellationToken), result.Output);
    }

    [Theory]
    [InlineData("dongle-1,acme,\ndongle-1,bravo,", "2: device dongle-1 is already in line 1")]
    [InlineData("# first\ndongle/1,acme,", "2: \"dongle/1\" is no device id")]
    [InlineData("dongle-1,ac#me,", "1: \"ac#me\" is no tenant id")]
    [InlineData("dongle-1,acme,+", "1: \"+\" is no tenant id")]
    [InlineData("-dongle,acme,", "1: \"-dongle\" is no device id")]
    [InlineData("tenant.acme,acme,", "1: \"tenant.acme\" is no device id")] // would be a tenant's user
    [InlineData("platform,acme,", "1: a device cannot be called platform")]
    [InlineData("dongle-1,acme,acme", "1: the previous tenant is the same")]
    [InlineData("dongle-1,acme,bravo,x", "1: expected DEVICE,TENANT,PREVIOUS-TENANT, found 4 fields")]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789a1234,acme,", "is no device id")]
    public async Task A_table_with_a_mistake_makes_no_rules(string table, string expected)
    {
        using var workspace = new Workspace();
        string file = workspace.Write("devices.csv", table + "\n");
        var result = await Rig.RunAsync(Path.Combine(Packaging, "acl.sh"), ["mosquitto", file]);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rules_for_EMQX_are_terms_that_it_documents_and_allow_the_same_as_those_for_mosquitto()
    {
        string emqx = await File.ReadAllTextAsync(Path.Combine(Packaging, "emqx", "acl.conf"), TestContext.Current.CancellationToken);
        Assert.Matches(Terms(), emqx);
        Assert.EndsWith("{deny, all}.\n", emqx, StringComparison.Ordinal);
        var allowed = Term().Matches(emqx).SelectMany(term => Topic().Matches(term.Groups["topics"].Value)
            .Select(topic => $"{term.Groups["user"].Value} {(term.Groups["action"].Value == "publish" ? "write" : "read")} {topic.Groups["topic"].Value}"));

        List<string> proven = [];
        string user = "";
        foreach (string line in await File.ReadAllLinesAsync(Path.Combine(Packaging, "mosquitto", "acl"), TestContext.Current.CancellationToken))
        {
            if (line.StartsWith("user ", StringComparison.Ordinal)) user = line["user ".Length..];
            else if (line.StartsWith("topic ", StringComparison.Ordinal)) proven.Add($"{user} {line["topic ".Length..]}");
            else Assert.True(line.Length == 0 || line[0] == '#', line);
        }
        Assert.NotEmpty(proven);
        Assert.Equal(proven.Order(StringComparer.Ordinal), allowed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("\\{allow, \\{username, \"(?<user>[^\"]+)\"\\}, (?<action>publish|subscribe), \\[(?<topics>[^\\]]+)\\]\\}\\.")]
    private static partial Regex Term();

    [GeneratedRegex("\"(?<topic>[^\"]+)\"")]
    private static partial Regex Topic();

    [GeneratedRegex("\\A(%%[^\\n]*\\n|\\s+|\\{allow, \\{username, \"[^\"\\\\]+\"\\}, (publish|subscribe), \\[\\s*\"[^\"\\\\]+\"(,\\s*\"[^\"\\\\]+\")*\\]\\}\\.|\\{deny, all\\}\\.)+\\z")]
    private static partial Regex Terms();
}
