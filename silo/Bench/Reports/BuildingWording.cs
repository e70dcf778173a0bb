namespace Streaming.Silo.Bench.Reports;

/// <summary>The sets that the merging was tuned on.</summary>
internal static partial class BuildingWording
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Wording> Sets => [Set, Second, Third];

    /// <summary>The set that a seed plays: each in turn.</summary>
    public static Wording Of(int seed) => Sets[seed % Sets.Count];

    public static readonly Wording Set = new(
        "building",
        [
            new("fire", ["{at}{d}着火了，火很大，快派人来", "{at}有{d}起火，有明火", "{d}在{at}烧起来了", "您好，{at}发生火情，{d}正在燃烧"], ["{d} on fire {at}, please come quickly", "There is a fire {at}, {d} is burning", "Big flames {at}, {d} is ablaze", "Fire {at}: {d}"],
                [("垃圾桶", "a rubbish bin"), ("小汽车", "a car"), ("电动车", "an e-bike"), ("居民楼阳台", "a balcony of a flat"), ("仓库", "a warehouse"), ("配电箱", "a power cable box")], "东西", "something"),
            new("smoke", ["{at}{d}一直在冒烟", "{at}有浓烟，像是{d}", "看到{at}冒黑烟，{d}那里"], ["Smoke coming from {d} {at}", "Thick black smoke {at}, it seems to be {d}", "{d} is smoking {at}"],
                [("垃圾堆", "a garbage heap"), ("小车", "a car"), ("电瓶车", "an electric scooter"), ("住户厨房", "a kitchen of a flat"), ("货仓", "a storehouse"), ("变压器", "a transformer")], "不知道什么", "something"),
            new("street-stall", ["{at}有人摆摊卖{d}，占了人行道", "{at}流动摊贩卖{d}，挡路", "有小贩在{at}卖{d}，占道经营", "{at}每天都有摊位卖{d}，没人管"], ["A stall selling {d} is taking up the sidewalk {at}", "Street vendor with {d} {at}, people can't get through", "Hawkers sell {d} {at} and block the pavement", "Someone put up a stall with {d} {at}"],
                [("水果", "fruit"), ("蔬菜", "vegetables"), ("烧烤", "barbecue"), ("早餐", "breakfast"), ("衣服", "clothes"), ("手机壳", "phone cases"), ("鲜花", "flowers")], "东西", "things"),
            new("noise", ["{at}{d}太吵，晚上睡不着", "{at}有{d}，噪音扰民", "投诉{at}{d}声音很大，吵得不行"], ["Too much noise from {d} {at}, we can't sleep", "Very loud {d} {at} late at night", "I complain about the noise of {d} {at}"],
                [("唱歌", "karaoke"), ("跳广场舞", "square dancing"), ("工地施工", "a construction site"), ("狗叫", "barking dogs"), ("空调外机", "an air conditioner")], "不知道什么", "something"),
            new("illegal-parking", ["{at}有一辆{d}违停，堵住出口", "{d}停在{at}的消防通道上", "{at}乱停车，一辆{d}挡住大家"], ["A {d} is illegally parked {at} and blocks the exit", "{d} parked in the fire lane {at}", "Illegal parking {at}, a {d} is in the way"],
                [("红色货车", "red truck"), ("白色面包车", "white van"), ("黑色小车", "black car"), ("蓝色货车", "blue truck"), ("银色面包车", "silver van")], "车", "vehicle"),
            new("spill", ["{at}路面上有{d}洒漏，车子打滑", "有车在{at}遗撒{d}，很危险", "{at}一地都是{d}，车上撒落的"], ["{d} spilled on the road {at}, cars are skidding", "A vehicle dropped its load of {d} {at}", "There is a spill of {d} {at}, very slippery"],
                [("柴油", "diesel"), ("沙子", "sand"), ("混凝土", "concrete"), ("碎玻璃", "broken glass")], "东西", "something"),
            new("leak", ["{at}闻到{d}味道很浓，怀疑泄漏", "{at}{d}泄漏，请尽快处理"], ["Strong smell {at}, I think there is a leak of {d}", "{d} leak {at}, please send someone"],
                [("煤气", "gas"), ("氨水", "ammonia")], "什么气体", "some vapour"),
            new("waste", ["{at}有人偷倒垃圾，堆了很多天", "{at}垃圾成堆，很臭", "{at}的建筑垃圾没人清运"], ["Rubbish has been dumped {at}", "Garbage is piling up {at} and it stinks", "Someone dumps waste {at}"], []),
            new("water", ["{at}水管爆裂，水喷得很高", "{at}漏水严重，路上全是水", "{at}积水很深，车过不去"], ["A water pipe burst {at}", "Water is leaking badly {at}, the street is flooded", "Deep standing water {at}, cars cannot pass"], []),
            new("manhole", ["{at}的井盖不见了，很危险", "{at}井盖破损，有人差点掉下去"], ["The manhole cover {at} is missing, it's dangerous", "Broken manhole cover {at}, someone nearly fell in"], []),
            new("fallen-tree", ["{at}有大树倒了，挡住车道", "{at}树枝断了，压到车"], ["A tree fell {at} and blocks the lane", "Broken branch {at} has hit a car"], []),
            new("street-light", ["{at}路灯不亮，晚上很暗", "{at}一排路灯坏了"], ["The street lights {at} are out, it's dark at night", "Street lamp broken {at}"], []),
        ],
        ["{r}{n}号附近", "{r}{n}号门口", "在{r}{n}号"],
        ["near {n} {r}", "outside No. {n} {r}", "at {n} {r}"],
        ["{r}靠近{l}", "{l}附近的{r}"],
        ["on {r} near the {l}", "by the {l} on {r}"],
        [("小学", "school"), ("医院", "hospital"), ("菜市场", "market"), ("公园", "park"), ("地铁口", "metro station"), ("超市", "supermarket"), ("银行", "bank")]);
}
