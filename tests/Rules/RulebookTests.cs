using System.Globalization;
using System.Text;
using Streaming.Grains.Rules;
using Streaming.Grains.Turns;
using Xunit;

namespace Streaming.Tests.Rules;

public class RulebookTests
{
    [Fact]
    public void The_shipped_city_holds()
    {
        Assert.NotNull(Rulebook.Load(CityRules.Directory, out IReadOnlyList<RulebookProblem> problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void The_canonical_form_gives_the_same_rulebook_and_the_same_bytes()
    {
        Rulebook rulebook = CityRules.Shipped.WithVersion(7);
        byte[] json = rulebook.ToJson();
        Rulebook parsed = Rulebook.Parse(json);
        Assert.Equal(7, parsed.Version);
        Assert.Equal(json, parsed.ToJson());
        Assert.Equal(rulebook.ContentHash, parsed.ContentHash);
        Assert.Equal(rulebook.Workflows.Count, parsed.Workflows.Count);
        Assert.Equal(rulebook.Calendar.Holidays, parsed.Calendar.Holidays);
        Assert.Equal(rulebook.Calendar.Weekend, parsed.Calendar.Weekend);
    }

    [Fact]
    public void The_canonical_form_does_not_depend_on_culture()
    {
        byte[] json = CityRules.Shipped.ToJson();
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo turkish = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            turkish.NumberFormat.NumberDecimalSeparator = ",";
            turkish.NumberFormat.NegativeSign = "~";
            turkish.DateTimeFormat.DateSeparator = "#";
            CultureInfo.CurrentCulture = turkish;
            Assert.Equal(json, Rulebook.Parse(json).ToJson());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_content_hash_leaves_the_version_and_the_layout_out_and_sees_every_rule()
    {
        string hash = CityRules.Shipped.ContentHash;
        Assert.Equal(hash, CityRules.Shipped.WithVersion(99).ContentHash);
        Assert.Equal(hash, Load(CityRules.Files("routing.json", "\"rules\": [", "\"rules\":\n\n[")).ContentHash);
        Assert.Equal(hash, Load(CityRules.Files("routing.json", "\"note\": \"The street office", "\"note\": \"Remark: the street office")).ContentHash);
        Assert.NotEqual(hash, Load(CityRules.Files("routing.json", "\"minSeverity\": 3", "\"minSeverity\": 2")).ContentHash);
        Assert.NotEqual(hash, Load(CityRules.Files("workflows.json", "\"hours\": 48", "\"hours\": 47")).ContentHash);
        Assert.NotEqual(hash, Load(CityRules.Files("calendar.json", "2026-10-10", "2026-10-11")).ContentHash);
        Assert.NotEqual(hash, Load(CityRules.Files("districts.json", "\"Harbour\"", "\"Port\"")).ContentHash);
    }

    [Fact]
    public void What_was_decided_is_part_of_the_canonical_form_and_of_no_file()
    {
        RoutingRule rule = Rulebook.ReadRoutingRule("""{"name":"noise","kinds":["noise"],"lead":"ecology","workflow":"simple"}""", out _)!;
        Rulebook decided = CityRules.Shipped.With(new RulebookDecisions { Routing = [new DecidedRule(rule, "chief", new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), "again and again")] }).WithVersion(8);
        byte[] json = decided.ToJson();
        Rulebook parsed = Rulebook.Parse(json);
        Assert.Equal(json, parsed.ToJson());
        Assert.Equal(decided.Decisions.Routing[0].At, parsed.Decisions.Routing[0].At);
        Assert.Equal("ecology", parsed.Route("noise", "harbour", 1, null, 0).Lead);
        Assert.NotEqual(CityRules.Shipped.ContentHash, decided.ContentHash);
        Assert.Equal(CityRules.Shipped.ToJson(), decided.With(RulebookDecisions.None).WithVersion(CityRules.Shipped.Version).ToJson());
        Assert.Empty(decided.Check());
        Rulebook without = Load(CityRules.Files()).With(new RulebookDecisions { Routing = [decided.Decisions.Routing[0] with { Rule = rule with { Lead = "nobody" } }] });
        RulebookProblem problem = Assert.Single(without.Check());
        Assert.Equal(("decisions", "$.routing[0].rule.lead"), (problem.File, problem.Path));

        Assert.Null(Rulebook.Load(CityRules.Files("routing.json", "\"rules\": [", "\"decisions\": {}, \"rules\": ["), out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, found => found.Path == "$.decisions");
    }

    [Theory]
    [InlineData("routing.json", "\"lead\": \"transport\"", "\"lead\": \"transprot\"", "$.rules[0].lead", "\"transprot\"", "one of transport, traffic-police", "departments.json")]
    [InlineData("routing.json", "\"workflow\": \"overload-off-site\"", "\"workflow\": \"overload\"", "$.rules[0].workflow", "\"overload\"", "one of overload-off-site", "workflows.json")]
    [InlineData("routing.json", "\"minSeverity\": 3", "\"minSeverity\": 5", "$.rules[0].minSeverity", "5", "from 1 to 4", "Correct the number")]
    [InlineData("routing.json", "\"minSeverity\": 3", "\"minSeverety\": 3", "$.rules[0].minSeverety", "an unknown field", "one of name, kinds", "Did you mean \"minSeverity\"?")]
    [InlineData("routing.json", "\"homeProvinces\": [\"other\"]", "\"homeProvinces\": [\"others\"]", "$.rules[0].homeProvinces[0]", "\"others\"", "local, other", "Use one of these")]
    [InlineData("routing.json", "\"minSeverity\": 3", "\"districts\": [\"harbor\"]", "$.rules[0].districts[0]", "\"harbor\"", "one of harbour", "districts.json")]
    [InlineData("routing.json", "\"over-road-limit\"", "\"over-*-limit\"", "$.rules[0].kinds[0]", "\"over-*-limit\"", "with one * at the end", "Move the *")]
    [InlineData("workflows.json", "\"next\": \"police-review\"", "\"next\": \"police\"", "$.workflows[0].stages[0].outcomes[0].next", "\"police\"", "transport-review, police-review, penalty, feedback, close", "Correct the name")]
    [InlineData("workflows.json", "\"code\": \"confirmed\", \"next\"", "\"code\": \"proven\", \"next\"", "$.workflows[0].stages[0].outcomes[0].code", "\"proven\"", "one of confirmed", "Correct the name")]
    [InlineData("workflows.json", "\"department\": \"traffic-police\"", "\"department\": \"police\"", "$.workflows[0].stages[1].department", "\"police\"", "one of transport", "departments.json")]
    [InlineData("workflows.json", "\"calendar\": \"working\"", "\"calendar\": \"office\"", "$.workflows[0].stages[0].deadline.calendar", "\"office\"", "one of clock, working", "Use one of these words")]
    [InlineData("workflows.json", "\"hours\": 48", "\"hours\": \"48\"", "$.workflows[0].stages[0].deadline.hours", "\"48\"", "a whole number", "without quotes")]
    [InlineData("workflows.json", "\"id\": \"simple\"", "\"id\": \"plain\"", "$.workflows", "no \"simple\"", "that workflow", "no rule matches")]
    [InlineData("workflows.json", "\"defaultOutcome\": \"confirmed\"", "\"defaultOutcome\": \"penalty\"", "$.workflows[0].stages[0].defaultOutcome", "\"penalty\"", "one of confirmed, false-alarm, permit-held", "Correct the name")]
    [InlineData("workflows.json", "\"id\": \"police-review\"", "\"id\": \"close\"", "$.workflows[0].stages[1].id", "\"close\"", "other than close", "choose another")]
    [InlineData("departments.json", "\"id\": \"command-centre\"", "\"id\": \"centre\"", "$.departments", "no \"command-centre\"", "that department", "belongs to no one")]
    [InlineData("departments.json", "\"id\": \"ecology\"", "\"id\": \"Ecology\"", "$.departments[4].id", "\"Ecology\"", "lower-case letters", "Choose another id")]
    [InlineData("departments.json", "\"id\": \"ecology\"", "\"id\": \"emergency\"", "$.departments[4].id", "\"emergency\" again", "each once", "Rename")]
    [InlineData("departments.json", "\"zh\": \"生态环境局\"", "\"cn\": \"生态环境局\"", "$.departments[4].name.zh", "nothing", "a text", "Add the field")]
    [InlineData("calendar.json", "2026-02-23", "2026-02-30", "$.calendar.holidays[1].to", "\"2026-02-30\"", "a day as 2026-02-17", "hyphens")]
    [InlineData("calendar.json", "2026-02-23", "2026-02-03", "$.calendar.holidays[1].to", "2026-02-03", "from 2026-02-15", "first or last day")]
    [InlineData("calendar.json", "\"sunday\"", "\"so\"", "$.calendar.weekend[1]", "\"so\"", "sunday, monday", "English name")]
    [InlineData("districts.json", "\"districts\": [", "\"districts\": 5, \"were\": [", "$.districts", "5", "a list of objects", "Write [ ... ]")]
    [InlineData("districts.json", "\"id\": \"harbour\"", "\"id\": \"port.pier\"", "$.districts[0].id", "\"port\"", "one of central", "districts.json")]
    [InlineData("districts.json", "\"id\": \"harbour\"", "\"id\": \"harbour..pier\"", "$.districts[0].id", "\"harbour..pier\"", "as \"harbour.pier\"", "Choose another id")]
    [InlineData("districts.json", "\"homeProvince\": \"粤\",", "", "$.homeProvince", "nothing", "a text", "Add the field")]
    [InlineData("limits.json", "\"rigidKg\": 18000", "\"rigidKG\": 18000", "$.roadLimits.rows[0].rigidKG", "an unknown field", "one of axles, rigidKg", "Did you mean \"rigidKg\"?")]
    [InlineData("limits.json", "\"rigidKg\": 18000", "\"rigidKg\": 18000.5", "$.roadLimits.rows[0].rigidKg", "18000.5", "a whole number", "without quotes")]
    [InlineData("limits.json", "\"high\": 1100", "\"high\": \"1100\"", "$.tankLimits.substances.UN1017.pressureKpa.high", "\"1100\"", "a number", "without quotes")]
    [InlineData("limits.json", "\"tanks\": {}", "\"tanks\": []", "$.tankLimits.tanks", "a list", "an object", "Write { ... }")]
    [InlineData("limits.json", "\"confidence\": 0.95", "\"confidence\": null", "$.tankLimits.confidence", "null", "a value", "Leave the field out")]
    [InlineData("limits.json", "\"confidence\": 0.95", "\"confidence\": 95", "$.tankLimits.confidence", "95", "above 0 and at most 1", "Correct the value")]
    [InlineData("limits.json", "\"severity\": 3, \"minimumPermille\"", "\"severity\": 9, \"minimumPermille\"", "$.video.smoke.severity", "9", "severities are 1 to 4", "Correct the value")]
    [InlineData("limits.json", "\"lateAfterS\": 600", "\"lateAfterS\": 0", "$.lateAfterS", "0", "from 1 to", "Correct the number")]
    [InlineData("limits.json", "\"roadLimits\": {", "\"roadLimits\": 7, \"road\": {", "$.roadLimits", "7", "an object", "Write { ... }")]
    public void A_mistake_is_named_with_its_place_what_was_found_what_was_expected_and_what_to_do(
        string file, string find, string replace, string path, string found, string expected, string advice)
    {
        Assert.Null(Rulebook.Load(CityRules.Files(file, find, replace), out IReadOnlyList<RulebookProblem> problems));
        RulebookProblem? problem = problems.FirstOrDefault(problem => problem.File == file && problem.Path == path);
        Assert.True(problem is not null, "Found only: " + string.Join("; ", problems));
        Assert.Contains(found, problem.Found);
        Assert.Contains(expected, problem.Expected);
        Assert.Contains(advice, problem.Advice);
        Assert.StartsWith($"{file} {path}: found ", problem.ToString());
    }

    [Fact]
    public void Limits_reach_the_models_survive_the_canonical_form_and_keep_their_defaults_where_left_out()
    {
        Dictionary<string, string> files = CityRules.Files();
        files["limits.json"] = """
            {"roadLimits":{"note":"ours","rows":[{"axles":2,"rigidKg":19000,"note":"x"}]},"tankLimits":{"substances":{},"tanks":{"E1/T1":{"levelPct":{"high":80,"highHigh":81.5}}}},"ratedLoads":{"severity1UpToPct":7.5},"tankForecasts":{"horizonMin":12.5},"tankAnomalies":{"learningS":120},"unloading":{"dropPct":4},"waybills":{"enabled":true,"graceS":60},"balances":{"substances":{"UN1017":{"floorKg":7.5}}},"shipments":{"receiveWithinHours":6},"majorHazards":{"warnFromLevel":2},"substancePermits":{"clearAtPct":90},"lateAfterS":60}
            """;
        Rulebook rules = Rulebook.Parse(Load(files).ToJson());
        Assert.Equal(19_000, Assert.Single(rules.RoadLimits.Rows).RigidKg);
        Assert.Equal(30_000, rules.RoadLimits.MaximumPenaltyCny);
        Assert.Equal((7.5, 30.0), (rules.RatedLoads.Severity1UpToPct, rules.RatedLoads.HeavierAbovePct));
        Assert.Equal((12.5, 120, 4.0), (rules.TankForecasts.HorizonMin, rules.TankAnomalies.LearningS, rules.Unloading.DropPct));
        Assert.Equal((true, 60, 7_200), (rules.Waybills.Enabled, rules.Waybills.GraceS, rules.Waybills.ToleranceS));
        Assert.Equal((107_500, 110_000), (rules.Balances.AllowedGrams("UN1017", 10_000_000), rules.Balances.AllowedGrams("UN1005", 1_000_000)));
        Assert.Equal((6, 2, 90), (rules.Shipments.ReceiveWithinHours, rules.MajorHazards.WarnFromLevel, rules.SubstancePermits.ClearAtPct));
        Assert.Equal((50, 19), (rules.MajorHazards.Level2From, rules.MajorHazards.Substances.Count));
        Assert.Empty(rules.TankLimits.Substances);
        Assert.Equal(81.5, rules.TankLimits.Of("E1/T1", "UN1017").LevelPct!.HighHigh);
        Assert.Equal(4, rules.VideoRules.Fire.Severity);
        Assert.Equal((new Rulebook().MinimumPlatePermille, 60), (rules.MinimumPlatePermille, rules.LateAfterS));
        Assert.NotEqual(CityRules.Shipped.ContentHash, rules.ContentHash);
    }

    [Fact]
    public void The_shipped_road_limits_are_those_of_the_law() =>
        Assert.Equal(new Streaming.Models.Limits.RoadLimits().Rows, CityRules.Shipped.RoadLimits.Rows);

    [Fact]
    public void What_is_shipped_names_no_profile_of_limits_and_is_written_as_before()
    {
        string json = System.Text.Encoding.UTF8.GetString(CityRules.Shipped.ToJson());
        Assert.Contains("\"roadLimits\":{\"rows\":[", json, StringComparison.Ordinal);
        Assert.Contains("\"maximumPenaltyCny\":30000},\"evasion\":{", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cn")]
    [InlineData("eu")]
    [InlineData("us")]
    public void A_named_profile_is_journaled_written_out(string profile)
    {
        Dictionary<string, string> files = CityRules.Files();
        files["limits.json"] = "{\"roadLimits\":{\"profile\":\"" + profile + "\"}}";
        Rulebook loaded = Load(files);
        Rulebook parsed = Rulebook.Parse(loaded.ToJson());
        Assert.Equal(loaded.ToJson(), parsed.ToJson());
        Streaming.Models.Limits.LimitProfile expected = Streaming.Models.Limits.LimitProfiles.Of(profile);
        Assert.Equal((profile, expected.LegalSource), (parsed.RoadLimits.Profile, parsed.RoadLimits.LegalSource));
        Assert.Equal(expected.Rows, parsed.RoadLimits.Rows);
        Assert.Equal(expected.Axles?.Tandem, parsed.RoadLimits.Axles?.Tandem);
        Assert.Equal(expected.Bridge, parsed.RoadLimits.Bridge);
        string json = System.Text.Encoding.UTF8.GetString(parsed.ToJson());
        Assert.Equal(expected.Axles is not null, json.Contains("\"groupBelowMm\":1800", StringComparison.Ordinal));
        Assert.Equal(expected.Bridge is not null, json.Contains("\"tandemLb\":34000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"profile\":\"uk\"}", "one of cn, eu, us")]
    [InlineData("{\"axles\":{\"groupBelowMm\":0}}", "groupBelowMm: found 0")]
    [InlineData("{\"bridge\":{\"tandemLb\":1}}", "tandemLb and grossLb are 20000, 1 and 80000")]
    [InlineData("{\"bridge\":{\"tandemKg\":1}}", "an unknown field")]
    [InlineData("{\"axles\":[]}", "an object")]
    public void Wrong_limits_of_axles_are_refused(string roadLimits, string expected)
    {
        Dictionary<string, string> files = CityRules.Files();
        files["limits.json"] = "{\"roadLimits\":" + roadLimits + "}";
        Assert.Null(Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        Dictionary<string, string> files = CityRules.Files();
        files["routing.json"] = """{"rules":[{"name":"a","lead":"x","workflow":"y","colour":1},{"name":"b","lead":7}]}""";
        files.Remove("calendar.json");
        files["districts.json"] = "{ not json";
        Assert.Null(Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems));
        Assert.Contains(problems, problem => problem.Path == "$.rules[0].colour");
        Assert.Contains(problems, problem => problem.Path == "$.rules[1].lead" && problem.Found == "7");
        Assert.Contains(problems, problem => problem.Path == "$.rules[1].workflow" && problem.Found == "nothing");
        Assert.Contains(problems, problem => problem.File == "calendar.json" && problem.Found == "no such file");
        Assert.Contains(problems, problem => problem.File == "districts.json" && problem.Found.Contains("line 1"));
    }

    [Fact]
    public void A_field_given_twice_is_refused() =>
        AssertProblem(CityRules.Files("districts.json", "\"homeProvince\": \"粤\",", "\"homeProvince\": \"粤\", \"homeProvince\": \"桂\","), "districts.json", "Duplicate property 'homeProvince'");

    [Fact]
    public void A_stage_that_can_never_end_is_refused()
    {
        Dictionary<string, string> files = CityRules.Files("workflows.json", "\"code\": \"notified\", \"next\": \"close\"", "\"code\": \"notified\", \"next\": \"feedback\"");
        AssertProblem(files, "workflows.json", "no way from this stage to the end");
    }

    [Fact]
    public void A_directory_that_is_not_there_says_which_files_are_missing()
    {
        Assert.Null(Rulebook.Load(Path.Combine(CityRules.Directory, "absent"), out IReadOnlyList<RulebookProblem> problems));
        Assert.Equal(6, problems.Count);
        Assert.All(problems, problem => Assert.Equal("no such file", problem.Found));
    }

    [Fact]
    public void A_file_that_is_not_UTF8_is_refused()
    {
        string directory = Directory.CreateTempSubdirectory("rules").FullName;
        try
        {
            foreach ((string name, string text) in CityRules.Files())
            {
                File.WriteAllText(Path.Combine(directory, name), text, new UTF8Encoding(false));
            }

            File.WriteAllBytes(Path.Combine(directory, "routing.json"), [0x7B, 0x22, 0xFF, 0x22, 0x7D]);
            Assert.Null(Rulebook.Load(directory, out IReadOnlyList<RulebookProblem> problems));
            Assert.Equal("routing.json", Assert.Single(problems).File);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void What_was_journaled_and_does_not_hold_stops_with_its_problems()
    {
        string text = Encoding.UTF8.GetString(CityRules.Shipped.ToJson()).Replace("\"homeProvince\":\"粤\",", "", StringComparison.Ordinal);
        InvalidDataException failure = Assert.Throws<InvalidDataException>(() => Rulebook.Parse(Encoding.UTF8.GetBytes(text)));
        Assert.Contains("$.homeProvince", failure.Message);
        Assert.Throws<InvalidDataException>(() => Rulebook.Parse("[]"u8));
        Assert.Throws<InvalidDataException>(() => Rulebook.Parse(CityRules.Shipped.ToJson().AsSpan(0, 100)));
    }

    [Theory]
    [InlineData("over-road-limit", 2, "粤", "transport", "streets", "overload-off-site", "rule 3 (overload-local)")]
    [InlineData("over-road-limit", 2, "湘", "transport", "streets", "overload-off-site", "rule 2 (overload-other-province)")]
    [InlineData("over-road-limit", 3, "湘", "transport", "traffic-police,streets", "overload-off-site", "rule 1 (overload-other-province-heavy)")]
    [InlineData("over-rated-load", 4, "粤", "transport", "streets", "overload-off-site", "rule 3")]
    [InlineData("tank-pressure", 3, "粤", "emergency", "traffic-police,fire-rescue,ecology", "hazmat-joint", "rule 4")]
    [InlineData("tank-pressure", 4, null, "emergency", "fire-rescue,ecology", "hazmat-joint", "rule 5")]
    [InlineData("tank-level", 2, null, "emergency", "ecology", "field-check", "rule 7")]
    [InlineData("tank-level", 1, "湘", "transport", "emergency", "field-check", "rule 6")]
    [InlineData("tank-pressure-forecast", 2, null, "emergency", "ecology", "field-check", "rule 7")]
    [InlineData("tank-anomaly", 2, "湘", "transport", "emergency", "field-check", "rule 6")]
    [InlineData("unloading-outside-site", 3, "湘", "transport", "traffic-police,emergency,ecology", "field-check", "rule 14")]
    [InlineData("waybill", 2, "粤", "transport", "traffic-police", "field-check", "rule 15")]
    [InlineData("enterprise-balance", 2, null, "emergency", "ecology", "hazmat-joint", "rule 18 (hazmat-life)")]
    [InlineData("shipment-lost", 3, null, "emergency", "transport,traffic-police,ecology", "hazmat-joint", "rule 16 (hazmat-shipments)")]
    [InlineData("storage-over-permit", 2, null, "emergency", "ecology", "hazmat-joint", "rule 18 (hazmat-life)")]
    [InlineData("smoke", 3, null, "emergency", "fire-rescue,streets", "field-check", "rule 8")]
    [InlineData("fire", 4, null, "emergency", "fire-rescue,ecology", "hazmat-joint", "rule 5")]
    [InlineData("cloned-plate", 3, "湘", "traffic-police", "", "field-check", "rule 9")]
    [InlineData("evasion", 2, "湘", "transport", "traffic-police", "field-check", "rule 12 (evasion)")]
    [InlineData("axle-signature", 1, "粤", "transport", "", "field-check", "rule 13 (axle-signature)")]
    [InlineData("terminal-alarm", 4, "粤", "emergency", "traffic-police,fire-rescue,transport", "hazmat-joint", "rule 24 (terminal-alarm-grave)")]
    [InlineData("terminal-alarm", 2, "粤", "transport", "traffic-police", "field-check", "rule 26 (hazmat-whereabouts)")]
    [InlineData("forbidden-zone", 3, "湘", "traffic-police", "transport", "field-check", "rule 25 (hazmat-driving)")]
    [InlineData("driving-time", 3, "粤", "traffic-police", "transport", "field-check", "rule 25 (hazmat-driving)")]
    [InlineData("telemetry-silence", 2, "粤", "transport", "traffic-police", "field-check", "rule 26 (hazmat-whereabouts)")]
    [InlineData("repeat-offender", 3, "湘", "transport", "traffic-police", "field-check", "rule 17 (vehicle-standing)")]
    [InlineData("tank", 4, null, "command-centre", "", "simple", "no rule")]
    [InlineData("source-silent", 1, null, "command-centre", "", "simple", "no rule")]
    public void The_first_matching_rule_names_lead_co_handlers_and_workflow(
        string kind, int severity, string? province, string lead, string coHandlers, string workflow, string reason)
    {
        RoutingDecision decision = CityRules.Shipped.Route(kind, "harbour", severity, province, 0);
        Assert.Equal(lead, decision.Lead);
        Assert.Equal(coHandlers, string.Join(',', decision.CoHandlers));
        Assert.Equal(workflow, decision.Workflow);
        Assert.StartsWith(reason, decision.Reason);
        Assert.Contains($"kind {kind}, district harbour, severity {severity}", decision.Reason);
    }

    [Fact]
    public void A_rule_for_a_district_is_for_that_district()
    {
        Rulebook rules = Load(CityRules.Files("routing.json", "\"minSeverity\": 3", "\"districts\": [\"airport\"]"));
        Assert.StartsWith("rule 1 ", rules.Route("over-road-limit", "airport", 1, "湘", 0).Reason);
        Assert.StartsWith("rule 1 ", rules.Route("over-road-limit", "airport.terminal", 1, "湘", 0).Reason);
        Assert.StartsWith("rule 2 ", rules.Route("over-road-limit", "harbour", 1, "湘", 0).Reason);
    }

    [Fact]
    public void A_department_that_returned_the_case_is_passed_over()
    {
        RoutingDecision decision = CityRules.Shipped.Route("fire", "harbour", 4, null, 0, "emergency");
        Assert.Equal(Rulebook.CommandCentre, decision.Lead);
        Assert.Contains("returned by emergency", decision.Reason);
        Assert.Equal("emergency", CityRules.Shipped.Route("tank-level", "harbour", 1, "粤", 0, "transport").Lead);
    }

    [Theory]
    [InlineData(ActorKind.Vehicle, "粤H12345-yellow", "粤")]
    [InlineData(ActorKind.Vehicle, "𠮷1", "𠮷")]
    [InlineData(ActorKind.Enterprise, "粤H12345", null)]
    [InlineData(ActorKind.Vehicle, "", null)]
    public void Only_vehicles_have_a_province(ActorKind kind, string subject, string? province) =>
        Assert.Equal(province, Rulebook.ProvinceOf(kind, subject));

    private static Rulebook Load(Dictionary<string, string> files)
    {
        Rulebook? rulebook = Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems);
        Assert.True(rulebook is not null, string.Join("; ", problems));
        return rulebook;
    }

    private static void AssertProblem(Dictionary<string, string> files, string file, string found)
    {
        Assert.Null(Rulebook.Load(files, out IReadOnlyList<RulebookProblem> problems));
        RulebookProblem problem = Assert.Single(problems);
        Assert.Equal(file, problem.File);
        Assert.Contains(found, problem.Found);
    }
}
