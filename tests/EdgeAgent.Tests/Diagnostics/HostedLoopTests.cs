using EdgeAgent.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeAgent.Tests.Diagnostics;

public sealed class HostedLoopTests
{
    [Fact]
    public async Task A_loop_that_dies_ends_the_service_with_an_exit_code_and_one_that_ends_does_not()
    {
        int before = Environment.ExitCode;
        try
        {
            Environment.ExitCode = 0;
            await HostedLoop.RunAsync("a", () => Task.CompletedTask, NullLogger.Instance);
            await Assert.ThrowsAsync<TaskCanceledException>(() => HostedLoop.RunAsync("b", () => Task.FromCanceled(new CancellationToken(canceled: true)), NullLogger.Instance));
            Assert.Equal(0, Environment.ExitCode);
            await Assert.ThrowsAsync<IOException>(() => HostedLoop.RunAsync("c", () => throw new IOException("Input/output error"), NullLogger.Instance));
            Assert.Equal(1, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }
}
