using Streaming.Models.Readings;
using static Streaming.Models.Registers.RegisterFieldKind;

namespace Streaming.Models.Registers;

/// <summary>
/// The fields of one register, and which of them name its subject. Schemas only grow: a field keeps its number, name and kind, since statements of ten years ago are read by them.
/// </summary>
public sealed class RegisterSchema
{
    private const int NameBytes = 64;

    private static readonly RegisterSchema[] Known = [.. Make().OrderBy(schema => (byte)schema.Register)];

    private readonly RegisterField[] fields;
    private readonly RegisterField?[] byNumber = new RegisterField?[MostFields + 1];

    private RegisterSchema(Register register, string name, string[] key, params RegisterField[] fields)
    {
        Register = register;
        Name = name;
        this.fields = [.. fields.Select(field => field with { NameBytes = System.Text.Encoding.UTF8.GetBytes(field.Name), IsKey = key.Contains(field.Name) })];
        foreach (RegisterField field in Fields)
        {
            if (field.Number is 0 or > MostFields || byNumber[field.Number] is not null)
            {
                throw new InvalidOperationException($"Field {name}.{field.Name} has the number {field.Number}, which is out of range or taken.");
            }

            byNumber[field.Number] = field;
        }

        Key = [.. key.Select(part => Fields.Single(field => field.Name == part))];
    }

    /// <summary>The most fields of a register: they are bits of a word beside those that every record has.</summary>
    public const int MostFields = 57;

    /// <summary>The longest key of a subject within its register, bytes of UTF-8.</summary>
    public const int KeyBytes = 100;

    /// <summary>All registers, by number.</summary>
    public static IReadOnlyList<RegisterSchema> All => Known;

    public Register Register { get; }

    /// <summary>Its name in addresses and files, as <c>vehicles</c>.</summary>
    public string Name { get; }

    /// <summary>The fields that name the subject, in the order in which they stand in its key, with <c>/</c> between.</summary>
    public IReadOnlyList<RegisterField> Key { get; }

    /// <summary>True where its entries are named by what concerns persons, so that their very keys are not for everybody.</summary>
    public bool IsAboutPersons => Key.Any(part => part.IsPersonal);

    public IReadOnlyList<RegisterField> Fields => fields;

    public static RegisterSchema Of(Register register)
    {
        foreach (RegisterSchema schema in Known)
        {
            if (schema.Register == register)
            {
                return schema;
            }
        }

        throw new InvalidDataException($"Unknown register {(byte)register}. It was written by a newer version.");
    }

    /// <summary>The register of a name; null where there is none.</summary>
    public static RegisterSchema? Find(string name)
    {
        foreach (RegisterSchema schema in Known)
        {
            if (schema.Name == name)
            {
                return schema;
            }
        }

        return null;
    }

    /// <summary>The field of a number; a statement with one that is not known was written by a newer version.</summary>
    public RegisterField Field(byte number) =>
        (number <= MostFields ? byNumber[number] : null) ?? throw new InvalidDataException($"Register {Name} has no field {number}. It was written by a newer version.");

    /// <summary>The field of a name; null where there is none.</summary>
    public RegisterField? Find(ReadOnlySpan<byte> name)
    {
        foreach (RegisterField field in fields)
        {
            if (name.SequenceEqual(field.NameBytes))
            {
                return field;
            }
        }

        return null;
    }

