//! Faults of the body: bombs, wrong charsets, pages instead of answers, legal but rare XML.

use cardweave::demo::server::{Request, Response};

use super::family;
use super::multistatus::change_between;

family! {
    /// What is wrong with the text of an answer.
    Markup {
        /// Entities of entities, a billion laughs.
        EntityBomb = "entity_bomb",
        /// One long entity, used many times.
        Quadratic = "quadratic",
        /// An entity from a file of the client's machine.
        ExternalEntity = "xxe",
        /// 100,000 elements in each other.
        DeepXml = "deep_xml",
        TruncatedXml = "truncated_xml",
        Garbage = "garbage",
        /// A login page, with 200.
        Html200 = "html_200",
        NoContent = "204",
        Empty200 = "200_empty",
        Latin1Body = "latin1_body",
        /// Declared, so it is legal.
        Utf16Body = "utf16_body",
        /// Other prefixes and CDATA: legal.
        XmlPrefix = "xml_prefix",
        /// U+0001 in the text of one card, which XML forbids.
        XmlControl = "xml_control",
        /// A card of 30 MB.
        BigCard = "big_card",
    }
}

const TEXT: (&str, &str) = ("<C:address-data>", "</C:address-data>");

impl Markup {
    pub(super) fn suits(self, request: &Request) -> bool {
        match self {
            Markup::Html200 | Markup::NoContent | Markup::Empty200 | Markup::Garbage => true,
            Markup::XmlControl | Markup::BigCard => super::is_report(request, "address-data"),
            _ => matches!(request.method.as_str(), "PROPFIND" | "REPORT"),
        }
    }

    pub(super) fn after(self, mut response: Response) -> Response {
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let (head, rest) = text.split_once("?>\n").unwrap_or(("", &text));
        let with_doctype = |doctype: &str, entity: &str| {
            let spoilt = rest.replacen("<D:href>", &format!("<D:href>{entity}"), 1);
            format!("{head}?>\n<!DOCTYPE D:multistatus [{doctype}]>\n{spoilt}").into_bytes()
        };
        response.body = match self {
            Markup::EntityBomb => {
                let laughs: String = (1..10)
                    .map(|level| {
                        let inner = format!("&l{};", level - 1).repeat(10);
                        format!("<!ENTITY l{level} \"{inner}\">")
                    })
                    .collect();
                with_doctype(&format!("<!ENTITY l0 \"ha\">{laughs}"), "&l9;")
            }
            Markup::Quadratic => {
                let long = format!("<!ENTITY a \"{}\">", "a".repeat(100_000));
                with_doctype(&long, &"&a;".repeat(20_000))
            }
            Markup::ExternalEntity => {
                with_doctype("<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&x;")
            }
            Markup::DeepXml => {
                let deep = format!("{}{}", "<D:x>".repeat(100_000), "</D:x>".repeat(100_000));
                text.replacen("</D:multistatus>", &format!("{deep}</D:multistatus>"), 1)
                    .into_bytes()
            }
            Markup::TruncatedXml => response.body[..response.body.len() * 2 / 3].to_vec(),
            Markup::Garbage => (0..4_000_u32)
                .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
                .collect(),
            Markup::Html200 => {
                response.status = 200;
                response.headers = vec![("Content-Type".into(), "text/html; charset=utf-8".into())];
                b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><form>Sign in<br></form></body></html>"
                    .to_vec()
            }
            Markup::NoContent => {
                response.status = 204;
                response.headers.clear();
                Vec::new()
            }
            Markup::Empty200 => {
                response.status = 200;
                Vec::new()
            }
            Markup::Latin1Body => text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'))
                .collect(),
            Markup::Utf16Body => {
                response.set("Content-Type", Some("application/xml; charset=utf-16"));
                let declared = text.replacen("encoding=\"utf-8\"", "encoding=\"utf-16\"", 1);
                let units = std::iter::once(0xFEFF).chain(declared.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
            Markup::XmlPrefix => {
                // CDATA keeps a carriage return no better than text does, so only hrefs are wrapped.
                let wrapped = change_between(&text, "<D:href>", "</D:href>", |href| {
                    let plain = href.replace("&amp;", "&");
                    format!("<![CDATA[{plain}]]>")
                });
                wrapped
                    .replace("xmlns:D=", "xmlns:a1=")
                    .replace("<D:", "<a1:")
                    .replace("</D:", "</a1:")
                    .replace("xmlns:C=", "xmlns:a-2.b=")
                    .replace("<C:", "<a-2.b:")
                    .replace("</C:", "</a-2.b:")
                    .into_bytes()
            }
            Markup::XmlControl => text
                .replacen(TEXT.0, &format!("{}\u{1}", TEXT.0), 1)
                .into_bytes(),
            Markup::BigCard => {
                let note = format!("NOTE:{}&#13;\nEND:VCARD", "x".repeat(30_000_000));
                text.replacen("END:VCARD", &note, 1).into_bytes()
            }
        };
        response
    }
}
