using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EdgeAgent.SystemTests.Packaging;

/// <summary>What an installer of the Debian package gets.</summary>
public sealed partial class PackageTests(DebianPackage package, ITestOutputHelper output) : IClassFixture<DebianPackage>
{
    private const double HighestExposure = 2.0;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData("/usr/lib/edge-agent/edge-agent", "-rwxr-xr-x")]
    [InlineData("/usr/bin/edge-agent -> ../lib/edge-agent/edge-agent", "lrwxrwxrwx")]
    [InlineData("/usr/libexec/edge-agent/restart-pause", "-rwxr-xr-x")]
    [InlineData("/usr/libexec/edge-agent/provisioned", "-rwxr-xr-x")]
    [InlineData("/usr/libexec/edge-agent/update", "-rwxr-xr-x")]
    [InlineData("/usr/libexec/edge-agent/repack", "-rwxr-xr-x")]
    [InlineData("/usr/lib/systemd/system/edge-agent.service", "-rw-r--r--")]
    [InlineData("/usr/lib/systemd/system/edge-agent-provision.service", "-rw-r--r--")]
    [InlineData("/usr/lib/systemd/system/edge-agent-update.service", "-rw-r--r--")]
    [InlineData("/usr/lib/systemd/system/edge-agent-update.path", "-rw-r--r--")]
    [InlineData("/usr/lib/sysusers.d/edge-agent.conf", "-rw-r--r--")]
    [InlineData("/usr/lib/tmpfiles.d/edge-agent.conf", "-rw-r--r--")]
    [InlineData("/usr/lib/sysctl.d/10-edge-agent.conf", "-rw-r--r--")]
    [InlineData("/usr/lib/udev/rules.d/60-edge-agent.rules", "-rw-r--r--")]
    [InlineData("/etc/default/edge-agent", "-rw-r--r--")]
    [InlineData("/usr/share/edge-agent/sbom.cdx.json", "-rw-r--r--")]
    [InlineData("/usr/share/edge-agent/broker/acl.sh", "-rwxr-xr-x")]
    [InlineData("/usr/share/edge-agent/schema/provisioning.schema.json", "-rw-r--r--")]
    [InlineData("/usr/share/edge-agent/examples/80-can.network", "-rw-r--r--")]
    [InlineData("/usr/share/edge-agent/examples/edge-agent-alone.conf", "-rw-r--r--")]
    [InlineData("/usr/share/edge-agent/coexistence.md", "-rw-r--r--")]
    [InlineData("/usr/share/doc/edge-agent/copyright", "-rw-r--r--")]
    [InlineData("/usr/share/doc/edge-agent/changelog.gz", "-rw-r--r--")]
    public async Task Each_file_is_in_its_place_and_roots(string path, string mode)
    {
        var list = await RunAsync("dpkg-deb", "-c", Package);
        string line = Assert.Single(list.Split('\n'), line => line.EndsWith(" ." + path, StringComparison.Ordinal));
        Assert.StartsWith($"{mode} root/root ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_what_it_needs_and_the_binary_needs_no_more()
    {
        string depends = await RunAsync("dpkg-deb", "-f", Package, "Depends");
        var glibc = GlibcVersion().Matches(await RunAsync("objdump", "-T", package["/usr/bin/edge-agent"])).Max(match => Version.Parse(match.Groups[1].Value));
        Assert.StartsWith($"libc6 (>= {glibc}), libssl3 | libssl3t64, systemd ", depends, StringComparison.Ordinal);
        Assert.Equal(Version.Parse("2.34"), glibc); // Debian 12 and Ubuntu 22.04 have it
        Assert.Equal("/etc/default/edge-agent\n", File.ReadAllText(package.Control("conffiles")));
    }

    [Fact]
    public async Task Lintian_finds_nothing()
    {
        Rig.Require("lintian");
        // That it is not compressed is a matter of these tests alone.
        var result = await Rig.RunAsync("lintian", ["--allow-root", "--suppress-tags", "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball", Package], limit: Patience);
        Assert.Equal("", result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Theory]
    [InlineData("edge-agent.service")]
    [InlineData("edge-agent-provision.service")]
    public async Task A_unit_is_understood_and_leaves_little_to_attack(string name)
    {
        Rig.Require("systemd-analyze");
        string packaged = Package.Length > 0 ? package[$"/usr/lib/systemd/system/{name}"] : "";
        using var workspace = new Workspace();
        // To be verified on a machine where it is not installed.
        string unit = workspace.Write(name, Regex.Replace(File.ReadAllText(packaged), @"=/usr/(bin/edge-agent|libexec/edge-agent/\S+)", "=/bin/true"));
        var verified = await Rig.RunAsync("systemd-analyze", ["verify", "--man=no", unit]);
        Assert.Equal("", verified.Output + string.Concat(verified.Errors.Split('\n').Where(line => line.Contains("edge-agent", StringComparison.Ordinal))));
        var security = await Rig.RunAsync("systemd-analyze", ["security", "--offline=yes", "--no-pager", packaged]);
        var exposure = Exposure().Match(security.Output);
        Assert.True(exposure.Success, security.Output + security.Errors);
        output.WriteLine(exposure.Value);
        Assert.InRange(double.Parse(exposure.Groups[1].Value, CultureInfo.InvariantCulture), 0.1, HighestExposure);
    }

    [Fact]
    public async Task Two_builds_give_the_same_bytes()
    {
        string first = Package;
        using var workspace = new Workspace();
        string second = await DebianPackage.MakeAsync(workspace["two"]);
        Assert.True(File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second)));
    }

    [Fact]
    public async Task Each_command_has_its_manual_and_all_of_them_render_without_a_warning()
    {
        string manual = package["/usr/share/man"];
        string[] commands = [.. CommandName().Matches(await RunAsync(Package.Length > 0 ? Rig.Agent : "", "--help")).Select(match => match.Groups[1].Value)];
        Assert.Contains("run", commands);
        Assert.Equal(
            [.. commands.Select(command => $"edge-agent-{command}.1.gz").Append("edge-agent.1.gz").Order(StringComparer.Ordinal)],
            Directory.GetFiles(Path.Combine(manual, "man1")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string page in Directory.GetFiles(manual, "*.gz", SearchOption.AllDirectories))
        {
            var rendered = await Rig.RunAsync("env", ["LC_ALL=C.UTF-8", "MANROFFSEQ=", "MANWIDTH=100", "man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-M", manual, page]);
            Assert.Equal((0, ""), (rendered.ExitCode, rendered.Errors));
            // Bold is a letter over itself.
            Assert.Contains("NAME", Regex.Replace(rendered.Output, @".\x08", ""), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("provisioning")]
    [InlineData("boot-file")]
    [InlineData("tenant-configuration")]
    public async Task The_manual_of_the_configuration_names_each_member(string schema)
    {
        string page = await RunAsync("zcat", Path.Combine(Package.Length > 0 ? package["/usr/share/man"] : "", "man5", "edge-agent.conf.5.gz"));
        string text = page.Replace(@"\fB", " ", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(File.ReadAllBytes(package[$"/usr/share/edge-agent/schema/{schema}.schema.json"]));
        Assert.All(MembersOf(document.RootElement), member => Assert.Matches($@"\b{member}\b", text));
    }

    [Theory]
    [InlineData("edge-agent st", "status")]
    [InlineData("edge-agent key ", "--help --verbose new public rotate")]
    [InlineData("edge-agent run --s", "--socket --state")]
    [InlineData("edge-agent decode --log ", "")] // file names then
    public async Task Bash_completes_what_the_program_says_may_follow(string line, string expected)
    {
        const string script = """
            source "$1"; COMP_LINE=$2 COMP_POINT=${#2}; read -ra COMP_WORDS <<< "$2"
            case $2 in *' ') COMP_WORDS+=('') ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _edge_agent; echo "${COMPREPLY[*]}"; complete -p edge-agent
            """;
        string path = $"{Path.GetDirectoryName(package["/usr/bin/edge-agent"])}:{Environment.GetEnvironmentVariable("PATH")}";
        string answer = await RunAsync("env", $"PATH={path}", "bash", "-c", script, "-", package["/usr/share/bash-completion/completions/edge-agent"], line);
        Assert.Equal($"{expected}\ncomplete -o default -F _edge_agent edge-agent\n", answer);
    }

    [Theory]
    [InlineData("zsh", "/usr/share/zsh/vendor-completions/_edge-agent")]
    [InlineData("fish", "/usr/share/fish/vendor_completions.d/edge-agent.fish")]
    [InlineData("sh", "/usr/libexec/edge-agent/restart-pause")]
    [InlineData("sh", "/usr/libexec/edge-agent/provisioned")]
    [InlineData("sh", "/usr/libexec/edge-agent/update")]
    [InlineData("sh", "/usr/libexec/edge-agent/repack")]
    public async Task Other_shells_understand_their_files(string shell, string path)
    {
        Rig.Require(shell);
        await RunAsync(shell, "-n", Package.Length > 0 ? package[path] : "");
    }

    [Fact]
    public async Task Everything_linked_in_is_in_the_bill_of_materials_with_version_hash_and_licence()
    {
        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(package["/usr/share/edge-agent/sbom.cdx.json"], TestContext.Current.CancellationToken));
        using var locked = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Rig.Root, "src", "EdgeAgent", "packages.lock.json"), TestContext.Current.CancellationToken));
        var components = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(component => component.GetProperty("name").GetString()!);
        foreach (var entry in locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject().Where(entry => entry.Value.GetProperty("type").GetString() != "Project"))
        {
            var component = components[entry.Name];
            Assert.Equal(entry.Value.GetProperty("resolved").GetString(), component.GetProperty("version").GetString());
            Assert.Equal(
                Convert.ToHexStringLower(Convert.FromBase64String(entry.Value.GetProperty("contentHash").GetString()!)),
                component.GetProperty("hashes")[0].GetProperty("content").GetString());
        }
        string copyright = await File.ReadAllTextAsync(package["/usr/share/doc/edge-agent/copyright"], TestContext.Current.CancellationToken);
        Assert.All(components.Values.Where(component => component.GetProperty("scope").GetString() == "required"), component =>
        {
            Assert.NotEqual(0, component.GetProperty("licenses").GetArrayLength());
            string name = component.GetProperty("name").GetString()!;
            Assert.True(OfTheRuntime().IsMatch(name) || copyright.Contains(name.Replace(".Ansi", "", StringComparison.Ordinal), StringComparison.Ordinal), $"{name} is not in copyright");
        });
    }

    [Fact]
    public async Task The_examples_are_taken_by_the_program_with_the_key_that_only_the_owner_knows()
    {
        using var workspace = new Workspace();
        string keys = await RunAsync(Package.Length > 0 ? Rig.Agent : "", "key", "new", "--out", workspace["platform.key"]);
        string provision = Regex.Replace(Example("provision.json"), @"\{ ""kty"".*\}", keys.Trim());
        workspace.Write("broker.password", "secret\n");
        workspace.Write("provision.json", provision.Replace("/etc/edge-agent/broker.password", workspace["broker.password"], StringComparison.Ordinal));
        workspace.Write("agent.json", Example("agent.json").Replace("\"sources\"", "\"outbox\": { \"directory\": \"/proc/edge-agent\" }, \"sources\"", StringComparison.Ordinal));

        // A wrong file is refused (5) before the directory is looked at, which cannot be made there.
        foreach (string[] how in (string[][])[["--provision", workspace["provision.json"], "--state", "/proc/edge-agent"], ["--config", workspace["agent.json"]]])
        {
            var run = await Rig.RunAsync(Rig.Agent, ["run", .. how]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("/proc/edge-agent: cannot write the outbox there", run.Errors, StringComparison.Ordinal);
        }

        string Example(string name) => File.ReadAllText(package[$"/usr/share/edge-agent/examples/{name}"]);
    }

    [Fact]
    public async Task Starts_that_fail_again_and_again_come_less_and_less_often_and_a_good_end_begins_anew()
    {
        using var workspace = new Workspace();
        workspace.Write("sleep", "#!/bin/sh\n");
        File.SetUnixFileMode(workspace["sleep"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        List<string> pauses = [];
        for (int failure = 0; failure < 11; failure++) pauses.Add(await StartAsync(failure == 0 ? "success" : "exit-code"));
        Assert.Equal(["", "", .. Enumerable.Range(0, 7).Select(n => Said(Math.Min(300, 5 << n))), Said(300), Said(300)], pauses);
        Assert.Equal("", await StartAsync("success"));
        Assert.Equal("", await StartAsync("watchdog"));
        Assert.Equal(Said(5), await StartAsync("signal"));
        workspace.Write(".failures", "garbage");
        Assert.Equal("", await StartAsync("exit-code"));

        static string Said(int seconds) => $"failed again and again; starting in {seconds} s\n";

        async Task<string> StartAsync(string lastResult)
        {
            string[] environment = [$"PATH={workspace.Path}:/usr/bin:/bin", $"RUNTIME_DIRECTORY={workspace.Path}", $"SERVICE_RESULT={lastResult}"];
            string script = package["/usr/libexec/edge-agent/restart-pause"];
            Assert.Equal("", await RunAsync("env", [.. environment, script, "after"]));
            return await RunAsync("env", [.. environment, script, "before"]);
        }
    }

    [Theory]
    [InlineData("package-lifecycle.sh")]
    [InlineData("package-update.sh")]
    [InlineData("package-systemd.sh")]
    public async Task It_is_installed_upgraded_updated_downgraded_removed_and_purged_as_people_expect(string scenario)
    {
        var result = await Rig.RunAsync(Path.Combine(Rig.Root, "tests", "System.Tests", "scenarios", scenario), [Package], limit: 3 * Patience);
        if (result.ExitCode == 77) Assert.Skip(result.Output.Trim());
        output.WriteLine(result.Output + result.Errors);
        Assert.Equal(0, result.ExitCode);
    }

    private string Package
    {
        get
        {
            if (package.Missing is not null) Assert.Skip(package.Missing);
            return package.File;
        }
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await Rig.RunAsync(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Output}{result.Errors}");
        return result.Output;
    }

    /// <summary>The names of all members of an object of a schema, and of those below them.</summary>
    private static IEnumerable<string> MembersOf(JsonElement schema)
    {
        if (schema.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                yield return property.Name;
                foreach (string below in MembersOf(property.Value)) yield return below;
            }
        }
        if (!schema.TryGetProperty("items", out var items)) yield break;
        foreach (string below in MembersOf(items)) yield return below;
    }

    [GeneratedRegex(@"GLIBC_([0-9]+\.[0-9]+)")]
    private static partial Regex GlibcVersion();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();

    [GeneratedRegex(@"(?<=^Commands:\n(?:.*\n)*)^  ([a-z][a-z0-9-]*) ", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex(@"^(Microsoft\.|runtime\.|System\.)")]
    private static partial Regex OfTheRuntime();
}
