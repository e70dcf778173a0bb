using System.Collections.Frozen;

namespace Streaming.Models.Reports;

/// <summary>
/// The words by which a report in Chinese and one in English are seen to be about the same. The order of what happens is that in which it counts: where a text speaks of a fire and of a stall, the kind is the fire.
/// </summary>
internal static class ConceptLexicon
{
    private const ConceptPart What = ConceptPart.What;
    private const ConceptPart Detail = ConceptPart.Detail;
    private const ConceptPart Landmark = ConceptPart.Landmark;
    private const ConceptPart Aspect = ConceptPart.Aspect;

    public static readonly Concept[] All =
    [
        new("gas-leak", What, "leak", "泄漏 泄露 漏气 煤气味 燃气味 天然气味 刺鼻气味 刺鼻 氨味 氯气味 化学品味", "gas leak, leak of gas, gas leaking, leaking gas, smell of gas, smell gas, smells of gas, gas smell, chemical leak, chemical smell, pungent smell, pungent, ammonia smell, chlorine smell, acrid smell"),
        new("fire", What, "fire", "着火 起火 失火 火灾 火苗 明火 火情 燃烧 大火 着起来 烧起来 烧着 火势 在烧", "fire, flame, ablaze, burning, on fire, blaze, burnt, in flames"),
        new("cooking-fumes", What, "fumes", "油烟 烧烤烟 餐饮油烟 油烟味 油烟机 排烟", "cooking fumes, kitchen fumes, cooking smoke, greasy smoke, oily fumes, fumes, exhaust hood, oily smoke, kitchen exhaust"),
        new("smoke", What, "smoke", "冒烟 烟雾 浓烟 黑烟 白烟 起烟 有烟 烟很大 冒黑烟 冒白烟", "smoke, smoking, smoky, smouldering, smoldering"),
        new("spill", What, "spill", "洒漏 遗撒 撒漏 抛洒 洒落 撒落 漏油 油污 洒了 泼洒 撒了一地 掉了一地 滴漏 散落", "spill, spilled, spilt, spillage, shed its load, shed load, dropped its load, lost its load, leaking oil, oil slick, scattered on the road, dripping, strewn"),
        new("burst-pipe", What, "water", "爆管 水管爆裂 水管破裂 漏水 跑水 冒水 喷水 积水 内涝 水浸 被淹 自来水管 涌水", "burst pipe, pipe burst, water pipe, water main, leaking water, water leak, gushing, flooded, flooding, standing water, waterlogged, under water, pouring out"),
        new("manhole", What, "manhole", "井盖 窨井 下水井", "manhole, drain cover, sewer cover, manhole cover"),
        new("fallen-tree", What, "fallen-tree", "树倒 倒树 大树倒 树枝断 倒伏 树倒了 断枝 树枝掉 倒下的树 枯树", "fallen tree, tree fell, tree down, tree has fallen, broken branch, fallen branch, branch fell, tree has come down, tree came down, toppled tree, uprooted, tree is down, tree lying"),
        new("overload", What, "overload", "超载 超限 超重 装得太满 装太满", "overloaded, overload, overweight, too heavy, loaded too high"),
        new("street-stall", What, "street-stall", "摆摊 占道经营 流动摊 摊位 摊贩 摊档 小贩 占道 地摊 摆卖 流动商贩 走鬼 叫卖 摊点 摊子 推车卖 三轮车卖 出店经营", "stall, vendor, hawker, peddler, pedlar, street seller, street vending, selling on the pavement, selling on the sidewalk, pushcart, food cart, street trader, hawking"),
        new("noise", What, "noise", "噪音 噪声 扰民 吵闹 太吵 很吵 吵得 吵死 声音很大 声音太大 震耳 睡不着 轰鸣 响个不停", "noise, noisy, loud, din, racket, cannot sleep, can't sleep, too loud, disturbing residents, blaring, keeps us awake, no sleep, deafening, awake"),
        new("illegal-parking", What, "illegal-parking", "违停 乱停 违章停车 违法停车 占道停车 堵住出口 停在消防通道 乱停放 停车挡 挡住 堵住 停在人行道 占用消防通道 停在路中间 停在盲道 停在 停放", "illegally parked, parked illegally, tow, illegal parking, double parked, parked on the pavement, parked on the sidewalk, blocking the exit, blocking the entrance, blocks the exit, parked across, parked in the fire lane, badly parked, parked, parking"),
        new("construction", What, "construction", "违建 违章建筑 违法建设 私搭乱建 违规施工 加建 搭建 违规搭建 搭棚 私自加盖 加盖", "illegal construction, illegal building, unauthorised building, unauthorized building, illegally built, without a permit, illegal extension, building an extra floor, extra storey, shed built, unpermitted, illegal structure, extra floor"),
        new("garbage", What, "waste", "垃圾 倾倒 偷倒 乱扔 建筑垃圾 渣土 废弃物 垃圾成堆 堆满 无人清运 脏乱", "rubbish, garbage, trash, litter, dumped, dumping, fly-tipping, waste, refuse, debris dumped, overflowing bins"),
        new("road-damage", What, "road-damage", "坑洼 路面破损 塌陷 坑洞 路面坑 路坑 大坑 下陷 开裂 破损", "pothole, sinkhole, road damage, broken road, cracked road, hole in the road, road has sunk, subsidence, caved in, road surface, crack"),
        new("street-light", What, "street-light", "路灯 不亮 灯坏 灯不亮", "street light, streetlight, lamp, street lamp, lights are out, light is out, lamppost"),
        new("dog", What, "dog", "流浪狗 野狗 恶犬 大型犬 狗咬 未拴绳 不拴绳 遛狗", "stray dog, dog off leash, off the leash, unleashed, dog bit, fierce dog, loose dog, dogs roaming, dog attacked"),
        new("water", What, "water", "", "water"),
        new("leak", What, "leak", "", "leak, leaking"),
        new("crowding", What, "crowding", "聚集 人群 拥挤 围观 群租 扎堆", "crowd, crowded, gathering, gathered, overcrowded, mob, throng"),
        new("intrusion", What, "intrusion", "闯入 翻墙 翻越 擅闯", "intruder, broke in, climbed over, trespass, trespassing, climbing the fence"),

        new("fruit", Detail, "goods", "水果 西瓜 苹果 荔枝 香蕉 果摊", "fruit, watermelon, apple, lychee, banana, mango"),
        new("vegetable", Detail, "goods", "蔬菜 青菜 卖菜 菜摊", "vegetable, greens, cabbage"),
        new("barbecue", Detail, "goods", "烧烤 烤串 烤肉 羊肉串", "barbecue, bbq, grill, skewer, kebab"),
        new("breakfast", Detail, "goods", "早餐 早点 包子 煎饼 油条 豆浆", "breakfast, pancake, steamed bun, soy milk, dough stick"),
        new("clothes", Detail, "goods", "衣服 服装 鞋子 袜子 卖衣", "clothes, clothing, shoe, sock, shirt, garment"),
        new("phone-goods", Detail, "goods", "手机壳 贴膜 手机膜 数据线", "phone case, phone cover, screen protector, charger, phone accessory"),
        new("flowers", Detail, "goods", "鲜花 卖花 花摊 盆栽", "flower, potted plant, bouquet"),
        new("seafood", Detail, "goods", "海鲜 卖鱼 鱼摊 活鱼", "seafood, fish, shrimp"),

        new("karaoke", Detail, "sound", "唱歌 卡拉OK KTV 唱K 音响 音乐 酒吧", "karaoke, singing, music, bar, loudspeaker, disco, nightclub"),
        new("square-dance", Detail, "sound", "广场舞 跳舞 大妈", "square dance, dancing, dancer"),
        new("building-work", Detail, "sound", "施工 工地 打桩 电钻 装修 挖掘机", "construction site, building site, pile driver, drill, drilling, renovation, excavator, jackhammer, building work, piling"),
        new("barking", Detail, "sound", "狗叫 犬吠 狗吠", "barking, bark, howling dog"),
        new("horn", Detail, "sound", "喇叭 鸣笛 按喇叭", "horn, honk, honking, hooting"),
        new("fan-noise", Detail, "sound", "空调外机 风机 水泵 冷却塔 抽风机 机器", "air conditioner, air conditioning, fan, pump, cooling tower, ventilator, compressor, machine"),

        new("burning-rubbish", Detail, "burning", "垃圾桶 垃圾堆 烧垃圾", "rubbish bin, trash can, garbage bin, rubbish heap, garbage heap, dumpster"),
        new("flat", Detail, "burning", "居民楼 住户 阳台 住宅 民房 厨房 家里 楼上", "flat, apartment, balcony, residential building, house, kitchen, tower block"),
        new("burning-car", Detail, "burning", "轿车 小汽车 小车 私家车 汽车", "car, sedan, suv, saloon"),
        new("e-bike", Detail, "burning", "电动车 电瓶车 电单车 电动自行车", "e-bike, electric bike, electric scooter, ebike, moped, e-scooter"),
        new("grass", Detail, "burning", "草地 草坪 荒草 山坡 树林 杂草", "grass, lawn, bush, hillside, undergrowth, weed"),
        new("warehouse", Detail, "burning", "仓库 货仓 库房", "warehouse, storehouse, depot, storage shed"),
        new("power-box", Detail, "burning", "配电箱 变压器 电线 电箱 电缆", "transformer, power cable, electric box, switch box, wire, distribution box, electrical cabinet"),
        new("shop-premises", Detail, "burning", "店铺 商铺 门店 小店", "shop, store, storefront"),
        new("factory", Detail, "burning", "工厂 厂房 车间", "factory, plant, workshop"),

        new("truck", Detail, "vehicle", "货车 卡车 大货车 泥头车 渣土车 重卡 自卸车 半挂 土方车", "truck, lorry, dump truck, tipper, heavy goods vehicle, semi-trailer"),
        new("tanker", Detail, "vehicle", "油罐车 槽罐车 罐车 危化品车", "tanker, tank truck, tank lorry"),
        new("van", Detail, "vehicle", "面包车 小货车 厢式车", "van, minivan, minibus"),
        new("bus", Detail, "vehicle", "公交车 大巴 客车", "coach, city bus"),
        new("mixer", Detail, "vehicle", "搅拌车 混凝土车 水泥车", "concrete mixer, cement mixer, mixer truck"),
        new("shared-bikes", Detail, "vehicle", "共享单车 自行车 单车", "shared bike, bicycle, bike-share, bike"),

        new("oil", Detail, "substance", "机油 柴油 汽油 油污 漏油 一滩油", "oil, diesel, petrol, gasoline, fuel"),
        new("sand", Detail, "substance", "沙子 砂石 沙石 碎石 石子 泥土 黄土", "sand, gravel, stone, pebble, mud, soil, earth"),
        new("concrete", Detail, "substance", "水泥 混凝土 砂浆", "concrete, cement, mortar"),
        new("chemical", Detail, "substance", "化学品 硫酸 盐酸 氨水 化学液体 不明液体", "acid, chemical, ammonia, chlorine, unknown liquid"),
        new("glass", Detail, "substance", "碎玻璃 玻璃", "glass, broken glass"),
        new("town-gas", Detail, "substance", "煤气 燃气 天然气 液化气", "gas, natural gas, town gas, lpg"),

        new("red", Detail, "colour", "红色 红车", "red"),
        new("blue", Detail, "colour", "蓝色 蓝车", "blue"),
        new("white", Detail, "colour", "白色 白车", "white"),
        new("black", Detail, "colour", "黑色 黑车", "black"),
        new("green", Detail, "colour", "绿色 绿车", "green"),
        new("silver", Detail, "colour", "银色 灰色 银灰", "silver, grey, gray"),
        new("yellow", Detail, "colour", "黄色", "yellow"),

        new("school", Landmark, "", "学校 小学 中学 幼儿园", "school, kindergarten"),
        new("hospital", Landmark, "", "医院 卫生院 诊所", "hospital, clinic"),
        new("market", Landmark, "", "市场 菜市场 集市 农贸市场", "market"),
        new("park", Landmark, "", "公园", "park"),
        new("metro", Landmark, "", "地铁 地铁口 地铁站", "metro, subway, underground station"),
        new("bus-stop", Landmark, "", "公交站 车站", "bus stop, bus station"),
        new("crossing", Landmark, "", "路口 十字路口 红绿灯 交叉口", "crossing, intersection, crossroads, junction, traffic light, corner"),
        new("bridge", Landmark, "", "大桥 桥下 天桥 高架 立交", "bridge, overpass, flyover, viaduct"),
        new("supermarket", Landmark, "", "超市 便利店", "supermarket, convenience store, grocery"),
        new("bank", Landmark, "", "银行", "bank"),
        new("compound", Landmark, "", "小区 社区 花园 小区门口", "compound, estate, community, residential area, housing estate"),
        new("restaurant", Landmark, "", "饭店 餐馆 餐厅 酒楼 大排档 饭馆", "restaurant, diner, eatery"),
        new("hotel", Landmark, "", "酒店 宾馆 旅馆", "hotel, inn"),
        new("petrol-station", Landmark, "", "加油站", "petrol station, gas station, filling station"),
        new("river", Landmark, "", "河边 江边 河道 涌边", "river, canal, riverside, riverbank"),

        new("pavement", Aspect, "", "人行道 盲道 便道", "pavement, sidewalk, footpath, walkway"),
        new("carriageway", Aspect, "", "车道 机动车道 马路中间 快车道", "lane, carriageway, middle of the road, roadway"),
        new("blocked", Aspect, "", "堵 拥堵 堵塞 过不去 走不了 挡路 堵车 无法通行 通行", "blocked, blocking, congestion, jam, cannot pass, can't get through, obstruct, nobody can pass, traffic"),
        new("fire-lane", Aspect, "", "消防通道 消防车道", "fire lane, fire access, fire engine access"),
        new("gate", Aspect, "", "门口 大门 出入口 出口 入口", "gate, entrance, exit, doorway"),
        new("slippery", Aspect, "", "打滑 很滑 湿滑 滑倒", "slippery, skid, slip, slipped, skidding"),
        new("night", Aspect, "", "晚上 夜里 凌晨 半夜 深夜 夜间", "night, midnight, late at night"),
        new("children", Aspect, "", "孩子 小孩 老人 学生", "child, children, kid, elderly, pupil, student"),
        new("injured", Aspect, "", "受伤 伤者 有人受伤 晕倒", "injured, hurt, wounded, fainted"),
        new("missing-cover", Aspect, "", "不见了 丢失 缺失 没了", "missing, gone, stolen, disappeared, uncovered, open hole"),
        new("smelly", Aspect, "", "臭味 恶臭 很臭 异味 臭气 难闻", "stink, stinks, stench, smelly, foul smell, bad smell, reeks"),
        new("dark", Aspect, "", "漆黑 很暗 一片黑 看不见 太暗", "dark, pitch-dark, unlit"),
        new("roof", Aspect, "", "楼顶 屋顶 天台 顶楼", "roof, rooftop, top floor, terrace"),
        new("basement", Aspect, "", "地下车库 地下室 车库", "basement, garage, underground car park"),
        new("wind", Aspect, "", "台风 大风 暴雨", "wind, typhoon, storm, rainstorm"),
    ];

