namespace Streaming.Silo.Access;

/// <summary>Every bound of who may connect, in one place.</summary>
internal static class AccessLimits
{
    /// <summary>Random bytes of a generated secret or token.</summary>
    public const int SecretBytes = 32;

    /// <summary>Random bytes that salt a chosen password.</summary>
    public const int SaltBytes = 16;

    /// <summary>
    /// Rounds of PBKDF2-SHA256 on a chosen password, a few hundredths of a second. Not more, because after a restart every device with a chosen password has to be checked once before it can report,
    /// and a city's stations reconnect together. Devices that must be out of reach of guessing get a generated secret, which no number of rounds makes stronger. The number is kept with each hash.
    /// </summary>
    public const int PasswordRounds = 100_000;

    /// <summary>Most rounds that a stored hash may ask for.</summary>
    public const int MaxPasswordRounds = 10_000_000;

    /// <summary>Longest secret that is looked at.</summary>
    public const int PasswordBytes = 1024;

    /// <summary>Checks of chosen passwords that wait for their turn; further ones are refused at once.</summary>
    public const int WaitingChecks = 1024;

    /// <summary>Recent answers remembered; past that the memory is emptied.</summary>
    public const int RememberedChecks = 65_536;
}
