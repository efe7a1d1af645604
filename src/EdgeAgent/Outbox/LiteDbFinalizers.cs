using System.Runtime.ExceptionServices;
using LiteDB;

namespace EdgeAgent.Outbox;

/// <summary>
/// LiteDB 5.0.21 leaves a transaction that broke off on a failing disk or a damaged file to its finalizer, and that finalizer throws
/// ("share counter must be &gt; 0"), which would end the process: a broken buffer would become a crash at every start. By then the
/// segment is closed and set aside or opened anew, so the exception says nothing that is not known, and is contained here.
/// </summary>
internal static class LiteDbFinalizers
{
    private static int _contained;
    private static int _installed;

    /// <summary>How many such exceptions there were.</summary>
    public static int Contained => Volatile.Read(ref _contained);

    /// <summary>Installs the process's handler once. Every other unhandled exception ends the process as ever.</summary>
    public static void Contain()
    {
        if (Interlocked.Exchange(ref _installed, 1) == 0) ExceptionHandling.SetUnhandledExceptionHandler(IsOurs);
    }

    private static bool IsOurs(Exception e)
    {
        if (e is not LiteException || e.StackTrace?.Contains("Finalize", StringComparison.Ordinal) != true) return false;
        Interlocked.Increment(ref _contained);
        return true;
    }
}
