//! Faults of names: hostile members, and legal spellings that clients trip over.

use std::fmt::Write as _;

use cardweave::demo::server::{Request, Response};

use super::multistatus::{Multistatus, change_between};
use super::{family, is_listing};

family! {
    /// How members are named.
    Spelling {
        /// One more member: a way out of the book.
        Traversal = "href_traversal",
        EncodedSlash = "href_enc_slash",
        OtherHost = "href_other_host",
        /// One more member, of another book.
        Outside = "href_outside",
        Nul = "href_nul",
        Newline = "href_newline",
        Ansi = "href_ansi",
        /// One more member with a name of 4,000 characters.
        Long = "href_long",
        /// All members by their last segment alone: legal.
        Relative = "href_relative",
        /// All members without percent-encoding.
        Unencoded = "href_unencoded",
        /// All members encoded as far as possible, in lower-case hex: legal.
        LowerHex = "href_lowerhex",
        /// All members with scheme and host: legal.
        Absolute = "href_absolute",
    }
}

impl Spelling {
    /// The member that is added to listings, or `None` where members are only spelt otherwise.
    fn stranger(self, request: &Request) -> Option<String> {
        let book = request.path.trim_end_matches('/');
        Some(match self {
            Spelling::Traversal => format!("{book}/../../../../etc/stranger.vcf"),
            Spelling::EncodedSlash => format!("{book}/..%2F..%2F..%2Fetc%2Fstranger.vcf"),
            Spelling::OtherHost => format!("http://contacts.invalid{book}/stranger.vcf"),
            Spelling::Outside => "/books/elsewhere/stranger.vcf".into(),
            Spelling::Nul => format!("{book}/stran%00ger.vcf"),
            Spelling::Newline => format!("{book}/stran%0Ager.vcf"),
            Spelling::Ansi => format!("{book}/%1B%5B31mstranger%1B%5D0;title%07.vcf"),
            Spelling::Long => format!("{book}/{}.vcf", "stranger".repeat(500)),
            Spelling::Relative | Spelling::Unencoded | Spelling::LowerHex | Spelling::Absolute => {
                return None;
            }
        })
    }

    pub(super) fn after(self, request: &Request, response: Response) -> Response {
        let Some(mut multistatus) = Multistatus::of(&response) else {
            return response;
        };
        match self.stranger(request) {
            Some(href) if is_listing(request) => {
                multistatus.responses.push(member(&href, ""));
            }
            // Whoever asks for the stranger is answered: it exists under its name.
            Some(href) => {
                for response in &mut multistatus.responses {
                    if super::multistatus::href(response) == href {
                        *response = member(&href, CARD);
                    }
                }
            }
            None => {
                let host = request.header("Host").unwrap_or_default();
                for response in &mut multistatus.responses {
                    *response = change_between(response, "<D:href>", "</D:href>", |href| {
                        if href.ends_with('/') {
                            href.to_owned()
                        } else {
                            self.respell(href, host)
                        }
                    });
                }
            }
        }
        multistatus.into(response)
    }

    fn respell(self, href: &str, host: &str) -> String {
        let (folder, name) = href.rsplit_once('/').unwrap_or(("", href));
        match self {
            Spelling::Relative => name.to_owned(),
            Spelling::Absolute => format!("http://{host}{href}"),
            Spelling::Unencoded => {
                let plain = String::from_utf8_lossy(&decode(name))
                    .replace('&', "&amp;")
                    .replace('<', "&lt;");
                format!("{folder}/{plain}")
            }
            Spelling::LowerHex => {
                let mut text = format!("{folder}/");
                for byte in decode(name) {
                    write!(text, "%{byte:02x}").expect("writing to a String cannot fail");
                }
                text
            }
            _ => href.to_owned(),
        }
    }
}

/// What a stranger holds.
const CARD: &str = "BEGIN:VCARD&#13;\nVERSION:3.0&#13;\nUID:stranger&#13;\nFN:A Stranger&#13;\nN:Stranger;A;;;&#13;\n\
                    END:VCARD&#13;\n";

fn member(href: &str, card: &str) -> String {
    let data = if card.is_empty() {
        String::new()
    } else {
        format!("<C:address-data>{card}</C:address-data>")
    };
    format!(
        "<D:response><D:href>{href}</D:href><D:propstat><D:prop><D:getetag>\"stranger\"</D:getetag>{data}</D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\n"
    )
}

fn decode(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match digits
            .filter(|_| first == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}
