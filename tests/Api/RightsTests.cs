using System.Net;
using System.Text;
using System.Text.Json;
using Streaming.Grains.Access;
using Streaming.Grains.Inputs;
using Streaming.Grains.Messages;
using Streaming.Grains.Turns;
using Streaming.Ingest.Mqtt;
using Streaming.Ingest.Mqtt.Packets;
using Streaming.Tests.Mqtt;
using Streaming.Tests.Views;
using Xunit;

namespace Streaming.Tests.Api;

/// <summary>
/// Every route of the API and every feed over HTTP and MQTT, by every role, department and district: each sees exactly what it may. The routes are those that the interface itself lists, so a new one fails here until it is said what it shows.
/// Whatever is somebody's carries a marker of its own, which must be nowhere in an answer to anybody else.
/// </summary>
public sealed class RightsTests : IAsyncLifetime
{
    private const string Unknown = "zz-unknown";

    private static readonly string[] Departments = ["transport", "police"];
    private static readonly string[] Districts = ["harbour", "harbour.pier", "north"];

    /// <summary>Routes that show nothing of anybody's, and what they answer.</summary>
    private static readonly string[] Everybodys =
        ["GET /health/live", "GET /health/ready", "GET /api/me", "GET /api/rulebook", "GET /api/routing-rules", "GET /api/registers", "GET /api/vehicles/{id}", "GET /api/vehicles/{id}/history", "POST /api/session", "DELETE /api/session", "GET /mqtt",
        "GET /api/delegations", "POST /api/delegations", "DELETE /api/delegations/{to}", "GET /api/models", "GET /api/evidence/keys", "GET /api/map/base", "GET /api/map/style", "POST /api/rulebook/validate"];

    /// <summary>Routes that change what everybody lives with.</summary>
    private static readonly string[] Administrators =
        [
            "POST /api/devices", "POST /api/tokens", "DELETE /api/devices/{id}/connections", "POST /api/devices/{id}/disable", "POST /api/devices/{id}/enable", "GET /api/tokens/{name}/connections", "DELETE /api/tokens/{name}/connections",
            "POST /api/registers/{register}/records", "POST /api/evidence/keys",
        ];

    /// <summary>Routes that decide for the whole city while it runs.</summary>
    private static readonly string[] Settling = ["POST /api/routing-rules", "DELETE /api/routing-rules/{name}", "POST /api/routing-rules/offers/{id}/accept", "POST /api/routing-rules/offers/{id}/dismiss"];

    /// <summary>Learned models are the whole city's; see <see cref="Models_are_for_those_who_supervise_the_whole_city"/>.</summary>
    private static readonly string[] WholeCitys =
        ["POST /api/models", "DELETE /api/models/{kind}/{version}", "POST /api/models/{kind}/shadow", "POST /api/models/{kind}/promote", "POST /api/models/{kind}/roll-back", "GET /api/models/{kind}/comparison"];

    private readonly List<Thing> things = [];
    private readonly List<(TokenRegistration Who, string Token)> callers = [];
    private ApiBench api = null!;

