using Streaming.Models.Readings;
using Streaming.Models.Reports;
using Xunit;

namespace Streaming.Tests.Reports;

public sealed class ReportTextTests
{
    private const long Noon = 1_795_262_400_000;
    private static readonly MergingRules Rules = new();
    private static readonly GeoPosition Here = new(23_100_000, 113_300_000);

    [Theory]
    [InlineData("人民北路12号有人摆摊卖水果，占了人行道", "street-stall")]
    [InlineData("A fruit stall is blocking the sidewalk near 12 Renmin North Road", "street-stall")]
    [InlineData("居民楼着火了，冒浓烟", "fire")]
    [InlineData("Thick smoke from a warehouse", "smoke")]
    [InlineData("半夜工地施工噪音扰民", "noise")]
    [InlineData("a truck has spilled gravel all over the road", "spill")]
    [InlineData("井盖不见了", "manhole")]
    [InlineData("There is a crowd near the park", "crowding")]
    [InlineData("A van parked in front of my gate", "illegal-parking")]
    [InlineData("我想咨询一下社保", "report")]
    [InlineData("", "report")]
    public void A_text_names_its_kind_in_either_language(string text, string kind) => Assert.Equal(kind, ReportText.Of(text).Kind);

    [Theory]
    [InlineData("人民北路12号", "renmin north", 12)]
    [InlineData("在人民北路１２号门口", "renmin north", 12)]
    [InlineData("人民北路十二号附近", "renmin north", 12)]
    [InlineData("at 12 Renmin North Road", "renmin north", 12)]
    [InlineData("outside No. 12, Renmin Bei Lu", "renmin north", 12)]
    [InlineData("Renmin North Rd 12", "renmin north", 12)]
    [InlineData("建设大道二百零五号", "jianshe", 205)]
    [InlineData("205 Jianshe Avenue", "jianshe", 205)]
    [InlineData("人民北路12号楼下", "renmin north", 12)]
    [InlineData("投诉人民北路12号", "renmin north", 12)]
    [InlineData("open manhole Renmin North Road 12", "renmin north", 12)]
    public void An_address_is_the_same_in_either_language(string text, string road, int house)
    {
        ReportText read = ReportText.Of("", text);
        Assert.Equal([road], read.Roads);
        Assert.Equal([house], read.Houses);
    }

    [Theory]
    [InlineData("占了人行道")]
    [InlineData("堵在马路中间")]
    [InlineData("停在消防通道上")]
    [InlineData("坐地铁2号线")]
    [InlineData("12号楼停电")]
    [InlineData("一排路灯坏了")]
    [InlineData("整条路面都是水")]
    [InlineData("in the middle of the road")]
    public void What_is_no_name_is_not_taken_for_a_road_or_house(string text)
    {
        Assert.Empty(ReportText.Of(text).Roads);
        Assert.Empty(ReportText.Of(text).Houses);
    }

    [Fact]
    public void A_plate_is_the_same_with_and_without_its_province()
    {
        Assert.Equal(["H12345"], ReportText.Of("货车粤H·12345漏油").Plates);
        Assert.Equal(["H12345"], ReportText.Of("the truck with plate h12345 leaks oil").Plates);
    }

    [Theory]
    [InlineData("人民路12号有人摆摊卖水果", "Someone sells fruit from a stall at 12 Renmin Road")]
    [InlineData("垃圾桶着火了", "a rubbish bin is on fire")]
    [InlineData("卡拉OK噪音太大睡不着", "karaoke so loud that we cannot sleep")]
    public void What_means_the_same_in_two_languages_is_alike(string one, string other) =>
        Assert.True(ReportSimilarity.Text(ReportText.Of(one), ReportText.Of(other)) >= 0.6, $"{ReportSimilarity.Text(ReportText.Of(one), ReportText.Of(other))}");

