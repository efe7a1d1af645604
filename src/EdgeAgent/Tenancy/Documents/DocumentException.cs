using System.Text.Json;

namespace EdgeAgent.Tenancy.Documents;

/// <summary>Why a document is refused. The names are part of what is reported and stay as they are.</summary>
internal enum Refusal
{
    /// <summary>More than <see cref="Jws.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>No compact JWS, or its header is not exactly alg, typ and kid.</summary>
    Malformed,

    /// <summary>Signed with anything but ES256.</summary>
    WrongAlgorithm,

    /// <summary>A document of another kind.</summary>
    WrongType,

    /// <summary>Signed with a key that is not trusted for it.</summary>
    UnknownKey,

    /// <summary>The signature is not that of the named key over this document.</summary>
    BadSignature,

    /// <summary>Signed, and yet not by the rules of its kind.</summary>
    InvalidPayload,

    /// <summary>For another device.</summary>
    WrongDevice,

    /// <summary>For another tenant, or for the other layer: the platform, the tenant as a whole, one device of it.</summary>
    WrongTenant,

    /// <summary>The id in it is not that of its topic.</summary>
    WrongId,

    /// <summary>Its epoch or version is not larger than the last.</summary>
    Stale,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>It was issued later than it is by the device's clock.</summary>
    Clock,

    /// <summary>A rotation that would leave no key that is trusted.</summary>
    NoKeyLeft,
}

/// <summary>A document is refused. The message is one line: what, where, and what to do.</summary>
internal sealed class DocumentException : Exception
{
    public DocumentException(Refusal code, string message, string? pointer = null, Exception? inner = null)
        : base(Quoted.Line(pointer is { Length: > 0 } ? $"{pointer}: {message}" : message), inner)
    {
        Code = code;
        Pointer = pointer;
    }

    public DocumentException(Refusal code, ConfigurationMistake mistake)
        : this(code, mistake.Message, mistake.Pointer)
    {
    }

    public Refusal Code { get; }

    /// <summary>As it is reported: <c>unknown-key</c>.</summary>
    public string CodeName => JsonNamingPolicy.KebabCaseLower.ConvertName(Code.ToString());

    /// <summary>Where in the payload (or the header, if <see cref="Code"/> is about that): a JSON pointer; null where none applies.</summary>
    public string? Pointer { get; }
}