    private static IEnumerable<RegisterSchema> Make()
    {
        yield return new RegisterSchema(
            Register.Vehicles, "vehicles", ["plate"],
            Vehicle(1, "plate", "Plate, with its colour", "号牌及颜色", needed: true),
            Choice(2, "vehicleClass", "Body", "车辆类型", [.. VehicleClassNames.All]),
            Count(3, "axles", "Axles", "轴数", 1, 16),
            Count(4, "driveAxles", "Drive axles", "驱动轴数", 1, 8),
            Count(5, "tyres", "Tyres", "轮胎数", 2, 128),
            Mass(6, "ratedLoadKg", "Rated load", "核定载质量"),
            Mass(7, "curbKg", "Curb mass", "整备质量"),
            Mass(8, "permittedGrossKg", "Permitted gross mass", "最大允许总质量"),
            Short(9, "homeProvince", "Home province", "注册省份") with { IsReference = true },
            Short(10, "homeAuthority", "Authority of the home province", "注册地主管机关"),
            Short(11, "owner", "Owner", "所有人") with { IsPersonal = true },
            Short(12, "enterprise", "Operating enterprise", "运营企业") with { IsReference = true },
            Short(13, "vin", "Vehicle identification number", "车辆识别代号") with { IsPersonal = true },
            Flag(14, "hazmat", "Licensed for dangerous goods", "危险货物运输车辆"),
            Short(15, "phone", "Telephone, for notices", "告知电话") with { IsPersonal = true },
            Short(16, "noticeGateway", "Gateway that notices go out by", "告知通道"));

        yield return new RegisterSchema(
            Register.Permits, "permits", ["number"],
            Identifier(1, "number", "Number of the permit", "通行证号"),
            Vehicle(2, "plate", "Vehicle", "车辆", needed: true) with { IsReference = true },
            Mass(3, "grossKg", "Permitted gross mass; absent where the permit is for zones alone", "允许总质量"),
            Count(4, "axles", "Axles", "轴数", 1, 64),
            Length(5, "lengthM", "Length", "车货总长度"),
            Length(6, "widthM", "Width", "车货总宽度"),
            Length(7, "heightM", "Height", "车货总高度"),
            Long(8, "route", "Route", "通行路线"),
            Short(9, "authority", "Authority", "发证机关"),
            Long(10, "zones", "Zones that it opens, by their keys with a space between", "允许进入的区域"));

        yield return new RegisterSchema(
            Register.Enterprises, "enterprises", ["creditCode"],
            Identifier(1, "creditCode", "Unified social credit code", "统一社会信用代码"),
            Short(2, "name", "Name", "名称") with { IsReference = true },
            Several(3, "kinds", "What it does with dangerous goods", "经营类别", "produce", "use", "trade", "transport", "store", "dispose"),
            Long(4, "address", "Address", "地址"),
            Short(5, "district", "District", "辖区") with { IsReference = true },
            Degrees(6, "lat", "Latitude", "纬度", 90),
            Degrees(7, "lon", "Longitude", "经度", 180),
            Count(8, "peopleWithin500M", "People within 500 m", "500米范围内常住人口", 0, 1_000_000),
            Short(9, "contact", "Person in charge", "负责人") with { IsPersonal = true },
            Short(10, "phone", "Telephone", "电话") with { IsPersonal = true },
            Short(11, "noticeGateway", "Gateway that notices go out by", "告知通道"),
            Count(12, "majorHazardLevel", "Registered grade of the major hazard, 1 the gravest; 0 for none", "已备案重大危险源等级，0为非重大危险源", 0, 4),
            Flag(13, "stopped", "Ordered to stop production", "责令停产"));

        yield return new RegisterSchema(
            Register.SubstancePermits, "substance-permits", ["number"],
            Identifier(1, "number", "Number of the permit", "许可证号"),
            Short(2, "enterprise", "Enterprise", "企业") with { IsNeeded = true, IsReference = true },
            Short(3, "substance", "Substance, as UN1017", "物质") with { IsNeeded = true, IsReference = true },
            Several(4, "actions", "What is permitted", "许可范围", "produce", "use", "trade", "transport", "store", "dispose"),
            Quantity(5, "storageKg", "Most that may be stored", "最大储存量"),
            Quantity(6, "yearlyKg", "Most in a year", "年许可量"),
            Short(7, "authority", "Authority", "发证机关"));

        yield return new RegisterSchema(
            Register.Tanks, "tanks", ["enterprise", "unit"],
            Identifier(1, "enterprise", "Enterprise", "企业") with { IsReference = true },
            Identifier(2, "unit", "Tank or process unit", "储罐或装置"),
            Short(3, "substance", "Substance, as UN1017", "物质") with { IsReference = true },
            Quantity(4, "capacityKg", "Capacity", "容量"),
            Scaled(5, "pressureLowKpa", "Lowest pressure, gauge", "压力下限", 3, -105_000, 100_000_000, " kPa"),
            Scaled(6, "pressureHighKpa", "Highest pressure, gauge", "压力上限", 3, -105_000, 100_000_000, " kPa"),
            Scaled(7, "temperatureLowC", "Lowest temperature", "温度下限", 2, -27_315, 200_000, " °C"),
            Scaled(8, "temperatureHighC", "Highest temperature", "温度上限", 2, -27_315, 200_000, " °C"),
            Scaled(9, "levelLowPct", "Lowest level", "液位下限", 2, 0, 10_000, " %"),
            Scaled(10, "levelHighPct", "Highest level", "液位上限", 2, 0, 10_000, " %"));

        yield return new RegisterSchema(
            Register.Drivers, "drivers", ["number"],
            Identifier(1, "number", "Number of the qualification", "从业资格证号") with { IsPersonal = true },
            Short(2, "name", "Name", "姓名") with { IsPersonal = true },
            Short(3, "phone", "Telephone", "电话") with { IsPersonal = true },
            Choice(4, "kind", "Qualified as", "资格类别", "driver", "escort", "loader"),
            Short(5, "enterprise", "Enterprise", "企业") with { IsReference = true });

        yield return new RegisterSchema(
            Register.Waybills, "waybills", ["number"],
            Identifier(1, "number", "Number of the waybill", "运单号"),
            Vehicle(2, "plate", "Vehicle", "车辆", needed: true) with { IsReference = true },
            Short(3, "driver", "Driver", "驾驶人") with { IsPersonal = true, IsReference = true },
            Short(4, "substance", "Substance, as UN1017", "货物") with { IsReference = true },
            Short(5, "hazardClass", "Class of the dangerous goods", "类别项别"),
            Quantity(6, "massKg", "Mass", "质量"),
            Short(7, "consignor", "Consignor", "托运人") with { IsReference = true },
            Short(8, "consignee", "Consignee", "收货人") with { IsReference = true },
            Short(9, "loadSite", "Loading place", "装货地"),
            Short(10, "unloadSite", "Unloading place", "卸货地"),
            Moment(11, "departure", "Departure", "起运时间"),
            Moment(12, "arrival", "Arrival", "到达时间"));

        yield return new RegisterSchema(
            Register.Sites, "sites", ["id"],
            Identifier(1, "id", "Id", "编号"),
            Short(2, "name", "Name", "名称") with { IsReference = true },
            Short(3, "enterprise", "Enterprise", "企业") with { IsReference = true },
            Several(4, "kinds", "What happens there", "用途", "load", "unload"),
            Degrees(5, "lat", "Latitude", "纬度", 90),
            Degrees(6, "lon", "Longitude", "经度", 180),
            Count(7, "radiusM", "How far it reaches", "半径", 1, 100_000) with { Unit = " m" },
            Short(8, "district", "District", "辖区") with { IsReference = true },
            Short(9, "phone", "Telephone, for notices", "告知电话") with { IsPersonal = true },
            Short(10, "noticeGateway", "Gateway that notices go out by", "告知通道"));

        yield return new RegisterSchema(
            Register.Roads, "roads", ["id"],
            Identifier(1, "id", "Id", "编号"),
            Short(2, "name", "Name", "名称") with { IsReference = true },
            Shape(3, "geometry", "Course", "线形"),
            Scaled(4, "speedKmh", "Speed limit", "限速", 0, 1, 200, " km/h"),
            Choice(5, "kind", "Kind of road", "道路类别", "expressway", "trunk", "urban", "rural"),
            Short(6, "district", "District", "辖区") with { IsReference = true });

        yield return new RegisterSchema(
            Register.Zones, "zones", ["id"],
            Identifier(1, "id", "Id", "编号"),
            Short(2, "name", "Name", "名称") with { IsReference = true },
            Shape(3, "geometry", "Area", "范围") with { IsNeeded = true },
            Choice(4, "rule", "What holds in it", "管理要求", "restricted", "slow", "hours") with { IsNeeded = true },
            Scaled(5, "speedKmh", "Speed limit", "限速", 0, 1, 200, " km/h"),
            Short(6, "hours", "Hours at which it is closed, as 07:00-09:00,17:00-19:00", "禁行时段"),
            Short(7, "district", "District", "辖区") with { IsReference = true },
            Several(8, "for", "Whom it is for; trucks of dangerous goods where nobody is named", "适用车辆", ["hazmat", .. VehicleClassNames.All]));

        yield return new RegisterSchema(
            Register.Stations, "stations", ["id"],
            Identifier(1, "id", "Id", "编号"),
            Short(2, "name", "Name", "名称") with { IsReference = true },
            Short(3, "road", "Road", "道路") with { IsReference = true },
            Degrees(4, "lat", "Latitude", "纬度", 90),
            Degrees(5, "lon", "Longitude", "经度", 180),
            Count(6, "lanes", "Lanes", "车道数", 1, 64),
            Scaled(7, "accuracyPct", "Accuracy of the gross mass", "准确度等级", 2, 1, 10_000, " %"),
            Moment(8, "calibrated", "Calibrated", "检定日期"),
            Moment(9, "calibrationDue", "Next calibration due", "检定有效期至"),
            Short(10, "district", "District", "辖区") with { IsReference = true },
            Short(11, "accuracyClass", "Accuracy class, as COST 323 B+(7) or JJG 907 5", "准确度等级名称"));

        yield return new RegisterSchema(
            Register.Distances, "distances", ["from", "to"],
            Identifier(1, "from", "From station", "起点站"),
            Identifier(2, "to", "To station", "终点站"),
            Count(3, "distanceM", "Distance by road", "路网距离", 1, 10_000_000) with { Unit = " m", IsNeeded = true });

        yield return new RegisterSchema(
            Register.Staff, "staff", ["id"],
            Identifier(1, "id", "Id", "编号"),
            Short(2, "name", "Name", "姓名") with { IsPersonal = true },
            Short(3, "department", "Department", "部门") with { IsReference = true },
            Short(4, "district", "District", "辖区") with { IsReference = true },
            Short(5, "phone", "Telephone", "电话") with { IsPersonal = true },
            Short(6, "duty", "Duty", "岗位"));
    }

