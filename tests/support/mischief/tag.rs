//! Faults of ETags: none, weak, with a suffix, without quotes, never still, never moving.

use cardweave::demo::server::{Request, Response};

use super::multistatus::change_between;
use super::{Notes, family};

family! {
    /// What is wrong with the ETags that the server names; those it takes are the right ones.
    Tag {
        NoneOnPut = "etag_none",
        /// A PUT names another ETag than the listing does later.
        OtherOnPut = "etag_other_on_put",
        /// `W/` before each.
        Weak = "etag_weak",
        /// `-gzip` inside each, as a compressing proxy does.
        Gzip = "etag_gzip",
        /// Listings without the quotes.
        Unquoted = "etag_unquoted",
        /// Another one each time.
        Flapping = "etag_flapping",
        /// The one that was said first, for ever.
        Frozen = "etag_frozen",
    }
}

impl Tag {
    pub(super) fn suits(self, request: &Request) -> bool {
        match self {
            Tag::NoneOnPut | Tag::OtherOnPut => request.method == "PUT",
            Tag::Unquoted => matches!(request.method.as_str(), "PROPFIND" | "REPORT"),
            _ => matches!(
                request.method.as_str(),
                "PROPFIND" | "REPORT" | "GET" | "HEAD" | "PUT"
            ),
        }
    }

    pub(super) fn after(
        self,
        request: &Request,
        mut response: Response,
        notes: &mut Notes,
    ) -> Response {
        notes.count += 1;
        let count = notes.count;
        let mut change = |href: &str, etag: &str| match self {
            Tag::NoneOnPut | Tag::OtherOnPut => "\"another\"".to_owned(),
            Tag::Weak => format!("W/{etag}"),
            Tag::Gzip => format!("{}-gzip\"", etag.trim_end_matches('"')),
            Tag::Unquoted => etag.trim_matches('"').to_owned(),
            Tag::Flapping => format!("\"{count}-{}", etag.trim_start_matches('"')),
            Tag::Frozen => {
                let key = ("etag_frozen", href.to_owned());
                notes
                    .said
                    .entry(key)
                    .or_insert_with(|| etag.to_owned())
                    .clone()
            }
        };
        if let Some(etag) = response.header("ETag").map(str::to_owned) {
            let changed = change(&request.path, &etag);
            response.set("ETag", (self != Tag::NoneOnPut).then_some(changed.as_str()));
        }
        let Ok(text) = String::from_utf8(response.body.clone()) else {
            return response;
        };
        if response.status == 207 {
            let changed = change_between(&text, "<D:response>", "</D:response>", |member| {
                let href = super::multistatus::href(member).to_owned();
                change_between(member, "<D:getetag>", "</D:getetag>", |etag| {
                    // What has no ETag (the book, under 404) is named without one.
                    if etag.is_empty() {
                        return String::new();
                    }
                    change(&href, &etag.replace("&quot;", "\"")).replace('"', "&quot;")
                })
            });
            response.body = changed.into_bytes();
        }
        response
    }
}
