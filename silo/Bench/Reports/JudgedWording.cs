namespace Streaming.Silo.Bench.Reports;

/// <summary>The set that the merging is judged by. Nothing was tuned on it.</summary>
internal static class JudgedWording
{
    public static readonly Wording Set = new(
        "judged",
        [
            new("fire", ["消防吗？{at}失火啦，烧的是{d}", "路过{at}看见火苗，好像{d}点着了", "{at}火灾！{d}，火势越来越大", "紧急：{d}被烧，地点{at}"], ["Help, flames are shooting out of {d} {at}", "I'm passing by and {d} has caught fire {at}", "Emergency! {d} is in flames {at}", "We can see a blaze {at}, looks like {d}"],
                [("垃圾堆", "a dumpster"), ("私家车", "a sedan"), ("电瓶车", "an electric scooter"), ("民房厨房", "an apartment's kitchen"), ("库房", "a depot"), ("变压器", "a transformer")], "不清楚烧什么", "we don't know what"),
            new("smoke", ["{at}烟雾很大，来自{d}", "{d}往外冒白烟，在{at}", "请看一下{at}，{d}起烟了"], ["Lots of smoke {at}, from {d}", "White smoke is rising {at}; {d}, I believe", "Please check {at}, {d} is smouldering"],
                [("垃圾桶", "a trash can"), ("汽车引擎", "a car's engine"), ("电动自行车", "an e-bike"), ("居民楼楼上", "a residential building"), ("仓库屋顶", "a warehouse"), ("电线杆上的电缆", "a power cable")], "某处", "somewhere"),
            new("street-stall", ["反映{at}有地摊，卖的是{d}，走不过去", "{at}又来了走鬼，推车卖{d}", "商贩在{at}叫卖{d}，影响通行", "城管管不管？{at}一个卖{d}的摊档"], ["Peddlers with {d} are back {at}", "There's a pushcart {at} with {d}, nobody can pass", "Unlicensed street trader {at}, offers {d}", "Could you remove the {d} stand? It's a hawker {at}"],
                [("西瓜", "watermelons"), ("青菜", "cabbage"), ("羊肉串", "skewers"), ("煎饼", "pancakes"), ("袜子和鞋子", "socks and shoes"), ("手机贴膜", "screen protectors"), ("盆栽", "potted plants")], "杂货", "all sorts"),
            new("noise", ["{at}深夜{d}，噪声大得没法休息", "又是{at}！{d}吵闹到凌晨", "{at}{d}轰鸣不停，老人受不了"], ["{d} {at} is keeping us awake every night", "Racket {at} again: {d}", "Deafening {d} {at}, the elderly suffer"],
                [("音响放音乐", "music from a bar"), ("大妈跳舞", "the dancers"), ("打桩", "pile driving"), ("狗吠", "a howling dog"), ("冷却塔", "the cooling tower")], "有人", "somebody"),
            new("illegal-parking", ["有辆{d}乱停放在{at}，我的车出不来", "请拖走{at}的{d}，违章停车", "{at}，{d}停在盲道上好久了"], ["Please tow the {d} {at}, it's double parked", "{at}, a {d} has been left parked across the gate", "A badly parked {d} {at} obstructs everyone"],
                [("红色大货车", "red lorry"), ("白色小货车", "white minivan"), ("黑色轿车", "black sedan"), ("蓝色卡车", "blue lorry"), ("灰色面包车", "grey van")], "汽车", "motor"),
            new("spill", ["{at}地上泼洒了{d}，摩托车滑倒", "前面{at}有{d}散落在车道上", "货车把{d}掉了一地，{at}"], ["{d} all over the carriageway {at}, a rider slipped", "Lorry shed its load {at}, {d} everywhere", "{d} is strewn across the lane {at}"],
                [("机油", "oil"), ("碎石", "gravel"), ("水泥", "cement"), ("玻璃", "glass")], "不明物", "stuff"),
            new("leak", ["{at}刺鼻气味，可能{d}漏气", "居民说{at}{d}泄露，头晕"], ["Pungent odour {at}, possibly {d} leaking", "Residents {at} feel dizzy, they smell {d}, a leak perhaps"],
                [("燃气", "natural gas"), ("氨水储罐", "ammonia")], "气体", "fumes of some sort"),
            new("waste", ["{at}被人乱扔垃圾，臭气熏天", "谁在{at}倾倒渣土？", "{at}废弃物堆满路边，多日未清"], ["Fly-tipping {at}, the stench is awful", "Who left all this trash {at}?", "Piles of refuse {at}, not collected for days"], []),
            new("water", ["{at}自来水管破了，到处跑水", "{at}水浸街，没过脚踝", "马路冒水，位置{at}"], ["The water main {at} is gushing", "Flooding {at}, water up to the ankles", "Water pouring out of the ground {at}"], []),
            new("manhole", ["{at}下水井没盖子，孩子容易掉进去", "{at}窨井盖丢失"], ["Open drain {at}, the drain cover is gone", "Sewer cover stolen {at}, children may fall"], []),
            new("fallen-tree", ["台风把树吹倒了，在{at}，倒下的树横在路上", "{at}有断枝悬着，随时会掉"], ["A toppled tree lies across the road {at}", "Typhoon: tree down {at}, nobody gets through"], []),
            new("street-light", ["{at}一片漆黑，路灯灭了好几天", "{at}灯坏了，看不见路"], ["Pitch-dark {at}, the lamps don't work", "All lights are out {at} since Monday"], []),
        ],
        ["{r}{n}号对面", "{r}{n}号旁", "位于{r}{n}号一带"],
        ["opposite {n} {r}", "in front of number {n}, {r}", "around {n} {r}"],
        ["{r}{l}门口", "{l}旁边，{r}上"],
        ["on {r} beside the {l}", "{r}, next to the {l}"],
        [("幼儿园", "kindergarten"), ("诊所", "clinic"), ("农贸市场", "market"), ("公园", "park"), ("地铁站", "subway station"), ("便利店", "convenience store"), ("酒店", "hotel")]);
}
