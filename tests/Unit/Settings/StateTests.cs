using Azprovision.Settings;
using Azprovision.Tests.Unit.Support;
using Xunit;

namespace Azprovision.Tests.Unit.Settings;

public class StateTests
{
    [Theory]
    [InlineData("d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90", true)]
    [InlineData("D4C3B2A1-F6E5-1807-293A-4B5C6D7E8F90", true)]
    [InlineData("a1b2c3d4-e5f6-0718-293a-4b5c6d7e8f90", true)]
    [InlineData("A1B2C3D4-E5F6-0718-293A-4B5C6D7E8F90", true)]
    [InlineData("a1b2c3d4-f6e5-1807-293a-4b5c6d7e8f90", false)]   // only the first field in the other order
    [InlineData("d4c3b2a1-f6e5-1807-3a29-4b5c6d7e8f90", false)]
    [InlineData("d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f9", false)]
    public void A_marker_is_this_machines_whatever_the_letter_case_and_byte_order_of_its_id(string marked, bool isOurs)
    {
        using TempRoot root = new TempRoot().With($"/var/lib/azprovision/{marked}.provisioned", "");
        var state = new State("/var/lib/azprovision");
        Assert.Equal(isOurs, state.IsProvisioned(root.Files, "d4c3b2a1-f6e5-1807-293a-4b5c6d7e8f90"));
        Assert.True(state.HasMarker(root.Files));
    }
}
