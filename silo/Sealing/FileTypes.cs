namespace Streaming.Silo.Sealing;

/// <summary>What a file is, by its first bytes: the sender's word for it is not asked. PNG: ISO/IEC 15948, 5.2; JPEG: ITU-T T.81, B.1.1.3, SOI and the next marker; PDF: ISO 32000-1, 7.5.2.</summary>
internal static class FileTypes
{
    public const string Png = "image/png";
    public const string Jpeg = "image/jpeg";
    public const string Pdf = "application/pdf";

    /// <summary>The type; null for any that is not taken.</summary>
    public static string? Of(ReadOnlySpan<byte> file) =>
        file.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? Png
        : file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? Jpeg
        : file.StartsWith("%PDF-"u8) ? Pdf
        : null;

    public static bool IsPicture(string type) => type is Png or Jpeg;

    /// <summary>How a file of a type is called.</summary>
    public static string Extension(string? type) => type switch
    {
        Png => "png",
        Jpeg => "jpg",
        Pdf => "pdf",
        "application/json" => "json",
        _ => "bin",
    };
}
