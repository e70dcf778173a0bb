namespace Streaming.Silo.Bench.Reports;

/// <summary>Sets of texts that the merging was built on.</summary>
internal static partial class BuildingWording
{
    /// <summary>Another set that the merging was built on: other words for the same things, so that what it does not know weighs too.</summary>
    private static readonly Wording Second = new(
        "building-2",
        [
            new("fire", ["快来人啊，{at}{d}烧着了", "{at}{d}火很大，烟也很大，消防车什么时候到", "我看到{at}{d}有火光", "{at}这边{d}失火，已经烧了十分钟"], ["{d} caught fire {at}", "I can see flames {at}, {d} has caught fire", "{d} is in flames {at}, send the fire brigade", "There's a blaze {at}. {d}."],
                [("垃圾箱", "a trash bin"), ("一台轿车", "a sedan"), ("电单车", "a scooter"), ("三楼住家", "a third-floor apartment"), ("库房", "a storage building"), ("电表箱", "an electricity meter box")], "有东西", "something"),
            new("smoke", ["{at}烟很呛，应该是{d}冒出来的", "{at}{d}上空有烟柱", "闻到焦味，{at}{d}有烟冒出"], ["We see smoke rising from {d} {at}", "{d} {at} is giving off dark smoke", "It smells burnt {at}, smoke from {d}"],
                [("垃圾房", "a waste room"), ("停着的汽车", "a parked car"), ("充电的电动车", "a charging e-scooter"), ("楼上人家", "someone's home upstairs"), ("厂里仓库", "a factory warehouse"), ("电线杆", "a utility pole")], "某处", "somewhere"),
            new("street-stall", ["{at}有个卖{d}的把路边占了，行人只能走马路", "又有人在{at}推车卖{d}", "{at}卖{d}的流动摊档越来越多", "麻烦城管来一下，{at}有卖{d}的"], ["Somebody is selling {d} from a cart {at}", "There's an unlicensed seller of {d} {at}, pedestrians walk on the road", "{d} being sold on the street {at}", "Please move the {d} seller {at}"],
                [("西瓜", "watermelons"), ("青菜", "greens"), ("羊肉串", "kebabs"), ("煎饼果子", "breakfast pancakes"), ("T恤", "T-shirts"), ("充电线", "phone cables"), ("盆花", "potted plants")], "杂货", "stuff"),
            new("noise", ["{at}{d}吵到凌晨，孩子没法睡觉", "{at}那个{d}的声音实在太响了", "{at}{d}噪声严重"], ["{d} {at} keep us up at night", "Unbearable noise {at} because of {d}", "The {d} {at} is far too loud"],
                [("卡拉OK", "karaoke singing"), ("大妈跳舞的音响", "dance music of the aunties"), ("装修电钻", "drilling of a renovation"), ("狗一直叫", "a barking dog"), ("冷却塔", "cooling tower fans")], "不明声音", "unknown sounds"),
            new("illegal-parking", ["{at}有台{d}乱停，挡着出入口", "一辆{d}横在{at}的消防通道", "{at}{d}违章停车好几个小时"], ["Someone left a {d} {at}, it blocks our gate", "A {d} has been standing on the fire lane {at} for hours", "{d} parked where it must not be {at}"],
                [("红色大卡车", "red lorry"), ("白色小面包", "white minivan"), ("黑色轿车", "black sedan"), ("蓝色泥头车", "blue dump truck"), ("灰色商务车", "grey van")], "车", "car"),
            new("spill", ["{at}地上漏了很多{d}，摩托车都滑倒了", "有台车{d}掉在{at}，半条路都是", "{at}{d}撒得到处都是"], ["There is {d} all over the road {at}, a motorbike slipped", "A truck lost {d} {at}", "{d} on the roadway {at}, somebody should clean it"],
                [("机油", "engine oil"), ("碎石", "gravel"), ("水泥", "wet cement"), ("玻璃渣", "shards of glass")], "不知什么", "some load"),
            new("leak", ["{at}有{d}味，是不是漏了", "{at}{d}管道破了，味道刺鼻"], ["It reeks of {d} {at}, maybe a leaking pipe", "We smell {d} {at}"],
                [("天然气", "natural gas"), ("氨", "ammonia")], "怪", "something strange"),
            new("waste", ["{at}垃圾堆积如山没人管", "{at}被人倒了一车垃圾", "{at}好多装修废料"], ["Big pile of trash {at}", "Someone left rubble and trash {at}", "The bins {at} overflow"], []),
            new("water", ["{at}自来水管破了，水往外冒", "{at}淹水了，水到膝盖", "{at}路面一直冒水"], ["Water gushes out of the ground {at}", "The road {at} is flooded knee-deep", "Broken water main {at}"], []),
            new("manhole", ["{at}下水道井盖没了", "{at}井盖翘起来，车压过去砰砰响"], ["Open manhole {at}", "A manhole lid {at} is loose and bangs"], []),
            new("fallen-tree", ["{at}一棵树倒在路上", "台风把{at}的树吹倒了"], ["A big tree came down {at}", "Tree lying across the street {at}"], []),
            new("street-light", ["{at}的路灯好几天没亮了", "{at}路灯一闪一闪的"], ["No street lighting {at} for days", "The lamp {at} keeps flickering"], []),
        ],
        ["{r}{n}号跟前", "{r}{n}号楼下", "{r}{n}号旁边"],
        ["in front of {n} {r}", "next to {r} {n}", "across from {n} {r}"],
        ["{r}{l}旁边", "{r}{l}门前"],
        ["on {r} at the {l}", "{r}, close to the {l}"],
        [("幼儿园", "kindergarten"), ("诊所", "clinic"), ("农贸市场", "farmers' market"), ("公园", "park gate"), ("地铁站", "subway station"), ("便利店", "convenience store"), ("工商银行", "bank")]);
}