    private static RegisterField Plain(byte number, string name, RegisterFieldKind kind, string en, string zh) => new() { Number = number, Name = name, Kind = kind, En = en, Zh = zh };

    /// <summary>A part of a key, so one level of a topic at most.</summary>
    private static RegisterField Identifier(byte number, string name, string en, string zh) => Plain(number, name, Text, en, zh) with { Bytes = NameBytes, IsNeeded = true };

    private static RegisterField Short(byte number, string name, string en, string zh) => Plain(number, name, Text, en, zh) with { Bytes = 128 };

    private static RegisterField Long(byte number, string name, string en, string zh) => Plain(number, name, Text, en, zh) with { Bytes = 1024 };

    private static RegisterField Vehicle(byte number, string name, string en, string zh, bool needed) => Plain(number, name, Plate, en, zh) with { Bytes = 48, IsNeeded = needed };

    private static RegisterField Scaled(byte number, string name, string en, string zh, int decimals, long least, long most, string unit) =>
        Plain(number, name, Number, en, zh) with { Decimals = decimals, Least = least, Most = most, Unit = unit };

    private static RegisterField Count(byte number, string name, string en, string zh, long least, long most) => Scaled(number, name, en, zh, 0, least, most, "");

    private static RegisterField Mass(byte number, string name, string en, string zh) => Scaled(number, name, en, zh, 0, 1, 1_000_000, " kg");

    /// <summary>Goods, in grams.</summary>
    private static RegisterField Quantity(byte number, string name, string en, string zh) => Scaled(number, name, en, zh, 3, 0, 1_000_000_000_000, " kg");

    private static RegisterField Length(byte number, string name, string en, string zh) => Scaled(number, name, en, zh, 3, 1, 200_000, " m");

    private static RegisterField Degrees(byte number, string name, string en, string zh, int most) => Scaled(number, name, en, zh, 6, -most * 1_000_000L, most * 1_000_000L, " degrees");

    private static RegisterField Moment(byte number, string name, string en, string zh) => Plain(number, name, Time, en, zh);

    private static RegisterField Shape(byte number, string name, string en, string zh) => Plain(number, name, Geometry, en, zh) with { Bytes = 16 * 1024 };

    private static RegisterField Choice(byte number, string name, string en, string zh, params string[] choices) => Plain(number, name, Word, en, zh) with { Choices = choices, Bytes = 32 };

    private static RegisterField Several(byte number, string name, string en, string zh, params string[] choices) => Plain(number, name, Words, en, zh) with { Choices = choices, Bytes = 256 };

    private static RegisterField Flag(byte number, string name, string en, string zh) => Choice(number, name, en, zh, "yes", "no");
}
