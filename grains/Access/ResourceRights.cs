using Streaming.Grains.Messages;
using Streaming.Models.Registers;

namespace Streaming.Grains.Access;

/// <summary>
/// Who sees a resource of the catalogue and hears its way back: whoever sees the department that answers for it and the district that it is registered in (<see cref="TokenScope"/>), so its owner's people, and operators and those who
/// supervise as far as they see. One that nobody answers for is no department's. The resource itself hears its own way back.
/// </summary>
public static class ResourceRights
{
    public static bool MaySee(TokenScope scope, string? owner, string district) => scope.Has(owner, district);

    /// <summary>Whether somebody hears the way back. Where the very keys of the register are about persons, only those who see these.</summary>
    public static bool MayHear(TokenScope scope, bool supervises, SourceRegistration resource) => MaySee(scope, resource.Owner, resource.District) && (supervises || !IsAboutPersons(resource));

    /// <summary>True where the register's entries are named by what concerns persons.</summary>
    public static bool IsAboutPersons(SourceRegistration resource) =>
        resource.Register is { } name && RegisterSchema.Find(name) is { IsAboutPersons: true };
}
