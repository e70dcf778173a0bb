using Streaming.Grains.Rules;
using Xunit;

namespace Streaming.Tests.Rules;

public class WorkingCalendarTests
{
    private static readonly WorkingCalendar Calendar = CityRules.Shipped.Calendar;

    [Theory]
    [InlineData("2026-11-21", false)] // Saturday
    [InlineData("2026-11-23", true)]
    [InlineData("2026-02-14", true)] // Saturday, worked for the Spring Festival
    [InlineData("2026-02-15", false)]
    [InlineData("2026-02-18", false)] // Wednesday of the festival
    [InlineData("2026-02-23", false)]
    [InlineData("2026-02-24", true)]
    [InlineData("2026-02-28", true)] // Saturday, worked
    [InlineData("2026-03-01", false)]
    [InlineData("2027-02-17", true)] // No holidays are configured for the year
    public void Weekends_holidays_and_worked_days_are_told_apart(string day, bool working) =>
        Assert.Equal(working, Calendar.IsWorkingDay(DateOnly.Parse(day)));

    [Theory]
    [InlineData("2026-03-03T15:00", 48, "2026-03-05T15:00")] // Within a week
    [InlineData("2026-03-06T15:00", 48, "2026-03-10T15:00")] // Friday to Tuesday
    [InlineData("2026-03-07T09:30", 48, "2026-03-11T00:00")] // From a Saturday: all of Monday and Tuesday
    [InlineData("2026-02-13T10:00", 48, "2026-02-24T10:00")] // Friday and the worked Saturday, then the festival
    [InlineData("2026-02-18T12:00", 48, "2026-02-26T00:00")] // Begins in the festival
    [InlineData("2026-02-27T18:00", 48, "2026-03-02T18:00")] // Friday and the worked Saturday, then Monday
    [InlineData("2026-03-05T00:00", 48, "2026-03-07T00:00")] // Ends exactly with Friday
    [InlineData("2026-03-05T10:00", 0, "2026-03-05T10:00")]
    public void Hours_count_on_working_days_alone(string from, int hours, string due) =>
        Assert.Equal(Local(due), Time(Calendar.AddWorkingHours(Local(from).ToUnixTimeMilliseconds(), hours)));

    [Fact]
    public void Seven_working_days_from_before_the_Spring_Festival_end_after_it() =>
        Assert.Equal(Local("2026-02-28T09:00"), Time(Calendar.AddWorkingDays(Local("2026-02-12T09:00").ToUnixTimeMilliseconds(), 7)));

    [Fact]
    public void Days_are_local_whatever_the_hour_in_UTC()
    {
        // 17:00 UTC on Friday is Saturday in China: the limit begins on Monday.
        long from = DateTimeOffset.Parse("2026-03-06T17:00Z").ToUnixTimeMilliseconds();
        Assert.Equal(Local("2026-03-10T00:00"), Time(Calendar.AddWorkingHours(from, 24)));
    }

    [Fact]
    public void Times_before_1970_are_on_the_right_day()
    {
        // 1969-12-26 was a Friday.
        long from = Local("1969-12-26T12:00").ToUnixTimeMilliseconds();
        Assert.Equal(Local("1969-12-29T12:00"), Time(Calendar.AddWorkingHours(from, 24)));
    }

    [Fact]
    public void Every_hour_added_counts_one_working_hour()
    {
        // The definition, counted hour by hour over more than a year, against the arithmetic.
        DateTimeOffset from = Local("2025-12-30T05:00");
        DateTimeOffset hour = from;
        for (int hours = 1; hours <= 24 * 280; hours++)
        {
            while (!Calendar.IsWorkingDay(DateOnly.FromDateTime(hour.DateTime)))
            {
                hour = hour.AddHours(1);
            }

            hour = hour.AddHours(1);
            Assert.Equal(hour, Time(Calendar.AddWorkingHours(from.ToUnixTimeMilliseconds(), hours)));
        }
    }

    private static DateTimeOffset Local(string text) => DateTimeOffset.Parse(text + "+08:00");

    private static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
