namespace Azprovision.Xml;

/// <summary>Which code points may stand where (XML 1.0, fifth edition; Namespaces in XML 1.0, third edition).</summary>
internal static class XmlCharacter
{
    // Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF] [2]
    internal static bool IsAllowed(int c) => c is '\t' or '\n' or '\r'
        or >= 0x20 and <= 0xD7FF or >= 0xE000 and <= 0xFFFD or >= 0x10000 and <= 0x10FFFF;

    // NameStartChar without ":" [4]: ":" divides prefix and local part (NCName, Namespaces [4]).
    internal static bool IsNameStart(int c) => c is >= 'A' and <= 'Z' or '_' or >= 'a' and <= 'z'
        or >= 0xC0 and <= 0xD6 or >= 0xD8 and <= 0xF6 or >= 0xF8 and <= 0x2FF or >= 0x370 and <= 0x37D
        or >= 0x37F and <= 0x1FFF or 0x200C or 0x200D or >= 0x2070 and <= 0x218F or >= 0x2C00 and <= 0x2FEF
        or >= 0x3001 and <= 0xD7FF or >= 0xF900 and <= 0xFDCF or >= 0xFDF0 and <= 0xFFFD or >= 0x10000 and <= 0xEFFFF;

    // NameChar ::= NameStartChar | "-" | "." | [0-9] | #xB7 | [#x0300-#x036F] | [#x203F-#x2040] [4a]
    internal static bool IsName(int c) => IsNameStart(c)
        || c is '-' or '.' or >= '0' and <= '9' or 0xB7 or >= 0x300 and <= 0x36F or 0x203F or 0x2040;
}
