namespace Azprovision.Io;

/// <summary>A header field of a request or an answer (RFC 9110 5).</summary>
internal sealed record HttpHeader(string Name, string Value);
