using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Streaming.Ingest.Mqtt.Doors;

/// <summary>Reads of a certificate what says who its holder is.</summary>
internal static class CertificateNames
{
    private const string CommonName = "2.5.4.3";
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag DnsName = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UniformResourceIdentifier = new(TagClass.ContextSpecific, 6);

    /// <summary>RFC 5280 sections 4.1.2.6 and 4.2.1.6: the subject's common names, and the DNS names and URIs of the subject alternative name; at most <see cref="MqttLimits.CertificateNames"/>.</summary>
    public static string[] Of(X509Certificate2 certificate)
    {
        List<string> names = [];
        try
        {
            foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
            {
                if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonName && part.GetSingleElementValue() is { } name)
                {
                    names.Add(name);
                }
            }

            foreach (X509Extension extension in certificate.Extensions.Where(each => each.Oid?.Value == SubjectAlternativeName))
            {
                AsnReader all = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (all.HasData && names.Count < MqttLimits.CertificateNames)
                {
                    Asn1Tag tag = all.PeekTag();
                    if (tag.HasSameClassAndValue(DnsName) || tag.HasSameClassAndValue(UniformResourceIdentifier))
                    {
                        names.Add(all.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    }
                    else
                    {
                        all.ReadEncodedValue();
                    }
                }
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            // A name that is not well-formed names nobody; those before it still count.
        }

        return [.. names.Distinct(StringComparer.Ordinal).Take(MqttLimits.CertificateNames)];
    }
}
