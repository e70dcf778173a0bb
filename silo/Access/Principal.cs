using Streaming.Grains.Access;
using Streaming.Grains.Messages;

namespace Streaming.Silo.Access;

/// <summary>What a token's holder may do, least first.</summary>
internal enum Role
{
    /// <summary>Of a department: its cases, work orders and feed, and acting on them.</summary>
    Member = 1,

    /// <summary>Reads.</summary>
    Operator = 2,

    /// <summary>Reads, and supervises.</summary>
    Supervisor = 3,

    /// <summary>Discipline inspection: reads, changes nothing.</summary>
    Inspector = 4,

    Administrator = 5,
}

/// <summary>Who makes a call.</summary>
/// <param name="Name">The token's name.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Department">Their department; all but members may have none, and see all of them then.</param>
/// <param name="District">Their district; <c>*</c> is the whole city.</param>
/// <param name="Hash">Hash of the token, by which a long-lived stream notices that it was replaced.</param>
internal sealed record Principal(string Name, Role Role, string? Department, string District, string Hash)
{
    public const string WholeCity = TokenScope.WholeCity;

    /// <summary>Whose rights these are, where they were given for a time.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>True where the rights were given for a time.</summary>
    public bool IsDelegated => OnBehalfOf is not null;

    /// <summary>Administrator, supervisor and inspector: they see what concerns persons.</summary>
    public bool Supervises => TokenScope.Supervises(Roles.Name(Role));

    /// <summary>True for those who decide what everybody lives with: administrators, and supervisors of the command centre (or of all departments) for the whole city.</summary>
    public bool SettlesForTheCity => Role == Role.Administrator || (Role == Role.Supervisor && Department is null or Grains.Rules.Rulebook.CommandCentre && District == WholeCity);

    /// <summary>True for those who decide what departments ask for about a case that they see: the command centre's people, and who settles for the city.</summary>
    public bool Decides => SettlesForTheCity || (Role is Role.Member or Role.Supervisor && Department == Grains.Rules.Rulebook.CommandCentre);

    /// <summary>What lists, queries and feeds are cut down to.</summary>
    public TokenScope Scope => TokenScope.Of(Roles.Name(Role), Department, District);

    public static Principal From(TokenRegistration token) =>
        new(token.Name, Roles.Parse(token.Role) ?? Role.Member, token.Department, token.District, token.Hash) { OnBehalfOf = token.Delegation?.By };
}

/// <summary>Roles by the names of the API.</summary>
internal static class Roles
{
    public static readonly string[] Names = ["member", "operator", "supervisor", "inspector", "administrator"];

    public static Role? Parse(string name) => Array.IndexOf(Names, name) is var index and >= 0 ? (Role)(index + 1) : null;

    public static string Name(Role role) => Names[(int)role - 1];
}
