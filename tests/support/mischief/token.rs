//! Faults of sync tokens and of the book's version: refused, paged, lied about.

use cardweave::demo::server::{Answer, Books, Place, Request, Response};

use super::multistatus::{Multistatus, change_between, href};
use super::{Notes, family, is_report, writing};

family! {
    /// What is wrong with sync-collection.
    Token {
        /// 403 for every token, however young; the empty one is taken.
        Invalid403 = "sync_invalid",
        /// The same with 412, as Xandikos says it.
        Invalid412 = "sync_invalid_412",
        /// A token that is not taken is answered with everything, as SOGo does.
        InvalidFull = "sync_invalid_full",
        /// 403 supported-report, and no property speaks of it.
        Unsupported = "sync_unsupported",
        /// Two members at a time, each with 507 and the token to go on with.
        Paged = "sync_paged",
        /// Says that nothing has changed, and gives the token of today.
        Lies = "sync_lies",
        /// Leaves out the last change.
        Omits = "sync_omits",
        /// Never says that a card is gone.
        NoDeletes = "sync_no_deletes",
        /// An answer without a token.
        Tokenless = "sync_no_token",
        /// The ctag that was said first, for ever.
        CtagFrozen = "ctag_frozen",
        /// No ctag and no token among the properties.
        CtagNone = "ctag_none",
    }
}

impl Token {
    pub(super) fn suits(self, request: &Request) -> bool {
        let is_sync = is_report(request, "sync-collection");
        match self {
            Token::Unsupported => is_sync || request.method == "PROPFIND",
            Token::CtagFrozen | Token::CtagNone => request.method == "PROPFIND",
            Token::Invalid403
            | Token::Invalid412
            | Token::InvalidFull
            | Token::Lies
            | Token::Omits => is_sync && token(request).is_some(),
            Token::Paged | Token::NoDeletes | Token::Tokenless => is_sync,
        }
    }

    pub(super) fn before(
        self,
        request: &mut Request,
        books: &mut Books,
        notes: &mut Notes,
    ) -> Option<Answer> {
        let refused =
            |status, condition| Some(Answer::Response(writing::refusal(status, condition)));
        match self {
            Token::Invalid403 => refused(403, "<D:valid-sync-token/>"),
            Token::Invalid412 => refused(412, "<D:valid-sync-token/>"),
            Token::Unsupported if request.method == "REPORT" => {
                refused(403, "<D:supported-report/>")
            }
            Token::InvalidFull => {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                request.body = body.replace(token(request)?.as_str(), "").into_bytes();
                None
            }
            Token::Paged => {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                let end = body.rfind("</")?;
                let limit = "<limit xmlns=\"DAV:\"><nresults>2</nresults></limit>";
                request.body = format!("{}{limit}{}", &body[..end], &body[end..]).into_bytes();
                None
            }
            Token::Lies => {
                let Some(Place::Book(name)) = Place::parse(&request.path) else {
                    return None;
                };
                notes.count += 1;
                let token = books.book(&name)?.token();
                let body = format!(
                    "<?xml version=\"1.0\"?>\n<D:multistatus xmlns:D=\"DAV:\"><D:sync-token>{token}</D:sync-token>\
                     </D:multistatus>"
                );
                Some(Answer::Response(Response::xml(207, body)))
            }
            _ => None,
        }
    }

    pub(super) fn after(
        self,
        request: &Request,
        _books: &Books,
        mut response: Response,
        notes: &mut Notes,
    ) -> Response {
        let text = String::from_utf8_lossy(&response.body).into_owned();
        match self {
            Token::Unsupported => {
                let report = "<D:supported-report><D:report><D:sync-collection/></D:report></D:supported-report>";
                let hidden = text.replace(report, "");
                response.body = without(&hidden, "D:sync-token").into_bytes();
            }
            Token::CtagNone => {
                response.body = without(&without(&text, "D:sync-token"), "CS:getctag").into_bytes();
            }
            Token::Tokenless => response.body = without(&text, "D:sync-token").into_bytes(),
            Token::CtagFrozen => {
                let mut frozen = text;
                for element in ["D:sync-token", "CS:getctag"] {
                    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
                    frozen = change_between(&frozen, &open, &close, |today| {
                        let key = ("ctag_frozen", format!("{element} {}", request.path));
                        notes
                            .said
                            .entry(key)
                            .or_insert_with(|| today.to_owned())
                            .clone()
                    });
                }
                response.body = frozen.into_bytes();
            }
            Token::Omits | Token::NoDeletes => {
                let Some(mut multistatus) = Multistatus::of(&response) else {
                    return response;
                };
                if self == Token::Omits {
                    multistatus
                        .members()
                        .last()
                        .map(|at| multistatus.responses.remove(*at));
                } else {
                    multistatus.responses.retain(|response| {
                        href(response).ends_with('/') || !response.contains("HTTP/1.1 404")
                    });
                }
                return multistatus.into(response);
            }
            _ => {}
        }
        response
    }
}

/// The token of a sync-collection request, if it has one that is not empty.
fn token(request: &Request) -> Option<String> {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let inside = &body[body.find("sync-token>")? + "sync-token>".len()..];
    let token = inside[..inside.find('<')?].trim();
    (!token.is_empty()).then(|| token.to_owned())
}

/// The text without an element and what is in it.
fn without(text: &str, element: &str) -> String {
    let emptied = change_between(
        text,
        &format!("<{element}>"),
        &format!("</{element}>"),
        |_| String::new(),
    );
    emptied.replace(&format!("<{element}></{element}>"), "")
}
