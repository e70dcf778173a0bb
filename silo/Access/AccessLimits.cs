namespace Streaming.Silo.Access;

/// <summary>Every bound of who may connect, in one place.</summary>
internal static class AccessLimits
{
    /// <summary>Random bytes of a generated secret or token.</summary>
    public const int SecretBytes = 32;

    /// <summary>Random bytes that salt a chosen password.</summary>
    public const int SaltBytes = 16;

    /// <summary>
    /// Rounds of PBKDF2-SHA256 on a chosen password, some tenths of a second; what OWASP asks for. After a restart every device with a chosen password has to be checked once before it can report, a few a second: a
    /// city's stations get generated secrets, which no number of rounds makes stronger and which are checked in a microsecond. The number is kept with each hash, so older ones with fewer still hold.
    /// </summary>
    public const int PasswordRounds = 600_000;

    /// <summary>Most rounds that a stored hash may ask for.</summary>
    public const int MaxPasswordRounds = 10_000_000;

    /// <summary>Longest secret that is looked at.</summary>
    public const int PasswordBytes = 1024;

    /// <summary>Checks of chosen passwords that wait for their turn; further ones are refused at once, and their clients come again. More would wait for longer than a connection may take to sign in.</summary>
    public const int WaitingChecks = 128;

    /// <summary>Recent answers remembered; past that the memory is emptied.</summary>
    public const int RememberedChecks = 65_536;

    /// <summary>Wrong passwords of one user from one address that cost no wait.</summary>
    public const int FailuresOfUser = 5;

    /// <summary>Wrong passwords from one address, over all users, that cost no wait. Devices of a whole site may stand behind one address.</summary>
    public const int FailuresOfAddress = 50;

    /// <summary>The first wait; each further failure doubles it.</summary>
    public const long ShortestLockMs = 1_000;

    /// <summary>The longest wait. A device whose password was mended comes back within it.</summary>
    public const long LongestLockMs = 5 * 60_000;

    /// <summary>Failures are forgotten after this long without another.</summary>
    public const long FailuresForgottenMs = 15 * 60_000;

    /// <summary>Users at addresses whose failures are remembered.</summary>
    public const int LockedUsers = 16_384;

    /// <summary>Addresses whose failures are remembered.</summary>
    public const int LockedAddresses = 16_384;

    /// <summary>Newest names under which nobody is registered and somebody tried to sign in.</summary>
    public const int Strangers = 1_000;

    /// <summary>Characters kept of such a name.</summary>
    public const int StrangerNameChars = 128;
}
