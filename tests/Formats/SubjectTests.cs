using Streaming.Grains.Inputs;
using Streaming.Grains.Turns;
using Streaming.Ingest;
using Streaming.Ingest.Formats;
using Xunit;

namespace Streaming.Tests.Formats;

/// <summary>Whom a reading is addressed to.</summary>
public sealed class SubjectTests
{
    [Theory]
    [InlineData("\"plate\":\"粤H12345\",\"plateColor\":\"yellow\"", "粤H12345-yellow")]
    [InlineData("\"plate\":\"\\u7ca4H12345\",\"plateColor\":\"yello\\u0077\"", "粤H12345-yellow")]
    [InlineData("\"pl\\u0061te\":\"\\u7CA4h12345\",\"plateColor\":\"YELLOW\"", "粤H12345-yellow")]
    [InlineData("\"plate\":\" 粤h12345 \"", "粤H12345")]
    [InlineData("\"plate\":\"粤H12345-Yellow\"", "粤H12345-yellow")]
    [InlineData("\"plate\":\"粤H12345-yellow\",\"plateColor\":\"yellow\"", "粤H12345-yellow")]
    [InlineData("\"plate\":\"粤BD12345\",\"plateColor\":\"yellow-green\"", "粤BD12345-yellow-green")]
    [InlineData("\"plate\":\"粤BD12345-YELLOW-green\",\"plateColor\":\"yellow-green\"", "粤BD12345-yellow-green")]
    [InlineData("\"plate\":\"粤H12345\",\"plateColor\":\"unknown\"", "粤H12345")]
    [InlineData("\"plate\":\"粤H12345\",\"plateColor\":\"\"", "粤H12345")]
    [InlineData("\"plate\":\"粤H12345\",\"plateColor\":null", "粤H12345")]
    [InlineData("\"plate\":\"ab-12-cd\"", "AB-12-CD")]
    [InlineData("\"plate\":\"\\ud83d\\ude9b1\"", "🚛1")]
    [InlineData("\"plate\":\"粤H12345\",\"plateConfidence\":0.6", "粤H12345")]
    public void Plate_and_colour_make_one_key_however_they_are_written(string fields, string key)
    {
        DecodedReading reading = Payloads.Decode(Payloads.WeighTopic, $$"""{"id":"1","at":"2026-11-21T08:15:30Z","grossKg":9000,{{fields}}}""").Only;
        Assert.Equal((ActorKind.Vehicle, key), (reading.SubjectKind, reading.Key));
        DecodedReading seen = Payloads.Decode("v1/video/S07", $$"""{"id":"1","at":"2026-11-21T08:15:30Z","event":"vehicle",{{fields}}}""").Only;
        Assert.Equal((ActorKind.Vehicle, key), (seen.SubjectKind, seen.Key));
    }

    [Theory]
    [InlineData("\"speedKmh\":50")]
    [InlineData("\"plate\":\"\"")]
    [InlineData("\"plate\":\"  \"")]
    [InlineData("\"plate\":null")]
    [InlineData("\"plateColor\":\"yellow\"")]
    [InlineData("\"plate\":\"粤H12345\",\"plateConfidence\":0.599")]
    public void Plate_that_is_missing_or_badly_read_makes_no_vehicle_and_the_reading_stays_with_its_source(string fields)
    {
        DecodedReading reading = Payloads.Decode(Payloads.WeighTopic, $$"""{"id":"1","at":"2026-11-21T08:15:30Z","grossKg":9000,{{fields}}}""").Only;
        Assert.Equal((ActorKind.Source, "S07"), (reading.SubjectKind, reading.Key));
        Assert.Equal(9000, reading.Weigh.GrossKg);
    }

    [Theory]
    [InlineData("\"confidence\":0.5", ActorKind.Source)]
    [InlineData("\"confidence\":0.5,\"plateConfidence\":0.9", ActorKind.Vehicle)]
    [InlineData("\"confidence\":0.9,\"plateConfidence\":0.5", ActorKind.Source)]
    [InlineData("\"confidence\":0.9", ActorKind.Vehicle)]
    public void Camera_trusts_the_plate_as_far_as_it_says(string fields, ActorKind expected)
    {
        string payload = $$"""{"id":"1","at":"2026-11-21T08:15:30Z","event":"vehicle","plate":"粤H12345",{{fields}}}""";
        Assert.Equal(expected, Payloads.Decode("v1/video/S07", payload).Only.SubjectKind);
    }

    [Fact]
    public void Limit_of_confidence_is_the_one_in_force()
    {
        SourceContext strict = new(Payloads.Registration) { Rules = new FixedReadingRules { LeastPlatePermille = 980 } };
        Assert.Equal(ActorKind.Source, Payloads.Decode(Payloads.WeighTopic, Payloads.Weigh, strict).Only.SubjectKind);
        Assert.Equal(ActorKind.Vehicle, Payloads.Decode(Payloads.WeighTopic, Payloads.Weigh).Only.SubjectKind);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a+b")]
    [InlineData("a#b")]
    [InlineData("a\\u0000b")]
    [InlineData("a\\nb")]
    [InlineData("a\\u007fb")]
    [InlineData("a\\u0085b")]
    public void Plate_with_what_a_key_may_not_have_is_refused(string plate)
    {
        Rejection rejection = Payloads.Decode(Payloads.WeighTopic, $$"""{"id":"1","at":"2026-11-21T08:15:30Z","grossKg":9000,"plate":"{{plate}}"}""").OnlyRejection;
        Assert.Equal(RejectReason.OutOfRange, rejection.Reason);
        Assert.Equal($"plate is \"{plate}\"; a plate without '/', '+', '#' and control characters expected", rejection.Detail);
    }

    [Fact]
    public void Longest_plate_and_names_still_make_a_key()
    {
        string plate = new('A', 48);
        Assert.Equal(plate + "-yellow-green", Payloads.Decode(Payloads.WeighTopic, $$"""{"id":"1","at":"2026-11-21T08:15:30Z","grossKg":9000,"plate":"{{plate}}","plateColor":"yellow-green"}""").Only.Key);
        string level = new('c', 64);
        Assert.Equal("camera:" + level, Payloads.Decode("v1/video/" + level, """{"id":"1","at":"2026-11-21T08:15:30Z","event":"fire"}""").Only.Key);
        Assert.True(("camera:" + level).Length <= Streaming.Grains.GrainLimits.KeyBytes);
    }

    [Fact]
    public void Topic_plate_that_makes_no_key_is_no_topic()
    {
        Rejection rejection = Payloads.Decode("v1/hazmat/vehicle/" + new string('A', 49), """{"id":"1","at":"2026-11-21T08:15:30Z","speedKmh":1}""").OnlyRejection;
        Assert.Equal(RejectReason.UnknownTopic, rejection.Reason);
        Assert.Equal(RejectReason.UnknownTopic, Payloads.Decode("v1/hazmat/vehicle/ ", """{"id":"1","at":"2026-11-21T08:15:30Z","speedKmh":1}""").OnlyRejection.Reason);
    }
}
