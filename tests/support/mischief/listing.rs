//! Faults of listings and of many cards at once: the family that deletes contacts.

use cardweave::demo::server::{Request, Response};

use super::multistatus::{Multistatus, between, change_between, href};
use super::{Notes, family, is_listing, is_report};

family! {
    /// What is wrong with what a listing says, though it is well-formed.
    Listing {
        /// No member at all.
        Empty = "empty_listing",
        /// Every second member.
        Partial = "partial_listing",
        /// The first member without its ETag, and the second with the ETag under 404.
        MissingEtag = "missing_etag",
        /// The first member answers 404.
        Member404 = "member_404",
        /// The first member answers 500.
        Member500 = "member_500",
        /// What the first listing said, for ever.
        Stale = "stale",
        /// Each member twice.
        DuplicateHrefs = "dup_hrefs",
        /// A member that is a folder.
        Subfolder = "subfolder",
        /// A multiget that leaves the first card out.
        MultigetOmits = "multiget_omits",
        /// A multiget with nothing in place of the first card.
        MultigetEmpty = "multiget_empty",
        /// A multiget in which the first card stands under 404 although it is there.
        Multiget404 = "multiget_404",
        /// A multiget that adds a card that nobody asked for.
        MultigetUnsolicited = "multiget_unsolicited",
        /// A multiget in which the first two cards have each other's text.
        MultigetSwapped = "multiget_swapped",
    }
}

impl Listing {
    pub(super) fn suits(self, request: &Request) -> bool {
        match self {
            Listing::MultigetOmits
            | Listing::MultigetEmpty
            | Listing::Multiget404
            | Listing::MultigetUnsolicited
            | Listing::MultigetSwapped => is_report(request, "addressbook-multiget"),
            _ => is_listing(request),
        }
    }

    pub(super) fn after(
        self,
        request: &Request,
        response: Response,
        notes: &mut Notes,
    ) -> Response {
        let Some(mut multistatus) = Multistatus::of(&response) else {
            return response;
        };
        let members = multistatus.members();
        let first = members.first().copied();
        let answers = |at: usize, status: &str, multistatus: &Multistatus| {
            let href = href(&multistatus.responses[at]);
            format!(
                "<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>\n"
            )
        };
        match (self, first) {
            (Listing::Empty, _) => multistatus
                .responses
                .retain(|response| href(response).ends_with('/')),
            (Listing::Partial, _) => {
                let mut number = 0;
                multistatus.responses.retain(|response| {
                    number += usize::from(!href(response).ends_with('/'));
                    href(response).ends_with('/') || number % 2 == 1
                });
            }
            (Listing::MissingEtag, Some(at)) => {
                let whole = &mut multistatus.responses[at];
                let etag = between(whole, "<D:getetag>", "</D:getetag>").unwrap_or_default();
                *whole = whole.replace(&format!("<D:getetag>{etag}</D:getetag>"), "");
                if let Some(second) = members.get(1) {
                    let whole = &mut multistatus.responses[*second];
                    *whole = whole.replace("HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found");
                }
            }
            (Listing::Member404 | Listing::Multiget404, Some(at)) => {
                multistatus.responses[at] = answers(at, "404 Not Found", &multistatus);
            }
            (Listing::Member500, Some(at)) => {
                multistatus.responses[at] = answers(at, "500 Internal Server Error", &multistatus);
            }
            (Listing::Stale, _) => {
                let said = String::from_utf8_lossy(&response.body).into_owned();
                let key = ("stale", format!("{} {}", request.method, request.path));
                let body = notes.said.entry(key).or_insert(said).clone().into_bytes();
                return Response { body, ..response };
            }
            (Listing::DuplicateHrefs, _) => {
                let twice: Vec<String> = members
                    .iter()
                    .map(|at| multistatus.responses[*at].clone())
                    .collect();
                multistatus.responses.extend(twice);
            }
            (Listing::Subfolder, _) => {
                let path = request.path.trim_end_matches('/');
                multistatus.responses.push(format!(
                    "<D:response><D:href>{path}/sub/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>\
                     </D:resourcetype><D:getetag>\"sub\"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status>\
                     </D:propstat></D:response>\n"
                ));
            }
            (Listing::MultigetOmits, Some(at)) => drop(multistatus.responses.remove(at)),
            (Listing::MultigetEmpty, Some(at)) => {
                let whole = &multistatus.responses[at];
                multistatus.responses[at] =
                    change_between(whole, "<C:address-data>", "</C:address-data>", |_| {
                        String::new()
                    });
            }
            (Listing::MultigetUnsolicited, Some(at)) => {
                let whole = &multistatus.responses[at];
                let stranger = change_between(whole, "<D:href>", "</D:href>", |href| {
                    href.replace(".vcf", "-stranger.vcf")
                });
                multistatus.responses.push(stranger);
            }
            (Listing::MultigetSwapped, Some(at)) if members.len() > 1 => {
                let other = members[1];
                let (one, two) = (
                    multistatus.responses[at].clone(),
                    multistatus.responses[other].clone(),
                );
                let (first, second) = (href(&one), href(&two));
                multistatus.responses[at] = one.replacen(first, second, 1);
                multistatus.responses[other] = two.replacen(second, first, 1);
            }
            // An empty book has nothing that could be spoilt.
            _ => {}
        }
        multistatus.into(response)
    }
}
