using EdgeAgent.CanInterop;

// can-interop isotp INTERFACE INTERFACE-OF-THE-PEER fd|classic: both are on one bus, or one virtual interface.
// can-interop controllers: can0 and can1, which are down, on one bus.
// Prints a line a check; the exit code is the number of those that failed, at most 100.
var results = new Results(Console.Out);
switch (args)
{
    case ["isotp", var ours, var theirs, var kind]:
        new KernelChecks(results, ours, theirs, kind == "fd").Run();
        if (kind != "fd") new CanUtilsChecks(results, ours, theirs).Run();
        break;
    case ["controllers"]:
        new ControllerChecks(results).Run();
        break;
    default:
        Console.Error.WriteLine("usage: can-interop isotp INTERFACE INTERFACE fd|classic | can-interop controllers");
        return 2;
}
return Math.Min(100, results.Failed);

namespace EdgeAgent.CanInterop
{
    /// <summary>Counts and prints.</summary>
    internal sealed class Results(TextWriter output)
    {
        public int Failed { get; private set; }

        /// <summary>One check; what it throws is its failure.</summary>
        public void Check(string what, Func<string> check)
        {
            try
            {
                output.WriteLine($"ok {what}: {check()}");
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Failed++;
                output.WriteLine($"failed {what}: {e.GetType().Name}: {e.Message}");
            }
            output.Flush();
        }

        public static void Require(bool isSo, string otherwise)
        {
            if (!isSo) throw new InvalidOperationException(otherwise);
        }
    }
}
