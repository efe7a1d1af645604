using System.Reflection;
using System.Reflection.Emit;

namespace EdgeAgent.Simulation.Tests.Agents;

/// <summary>
/// What the current thread would hand to the thread pool, kept for itself: continuations that do not come back to where they were called, parts
/// of Task.WhenAny, Task.Run. They run here, in order, when they are asked for, so that the pool's threads decide nothing. It uses the
/// runtime's own queue for work that a pool's thread makes for itself and hides it from the others. Of one thread, and for its whole life.
/// </summary>
internal sealed class OwnThreadPool
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Type Locals = Runtime("System.Threading.ThreadPoolWorkQueueThreadLocals");

    private static readonly Type WorkStealing = Runtime("System.Threading.ThreadPoolWorkQueue+WorkStealingQueue");

    private static readonly Func<object, object?> Steal = MakeSteal();

    private static readonly Action<Task, Thread> ExecuteTask =
        typeof(Task).GetMethod("ExecuteFromThreadPool", All, [typeof(Thread)])!.CreateDelegate<Action<Task, Thread>>();

    private static readonly Func<object, int> CountOf = WorkStealing.GetProperty("Count", All)!.GetMethod!.CreateDelegateOf();

    private readonly object _queue;
    private readonly Thread _thread = Thread.CurrentThread;

    private OwnThreadPool()
    {
        object pool = typeof(ThreadPool).GetField("s_workQueue", All)!.GetValue(null)!;
        object locals = Activator.CreateInstance(Locals, All, null, [pool], null)!;
        Locals.GetField("threadLocals", All)!.SetValue(null, locals);
        _queue = Locals.GetField("workStealingQueue", All)!.GetValue(locals)!;
        Runtime("System.Threading.ThreadPoolWorkQueue+WorkStealingQueueList").GetMethod("Remove", All)!.Invoke(null, [_queue]);
    }

    [field: ThreadStatic]
    public static OwnThreadPool Current => field ??= new OwnThreadPool();

    /// <summary>Runs the oldest piece of work.</summary>
    /// <returns>False if there is none.</returns>
    public bool TryRun()
    {
        if (CountOf(_queue) == 0 || Steal(_queue) is not { } work) return false;
        if (work is Task task) ExecuteTask(task, _thread);
        else ((IThreadPoolWorkItem)work).Execute();
        return true;
    }

    /// <summary>Forgets what nobody shall run any more.</summary>
    public void Clear()
    {
        while (Steal(_queue) is not null)
        {
        }
    }

    private static Type Runtime(string name) => typeof(object).Assembly.GetType(name, throwOnError: true)!;

    private static Func<object, object?> MakeSteal()
    {
        // object? TrySteal(ref bool missedSteal)
        var method = new DynamicMethod("Steal", typeof(object), [typeof(object)], typeof(OwnThreadPool).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        var missed = code.DeclareLocal(typeof(bool));
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Castclass, WorkStealing);
        code.Emit(OpCodes.Ldloca, missed);
        code.Emit(OpCodes.Call, WorkStealing.GetMethod("TrySteal", All)!);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object, object?>>();
    }
}

file static class Delegates
{
    public static Func<object, int> CreateDelegateOf(this MethodInfo getter)
    {
        var method = new DynamicMethod("Count", typeof(int), [typeof(object)], typeof(OwnThreadPool).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Castclass, getter.DeclaringType!);
        code.Emit(OpCodes.Call, getter);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object, int>>();
    }
}
