using System.Text.Json.Serialization;

namespace Streaming.Grains.Rules;

/// <summary>A run of days off, both ends included.</summary>
public sealed record Holiday(LocalName Name, DateOnly From, DateOnly To);

/// <summary>
/// Which days are worked, and arithmetic over them. The offset from UTC is a fixed number of minutes: time zone data would make a replay depend on the machine.
/// </summary>
/// <param name="UtcOffsetMinutes">Local time minus UTC.</param>
/// <param name="Weekend">Days of the week that are off.</param>
/// <param name="Holidays">Days off besides.</param>
/// <param name="WorkedDays">Weekend days that are worked, in exchange for a longer holiday (调休).</param>
public sealed record WorkingCalendar(
    int UtcOffsetMinutes,
    [property: JsonConverter(typeof(WeekendConverter))] DayOfWeek[] Weekend,
    Holiday[] Holidays,
    DateOnly[] WorkedDays)
{
    internal const long HourMs = 3_600_000;
    private const long DayMs = 24 * HourMs;

    /// <summary>Day number (<see cref="DateOnly.DayNumber"/>) of 1970-01-01.</summary>
    private const int EpochDayNumber = 719_162;

    /// <summary>Saturdays and Sundays off, Chinese local time.</summary>
    public static WorkingCalendar WeekendsOnly { get; } = new(480, [DayOfWeek.Saturday, DayOfWeek.Sunday], [], []);

    public bool IsWorkingDay(DateOnly day)
    {
        if (Array.IndexOf(WorkedDays, day) >= 0)
        {
            return true;
        }

        foreach (Holiday holiday in Holidays)
        {
            if (day >= holiday.From && day <= holiday.To)
            {
                return false;
            }
        }

        return Array.IndexOf(Weekend, day.DayOfWeek) < 0;
    }

    /// <summary>Day and hour of a moment by local time, and whether that day is worked.</summary>
    public (bool Worked, int Hour) LocalHour(long atMs)
    {
        long localMs = atMs + (UtcOffsetMinutes * 60_000L);
        long day = localMs >= 0 ? localMs / DayMs : ((localMs + 1) / DayMs) - 1;
        return (IsWorkingDay(DateOnly.FromDayNumber(EpochDayNumber + (int)day)), (int)((localMs - (day * DayMs)) / HourMs));
    }

    /// <summary>
    /// The moment at which <paramref name="hours"/> hours of working days have passed. A working day has 24 of them: a limit of "48 hours, holidays excluded" that
    /// begins on a Friday at 15:00 ends on Tuesday at 15:00. One that begins on a day off begins with the next working day. One that ends exactly with a day ends at that midnight.
    /// </summary>
    public long AddWorkingHours(long fromMs, int hours)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hours);
        long offsetMs = UtcOffsetMinutes * 60_000L;
        long localMs = fromMs + offsetMs;
        long leftMs = hours * HourMs;
        int day = (int)Math.DivRem(localMs, DayMs, out long timeOfDayMs);
        if (timeOfDayMs < 0)
        {
            timeOfDayMs += DayMs;
            day--;
        }

        while (true)
        {
            if (IsWorkingDay(DateOnly.FromDayNumber(EpochDayNumber + day)))
            {
                long availableMs = DayMs - timeOfDayMs;
                if (leftMs <= availableMs)
                {
                    return (day * DayMs) + timeOfDayMs + leftMs - offsetMs;
                }

                leftMs -= availableMs;
            }

            timeOfDayMs = 0;
            day++;
        }
    }

    /// <summary>As <see cref="AddWorkingHours"/>, by 24 hours a day.</summary>
    public long AddWorkingDays(long fromMs, int days) => AddWorkingHours(fromMs, checked(days * 24));
}
