using System.IO;
using System.Text;
using Azprovision.Run;
using Azprovision.Spec;
using Azprovision.Xml;

namespace Azprovision.Azure;

/// <summary>The wire server's answer to comp=certificates.</summary>
internal static class CertificateFile
{
    private const string Subject = "certificates of the wire server";
    private const string KnownFormat = "Pkcs7BlobWithPfxContents";

    /// <summary>The encrypted bundle; null when there is none.</summary>
    internal static byte[]? Parse(byte[] body)
    {
        var scanner = new XmlScanner(XmlBytes.Decode(body, Subject), Subject);
        string name = "";
        string format = "";
        string data = "";
        var text = new StringBuilder();
        for (XmlScanner.Event next = scanner.Read(); next != XmlScanner.Event.EndOfDocument; next = scanner.Read())
        {
            switch (next)
            {
                case XmlScanner.Event.Element when scanner.Depth == 1:
                    name = scanner.LocalName;
                    text.Clear();
                    break;
                case XmlScanner.Event.Text:
                    text.Append(scanner.Text);
                    break;
                case XmlScanner.Event.EndElement when scanner.Depth == 1:
                    format = name == "Format" ? text.ToString().Trim() : format;
                    data = name == "Data" ? text.ToString().Trim() : data;
                    break;
            }
        }

        if (data.Length == 0)
        {
            return null;
        }

        return format is not ("" or KnownFormat)
            ? throw new InvalidDataException($"{Subject}: the format '{Printable.Of(format)}' is not known here")
            : Base64Text.TryDecode(data) ?? throw new InvalidDataException($"{Subject}: Data is not base64");
    }
}
