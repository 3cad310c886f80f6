using System.Text;

namespace Azprovision.Azure;

/// <summary>The body of a POST to comp=roleProperties, in one line as the Azure Linux Agent has sent it.</summary>
internal static class RoleProperties
{
    /// <param name="fingerprint">as ssh-keygen(1) prints it; it is sent without colons</param>
    internal static byte[] ToXml(GoalState goal, string fingerprint)
    {
        string value = fingerprint.Replace(":", "", System.StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><RoleProperties><Container>"
            + $"<ContainerId>{XmlText.Escape(goal.ContainerId)}</ContainerId><RoleInstances><RoleInstance>"
            + $"<Id>{XmlText.Escape(goal.InstanceId)}</Id><Properties>"
            + $"<Property name=\"CertificateThumbprint\" value=\"{value}\" />"
            + "</Properties></RoleInstance></RoleInstances></Container></RoleProperties>");
    }
}
