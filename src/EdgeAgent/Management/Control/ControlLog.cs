using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management.Control;

/// <summary>Events 1020–1059.</summary>
internal static partial class ControlLog
{
    [LoggerMessage(1020, LogLevel.Warning, "device {Device} is assigned to nobody: it captures nothing and waits for an assignment")]
    public static partial void Unassigned(ILogger logger, DeviceId device);

    [LoggerMessage(1021, LogLevel.Warning, "device {Device} is assigned to nobody: it captures nothing; set /tenant in the configuration")]
    public static partial void UnassignedByFile(ILogger logger, DeviceId device);

    [LoggerMessage(1022, LogLevel.Information, "device {Device} is assigned to {Tenant}, epoch {Epoch}; {Unsealed} samples of before found no room")]
    public static partial void Assigned(ILogger logger, DeviceId device, string tenant, Epoch epoch, long unsealed);

    [LoggerMessage(1023, LogLevel.Warning, "{Topic}: refused ({Code}): {Message}")]
    public static partial void DocumentRefused(ILogger logger, string topic, string code, string message);

    [LoggerMessage(1024, LogLevel.Debug, "{Topic}: known: {Message}")]
    public static partial void Known(ILogger logger, string topic, string message);

    [LoggerMessage(1025, LogLevel.Information, "keys of {Whose}: version {Version}, in force: {Keys}")]
    public static partial void KeysRotated(ILogger logger, string whose, long version, string keys);

    [LoggerMessage(1026, LogLevel.Error, "{Tenant}, epoch {Epoch}: nothing can be recorded: {Trouble}; have the device assigned anew with a larger epoch")]
    public static partial void CannotRecord(ILogger logger, TenantId tenant, Epoch epoch, string trouble);

    [LoggerMessage(1027, LogLevel.Information, "{Tenant}: handed over: {Why}")]
    public static partial void HandedOver(ILogger logger, TenantId tenant, string why);

    [LoggerMessage(1030, LogLevel.Information, "{Configuration}: in force, on trial for {Seconds} s")]
    public static partial void Trying(ILogger logger, string configuration, double seconds);

    [LoggerMessage(1031, LogLevel.Information, "{Configuration}: passed its trial")]
    public static partial void Applied(ILogger logger, string configuration);

    [LoggerMessage(1032, LogLevel.Error, "configuration {TenantVersion}/{DeviceVersion} is rolled back: {Why}")]
    public static partial void RolledBack(ILogger logger, long tenantVersion, long deviceVersion, string why);

    [LoggerMessage(1033, LogLevel.Error, "{Configuration}: refused, the one before stays in force: {Mistakes}")]
    public static partial void ConfigurationRefused(ILogger logger, string configuration, string mistakes);

    [LoggerMessage(1034, LogLevel.Information, "{Configuration}: waits for {Count} artifacts")]
    public static partial void WaitingForArtifacts(ILogger logger, string configuration, int count);

    [LoggerMessage(1035, LogLevel.Warning, "artifact {Name} of {Tenant}: refused: {Why}")]
    public static partial void ArtifactRefused(ILogger logger, TenantId tenant, Sha256Digest name, string why);

    [LoggerMessage(1036, LogLevel.Error, "{Configuration} was good and cannot be used any more, nothing is captured: {Mistakes}")]
    public static partial void GoodIsUnusable(ILogger logger, string configuration, string mistakes);

    [LoggerMessage(1050, LogLevel.Information, "update to {Version}: taken; it is fetched, and installed when the vehicle stands")]
    public static partial void UpdateTaken(ILogger logger, DebianVersion version);

    [LoggerMessage(1051, LogLevel.Information, "update to {Version}: waits: {Why}")]
    public static partial void UpdateWaits(ILogger logger, DebianVersion version, string why);

    [LoggerMessage(1052, LogLevel.Information, "update to {Version}: handed to edge-agent-update.service, which installs it and restarts the agent")]
    public static partial void UpdateHandedOn(ILogger logger, DebianVersion version);

    [LoggerMessage(1053, LogLevel.Information, "updated from {From} to {Version}")]
    public static partial void Updated(ILogger logger, string from, string version);

    [LoggerMessage(1054, LogLevel.Error, "update to {Version}: {Status}: {Reason}")]
    public static partial void UpdateNotDone(ILogger logger, string version, string status, string reason);

    [LoggerMessage(1055, LogLevel.Warning, "update to {Version}: forgotten: {Why}")]
    public static partial void UpdateForgotten(ILogger logger, string version, string why);

    [LoggerMessage(1040, LogLevel.Error, "cannot write the device's state: {Trouble}; trying again")]
    public static partial void CannotStore(ILogger logger, string trouble);

    [LoggerMessage(1041, LogLevel.Error, "{Count} copies of the device's state were damaged; going on with what was written before")]
    public static partial void StateDamaged(ILogger logger, int count);

    [LoggerMessage(1042, LogLevel.Critical, "the device's state cannot be read: {Trouble}; it waits for its assignment to be sent anew with a larger epoch")]
    public static partial void StateUnreadable(ILogger logger, string trouble);
}
