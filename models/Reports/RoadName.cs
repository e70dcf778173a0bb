using System.Text;

namespace Streaming.Models.Reports;

/// <summary>
/// One spelling of a road's name in both languages: 人民北路, "Renmin North Road" and "Renmin Bei Lu" are <c>renmin north</c>. Pinyin of the characters that roads are commonly named with (without tones, as signs and people write it); a
/// name with another character keeps its characters, and is then found in Chinese alone.
/// </summary>
internal static class RoadName
{
    /// <summary>Syllable, and the characters that have it.</summary>
    private const string Syllables =
        "ren人仁 min民闽 jie解 fang放芳方 zhong中忠钟 shan山珊 bei北 nan南 dong东冬 xi西锡溪 jing京景 hai海 he河和合荷 jiang江 hu湖沪 guang广光 zhou州洲 hua华花桦 guo国 qing庆青清 jian建 she设 shi市石狮 chang长昌常 an安 ping平 xing新兴星 da大 xue学 gang港岗钢 kou口 ma马码 tou头 "
        + "tai台泰 yang阳洋杨 chun春 qiu秋 yue月悦粤 xin心鑫 cheng城成 guan关 qian前 hou后 tian天田 he鹤 ti体 yu育玉渔裕 gong工公 ye业 yuan园源远 qu区 ke科 ji技吉 sheng胜盛生 li利力丽 fu福富 gui贵桂 lin林 shu树书 hong红虹洪宏 qi旗旗 wen文 ming明 hui惠汇慧 yi一义益 er二 san三 si四 wu五 "
        + "liu六柳 jiu九 shi十 long龙隆 feng凤丰峰 lian莲联 mei梅 lan兰 zhu竹珠 ju菊 bin滨 huan环 zhan站 chuan船 chang厂 huo火 che车 ji机 fei飞 shui水 jin金锦进 yin银 tie铁 gang钢 bao宝保 de德 yong永 ning宁 le乐 fa发 zhan展 shi实 jiao交教 tong通 yun运云 shu数 zi子紫 jing经 mao贸 "
        + "kang康 shou寿 qing晴 bai白 hei黑 lü绿 huang黄 lv绿 cai彩 xian仙 shen深神 quan泉 tang塘棠 tan潭 pu埔浦 wei围 ting亭 ge阁 lou楼 qiao桥 men门 chi池 wan湾 du渡 dao岛 sha沙 tu土 ya崖 yan岩盐 gu谷鼓 ling岭 po坡 xia下霞夏 shang上商尚 zuo左 you右友 nei内 wai外 xiang祥香翔 he贺 jia家嘉 zhi志 cun村 "
        + "chao朝潮 hang航 tao桃 li李梨 zao枣 song松 bo柏博 kui葵 hai棠 zhu祝 ke客 jun军 xiu秀 ying英迎 xiong雄 lu鹭 yan燕 que雀 ma麻";

    private static readonly SortedDictionary<char, string> Pinyin = Read();

    /// <summary>Words of an English or spelt-out name that mean the same as another word.</summary>
    private static readonly SortedDictionary<string, string> Directions = new(StringComparer.Ordinal)
    {
        ["bei"] = "north",
        ["nan"] = "south",
        ["dong"] = "east",
        ["xi"] = "west",
        ["zhong"] = "middle",
        ["central"] = "middle",
        ["mid"] = "middle",
        ["n"] = "north",
        ["s"] = "south",
        ["e"] = "east",
        ["w"] = "west",
    };

    /// <summary>The name of a Chinese road, what kind of road it is left out, as 人民北.</summary>
    public static string OfChinese(string name)
    {
        StringBuilder spelt = new();
        string direction = "";
        for (int i = 0; i < name.Length; i++)
        {
            string? side = i > 0 && i == name.Length - 1 ? name[i] switch { '北' => "north", '南' => "south", '东' => "east", '西' => "west", '中' => "middle", _ => null } : null;
            if (side is not null)
            {
                direction = " " + side;
            }
            else if (Pinyin.TryGetValue(name[i], out string? syllable))
            {
                spelt.Append(syllable);
            }
            else
            {
                return name;
            }
        }

        return spelt + direction;
    }

    /// <summary>The name of a road in Latin letters, by its words, what kind of road it is left out.</summary>
    public static string OfEnglish(IReadOnlyList<string> words)
    {
        string spelt = "";
        string direction = "";
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i].Replace("'", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
            string side = Directions.GetValueOrDefault(word) ?? (word is "north" or "south" or "east" or "west" or "middle" ? word : "");
            if (side.Length > 0 && words.Count > 1 && (i == words.Count - 1 || (i == 0 && word == side)))
            {
                direction = " " + side;
            }
            else
            {
                spelt += word;
            }
        }

        return spelt + direction;
    }

    private static SortedDictionary<char, string> Read()
    {
        SortedDictionary<char, string> read = [];
        foreach (string entry in Syllables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int split = 0;
            while (char.IsAsciiLetterLower(entry[split]) || entry[split] == 'ü')
            {
                split++;
            }

            foreach (char character in entry.AsSpan(split))
            {
                read.TryAdd(character, entry[..split]);
            }
        }

        return read;
    }
}
