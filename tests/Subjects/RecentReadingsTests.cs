using Streaming.Grains.Subjects;
using Streaming.Models.Encoding;
using Streaming.Models.Readings;
using Xunit;

namespace Streaming.Tests.Subjects;

public sealed class RecentReadingsTests
{
    [Fact]
    public void Until_sixteen_were_seen_everything_is_decided_from_memory()
    {
        RecentReadings recent = default;
        for (int i = 0; i < 16; i++)
        {
            ReadingHeader header = new(1_000 - i, (ulong)i, default);
            Assert.Equal(Recognition.New, recent.Recognise(header, null, 0));
            recent.Accept(header, 0);
            Assert.Equal(Recognition.Repeated, recent.Recognise(header, null, 0));
        }

        Assert.Equal(Recognition.New, recent.Recognise(new ReadingHeader(1, 99, default), null, 0));
    }

    [Fact]
    public void What_is_not_newer_than_anything_let_go_is_a_question_for_history()
    {
        RecentReadings recent = default;
        for (int i = 1; i <= 17; i++)
        {
            recent.Accept(new ReadingHeader(i * 10, (ulong)i, default), 0);
        }

        // The reading of time 10 was let go; 20 is the oldest kept.
        Assert.Equal(Recognition.Unknown, recent.Recognise(new ReadingHeader(10, 1, default), null, 0));
        Assert.Equal(Recognition.Unknown, recent.Recognise(new ReadingHeader(9, 99, default), null, 0));
        Assert.Equal(Recognition.New, recent.Recognise(new ReadingHeader(11, 99, default), null, 0));
        Assert.Equal(Recognition.Repeated, recent.Recognise(new ReadingHeader(20, 2, default), null, 0));
        Assert.Equal(Recognition.New, recent.Recognise(new ReadingHeader(10, 1, default), false, 0));
        Assert.Equal(Recognition.Repeated, recent.Recognise(new ReadingHeader(10, 1, default), true, 0));
    }

    [Fact]
    public void A_reading_let_go_among_others_of_its_very_time_is_not_taken_for_new()
    {
        RecentReadings recent = default;
        for (ulong i = 0; i < 17; i++)
        {
            recent.Accept(new ReadingHeader(500, i, default), 0);
        }

        int unknown = 0;
        for (ulong i = 0; i < 17; i++)
        {
            Recognition recognition = recent.Recognise(new ReadingHeader(500, i, default), null, 0);
            Assert.NotEqual(Recognition.New, recognition);
            unknown += recognition == Recognition.Unknown ? 1 : 0;
        }

        Assert.Equal(1, unknown);
    }

    /// <summary>Against a memory that forgets nothing: new and repeated are always right, and history is asked only for what really is old.</summary>
    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 40)]
    [InlineData(3, 1_000)]
    [InlineData(4, 100_000)]
    public void It_agrees_with_a_memory_that_forgets_nothing(int seed, int times)
    {
        Random random = new(seed);
        RecentReadings recent = default;
        Dictionary<ulong, long> everything = [];
        int asked = 0;
        for (int i = 0; i < 5_000; i++)
        {
            // An id has one time, and small ranges make both repeats and ties common.
            ulong id = (ulong)random.Next(times * 2);
            bool seen = everything.TryGetValue(id, out long atMs);
            if (!seen)
            {
                atMs = random.Next(times) + (i / 4);
            }

            ReadingHeader header = new(atMs, id, default);

            Recognition recognition = recent.Recognise(header, null, 0);
            if (recognition == Recognition.Unknown)
            {
                asked++;
                Assert.True(everything.Count > 16 && atMs <= everything.Values.OrderDescending().ElementAt(15), $"seed {seed}, step {i}: history was asked about a reading newer than the sixteen newest");
                recognition = recent.Recognise(header, seen, 0);
            }

            Assert.True(recognition == (seen ? Recognition.Repeated : Recognition.New), $"seed {seed}, step {i}: {recognition}, but seen is {seen}");
            if (!seen)
            {
                recent.Accept(header, 0);
                everything.Add(id, atMs);
            }

            if (i % 7 == 0)
            {
                ByteWriter writer = new();
                recent.Write(writer);
                ByteReader reader = new(writer.Written);
                recent = RecentReadings.Read(ref reader);
                Assert.True(reader.AtEnd);
            }
        }

        Assert.True(asked > 0 && everything.Count > 5, $"seed {seed}: nothing was put to the test");
    }
}
