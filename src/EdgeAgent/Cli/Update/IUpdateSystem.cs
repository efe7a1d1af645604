using EdgeAgent.Management.Updates;
using EdgeAgent.Tenancy;
using EdgeAgent.Tenancy.Documents;

namespace EdgeAgent.Cli.Update;

/// <summary>Which of the two packages.</summary>
internal enum Slot
{
    /// <summary>What was installed before.</summary>
    Old,

    /// <summary>What is to be installed.</summary>
    New,
}

/// <summary>What a package says of itself.</summary>
internal sealed record PackageFacts(string Name, string Version, string Architecture);

/// <summary>The agent's service at one moment.</summary>
/// <param name="IsActive">It runs and has said that it is ready.</param>
/// <param name="Invocation">Another one with each start.</param>
/// <param name="IsConnected">It says that its broker is there.</param>
internal sealed record ServiceReading(bool IsActive, string Invocation, bool IsConnected);

/// <summary>What an update does to a machine, step by step. Each may be cut off by the power, and is done again then.</summary>
internal interface IUpdateSystem
{
    /// <summary>Whose signature a release must have.</summary>
    /// <exception cref="UpdateException">That is not known.</exception>
    IReadOnlyList<VerificationKey> ReleaseKeys { get; }

    /// <summary>Of the package.</summary>
    DebianVersion Installed { get; }

    /// <summary>In which format the agent's store is kept now.</summary>
    int StoreFormat { get; }

    /// <summary>Where an update is that was begun; null for nowhere.</summary>
    ActivationState? Load();

    /// <summary>Durable on return.</summary>
    void Save(ActivationState state);

    /// <summary>For the agent to tell; durable on return.</summary>
    void Report(UpdateResult result);

    /// <summary>Deletes both packages, and then forgets where it was.</summary>
    void Clear();

    /// <summary>What the agent asks for; null for nothing.</summary>
    string? ReadRequest();

    /// <summary>Takes it away, unless it is another one by now.</summary>
    void DropRequest(string request);

    /// <summary>Makes a copy of the package that nobody else can change, of at most so many bytes.</summary>
    /// <exception cref="UpdateException">It cannot be read, or is larger.</exception>
    (long Size, Sha256Digest Digest) TakePackage(long size);

    /// <summary>What that copy says of itself.</summary>
    /// <exception cref="UpdateException">It is no package.</exception>
    PackageFacts DescribePackage();

    /// <summary>Makes the way back: a package of what is installed now.</summary>
    /// <exception cref="UpdateException">It cannot be made.</exception>
    void KeepInstalled();

    /// <summary>Installs it and has the agent started anew, without waiting for that.</summary>
    /// <exception cref="UpdateException">It could not be installed.</exception>
    void Install(Slot slot);

    ServiceReading LookAtService();
}

/// <summary>A step of an update did not succeed. The message is one line.</summary>
internal sealed class UpdateException(string message, Exception? inner = null) : Exception(Quoted.Line(message), inner);