    [Theory]
    [InlineData("人民路12号小学旁边有人下棋", "人民路12号小学门口有人唱戏")]
    [InlineData("Somebody plays chess at 12 Renmin Road near the school", "An opera at 12 Renmin Road near the school")]
    [InlineData("人民路12号着火了", "人民路12号井盖不见了")]
    public void Where_it_is_makes_no_two_texts_alike(string one, string other) =>
        Assert.Equal(0, ReportSimilarity.Text(ReportText.Of(one), ReportText.Of(other)));

    [Fact]
    public void Few_words_in_common_count_less_than_many()
    {
        double few = ReportSimilarity.Text(ReportText.Of("着火了"), ReportText.Of("fire"), Rules.FewTerms);
        double many = ReportSimilarity.Text(ReportText.Of("仓库着火了，消防通道堵塞，有人受伤"), ReportText.Of("warehouse on fire, fire lane blocked, people injured"), Rules.FewTerms);
        Assert.InRange(few, 0.5, 0.7);
        Assert.InRange(many, 0.8, 1);
    }

    [Fact]
    public void Words_hint_at_a_kind_that_they_do_not_name()
    {
        ReportText gravel = ReportText.Of("前面有碎石，差点摔车");
        Assert.Equal(ReportText.AnyKind, gravel.Kind);
        Assert.Equal(["spill"], gravel.Hints);
        ComparedReport one = new(ReportText.AnyKind, Here, Noon, gravel);
        Assert.True(Same(one, Of("spill", "a lorry has spilled gravel", North(20), Noon)));
        Assert.False(Same(one, Of("noise", "building work, gravel is loaded all night", North(20), Noon)));
    }

    [Fact]
    public void What_names_no_kind_joins_nothing_at_its_place_unless_much_of_it_is_alike()
    {
        ComparedReport one = new(ReportText.AnyKind, Here, Noon, ReportText.Of("邻居整天练小提琴"));
        Assert.False(Same(one, Of("waste", "垃圾成堆", Here, Noon)));
        Assert.False(Same(one, new(ReportText.AnyKind, Here, Noon, ReportText.Of("邻居装的监控对着我家"))));
        Assert.True(Same(one, new(ReportText.AnyKind, Here, Noon, ReportText.Of("邻居又整天练小提琴"))));
    }

    [Fact]
    public void A_detail_excludes_only_where_the_event_is_about_it()
    {
        // Whoever speaks of oil on the road may have seen the truck, or fallen off a bicycle.
        Assert.False(ReportSimilarity.Compare(Of("spill", "一辆货车漏油，撒了一地", Here, Noon), Of("spill", "oil spilled on the road, I fell off my bicycle", Here, Noon), Rules).Contradict);
        Assert.True(ReportSimilarity.Compare(Of("illegal-parking", "一辆货车违停", Here, Noon), Of("illegal-parking", "a van is illegally parked", Here, Noon), Rules).Contradict);
    }

    [Fact]
    public void Other_landmarks_are_a_doubt_and_one_landmark_of_a_road_is_an_address()
    {
        ComparedReport school = Of("waste", "人民路小学旁边垃圾成堆", Here, Noon);
        double none = Score(school, Of("waste", "rubbish on Renmin Road", North(60), Noon));
        double other = Score(school, Of("waste", "rubbish on Renmin Road by the bank", North(60), Noon));
        double same = Score(school, Of("waste", "rubbish on Renmin Road by the school", North(60), Noon));
        Assert.True(other < none && none < same, $"{other}, {none}, {same}");

        ComparedReport nowhere = Of("street-stall", "人民路小学旁边摆摊卖水果", GeoPosition.Unknown, Noon);
        Assert.True(Same(nowhere, Of("street-stall", "fruit stall near the school on Renmin Road", Here, Noon)));
        Assert.False(Same(nowhere, Of("street-stall", "fruit stall near the bank on Renmin Road", Here, Noon)));
    }

