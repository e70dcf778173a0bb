namespace Streaming.Silo.Bench.Reports;

/// <summary>Sets of texts that the merging was built on.</summary>
internal static partial class BuildingWording
{
    /// <summary>A third set that the merging was built on. Half of its words were not known to the lexicon when it was written; some still are not.</summary>
    private static readonly Wording Third = new(
        "building-3",
        [
            new("fire", ["火警！{at}，{d}烧得很厉害", "{at}{d}突然窜出火苗，大家都在往外跑", "我是路人，{at}{d}起火了，没看到有人受伤"], ["Emergency, {d} burning {at}", "Fire has broken out {at}, it started with {d}", "I just passed by and saw {d} alight {at}"],
                [("路边垃圾桶", "a garbage can"), ("一辆出租车", "a taxi"), ("停放的电瓶车", "a parked e-bike"), ("五楼的阳台", "a fifth-floor balcony"), ("建材仓库", "a depot of building material"), ("变压器", "an electrical transformer")], "不清楚是什么", "I don't know what"),
            new("smoke", ["{at}{d}冒起了白烟，不知道有没有明火", "窗外全是烟，从{at}{d}飘过来的", "{at}一股塑料烧焦的味道，{d}在冒烟"], ["A column of smoke {at}, looks like {d}", "{d} {at} has been smouldering for a while", "Lots of smoke {at}, probably {d}"],
                [("垃圾站", "a refuse dump"), ("一辆私家车", "somebody's car"), ("电动自行车", "an electric bike"), ("四楼厨房", "a fourth-floor kitchen"), ("物流仓库", "a logistics warehouse"), ("配电房", "a power distribution room")], "哪里", "whatever it is"),
            new("street-stall", ["{at}的人行道被卖{d}的摊贩占满了", "反映一下，{at}卖{d}的三轮车天天堵路", "{at}有无证摊贩卖{d}，请处理"], ["Illegal vendors of {d} have taken over the footpath {at}", "A tricycle with {d} for sale stands {at} every day", "Hawker {at}, sells {d}, no licence"],
                [("桃子和葡萄", "peaches and grapes"), ("自家种的菜", "home-grown vegetables"), ("铁板烧", "grilled squid"), ("豆浆油条", "soy milk and fritters"), ("袜子内衣", "socks and underwear"), ("手机贴膜", "screen protectors"), ("玫瑰花", "roses")], "小商品", "small goods"),
            new("noise", ["{at}{d}半夜还在响，投诉好几次了", "住在{at}，天天被{d}吵醒", "能不能管管{at}的{d}，分贝太高"], ["I live {at} and {d} wakes me every night", "{d} {at}, decibels way over the limit", "Noise complaint: {d} {at}"],
                [("KTV", "a karaoke bar"), ("广场舞音乐", "the square dancers"), ("工地打桩", "pile driving"), ("邻居家的狗", "the neighbour's dogs"), ("空调室外机", "an AC unit")], "一种噪音", "a strange noise"),
            new("illegal-parking", ["{at}停了辆{d}，把路口都堵死了", "{d}占着{at}的盲道不走", "有辆{d}在{at}违停，叫人拖走吧"], ["Please tow the {d} {at}", "{d} left across the driveway {at}", "The pavement {at} is blocked by a {d}"],
                [("红色货柜车", "red container truck"), ("白色金杯车", "white van"), ("黑色奥迪", "black Audi"), ("蓝色工程车", "blue construction truck"), ("银色七座车", "silver people carrier")], "私家车", "vehicle"),
            new("spill", ["{at}一路都是{d}，应该是货车漏的", "{at}车道上有一大片{d}", "前面{at}有{d}，差点摔车"], ["Watch out, {d} on the lane {at}", "Lorry leaking {d} {at}", "{at} there is a big patch of {d}, I nearly fell off my bike"],
                [("油", "oil"), ("泥土", "soil"), ("混凝土块", "lumps of concrete"), ("碎玻璃瓶", "smashed bottles")], "杂物", "debris"),
            new("leak", ["{at}楼道里{d}味很重，头晕", "{at}挖断了管子，{d}在往外喷"], ["{d} is escaping {at}, digger hit a pipe", "Dizzy from the smell of {d} {at}"],
                [("燃气", "gas"), ("氨气", "ammonia")], "刺激性", "some chemical"),
            new("waste", ["{at}垃圾桶满了好几天", "有货车晚上在{at}倒渣土", "{at}楼道口堆着旧家具和垃圾"], ["Bulky waste left {at}", "Trucks tip construction debris {at} at night", "Trash has not been collected {at}"], []),
            new("water", ["{at}地下水管爆了，路都淹了", "{at}下雨积水，出不了门", "{at}消防栓被撞坏，水喷了一地"], ["Hydrant knocked over {at}, water everywhere", "Street under water {at} after the rain", "Pipe has burst {at}, no water in the house"], []),
            new("manhole", ["{at}有个窨井没有盖子", "{at}井盖被车压碎了"], ["Manhole without a cover {at}", "Cracked drain cover {at}, watch your step"], []),
            new("fallen-tree", ["{at}路边大树倒下来砸到电线", "{at}有根大树枝掉下来挡路"], ["Storm brought down a tree {at}", "Large branch hanging over the lane {at}"], []),
            new("street-light", ["{at}整条街路灯都灭了", "{at}路灯坏了没人修"], ["Street light not working {at}", "All lamps dark {at}"], []),
        ],
        ["{r}{n}号", "{r}{n}号门前", "{r}{n}号那里"],
        ["by {n} {r}", "at number {n} {r}", "{n} {r}"],
        ["{l}边上{r}", "{r}{l}这里"],
        ["{r} by the {l}", "near the {l}, {r}"],
        [("中学", "middle school"), ("人民医院", "hospital"), ("肉菜市场", "wet market"), ("森林公园", "forest park"), ("地铁B口", "metro exit B"), ("大超市", "big supermarket"), ("农业银行", "agricultural bank")]);
}