    /// <summary>Number of characters of the longest Chinese term.</summary>
    public static readonly int LongestChinese;

    /// <summary>Number of words of the longest English term.</summary>
    public static readonly int LongestEnglish;

    private static readonly FrozenDictionary<string, int[]> ByChinese;
    private static readonly FrozenDictionary<string, int[]> ByEnglish;

    static ConceptLexicon()
    {
        SortedDictionary<string, List<int>> chinese = new(StringComparer.Ordinal);
        SortedDictionary<string, List<int>> english = new(StringComparer.Ordinal);
        for (int i = 0; i < All.Length; i++)
        {
            foreach (string word in All[i].Chinese.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                Add(chinese, word.ToLowerInvariant(), i);
                LongestChinese = Math.Max(LongestChinese, word.Length);
            }

            foreach (string phrase in All[i].English.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                List<string> stems = [.. EnglishWords.Of(phrase).Select(LightStem.Of)];
                Add(english, string.Join(' ', stems), i);
                LongestEnglish = Math.Max(LongestEnglish, stems.Count);
            }
        }

        ByChinese = chinese.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
        ByEnglish = english.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>Indices of the concepts that a Chinese term means; empty for none.</summary>
    public static int[] OfChinese(string term) => ByChinese.GetValueOrDefault(term) ?? [];

    /// <summary>Indices of the concepts that English stems, blanks between them, mean; empty for none.</summary>
    public static int[] OfEnglish(string stems) => ByEnglish.GetValueOrDefault(stems) ?? [];

    private static void Add(SortedDictionary<string, List<int>> terms, string term, int concept)
    {
        if (!terms.TryGetValue(term, out List<int>? concepts))
        {
            terms.Add(term, concepts = []);
        }

        if (!concepts.Contains(concept))
        {
            concepts.Add(concept);
        }
    }
}
