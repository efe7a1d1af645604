using EdgeAgent.Cli.Update;
using EdgeAgent.Management.Updates;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;
using static EdgeAgent.Tests.Tenancy.TestDocuments;

namespace EdgeAgent.Tests.Cli.Update;

/// <summary>The power went.</summary>
internal sealed class PowerCutException : Exception;

/// <summary>A machine in memory whose power can be cut before or after any step.</summary>
internal sealed class FakeSystem : IUpdateSystem
{
    public const string Old = "1.0.0", New = "1.1.0";

    private static readonly byte[] Content = [1, 2, 3];

    private byte[]? _state;
    private bool _hasOld, _hasNew;
    private int _starts;

    /// <summary>The number of the step at which the power goes: 2n before step n, 2n + 1 after it. Null for never.</summary>
    public int? CutAt { get; set; }

    public int Steps { get; private set; }

    /// <summary>What dpkg has; half of a package if its installation was cut off.</summary>
    public string Package { get; private set; } = Old;

    public string? Request { get; set; } = RequestOf(Manifest());

    public PackageFacts Facts { get; set; } = new("edge-agent", New, UpdateManifest.OwnArchitecture);

    /// <summary>The package that the agent has fetched.</summary>
    public byte[] Fetched { get; set; } = Content;

    /// <summary>By the version that is installed: what its agent is like, seconds after its start.</summary>
    public Func<string, int, ServiceReading>? Agent { get; set; }

    public string? CannotInstall { get; set; }

    public List<UpdateResult> Results { get; } = [];

    public IReadOnlyList<VerificationKey> ReleaseKeys { get; set; } = [Platform.Public];

    public DebianVersion Installed => DebianVersion.TryParse(Package, out var version) ? version : throw new InvalidOperationException(Package);

    public int StoreFormat { get; set; } = 1;

    public bool IsClean => _state is null && !_hasOld && !_hasNew && Request is null;

    public static string Manifest(
        SigningKey? key = null, string version = New, string? architecture = null, long size = 3, int format = 1, long seconds = 60, bool downgrade = false, byte[]? content = null) =>
        UpdateManifest.Sign(key ?? Platform, version, architecture ?? UpdateManifest.OwnArchitecture, Sha256Digest.Of(content ?? Content), size, format, seconds, downgrade);

    public static string RequestOf(string manifest) => System.Text.Encoding.UTF8.GetString(new UpdateRequest(Tenant, false, manifest).ToUtf8());

    public ActivationState? Load() => _state is null ? null : ActivationState.FromUtf8(_state);

    public void Save(ActivationState state) => Step(() => _state = state.ToUtf8());

    public void Report(UpdateResult result) => Step(() =>
    {
        if (!Results.Contains(result)) Results.Add(UpdateResult.FromUtf8(result.ToUtf8()));
    });

    public void Clear()
    {
        Step(() => (_hasOld, _hasNew) = (false, false));
        Step(() => _state = null);
    }

    public string? ReadRequest() => Request;

    public void DropRequest(string request) => Step(() => Request = Request == request ? null : Request);

    public (long Size, Sha256Digest Digest) TakePackage(long size)
    {
        if (Fetched.Length > size) throw new UpdateException($"more than {size} bytes");
        Step(() => _hasNew = true);
        return (Fetched.Length, Sha256Digest.Of(Fetched));
    }

    public PackageFacts DescribePackage() => Facts;

    public void KeepInstalled() => Step(() => _hasOld = true);

    public void Install(Slot slot)
    {
        if (slot == Slot.New && CannotInstall is { } why) throw new UpdateException(why);
        Assert.True(slot == Slot.New ? _hasNew : _hasOld, $"the package {slot} is missing");
        Step(() => Package = "half-installed");
        Step(() => Package = slot == Slot.New ? New : Old);
        _starts++;
    }

    public ServiceReading LookAtService() => Agent?.Invoke(Package, _starts) ?? new ServiceReading(true, $"start {_starts}", true);

    private void Step(Action step)
    {
        if (CutAt == Steps++) throw new PowerCutException();
        step();
        if (CutAt == Steps++) throw new PowerCutException();
    }
}
