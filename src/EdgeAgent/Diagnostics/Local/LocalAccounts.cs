using System.Globalization;
using System.Runtime.InteropServices;
using EdgeAgent.Tenancy.Access;

namespace EdgeAgent.Diagnostics.Local;

/// <summary>
/// Names of users and groups from the system's databases (nsswitch.conf(5)), asked anew each time, so that a change counts at once. What they do
/// not know has its number for a name, and so no rights but those that are granted to that number.
/// </summary>
internal static unsafe partial class LocalAccounts
{
    private const int FirstBuffer = 1024, LastBuffer = 1024 * 1024, RangeError = 34;

    /// <summary>NGROUPS_MAX of Linux.</summary>
    private const int MaxGroups = 65536;

    /// <summary>Enough for each of the structures below.</summary>
    private const int EntryBytes = 64;

    private delegate int Lookup(byte* entry, byte* text, nuint length, out nint found);

    /// <summary>The user with all his groups: those of the databases, and the one with which he came.</summary>
    public static Principal.LocalUser UserOf(PeerCredentials credentials)
    {
        string name = Number(credentials.UserId);
        HashSet<uint> groups = [credentials.GroupId];
        Find((byte* place, byte* text, nuint length, out nint found) => GetUser(credentials.UserId, place, text, length, out found), entry =>
        {
            var user = (User*)entry;
            name = Text(user->Name) ?? name;
            groups.UnionWith(GroupsOf(user->Name, user->GroupId));
        });
        return new Principal.LocalUser(credentials.UserId, name, [.. groups.Select(NameOfGroup)]);
    }

    private static string NameOfGroup(uint id)
    {
        string name = Number(id);
        Find((byte* place, byte* text, nuint length, out nint found) => GetGroup(id, place, text, length, out found), entry => name = Text(((Group*)entry)->Name) ?? name);
        return name;
    }

    private static uint[] GroupsOf(byte* user, uint first)
    {
        for (int room = 32; ; room = MaxGroups)
        {
            uint[] groups = new uint[room];
            int count = room;
            int result;
            fixed (uint* list = groups) result = GetGroups(user, first, list, ref count);
            if (result >= 0) return groups[..count];
            if (room == MaxGroups) return [first];
        }
    }

    /// <summary>Looks an entry up with a buffer that is large enough, and has it read while that is there.</summary>
    private static void Find(Lookup lookup, Action<nint> read)
    {
        for (int length = FirstBuffer; length <= LastBuffer; length *= 4)
        {
            byte[] buffer = new byte[EntryBytes + length];
            fixed (byte* entry = buffer)
            {
                int error = lookup(entry, entry + EntryBytes, (nuint)length, out nint found);
                if (error == RangeError) continue;
                if (error == 0 && found != 0) read(found);
                return;
            }
        }
    }

    private static string? Text(byte* name) => Marshal.PtrToStringUTF8((nint)name);

    private static string Number(uint id) => id.ToString(CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    private static partial int GetUser(uint id, byte* entry, byte* text, nuint length, out nint found);

    [LibraryImport("libc", EntryPoint = "getgrgid_r")]
    private static partial int GetGroup(uint id, byte* entry, byte* text, nuint length, out nint found);

    [LibraryImport("libc", EntryPoint = "getgrouplist")]
    private static partial int GetGroups(byte* user, uint first, uint* groups, ref int count);

    /// <summary><c>struct passwd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct User
    {
        public byte* Name, Password;
        public uint UserId, GroupId;
        public byte* Description, Home, Shell;
    }

    /// <summary><c>struct group</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Group
    {
        public byte* Name, Password;
        public uint GroupId;
        public byte** Members;
    }
}
