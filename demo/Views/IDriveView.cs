namespace EdgeAgent.Demo.Views;

/// <summary>Shows a drive while it runs: on a terminal or as lines.</summary>
internal interface IDriveView
{
    /// <summary>Runs the work and shows the drive until it is done.</summary>
    Task<T> ShowAsync<T>(Drive drive, Func<CancellationToken, Task<T>> work, CancellationToken stop);
}
