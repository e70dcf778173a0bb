using Streaming.Grains.Messages;

namespace Streaming.Silo.Access;

/// <summary>What a token's holder may do, least first.</summary>
internal enum Role
{
    /// <summary>Of a department: its cases, work orders and feed, and acting on them.</summary>
    Member = 1,

    /// <summary>Reads everything of a district.</summary>
    Operator = 2,

    /// <summary>Reads everything; supervises.</summary>
    Supervisor = 3,

    /// <summary>Discipline inspection: reads everything, changes nothing.</summary>
    Inspector = 4,

    Administrator = 5,
}

/// <summary>Who makes a call.</summary>
/// <param name="Name">The token's name.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Department">A member's department; others may have none.</param>
/// <param name="District">Their district; <c>*</c> is the whole city.</param>
/// <param name="Hash">Hash of the token, by which a long-lived stream notices that it was replaced.</param>
internal sealed record Principal(string Name, Role Role, string? Department, string District, string Hash)
{
    public const string WholeCity = "*";

    /// <summary>Administrator, supervisor and inspector see every department and district.</summary>
    public bool SeesAll => Role is Role.Administrator or Role.Supervisor or Role.Inspector;

    /// <summary>The district that lists are cut down to; null where they are not.</summary>
    public string? DistrictScope => SeesAll || District == WholeCity ? null : District;

    /// <summary>The department that lists are cut down to; null where they are not.</summary>
    public string? DepartmentScope => Role == Role.Member ? Department ?? "" : null;

    public static Principal From(TokenRegistration token) =>
        new(token.Name, Roles.Parse(token.Role) ?? Role.Member, token.Department, token.District, token.Hash);
}

/// <summary>Roles by the names of the API.</summary>
internal static class Roles
{
    public static readonly string[] Names = ["member", "operator", "supervisor", "inspector", "administrator"];

    public static Role? Parse(string name) => Array.IndexOf(Names, name) is var index and >= 0 ? (Role)(index + 1) : null;

    public static string Name(Role role) => Names[(int)role - 1];
}