    [Fact]
    public void Similarity_is_from_0_to_1_and_the_same_from_either_side()
    {
        string[] texts = ["人民路12号有人摆摊卖水果", "Fruit stall at 12 Renmin Road", "Loud music", "着火了", "", "12345"];
        foreach (string one in texts)
        {
            foreach (string other in texts)
            {
                double alike = ReportSimilarity.Text(ReportText.Of(one), ReportText.Of(other));
                Assert.InRange(alike, 0, 1 + 1e-12);
                Assert.Equal(alike, ReportSimilarity.Text(ReportText.Of(other), ReportText.Of(one)));
            }
        }

        Assert.Equal(0, ReportSimilarity.Text(ReportText.Of("Loud music"), ReportText.Of("着火了")));
        Assert.Equal(1, ReportSimilarity.Text(ReportText.Of(texts[0]), ReportText.Of(texts[0])), 9);
    }

    [Fact]
    public void Place_time_text_and_contradiction_each_keep_two_reports_apart()
    {
        ComparedReport one = Of("street-stall", "摆摊卖水果", Here, Noon);
        Assert.True(Same(one, Of("street-stall", "a fruit stall", North(40), Noon + 600_000)));
        Assert.False(Same(one, Of("street-stall", "a fruit stall", North(Rules.RadiusM + 5), Noon)));
        Assert.False(Same(one, Of("street-stall", "a fruit stall", Here, Noon + ((Rules.WindowMinutes + 1) * 60_000L))));
        Assert.False(Same(one, Of("noise", "loud music", Here, Noon)));
        Comparison contradicted = ReportSimilarity.Compare(one, Of("street-stall", "a barbecue stall", Here, Noon), Rules);
        Assert.True(contradicted is { Same: false, Contradict: true });
        Assert.True(ReportSimilarity.Compare(Of("spill", "货车H12345漏油", Here, Noon), Of("spill", "truck H99999 spills oil", Here, Noon), Rules).Contradict);
        Assert.True(ReportSimilarity.Compare(Of("waste", "人民路12号垃圾成堆", Here, Noon), Of("waste", "rubbish at 60 Renmin Road", Here, Noon), Rules).Contradict);
    }

    [Fact]
    public void Without_a_position_only_the_address_brings_reports_together()
    {
        ComparedReport one = Of("street-stall", "人民路12号摆摊卖水果", GeoPosition.Unknown, Noon);
        Assert.True(Same(one, Of("street-stall", "fruit stall at 12 Renmin Road", Here, Noon)));
        Assert.False(Same(one, Of("street-stall", "fruit stall", Here, Noon)));
        Assert.False(Same(one, Of("street-stall", "fruit stall at 12 Jiefang Road", Here, Noon)));
    }

    [Fact]
    public void Every_value_that_does_not_hold_is_named()
    {
        Assert.Empty(Rules.Problems());
        Assert.Equal("merging.radiusM is 251; it must be 1 to 250.", Assert.Single((Rules with { RadiusM = 251 }).Problems()));
        Assert.Equal("merging.fewTerms is 11; it must be 0 to 10.", Assert.Single((Rules with { FewTerms = 11 }).Problems()));
        Assert.Equal("merging.leastScore is 1.5; it must be 0 to 1.", Assert.Single((Rules with { LeastScore = 1.5 }).Problems()));
        Assert.Equal("merging.severities.fire is 5; it must be 1 to 4.", Assert.Single((Rules with { Severities = new() { ["fire"] = 5 } }).Problems()));
    }

    private static double Score(ComparedReport one, ComparedReport other) => ReportSimilarity.Compare(one, other, Rules).Score;

    private static bool Same(ComparedReport one, ComparedReport other) => ReportSimilarity.Compare(one, other, Rules).Same;

    private static ComparedReport Of(string kind, string text, GeoPosition position, long atMs) => new(kind, position, atMs, ReportText.Of(text));

    private static GeoPosition North(int metres) => new(Here.LatitudeE6 + (int)(metres / 0.111195), Here.LongitudeE6);
}
