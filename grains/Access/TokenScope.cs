using Streaming.Grains.Messages;
using Streaming.Grains.Rules;

namespace Streaming.Grains.Access;

/// <summary>
/// What a token's holder is kept to: the department and the district that it names. A member has to name a department; whoever else names none sees all of them, and <c>*</c> is every district. Who is for a district is for its streets too (<see cref="DistrictPath"/>). An administrator is kept to nothing. The
/// same rule holds whichever way somebody asks, over HTTP or MQTT.
/// </summary>
/// <param name="Department">The only department; null for all.</param>
/// <param name="District">The only district with its streets, or the only street; null for the whole city.</param>
public readonly record struct TokenScope(string? Department, string? District)
{
    /// <summary>The district of a token that is for the whole city.</summary>
    public const string WholeCity = "*";

    private const string Administrator = "administrator";
    private const string Member = "member";
    private const string Supervisor = "supervisor";
    private const string Inspector = "inspector";

    public static TokenScope Of(TokenRegistration token) => Of(token.Role, token.Department, token.District);

    public static TokenScope Of(string role, string? department, string district) => role == Administrator
        ? new TokenScope(null, null)
        : new TokenScope(role == Member ? department ?? "" : department, district == WholeCity ? null : district);

    /// <summary><c>city</c>, <c>district</c> or <c>street</c>.</summary>
    public string Level => District is null ? "city" : DistrictPath.IsStreet(District) ? "street" : "district";

    /// <summary>True for a role that sees what concerns persons.</summary>
    public static bool Supervises(string role) => role is Administrator or Supervisor or Inspector;

    public bool HasDepartment(string? department) => Department is null || Department == department;

    public bool HasDistrict(string? district) => District is null || (district is not null && DistrictPath.Covers(District, district));

    public bool Has(string? department, string? district) => HasDepartment(department) && HasDistrict(district);
}
