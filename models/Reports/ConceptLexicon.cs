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
        new("gas-leak", What, "leak", "泄漏 泄露 漏气 煤气味 燃气味 天然气味 刺鼻气味 刺鼻 氨味 氯气味 化学品味 漏煤气 煤气漏 燃气漏 天然气漏 漏天然气 漏燃气 煤气泄 燃气泄 漏氨 漏氯 毒气 有毒气体 怪味 化学味 臭鸡蛋味 瓦斯味 往外喷 泄出 味很重 氨气味", "gas leak, leak of gas, gas leaking, leaking gas, smell of gas, smell gas, smells of gas, gas smell, chemical leak, chemical smell, pungent smell, pungent, ammonia smell, chlorine smell, acrid smell, smell natural gas, smell ammonia, smell chlorine, reeks of gas, odour of gas, odor of gas, gas odour, gas odor, toxic gas, toxic fumes, chemical odour, chemical odor, smells of ammonia, smells of chlorine, escaping gas, gas escaping, vapour, vapor cloud, rotten eggs, escaping, gas is escaping, ammonia is escaping, hit a pipe, dizzy"),
        new("fire", What, "fire", "着火 起火 失火 火灾 火苗 明火 火情 燃烧 大火 着起来 烧起来 烧着 火势 在烧 火光 着了火 烧了起来 火很大 火好大 火警 引燃 自燃 爆燃 起了火 燃起来 火灾现场 火焰 着起火 火蔓延 被烧 点着了 烧得", "fire, flame, ablaze, burning, on fire, blaze, in flames, caught fire, catches fire, catching fire, fire brigade, alight, set fire, burning fiercely, burns, inferno"),
        new("cooking-fumes", What, "fumes", "油烟 烧烤烟 餐饮油烟 油烟味 油烟机 排烟 炒菜味 油烟很大 油烟扰民 抽油烟", "cooking fumes, kitchen fumes, cooking smoke, greasy smoke, oily fumes, fumes, exhaust hood, oily smoke, kitchen exhaust, cooking smell, smell of frying, frying smell, grease fumes"),
        new("smoke", What, "smoke", "冒烟 烟雾 浓烟 黑烟 白烟 起烟 有烟 烟很大 冒黑烟 冒白烟 烟柱 呛人 很呛 焦味 糊味 烧焦味 焦糊味 烟味 滚滚 冒着烟 冒出烟 烟冒出 在冒烟 烟很浓 烟好大 一股烟 烟气 浓浓的烟 灰烟 全是烟 烟飘 飘烟", "smoke, smoking, smoky, smouldering, smoldering, burnt smell, smell of burning, burning smell, smells burnt, smell burnt, smells of burning, plume, fuming, smoulder, smolder, haze, column of smoke"),
        new("spill", What, "spill", "洒漏 遗撒 撒漏 抛洒 洒落 撒落 漏油 油污 洒了 泼洒 撒了一地 掉了一地 滴漏 散落 撒得到处 洒得到处 撒了一路 洒了一路 撒满 洒满 撒在路上 洒在路上 掉在路上 漏在路上 滴在路上 漏了一地 流了一地 倒了一地 抛撒 遗洒 沿途洒 沿途撒 洒出 撒出 滴洒 货物掉落 一路都是 一大片 有一滩 一滩", "spill, spilled, spilt, spillage, shed its load, shed load, dropped its load, lost its load, leaking oil, oil slick, scattered on the road, dripping, strewn, lost its cargo, lost cargo, fell off a truck, fell off a lorry, fallen off, dropped from a truck, poured on the road, leaked onto, leaking onto, trail of, slick, big patch, patch of, on the lane, lorry leaking, truck leaking, vehicle leaking, leaks fuel, leaking diesel, leaking fuel"),
        new("burst-pipe", What, "water", "爆管 水管爆裂 水管破裂 漏水 跑水 冒水 喷水 积水 内涝 水浸 被淹 自来水管 涌水 水管破 水管断 水管漏 管道爆 爆水管 淹水 水淹 浸水 淹了 涨水 水漫 冒出水 涌出 喷出 水流成河 一直流水 流水 污水 溢出 自来水 水到膝盖 喷了一地 水流 水喷 渗水 管子破 水漫出", "burst pipe, pipe burst, water pipe, water main, leaking water, water leak, gushing, flooded, flooding, standing water, waterlogged, under water, pouring out, water gushes, gushes, water main broke, broken pipe, pipe broke, broken water main, ruptured pipe, inundated, knee-deep, ankle-deep, sewage, spraying water, water spraying, water everywhere, submerged, water coming out, overflowing drain, hydrant, no water, pipe has burst"),
        new("manhole", What, "manhole", "井盖 窨井 下水井 下水道盖 阴井 雨水井 污水井 井口 沙井 沙井盖 电缆井 盖板 雨水篦子", "manhole, drain cover, sewer cover, manhole cover, manhole lid, sewer lid, drain lid, sewer grate, drain grate, inspection cover, open shaft, utility cover"),
        new("fallen-tree", What, "fallen-tree", "树倒 倒树 大树倒 树枝断 倒伏 树倒了 断枝 树枝掉 倒下的树 枯树 树倒在 树吹倒 吹倒 树吹断 树歪 倒在路上 行道树 折断", "fallen tree, tree fell, tree down, tree has fallen, broken branch, fallen branch, branch fell, tree has come down, tree came down, toppled tree, uprooted, tree is down, tree lying, big tree, tree lies, branch lies, branch hanging, hanging branch, snapped branch, branch broke, broken tree, blown down, tree blocks, tree limb"),
        new("overload", What, "overload", "超载 超限 超重 装得太满 装太满 拉得太多 严重超载 超高 装得很高", "overloaded, overload, overweight, too heavy, loaded too high, overloading"),
        new("street-stall", What, "street-stall", "摆摊 占道经营 流动摊 摊位 摊贩 摊档 小贩 占道 地摊 摆卖 流动商贩 走鬼 叫卖 摊点 摊子 推车卖 三轮车卖 出店经营 推车 推着车 占道卖 无证摊 乱摆 流动小贩 路边摊 夜市 摆地摊 摊车 小推车 流动餐车 占道摆 摆摊子 商贩 兜售 卖货", "stall, vendor, hawker, peddler, pedlar, street seller, street vending, selling on the pavement, selling on the sidewalk, pushcart, food cart, street trader, hawking, selling from a cart, selling from a van, cart, barrow, unlicensed seller, street sale, pop-up stall, booth, roadside seller, food truck, trading on the street, sold on the street, peddling, vending"),
        new("noise", What, "noise", "噪音 噪声 扰民 吵闹 太吵 很吵 吵得 吵死 声音很大 声音太大 震耳 睡不着 轰鸣 响个不停 吵 响 声音太吵 太响 没法睡 睡不好 无法入睡 难以入睡 没法休息 无法休息 影响休息 不得安宁 嘈杂 喧哗 刺耳 噪声大 大声 吵醒 分贝 还在响 放音乐 震动", "noise, noisy, loud, din, racket, cannot sleep, can't sleep, too loud, disturbing residents, blaring, keeps us awake, no sleep, deafening, awake, up at night, keep us up, keeps us up, too noisy, sleepless, blasting, booming, roaring, earsplitting, disturb, disturbance, disturbs, humming, wakes me, wakes us, woke me, wake, decibels, decibel, complaint about noise"),
        new("illegal-parking", What, "illegal-parking", "违停 乱停 违章停车 违法停车 占道停车 堵住出口 停在消防通道 乱停放 停车挡 挡住 堵住 停在人行道 占用消防通道 停在路中间 停在盲道 停在 停放 违章停 违规停 停车占 占用通道 占道停 乱停车 停得 停满 停车堵 横在 停了 停着 长期停 僵尸车 占车位 堵门 占着 停了辆 停了一辆 占用盲道 占用人行道 拖走 拖车", "illegally parked, parked illegally, tow, illegal parking, double parked, parked on the pavement, parked on the sidewalk, blocking the exit, blocking the entrance, blocks the exit, parked across, parked in the fire lane, badly parked, parked, parking, blocks our gate, blocking our gate, blocks the gate, blocking the gate, blocks my, blocking my, wrongly parked, left standing, standing in, standing on, blocks the driveway, blocking the driveway, abandoned car, abandoned vehicle, in a no-parking, left across, blocked by a car, blocked by a truck, blocked by a van, blocked by a vehicle, obstructing vehicle, needs towing, left in front"),
        new("construction", What, "construction", "违建 违章建筑 违法建设 私搭乱建 违规施工 加建 搭建 违规搭建 搭棚 私自加盖 加盖 违章搭建 私建 擅自搭建 违法搭建 加层 乱搭 偷建", "illegal construction, illegal building, unauthorised building, unauthorized building, illegally built, without a permit, illegal extension, building an extra floor, extra storey, shed built, unpermitted, illegal structure, extra floor, unauthorised extension, unlicensed construction"),
        new("garbage", What, "waste", "垃圾 倾倒 偷倒 乱扔 建筑垃圾 渣土 废弃物 垃圾成堆 堆满 无人清运 脏乱 垃圾山 堆积如山 废料 废旧 装修废料 建筑废料 装修垃圾 生活垃圾 乱倒 乱丢 丢弃 堆放 脏 废品 满地垃圾 垃圾满 没人收 垃圾堆 垃圾桶 垃圾箱 垃圾房 垃圾站 旧家具 大件 杂物 废土 倒土", "rubbish, garbage, trash, litter, dumped, dumping, fly-tipping, waste, refuse, debris dumped, overflowing bins, rubble, pile of trash, junk, bins overflow, bin overflows, overflowing bin, overflow, filth, filthy, discarded, household waste, heaps, dump, uncollected, bulky waste, tip, tipping, tipped, old furniture, debris, bulky"),
        new("road-damage", What, "road-damage", "坑洼 路面破损 塌陷 坑洞 路面坑 路坑 大坑 下陷 开裂 破损 坑坑洼洼 凹陷 路面塌 路塌 路面裂 裂缝 坍塌 路烂 路面不平", "pothole, sinkhole, road damage, broken road, cracked road, hole in the road, road has sunk, subsidence, caved in, road surface, crack, potholes, uneven road, collapsed road, road collapsed, dip in the road, cave-in, broken asphalt, broken surface, cracked"),
        new("street-light", What, "street-light", "路灯 不亮 灯坏 灯不亮 没亮 灯坏了 灯灭 灯杆 照明 一闪一闪 闪烁 灯柱 不亮灯", "street light, streetlight, lamp, street lamp, lights are out, light is out, lamppost, street lighting, lighting, flickering, flicker, lamp post, streetlamp, lantern, light pole, lights do not work, no light, not lit"),
        new("dog", What, "dog", "流浪狗 野狗 恶犬 大型犬 狗咬 未拴绳 不拴绳 遛狗 野犬 流浪犬 狗追人 狗追 狗伤人 遛狗不牵 不牵绳 大狗", "stray dog, dog off leash, off the leash, unleashed, dog bit, fierce dog, loose dog, dogs roaming, dog attacked, stray, dog chases, dog chasing, aggressive dog, unleashed dog, without a leash"),
        new("water", What, "water", "", "water"),
        new("leak", What, "leak", "", "leak, leaking"),
        new("crowding", What, "crowding", "聚集 人群 拥挤 围观 群租 扎堆 人太多 很多人 人山人海 围堵", "crowd, crowded, gathering, gathered, overcrowded, mob, throng, lots of people, flocking"),
        new("intrusion", What, "intrusion", "闯入 翻墙 翻越 擅闯", "intruder, broke in, climbed over, trespass, trespassing, climbing the fence"),

        // What is said of one kind of event mostly, and counts where nothing surer is said.
        new("selling", What, "street-stall", "卖 出售", "sell, selling, seller, sold, for sale"),
        new("strewn", What, "spill", "撒 洒 撒了 洒了 漏了 漏出 掉落 掉在 掉了", "all over the road, over the road, covers the road, covering the road, on the roadway, on the carriageway, lost, leaked, shed, dropped, drips, spills, puddle"),
        new("smelling", What, "leak", "气味 漏了 味道很浓", "smell, vapour, vapor"),
        new("tree", What, "fallen-tree", "树", "tree, branch"),
        new("sound", What, "noise", "声音", "sound, audible, volume, hear"),
        new("standing", What, "illegal-parking", "停车 占用", "left a, standing"),
        new("hole", What, "road-damage", "坑 路面", "hole, bump"),
        new("light", What, "street-light", "灯", "light"),
        new("heap", What, "waste", "臭 脏 成堆", "heap, pile of, piles of, piled, stench, stinks"),

        new("fruit", Detail, "goods", "水果 西瓜 苹果 荔枝 香蕉 果摊 桃子 葡萄 橙子 橘子 甘蔗 菠萝 草莓 哈密瓜 梨", "fruit, watermelon, apple, lychee, banana, mango, orange, grape, pineapple, peach, pear, strawberry, melon, durian, pomelo, sugar cane"),
        new("vegetable", Detail, "goods", "蔬菜 青菜 卖菜 菜摊 白菜 土豆 番茄 萝卜 黄瓜 菜农", "vegetable, greens, cabbage, tomato, potato, carrot, cucumber, lettuce"),
        new("barbecue", Detail, "goods", "烧烤 烤串 烤肉 羊肉串 烤鱼 铁板烧 烤肠 炭烤 烤生蚝", "barbecue, bbq, grill, skewer, kebab, grilled meat, roast, grilled, sausage, charcoal"),
        new("breakfast", Detail, "goods", "早餐 早点 包子 煎饼 油条 豆浆 馒头 肠粉 粥 手抓饼 早饭 饭团 烧饼", "breakfast, pancake, steamed bun, soy milk, dough stick, bun, dumpling, crepe, congee, porridge, breakfasts"),
        new("clothes", Detail, "goods", "衣服 服装 鞋子 袜子 卖衣 服饰 T恤 裤子 裙子 帽子 童装 围巾 内衣", "clothes, clothing, shoe, sock, shirt, garment, t-shirt, trousers, dress, hat, jacket, scarf, jeans, apparel"),
        new("phone-goods", Detail, "goods", "手机壳 贴膜 手机膜 数据线 手机配件 充电器 充电线 耳机 充电宝 钢化膜 手机贴膜", "phone case, phone cover, screen protector, charger, phone accessory, phone cable, charging cable, earphone, headphone, power bank, phone part"),
        new("flowers", Detail, "goods", "鲜花 卖花 花摊 盆栽 盆花 绿植 花卉 花束 玫瑰", "flower, potted plant, bouquet, bouquets"),
        new("seafood", Detail, "goods", "海鲜 卖鱼 鱼摊 活鱼 水产 虾 螃蟹 生蚝 鱼", "seafood, fish, shrimp, crab, oyster, clam, shellfish"),

        new("karaoke", Detail, "sound", "唱歌 卡拉OK KTV 唱K 音响 音乐 酒吧 歌厅 歌声 K歌 音箱 功放 放歌 酒吧音乐 音响声", "karaoke, singing, music, bar, loudspeaker, disco, nightclub, sing, stereo, speakers, speaker, pub, party, songs, band, sound system"),
        new("square-dance", Detail, "sound", "广场舞 跳舞 大妈 跳广场舞 大妈们 舞曲 跳操 广场舞曲 广场舞音乐", "square dance, dancing, dancer, dance, dance music, aerobics, dancers"),
        new("building-work", Detail, "sound", "施工 工地 打桩 电钻 装修 挖掘机 打桩机 电锤 敲墙 打钻 打孔 砸墙 混凝土泵 夜间施工 搅拌 动工 切割", "construction site, building site, pile driver, drill, drilling, renovation, excavator, jackhammer, building work, piling, hammering, construction work, construction, sawing, roadworks, pneumatic drill, power tool, cutting, renovating, demolition"),
        new("barking", Detail, "sound", "狗叫 犬吠 狗吠 狗一直叫 狗吵 狗整夜叫 狗在叫 狗狂叫 狗的叫声 邻居家的狗 狗", "barking, bark, howling dog, barks, howl, yapping, howling, dog, dogs"),
        new("horn", Detail, "sound", "喇叭 鸣笛 按喇叭 喇叭声 汽笛 警报", "horn, honk, honking, hooting, hoot, beeping, alarm, siren"),
        new("fan-noise", Detail, "sound", "空调外机 风机 水泵 冷却塔 抽风机 机器 空调 外机 排风扇 排风机 压缩机 机房 发电机 空压机 鼓风机 抽油烟机 水泵房 室外机", "air conditioner, air conditioning, fan, pump, cooling tower, ventilator, compressor, machine, generator, exhaust fan, outdoor unit, air-con, aircon, blower, chiller, heat pump, ac unit"),

        new("burning-rubbish", Detail, "burning", "垃圾桶 垃圾堆 烧垃圾 垃圾箱 垃圾房 废纸堆 垃圾站 果皮箱", "rubbish bin, trash can, garbage bin, rubbish heap, garbage heap, dumpster, bin, waste bin, waste container, rubbish container, rubbish pile, pile of rubbish, waste room, skip, trash heap"),
        new("flat", Detail, "burning", "居民楼 住户 阳台 住宅 民房 厨房 家里 楼上 住家 人家 公寓 房间 客厅 卧室 宿舍 单元楼 住宅楼 民居 出租屋", "flat, apartment, balcony, residential building, house, kitchen, tower block, home, apartment block, living room, bedroom, dormitory, residential block, apartment building, residence"),
        new("burning-car", Detail, "burning", "轿车 小汽车 小车 私家车 汽车 面包车 越野车 出租车 车辆自燃 新能源车 网约车 奥迪 宝马", "car, sedan, suv, saloon, taxi, cab, hatchback, electric car, audi, bmw"),
        new("e-bike", Detail, "burning", "电动车 电瓶车 电单车 电动自行车 电瓶 电摩 电动摩托 电动两轮", "e-bike, electric bike, electric scooter, ebike, moped, e-scooter, scooter, electric motorbike, electric bicycle, electric moped"),
        new("grass", Detail, "burning", "草地 草坪 荒草 山坡 树林 杂草 树丛 灌木 草丛 绿化带 枯草 山林 芦苇 绿地", "grass, lawn, bush, hillside, undergrowth, weed, shrub, hedge, dry grass, bushes, woods, reeds, green belt, verge"),
        new("warehouse", Detail, "burning", "仓库 货仓 库房 仓储 储物间 堆场 物流园 冷库", "warehouse, storehouse, depot, storage shed, storage building, stockroom, storage, godown"),
        new("power-box", Detail, "burning", "配电箱 变压器 电线 电箱 电缆 电表箱 电表 配电柜 配电房 电线杆 高压线 电杆 配电室 充电桩 开关箱", "transformer, power cable, electric box, switch box, wire, distribution box, electrical cabinet, meter box, electricity meter, electric meter, utility pole, power line, fuse box, power pole, electricity box, junction box, substation, cables, charging station, electrical box"),
        new("shop-premises", Detail, "burning", "店铺 商铺 门店 小店 小卖部 店里 商店 店面 铺子", "shop, store, storefront, kiosk, boutique"),
        new("factory", Detail, "burning", "工厂 厂房 车间 厂里 厂区 工业园 作坊", "factory, plant, workshop, mill, industrial plant"),

        new("truck", Detail, "vehicle", "货车 卡车 大货车 泥头车 渣土车 重卡 自卸车 半挂 土方车 大卡车 拖挂车 大车 挂车 工程车 自卸 平板车 拖头 货柜车 拖车", "truck, lorry, dump truck, tipper, heavy goods vehicle, semi-trailer, trucks, hgv, trailer, dumper, haulage, container truck"),
        new("tanker", Detail, "vehicle", "油罐车 槽罐车 罐车 危化品车 油车 液化气车 危险品车", "tanker, tank truck, tank lorry, fuel truck, gas truck, petrol tanker"),
        new("van", Detail, "vehicle", "面包车 小货车 厢式车 小面包 商务车 金杯 厢货 七座车", "van, minivan, minibus, minivans, mpv, delivery van, people carrier"),
        new("bus", Detail, "vehicle", "公交车 大巴 客车 公交 巴士 大客车 旅游车 校车", "coach, city bus, bus, minibuses, tour bus, school bus"),
        new("mixer", Detail, "vehicle", "搅拌车 混凝土车 水泥车 罐车水泥 砼车", "concrete mixer, cement mixer, mixer truck, cement truck"),
        new("shared-bikes", Detail, "vehicle", "共享单车 自行车 单车", "shared bike, bicycle, bike-share, bike"),

        new("oil", Detail, "substance", "机油 柴油 汽油 油污 漏油 一滩油 油渍 燃油 润滑油 废油 汽油味 一地油 油", "oil, diesel, petrol, gasoline, fuel, lubricant, motor oil, engine oil, grease, fuel oil"),
        new("sand", Detail, "substance", "沙子 砂石 沙石 碎石 石子 泥土 黄土 石头 渣 沙土 石粉 砂子 土块 泥浆 泥沙 碎土", "sand, gravel, stone, pebble, mud, soil, earth, rubble, stones, dirt, clay, rocks, grit, crushed stone"),
        new("concrete", Detail, "substance", "水泥 混凝土 砂浆 水泥浆 混凝土块 砼", "concrete, cement, mortar, wet cement, slurry"),
        new("chemical", Detail, "substance", "化学品 硫酸 盐酸 氨水 化学液体 不明液体 氨 氨气 氯气 硝酸 酒精 化工原料 农药 有毒液体", "acid, chemical, ammonia, chlorine, unknown liquid, nitric acid, hydrochloric, sulphuric, sulfuric, caustic, solvent, pesticide, alkali, chemicals"),
        new("glass", Detail, "substance", "碎玻璃 玻璃 玻璃渣 玻璃片 玻璃瓶 酒瓶", "glass, broken glass, shards, bottles, glass shards, broken bottle, splinters"),
        new("town-gas", Detail, "substance", "煤气 燃气 天然气 液化气 煤气管 燃气管 天然气管 瓦斯", "gas, natural gas, town gas, lpg, gas main, gas pipe, propane, methane"),

        new("red", Detail, "colour", "红色 红车", "red, crimson"),
        new("blue", Detail, "colour", "蓝色 蓝车", "blue, navy"),
        new("white", Detail, "colour", "白色 白车 白的", "white, cream"),
        new("black", Detail, "colour", "黑色 黑车 黑的", "black, dark-coloured"),
        new("green", Detail, "colour", "绿色 绿车 绿的", "green, olive"),
        new("silver", Detail, "colour", "银色 灰色 银灰 灰车 灰的", "silver, grey, gray, silvery"),
        new("yellow", Detail, "colour", "黄色 黄车 黄的 橙色", "yellow, orange-coloured"),

        new("school", Landmark, "", "学校 小学 中学 幼儿园 校门 学院 大学 校区", "school, kindergarten, college, university, nursery, preschool, primary school, middle school, playschool"),
        new("hospital", Landmark, "", "医院 卫生院 诊所 急诊 卫生站 社康 门诊 药店", "hospital, clinic, infirmary, medical centre, medical center, health centre, health center"),
        new("market", Landmark, "", "市场 菜市场 集市 农贸市场 菜场 街市 批发市场 商场", "market, bazaar, wet market, mall, shopping centre, shopping center"),
        new("park", Landmark, "", "公园 广场 公园门口 游园", "park, park gate, gardens, plaza, playground"),
        new("metro", Landmark, "", "地铁 地铁口 地铁站 地铁出口 轻轨站", "metro, subway, underground station, metro station, subway station, subway exit, tube station, metro exit"),
        new("bus-stop", Landmark, "", "公交站 车站 公交站台 公交车站 汽车站 客运站", "bus stop, bus station, bus terminal, coach station"),
        new("crossing", Landmark, "", "路口 十字路口 红绿灯 交叉口", "crossing, intersection, crossroads, junction, traffic light, corner"),
        new("bridge", Landmark, "", "大桥 桥下 天桥 高架 立交 桥头 立交桥 人行天桥 桥边", "bridge, overpass, flyover, viaduct, footbridge, underpass"),
        new("supermarket", Landmark, "", "超市 便利店 百货 小超市", "supermarket, convenience store, grocery, minimart, store front, corner shop, department store"),
        new("bank", Landmark, "", "银行 银行网点 储蓄所 工商银行 建设银行 农业银行", "bank, atm, bank branch"),
        new("compound", Landmark, "", "小区 社区 花园 小区门口 家属院 大院 住宅小区 村口", "compound, estate, community, residential area, housing estate, housing compound, gated community, village"),
        new("restaurant", Landmark, "", "饭店 餐馆 餐厅 酒楼 大排档 饭馆 食堂 小吃店 面馆 火锅店 咖啡店 茶餐厅", "restaurant, diner, eatery, cafe, coffee shop, eating house, noodle shop, canteen"),
        new("hotel", Landmark, "", "酒店 宾馆 旅馆 酒店门口 招待所 旅店", "hotel, inn, guesthouse, hostel"),
        new("petrol-station", Landmark, "", "加油站 油站 加气站 充电站", "petrol station, gas station, filling station, fuel station, petrol pump"),
        new("river", Landmark, "", "河边 江边 河道 涌边 河堤 江堤 湖边 码头 海边 堤岸", "river, canal, riverside, riverbank, river bank, lake, pier, wharf, quay, waterfront, embankment"),

        new("pavement", Aspect, "", "人行道 盲道 便道 走道 步行道 路边", "pavement, sidewalk, footpath, walkway, pavements, sidewalks, pedestrian path"),
        new("carriageway", Aspect, "", "车道 机动车道 马路中间 快车道", "lane, carriageway, middle of the road, roadway"),
        new("blocked", Aspect, "", "堵 拥堵 堵塞 过不去 走不了 挡路 堵车 无法通行 通行 行人只能 绕行 无法通过 不能通行 走不过 拦住 挡着 挡道 难走", "blocked, blocking, congestion, jam, cannot pass, can't get through, obstruct, nobody can pass, traffic, in the way, impassable, hinder, holding up, held up, stuck, tailback, walk on the road, block"),
        new("fire-lane", Aspect, "", "消防通道 消防车道 消防门 消防栓", "fire lane, fire access, fire engine access, fire hydrant, fire exit"),
        new("gate", Aspect, "", "门口 大门 出入口 出口 入口 大门口 楼道口", "gate, entrance, exit, doorway, gateway, driveway"),
        new("slippery", Aspect, "", "打滑 很滑 湿滑 滑倒 摔倒 侧滑 路滑", "slippery, skid, slip, slipped, skidding, slides, skidded, fell over"),
        new("night", Aspect, "", "晚上 夜里 凌晨 半夜 深夜 夜间 通宵 整夜 半夜三更", "night, midnight, late at night, at night, all night, night-time, overnight"),
        new("children", Aspect, "", "孩子 小孩 老人 学生", "child, children, kid, elderly, pupil, student"),
        new("injured", Aspect, "", "受伤 伤者 有人受伤 晕倒 伤人 流血 摔伤 受了伤", "injured, hurt, wounded, fainted, bleeding, casualty, unconscious, injuries"),
        new("missing-cover", Aspect, "", "不见了 丢失 缺失 没了 没盖 没有盖 被偷 翘起 松动", "missing, gone, stolen, disappeared, uncovered, open hole, loose, broken cover, no cover, lid missing, tilted, rattles"),
        new("smelly", Aspect, "", "臭味 恶臭 很臭 异味 臭气 难闻 臭气熏天 发臭 恶臭味 臭", "stink, stinks, stench, smelly, foul smell, bad smell, reeks, smell, smells, odour, odor, rotten"),
        new("dark", Aspect, "", "漆黑 很暗 一片黑 看不见 太暗 黑漆漆 黑灯瞎火", "dark, pitch-dark, unlit, no light at night, darkness, black as night"),
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

    /// <summary>True where a detail is what an event of the kind is about: what burns at a fire, what a stall sells. Who complains of oil on the road may well speak of a truck, and another of a bicycle.</summary>
    public static bool IsAbout(string kind, string group) => group switch
    {
        "goods" => kind is "street-stall" or "fumes",
        "sound" => kind is "noise",
        "burning" => kind is "fire" or "smoke",
        "vehicle" or "colour" => kind is "illegal-parking" or "overload",
        "substance" => kind is "spill" or "leak",
        _ => true,
    };

    /// <summary>The kind of event that something is spoken of with, though it does not name one; null for none.</summary>
    public static string? HintOf(Concept concept) => (concept.Part, concept.Group, concept.Id) switch
    {
        (Detail, "goods", _) => "street-stall",
        (Detail, "sound", _) => "noise",
        (Detail, "substance", "town-gas" or "chemical") => "leak",
        (Detail, "substance", _) => "spill",
        (Aspect, _, "fire-lane") => "illegal-parking",
        (Aspect, _, "missing-cover") => "manhole",
        _ => null,
    };

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
