using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging;

namespace EdgeAgent.Management;

/// <summary>Events 1000–1099.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(1000, LogLevel.Information, "ready: device {Device}, capturing for {Tenant}")]
    public static partial void Started(ILogger logger, DeviceId device, string tenant);

    [LoggerMessage(1002, LogLevel.Information, "stopped: {Captured} samples captured, {Delivered} delivered, {Kept} kept in the outbox; {Earlier} of earlier runs delivered")]
    public static partial void Stopped(ILogger logger, long captured, long delivered, long kept, long earlier);

    [LoggerMessage(1003, LogLevel.Error, "stopped with a loss: {Lost} samples could be neither delivered nor stored")]
    public static partial void StoppedWithLoss(ILogger logger, long lost);

    [LoggerMessage(1005, LogLevel.Information, "told to restart")]
    public static partial void Restarting(ILogger logger);

    [LoggerMessage(1004, LogLevel.Critical, "the {Loop} loop died; the agent stops")]
    public static partial void LoopDied(ILogger logger, string loop, Exception exception);
}