    public async Task InitializeAsync()
    {
        api = await ApiBench.StartAsync(opensMqtt: true);

        // Who may act gets as far as the case, which here never has it.
        api.Host.ShowsAudit = false;
        api.Host.Act = _ => new Reply(ReplyStatus.Conflict, "Not now.", []);
        api.Host.ActOnWebhook = _ => new Reply(ReplyStatus.Conflict, "Not now.", []);
        api.Host.ActOnCase = _ => new Reply(ReplyStatus.Conflict, "Not now.", []);
        api.Host.Rearrange = () => new Reply(ReplyStatus.Conflict, "Not now.", []);
        foreach (string district in Districts)
        {
            Put("device", null, district, id =>
            {
                api.Views.Journal.Show(View.Devices, id, Rows.Device(id, district: district) with { Latitude = 23.1, Longitude = 112.4 });
                api.Host.Described[$"source:{id}"] = $$"""{"id":"{{id}}"}""";
                api.Host.Described[$"place:camera:{id}"] = $$"""{"id":"camera:{{id}}"}""";
            });
            Put("enterprise", null, district, id =>
            {
                api.Views.Journal.Show(View.Registers, $"enterprises/{id}", new EntryRow("enterprises", id, [new EntrySpan(null, null, new() { ["lat"] = JsonSerializer.SerializeToElement(23.1), ["lon"] = JsonSerializer.SerializeToElement(112.4) }, [])], [$"district={district}"], district, [], false, Rows.At));
                api.Host.Described[$"enterprise:{id}"] = $$"""{"id":"{{id}}"}""";
            });
            foreach (string department in Departments)
            {
                Put("case", department, district, id =>
                {
                    CaseRow row = Rows.Case(id, district: district, lead: department, subject: Marker("warning", department, district));
                    row = row with { Warning = row.Warning with { Evidence = row.Warning.Evidence with { Figures = new(StringComparer.Ordinal) { ["latitudeDeg"] = 23.1, ["longitudeDeg"] = 112.4 } } } };
                    api.Views.Journal.Show(View.Cases, id, row);
                    api.Copies.Keep(Encoding.UTF8.GetBytes(id));
                    api.Views.Journal.Show(View.Evidence, $"{id}-e1", new EvidenceRow($"{id}-e1", id, 1, EvidenceKinds.Attachment, EvidenceStates.Kept) { Sha256 = Copy(id), Type = "application/pdf", Bytes = id.Length });
                    api.Host.Described[$"case:{id}"] = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.CaseRow));
                });

                // A warning is theirs whose case it became.
                Put("warning", department, district, id => api.Views.Journal.Show(View.Warnings, id, Rows.Warning(id, district: district)));
                Put("notice", department, district, id => api.Views.Journal.Show(View.Notices, id, Rows.Notice(id, Marker("case", department, district), department, district, Picture(id))));
                Put("report", department, district, id => api.Views.Journal.Show(View.Reports, id, Rows.Report(id, Marker("case", department, district), district, Picture(id))));
                Put("order", department, district, id => api.Views.Journal.Show(View.WorkOrders, $"{id}-w1", Rows.WorkOrder(id, 1, department, district, subject: id)));
                Put("scene", department, district, id =>
                {
                    SceneRow row = Rows.Scene(id, department, district);
                    api.Views.Journal.Show(View.Scenes, id, row);
                    api.Host.Described[$"scene:{id}"] = Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(row, GrainsJson.Default.SceneRow));
                });
                Put("webhook", department, district, id => api.Views.Journal.Show(View.Webhooks, id, Rows.Webhook(id, department, district)));
                Put("audit", department, district, id => api.Views.Journal.Show(View.Audit, id, new AuditEntry(id, "member", department, district, "look", "GET", "/api/vehicles/{id}") { Id = id, At = Rows.At }));
                Put("resource", department, district, id =>
                {
                    api.Views.Journal.Show(View.Resources, id, Rows.Resource(id, department, district));
                    api.Host.Described[$"source:{id}"] = $$"""{"id":"{{id}}"}""";
                });
                Put("alert", department, district, id => api.Views.Journal.Show(View.Feed, $"{department}/{district}/1", Rows.Alert(1, department, district, id)));
            }
        }

        Put("quarantine", null, "harbour", id => api.Views.Journal.Append(writer => RecordSource.Publish(writer, id, "v1/wim/x/1", "{}"u8.ToArray(), new Rejection(RejectReason.Malformed, 0, 2, "ends too early"))));
        api.Apply();
        foreach (string role in Silo.Access.Roles.Names)
        {
            foreach (string? department in (string?[])[null, .. Departments])
            {
                foreach (string district in (string[])[TokenScope.WholeCity, .. Districts])
                {
                    if (role != "member" || department is not null)
                    {
                        string name = $"{role}-{department ?? "all"}-{(district == TokenScope.WholeCity ? "city" : district)}";
                        callers.Add((new TokenRegistration(name, role, department, district, "", 0), await api.TokenAsync(name, role, department, district)));
                    }
                }
            }
        }
    }

    public async Task DisposeAsync() => await api.DisposeAsync();

    [Fact]
    public async Task Every_route_shows_each_caller_exactly_what_it_may_see()
    {
        HashSet<string> untold = [.. await RoutesAsync()];
        Assert.NotEmpty(untold);
        untold.ExceptWith(Everybodys);
        foreach (string route in Administrators)
        {
            Assert.True(untold.Remove(route), route);
            foreach ((TokenRegistration who, string token) in callers.Where(each => each.Who.Role != "administrator"))
            {
                ApiBench.Answer answer = await SendAsync(route.Replace("{id}", Marker("device", null, "harbour"), StringComparison.Ordinal).Replace("{name}", "member-police-north", StringComparison.Ordinal).Replace("{register}", "vehicles", StringComparison.Ordinal), token);
                Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{who.Name} gets {answer.Status} of {route}.");
            }
        }

        foreach (string route in Settling)
        {
            Assert.True(untold.Remove(route), route);
            foreach ((TokenRegistration who, string token) in callers)
            {
                ApiBench.Answer answer = await SendAsync(route.Replace("{name}", Unknown, StringComparison.Ordinal).Replace("{id}", Unknown, StringComparison.Ordinal), token);
                Assert.True((answer.Status != HttpStatusCode.Forbidden) == Settles(who), $"{who.Name} gets {answer.Status} of {route}.");
                RequireNothingElse(who, route, answer, []);
            }
        }

        foreach ((string route, string[] kinds, Func<TokenRegistration, bool> isOpen) in Lists())
        {
            Assert.True(untold.Remove(route), route);
            foreach ((TokenRegistration who, string token) in callers)
            {
                ApiBench.Answer answer = await SendAsync(route.Replace("{register}", "enterprises", StringComparison.Ordinal), token);
                if (!isOpen(who))
                {
                    Assert.True(answer.Status == HttpStatusCode.Forbidden, $"{who.Name} gets {answer.Status} of {route}.");
                    RequireNothingElse(who, route, answer, []);
                    continue;
                }

                Assert.True(answer.Status == HttpStatusCode.OK, $"{who.Name} gets {answer.Status} of {route}.");
                RequireNothingElse(who, route, answer, things.Where(thing => kinds.Contains(thing.Kind)));
                Assert.All(things.Where(thing => kinds.Contains(thing.Kind) && thing.IsOf(who)), thing => Assert.True(answer.Text.Contains(thing.Marker, StringComparison.Ordinal), $"{who.Name} misses {thing.Marker} in {route}."));
            }
        }

        foreach ((string route, string kind, Func<string, string> path, Func<TokenRegistration, bool> isOpen) in Singles())
        {
            Assert.True(untold.Remove(route), route);
            string method = route.Split(' ')[0];
            foreach ((TokenRegistration who, string token) in callers)
            {
                ApiBench.Answer absent = await SendAsync($"{method} {path(Unknown)}", token);
                foreach (Thing thing in things.Where(thing => thing.Kind == kind))
                {
                    ApiBench.Answer answer = await SendAsync($"{method} {path(thing.Marker)}", token);
                    string tells = $"{who.Name} gets {answer.Status} of {method} {path(thing.Marker)}: {answer.Text}";
                    if (!isOpen(who))
                    {
                        Assert.True(answer.Status == HttpStatusCode.Forbidden, tells);
                    }
                    else if (thing.IsOf(who))
                    {
                        Assert.True(answer.Status == (method != "GET" ? HttpStatusCode.Conflict : HttpStatusCode.OK), tells);
                    }
                    else
                    {
                        Assert.True(answer.Status == HttpStatusCode.NotFound, tells);
                    }

                    // Whether there is such a thing is not to be told either: what is another's is answered like what is not there.
                    if (!isOpen(who) || !thing.IsOf(who))
                    {
                        Assert.Equal((absent.Status, absent.Text.Replace(Unknown, thing.Marker, StringComparison.Ordinal)), (answer.Status, answer.Text));
                    }
                }
            }
        }

        untold.Remove("GET /api/departments/{id}/alerts");
        untold.Remove("GET /api/catalogue/{id}/joined");
        untold.Remove("GET /api/catalogue/unregistered");
        Assert.True(untold.Remove("GET /api/search"));

        // By the place in the journal; QuarantineRoutesTests says who may.
        untold.ExceptWith(["GET /api/quarantine/{id}", "POST /api/quarantine/{id}/resubmit"]);
        untold.Remove("GET /api/city/figures");
        untold.Remove("GET /api/city/figures/live");
        untold.Remove("GET /metrics");
        untold.Remove("GET /api/tokens");
        foreach (string route in WholeCitys)
        {
            Assert.True(untold.Remove(route), route);
        }

        untold.Remove("POST /api/scenes");
        Assert.True(untold.Remove("POST /api/workorders/bulk"));

        // DeliveryRoutesTests says who may.
        untold.ExceptWith(["POST /api/webhooks", "GET /api/silences", "POST /api/silences", "DELETE /api/silences/{id}"]);

        // Of nobody's things: counts. Whose, and persons, are in ScoreboardTests; offers in RoutingOfferTests.
        untold.Remove("GET /api/scoreboard");
        untold.Remove("GET /api/routing-rules/offers");

        // Shows nothing but what the caller filed; who may file is in ReportRoutesTests.
        untold.Remove("POST /api/reports");
        Assert.True(untold.Count == 0, $"Say what these show, and to whom: {string.Join(", ", untold.Order(StringComparer.Ordinal))}");
    }

    [Fact]
    public async Task A_search_finds_what_the_caller_may_see_and_counts_no_warnings_of_others()
    {
        string[] kinds = ["device", "enterprise", "case"];
        foreach ((TokenRegistration who, string token) in callers)
        {
            ApiBench.Answer answer = await api.GetAsync("/api/search?q=zz-&limit=100", token);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            RequireNothingElse(who, "/api/search", answer, things.Where(thing => kinds.Contains(thing.Kind) || thing.Kind == "warning"));
            Assert.All(things.Where(thing => kinds.Contains(thing.Kind) && thing.IsOf(who)), thing => Assert.True(answer.Text.Contains(thing.Marker, StringComparison.Ordinal), $"{who.Name} misses {thing.Marker}."));
        }
    }

    [Theory]
    [InlineData("/api/cases?q=zz-&limit=1000", "case", "warning")]
    [InlineData("/api/cases?severity=1&order=deadline&limit=1000", "case", "warning")]
    [InlineData("/api/workorders?q=ZZ-&order=deadline&limit=1000", "order")]
    [InlineData("/api/workorders?severity=1&limit=1000", "order")]
    [InlineData("/api/warnings?severity=1&limit=1000", "warning")]
    public async Task Looking_through_a_list_shows_of_it_what_the_caller_may_see(string path, params string[] kinds)
    {
        foreach ((TokenRegistration who, string token) in callers)
        {
            ApiBench.Answer answer = await api.GetAsync(path, token);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            RequireNothingElse(who, path, answer, things.Where(thing => kinds.Contains(thing.Kind)));
            Assert.All(things.Where(thing => thing.Kind == kinds[0] && thing.IsOf(who)), thing => Assert.True(answer.Text.Contains(thing.Marker, StringComparison.Ordinal), $"{who.Name} misses {thing.Marker} in {path}."));
        }
    }

    [Fact]
    public async Task Many_at_once_are_told_of_each_what_it_would_be_told_alone()
    {
        Thing[] orders = [.. things.Where(thing => thing.Kind == "order")];
        string[] ids = [.. orders.Select(thing => $"{thing.Marker}-w1"), $"{Unknown}-w1"];
        foreach ((TokenRegistration who, string token) in callers)
        {
            ApiBench.Answer answer = await api.PostAsync("/api/workorders/bulk", JsonSerializer.Serialize(new { action = "complete", outcome = "confirmed", ids }), token);
            if (who.Role is not ("member" or "administrator"))
            {
                Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
                continue;
            }

            Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
            JsonElement[] items = [.. answer.Json.GetProperty("items").EnumerateArray()];
            Assert.Equal(ids, items.Select(item => item.GetProperty("id").GetString()!));
            Assert.Equal([.. orders.Select(thing => thing.IsOf(who) ? 409 : 404), 404], items.Select(item => item.GetProperty("status").GetInt32()));
            string absent = items[^1].GetProperty("detail").GetString()!;
            Assert.All(items.Where(item => item.GetProperty("status").GetInt32() == 404), item => Assert.Equal(absent, item.GetProperty("detail").GetString()!.Replace(item.GetProperty("id").GetString()!, $"{Unknown}-w1", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("""{"ids":["a-1-w1"]}""", "action")]
    [InlineData("""{"action":"notify","ids":["a-1-w1"]}""", "action")]
    [InlineData("""{"action":"accept"}""", "ids")]
    [InlineData("""{"action":"accept","ids":[]}""", "ids")]
    [InlineData("""{"action":"accept","ids":["a-1-w1","a-1-w1"]}""", "ids")]
    public async Task A_bulk_action_that_makes_no_sense_is_refused_with_its_field(string body, string field)
    {
        ApiBench.Answer answer = await api.PostAsync("/api/workorders/bulk", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains($"\"{field}\"", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_feed_is_heard_by_those_whose_it_is_over_http_and_mqtt_alike()
    {
        foreach ((TokenRegistration who, string token) in callers)
        {
            foreach (Thing alert in things.Where(thing => thing.Kind == "alert"))
            {
                string path = $"/api/departments/{alert.Department}/alerts?district={alert.District}";
                if (alert.IsOf(who))
                {
                    using ApiBench.LiveStream stream = await api.ListenAsync(path, token, "0");
                    Assert.Contains(alert.Marker, (await stream.NextEventAsync()).Data.GetRawText(), StringComparison.Ordinal);
                }
                else
                {
                    ApiBench.Answer refused = await api.GetAsync(path, token);
                    Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
                    RequireNothingElse(who, path, refused, []);
                }

                string[] filters = [$"v1/departments/{alert.Department}/{alert.District}/alerts", $"v1/departments/{alert.Department}/+/alerts", $"v1/departments/{alert.Department}/#", "v1/departments/+/+/alerts", "v1/#", "#"];
                foreach (string filter in filters)
                {
                    bool resolved = SubscriptionRules.TryResolve(who, filter, out string feed);
                    bool hearsIt = resolved && feed.StartsWith($"{alert.Department}/", StringComparison.Ordinal)
                        && (feed.EndsWith("/*", StringComparison.Ordinal) || feed == $"{alert.Department}/{alert.District}" || feed == $"{alert.Department}/{alert.District.Split('.')[0]}");
                    Assert.False(hearsIt && !alert.IsOf(who), $"{who.Name} hears {alert.Marker} by {filter}.");
                    Assert.False(alert.IsOf(who) && !hearsIt && filter.StartsWith($"v1/departments/{alert.Department}/", StringComparison.Ordinal), $"{who.Name} does not hear {alert.Marker} by {filter}.");
                    Assert.True(!resolved || SubscriptionRules.MayReadFeed(who, feed), $"{who.Name} may not go on with {feed}.");
                }
            }
        }
    }

    /// <summary>The topics that the project has, and some of messages between clients: what a token may hear of them and say on them, asked of the endpoint itself.</summary>
    [Fact]
    public async Task Every_topic_of_mqtt_is_open_to_those_whose_it_is_and_closed_to_all_others()
    {
        const string own = "site/gate";
        ApiBench.Answer gate = await api.PostAsync("/api/tokens", $$"""{"name":"gate","role":"operator","district":"harbour.pier","publishes":["{{own}}/#"],"receives":["{{own}}/#"]}""");
        callers.Add((new TokenRegistration("gate", "operator", null, "harbour.pier", "", 0), gate.Json.GetProperty("token").GetString()!));
        string[] taken =
            ["v1/wim/S07/1", "v1/video/C07", "v1/hazmat/vehicle/粤H12345", "v1/hazmat/plant/E1/T1", "v1/ledger/E1", "v1/records/vehicles", "v1/status/S07", "v1/departments/transport/harbour/acks", "v1/subjects/粤H12345-yellow/notices", "v1/resources/zz-unknown/joined", "v1/anything"];
        foreach ((TokenRegistration who, string token) in callers)
        {
            await using RawPeer peer = await RawPeer.OpenAsync(api.Mqtt.Port);
            await peer.SendAsync(RawPeer.Connect(MqttVersion.V5, who.Name, token));
            Assert.Equal(0, (await peer.ReadPacketAsync())[3]);
            bool hasOwn = who.Name == "gate";
            foreach ((string topic, bool hears, bool says) in ((string, bool, bool)[])
            [
                .. taken.Select(topic => (topic, false, false)),
                .. Departments.SelectMany(department => Districts.Select(district => ($"v1/departments/{department}/{district}/alerts", IsOfDepartment(who, department) && IsIn(who, district), false))),
                ($"{own}/door", hasOwn, hasOwn), ("site/other/door", false, false), ("anything", false, false), ("$SYS/anything", false, false),
            ])
            {
                await peer.SendAsync(RawPeer.Write(writer => MqttWriter.WriteSubscribe(writer, MqttVersion.V5, 7, topic, 0)));
                Assert.True(await AnswerAsync(peer, PacketType.SubAck) < 0x80 == hears, $"{who.Name} {(hears ? "does not hear" : "hears")} {topic}.");
                await peer.SendAsync(RawPeer.Publish(MqttVersion.V5, 8, topic, "{}"u8));
                Assert.True(await AnswerAsync(peer, PacketType.PubAck) < 0x80 == says, $"{who.Name} {(says ? "may not say" : "says")} something on {topic}.");
            }
        }
    }

    [Fact]
    public async Task A_way_back_is_heard_by_its_owners_people_and_those_who_see_all_over_http_and_mqtt_alike()
    {
        List<SourceRegistration> resources = [];
        foreach (string register in (string[])["vehicles", "drivers"])
        {
            foreach (string? owner in (string?[])[null, .. Departments])
            {
                foreach (string district in Districts)
                {
                    string id = $"zz-{register}-{owner ?? "nobody"}-{district}";
                    resources.Add(new SourceRegistration(id, "register", [$"v1/records/{id}"], district, null, "", Owner: owner, Register: register, Joined: true));
                    api.Views.Journal.Show(View.Devices, id, resources[^1]);
                    api.Views.Journal.Show(View.Feed, $"$resources/{id}/1", Rows.Joined(1, id, district));
                }
            }
        }

        api.Apply();
        foreach ((TokenRegistration who, string token) in callers)
        {
            TokenScope scope = TokenScope.Of(who);
            AdmittedClient client = Client(null, who);
            foreach (SourceRegistration resource in resources)
            {
                string path = $"/api/catalogue/{resource.Id}/joined";
                bool sees = scope.Has(resource.Owner, resource.District);
                bool supervises = who.Role is "supervisor" or "inspector" or "administrator";
                bool hears = sees && (supervises || resource.Register != "drivers");
                Assert.True(hears == ResourceFeeds.MayHear(client, resource), $"{who.Name} and {resource.Id} over MQTT.");
                if (!hears)
                {
                    ApiBench.Answer refused = await api.GetAsync(path, token);
                    ApiBench.Answer absent = await api.GetAsync($"/api/catalogue/{Unknown}/joined", token);
                    Assert.Equal(sees ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound, refused.Status);
                    Assert.True(sees || refused.Text == absent.Text.Replace(Unknown, resource.Id, StringComparison.Ordinal), refused.Text);
                    continue;
                }

                using ApiBench.LiveStream stream = await api.ListenAsync(path, token, "0");
                string item = (await stream.NextEventAsync()).Data.GetRawText();
                Assert.Contains(resource.Id, item, StringComparison.Ordinal);
                Assert.Equal(supervises, item.Contains("Zhang", StringComparison.Ordinal));
            }
        }

        // A resource hears its own, without what concerns persons, and no other's.
        foreach (SourceRegistration resource in resources)
        {
            Assert.All(resources, other => Assert.Equal(other == resource && resource.Register != "drivers", ResourceFeeds.MayHear(Client(resource, null), other)));
        }

        Assert.False(ResourceFeeds.SeesPersons(Client(resources[0], null)));
    }

    [Fact]
    public async Task What_is_unregistered_is_for_those_who_see_the_whole_city()
    {
        foreach ((TokenRegistration who, string token) in callers)
        {
            ApiBench.Answer answer = await api.GetAsync("/api/catalogue/unregistered", token);
            bool sees = who.Role != "member" && TokenScope.Of(who) == default;
            Assert.True(answer.Status == (sees ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"{who.Name} gets {answer.Status}.");
        }
    }

    [Fact]
    public async Task Models_are_for_those_who_supervise_the_whole_city()
    {
        foreach ((TokenRegistration who, string token) in callers)
        {
            bool isOfCity = who.Role == "administrator" || (who.Department is null && who.District == TokenScope.WholeCity);
            foreach (string route in WholeCitys)
            {
                bool may = isOfCity && (who.Role is "administrator" or "supervisor" || (who.Role == "inspector" && route.StartsWith("GET ", StringComparison.Ordinal)));
                ApiBench.Answer answer = await SendAsync(route.Replace("{kind}", "over-road-limit", StringComparison.Ordinal).Replace("{version}", Unknown, StringComparison.Ordinal), token);
                Assert.True((answer.Status == HttpStatusCode.Forbidden) != may, $"{who.Name} gets {answer.Status} of {route}.");
                Assert.True(!may || answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict, $"{who.Name} gets {answer.Status} of {route}: {answer.Text}");
            }
        }
    }

    private static AdmittedClient Client(SourceRegistration? device, TokenRegistration? token) => new()
    {
        Version = Streaming.Ingest.Mqtt.Packets.MqttVersion.V5,
        ClientId = "c",
        User = "u",
        Key = new SessionKey("u", "c"),
        Device = device is null ? null : new Streaming.Ingest.Formats.SourceContext(device),
        Token = token,
        Will = null,
        KeepAliveMs = 0,
        ReceiveMaximum = 1,
        MaximumPacketBytes = 1_000,
        TopicAliasMaximum = 0,
        WantsReasons = false,
        SessionExpirySeconds = 0,
    };

    [Fact]
    public async Task Figures_metrics_and_tokens_tell_nobody_of_other_districts()
    {
        foreach ((TokenRegistration who, string token) in callers)
        {
            ApiBench.Answer figures = await api.GetAsync("/api/city/figures", token);
            Assert.Equal(HttpStatusCode.OK, figures.Status);
            int departments = who.Department is null || who.Role == "administrator" ? Departments.Length : 1;
            Dictionary<string, int> counted = figures.Json.GetProperty("districts").EnumerateArray().ToDictionary(row => row.GetProperty("district").GetString()!, row => row.GetProperty("cases").GetInt32());
            Assert.Equal(Districts.Where(district => IsIn(who, district)).ToDictionary(district => district, _ => departments), counted);
            Assert.Equal(counted.Values.Sum(), figures.Json.GetProperty("cases").GetInt32());
            Assert.Equal(who.Role == "administrator" || (who.Department is null && who.District == TokenScope.WholeCity), figures.Json.GetProperty("silentSources").ValueKind == JsonValueKind.Number);
            bool ofWholeCity = who.Role == "administrator" || who.District == TokenScope.WholeCity;
            Assert.Equal(who.Role == "member" || !ofWholeCity ? HttpStatusCode.Forbidden : HttpStatusCode.OK, (await api.GetAsync("/metrics", token)).Status);
            bool seesTokens = who.Role is "administrator" || (who.Role is "supervisor" or "inspector" && ofWholeCity && who.Department is null);
            Assert.Equal(seesTokens ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await api.GetAsync("/api/tokens", token)).Status);
        }
    }

    private static IEnumerable<(string Route, string[] Kinds, Func<TokenRegistration, bool> IsOpen)> Lists() =>
    [
        ("GET /api/cases", ["case", "warning"], _ => true),
        ("GET /api/workorders", ["order"], _ => true),
        ("GET /api/map", ["device", "enterprise", "case", "warning"], _ => true),
        ("GET /api/warnings", ["warning"], _ => true),
        ("GET /api/notices", ["notice", "case"], _ => true),
        ("GET /api/reports", ["report", "case"], _ => true),
        ("GET /api/catalogue", ["resource"], _ => true),
        ("GET /api/scenes", ["scene"], _ => true),
        ("GET /api/webhooks", ["webhook"], who => who.Role is "supervisor" or "inspector" or "administrator"),
        ("GET /api/devices", ["device"], who => who.Role != "member"),
        ("GET /api/quarantine", ["quarantine"], who => who.Role != "member"),
        ("GET /api/registers/{register}", ["enterprise"], _ => true),
        ("GET /api/audit", ["audit"], who => who.Role is "administrator" or "supervisor" or "inspector"),
    ];

    private static IEnumerable<(string Route, string Kind, Func<string, string> Path, Func<TokenRegistration, bool> IsOpen)> Singles()
    {
        yield return ("GET /api/workorders/{id}", "order", id => $"/api/workorders/{id}-w1", _ => true);
        yield return ("GET /api/cases/{id}", "case", id => $"/api/cases/{id}", _ => true);
        yield return ("GET /api/notices/{id}", "notice", id => $"/api/notices/{id}", _ => true);
        yield return ("GET /api/notices/{id}/picture", "notice", id => $"/api/notices/{id}/picture", _ => true);
        yield return ("GET /api/reports/{id}", "report", id => $"/api/reports/{id}", _ => true);
        yield return ("GET /api/reports/{id}/pictures/{number}", "report", id => $"/api/reports/{id}/pictures/1", _ => true);
        foreach (string action in (string[])["split", "merge"])
        {
            yield return ($"POST /api/cases/{{id}}/{action}", "case", id => $"/api/cases/{id}/{action}", who => who.Role is "member" or "administrator" || Settles(who));
        }

        yield return ("GET /api/cases/{id}/dossier", "case", id => $"/api/cases/{id}/dossier", _ => true);
        yield return ("GET /api/cases/{id}/evidence", "case", id => $"/api/cases/{id}/evidence", _ => true);
        yield return ("GET /api/cases/{id}/evidence/{sha256}", "case", id => $"/api/cases/{id}/evidence/{Copy(id)}", _ => true);
        yield return ("POST /api/cases/{id}/record/{number}/erase", "case", id => $"/api/cases/{id}/record/1/erase", Settles);
        yield return ("POST /api/workorders/{id}/attachments", "order", id => $"/api/workorders/{id}-w1/attachments", who => who.Role is "member" or "administrator");
        yield return ("GET /api/cases/{id}/history", "case", id => $"/api/cases/{id}/history", _ => true);
        yield return ("GET /api/catalogue/{id}", "resource", id => $"/api/catalogue/{id}", _ => true);
        yield return ("GET /api/sources/{id}", "device", id => $"/api/sources/{id}", _ => true);
        yield return ("GET /api/sources/{id}/history", "device", id => $"/api/sources/{id}/history", _ => true);
        yield return ("GET /api/places/{id}", "device", id => $"/api/places/camera:{id}", _ => true);
        yield return ("GET /api/places/{id}/history", "device", id => $"/api/places/camera:{id}/history", _ => true);
        yield return ("GET /api/enterprises/{id}", "enterprise", id => $"/api/enterprises/{id}", _ => true);
        yield return ("GET /api/enterprises/{id}/history", "enterprise", id => $"/api/enterprises/{id}/history", _ => true);
        yield return ("GET /api/registers/{register}/{key}", "enterprise", id => $"/api/registers/enterprises/{id}", _ => true);
        yield return ("GET /api/devices/{id}/connections", "device", id => $"/api/devices/{id}/connections", who => who.Role != "member");
        yield return ("GET /api/scenes/{id}", "scene", id => $"/api/scenes/{id}", _ => true);
        yield return ("PUT /api/scenes/{id}", "scene", id => $"/api/scenes/{id}?version=1", Drafts);
        yield return ("POST /api/scenes/{id}/back-test", "scene", id => $"/api/scenes/{id}/back-test", Drafts);
        yield return ("DELETE /api/scenes/{id}/back-test", "scene", id => $"/api/scenes/{id}/back-test", Drafts);
        yield return ("POST /api/scenes/{id}/propose", "scene", id => $"/api/scenes/{id}/propose?version=1", Supervises);
        yield return ("POST /api/scenes/{id}/withdraw", "scene", id => $"/api/scenes/{id}/withdraw?version=1", Supervises);
        yield return ("GET /api/webhooks/{id}", "webhook", id => $"/api/webhooks/{id}", who => who.Role is "supervisor" or "inspector" or "administrator");
        yield return ("GET /api/webhooks/{id}/dead-letters", "webhook", id => $"/api/webhooks/{id}/dead-letters", who => who.Role is "supervisor" or "inspector" or "administrator");
        yield return ("DELETE /api/webhooks/{id}", "webhook", id => $"/api/webhooks/{id}", who => who.Role is "supervisor" or "administrator");
        foreach (string action in (string[])["enable", "disable", "secret", "dead-letters/resend"])
        {
            yield return ($"POST /api/webhooks/{{id}}/{action}", "webhook", id => $"/api/webhooks/{id}/{action}", who => who.Role is "supervisor" or "administrator");
        }

        yield return ("POST /api/webhooks/{id}/dead-letters/{number}/resend", "webhook", id => $"/api/webhooks/{id}/dead-letters/3/resend", who => who.Role is "supervisor" or "administrator");
        foreach (string action in (string[])["approve", "return"])
        {
            // Nobody here is of the command centre.
            yield return ($"POST /api/scenes/{{id}}/{action}", "scene", id => $"/api/scenes/{id}/{action}?version=1", who => who.Role == "administrator");
        }

        foreach (string action in (string[])[.. Silo.Api.WorkOrderRoutes.Actions.Select(each => each.Name), Silo.Api.WorkOrderRoutes.Notify])
        {
            yield return ($"POST /api/workorders/{{id}}/{action}", "order", id => $"/api/workorders/{id}-w1/{action}", who => who.Role is "member" or "administrator" || (action is "approve" or "refuse" && Settles(who)));
        }

        foreach ((string action, _) in Silo.Api.CaseRoutes.Actions)
        {
            yield return ($"POST /api/cases/{{id}}/{action}", "case", id => $"/api/cases/{id}/{action}", who => who.Role is "member" or "administrator" || Settles(who));
        }
    }

    private static bool Drafts(TokenRegistration who) => who.Role == "administrator" || (who.Role != "inspector" && who.Department is not null);

    private static bool Supervises(TokenRegistration who) => who.Role == "administrator" || (who.Role == "supervisor" && who.Department is not null);

    private static bool Settles(TokenRegistration who) => who.Role == "administrator" || who is { Role: "supervisor", Department: null, District: TokenScope.WholeCity };

    /// <summary>No marker of anybody else's, in whatever place of the answer, and none of what the route does not show.</summary>
    private void RequireNothingElse(TokenRegistration who, string route, ApiBench.Answer answer, IEnumerable<Thing> shown)
    {
        HashSet<string> may = [.. shown.Where(thing => thing.IsOf(who)).Select(thing => thing.Marker)];
        foreach (Thing thing in things.Where(thing => !may.Contains(thing.Marker)))
        {
            Assert.False(answer.Text.Contains(thing.Marker, StringComparison.Ordinal), $"{who.Name} sees {thing.Marker} in {route}: {answer.Text}");
        }
    }

    private void Put(string kind, string? department, string district, Action<string> put)
    {
        Thing thing = new(Marker(kind, department, district), kind, department, district);
        things.Add(thing);
        put(thing.Marker);
    }

    /// <summary>The reason code of the next packet of a kind; what is delivered meanwhile is passed over.</summary>
    private static async Task<byte> AnswerAsync(RawPeer peer, PacketType type)
    {
        while (true)
        {
            byte[] packet = await peer.ReadPacketAsync();
            Assert.NotEmpty(packet);
            if (packet[0] >> 4 == (int)type)
            {
                // A PUBACK that only says that it was taken ends with the packet identifier; else the code follows it, and a SUBACK has it at its end.
                return type == PacketType.SubAck ? packet[^1] : packet[1] == 2 ? (byte)0 : packet[4];
            }
        }
    }

    /// <summary>None is the beginning of another.</summary>
    private static string Marker(string kind, string? department, string district) => $"zz-{kind}-{(department is null ? "" : $"{department}-")}{district}-zz";

    private static bool IsOfDepartment(TokenRegistration who, string department) => who.Department is null || who.Department == department || who.Role == "administrator";

    /// <summary>Written out, so that the rule is not tested by itself: a district sees its street, a street not its district.</summary>
    private static bool IsIn(TokenRegistration who, string district) => who.Role == "administrator" || who.District == TokenScope.WholeCity || who.District switch
    {
        "harbour" => district is "harbour" or "harbour.pier",
        "harbour.pier" => district == "harbour.pier",
        "north" => district == "north",
        _ => throw new InvalidOperationException($"Say what {who.District} sees."),
    };

    /// <summary>SHA-256 of a copy that is kept for one case alone.</summary>
    private static string Copy(string marker) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(marker)));

    /// <summary>SHA-256 of a picture that is kept, of one thing alone.</summary>
    private string Picture(string marker) => api.Pictures.Keep([0xFF, 0xD8, 0xFF, .. Encoding.UTF8.GetBytes(marker)]).Picture.Sha256;

    private Task<ApiBench.Answer> SendAsync(string call, string token)
    {
        string[] parts = call.Split(' ');
        return api.SendAsync(new HttpMethod(parts[0]), parts[1], token, parts[0] != "POST" ? null : parts[1].EndsWith("/notify", StringComparison.Ordinal) ? "{\"text\":\"x\"}"
            : parts[1].EndsWith("/split", StringComparison.Ordinal) ? "{\"reports\":[\"r-1\"],\"reason\":\"x\"}"
            : parts[1].EndsWith("/merge", StringComparison.Ordinal) ? $"{{\"into\":\"{parts[1].Split('/')[3]}\",\"reason\":\"x\"}}"
            : parts[1].EndsWith("/erase", StringComparison.Ordinal) ? "{\"reason\":\"x\"}"
            : parts[1].EndsWith("/attachments", StringComparison.Ordinal) ? "%PDF-1.7"
            : "{}");
    }

    private async Task<List<string>> RoutesAsync()
    {
        List<string> routes = [];
        foreach (JsonProperty path in (await api.GetAsync("/openapi/v1.json")).Json.GetProperty("paths").EnumerateObject())
        {
            routes.AddRange(path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"));
        }

        return routes;
    }

    /// <summary>Something that is a department's, or a district's.</summary>
    private sealed record Thing(string Marker, string Kind, string? Department, string District)
    {
        public bool IsOf(TokenRegistration who) => (Department is null || IsOfDepartment(who, Department)) && IsIn(who, District);
    }
}
