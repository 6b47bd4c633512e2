//! Faults of writes: refused, refused after all, lied about, and others who are faster.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cardweave::demo::server::{Answer, Books, Request, Response};

use super::multistatus::change_between;
use super::{family, is_write};

family! {
    /// What goes wrong with a PUT or a DELETE, and the refusals that any request may meet.
    Writing {
        Unauthorized = "401",
        Forbidden = "403",
        Conflict = "409",
        /// Although the precondition holds.
        PreconditionFailed = "412",
        TooLarge = "413",
        UnsupportedMedia = "415",
        Locked = "423",
        InsufficientStorage = "507",
        Internal = "500",
        /// Come back in a second.
        TooMany = "429",
        TooManyDate = "429_date",
        /// Come back in an hour.
        TooManyHour = "429_hour",
        Unavailable = "503",
        UnavailableDate = "503_date",
        UnavailableHour = "503_hour",
        /// 503 without Retry-After.
        UnavailableBare = "503_bare",
        /// Applied, and yet refused.
        InternalAfter = "500_after",
        UnavailableAfter = "503_after",
        PreconditionFailedAfter = "412_after",
        /// Half of the card is stored, and the connection drops.
        TornPut = "torn_put",
        /// 201 or 204, and nothing is stored.
        PutLies = "put_lies",
        /// 204, and nothing is deleted.
        DeleteLies = "delete_lies",
        /// Another client edits the card right before.
        EditBehind = "edit_behind",
        /// Another client deletes the card right before.
        DeleteBehind = "delete_behind",
        /// Another client makes a card of this name right before.
        CreateBehind = "create_behind",
        UidConflict = "uid_conflict",
        /// Cards above 1,000 bytes are refused, and the property says so.
        MaxSize = "max_size",
        /// Every write is refused, and the privileges say so.
        ReadOnly = "readonly",
        /// 4.0 is refused, and the property says so.
        OnlyV3 = "only_v3",
    }
}

impl Writing {
    pub(super) fn suits(self, request: &Request) -> bool {
        let is_put = request.method == "PUT";
        match self {
            Writing::Unauthorized
            | Writing::Internal
            | Writing::TooMany
            | Writing::TooManyDate
            | Writing::TooManyHour
            | Writing::Unavailable
            | Writing::UnavailableDate
            | Writing::UnavailableHour
            | Writing::UnavailableBare => true,
            Writing::ReadOnly => is_write(request) || request.method == "PROPFIND",
            Writing::MaxSize | Writing::OnlyV3 => is_put || request.method == "PROPFIND",
            Writing::TornPut | Writing::PutLies | Writing::UidConflict | Writing::CreateBehind => {
                is_put
            }
            Writing::DeleteLies => request.method == "DELETE",
            _ => is_write(request),
        }
    }

    pub(super) fn before(self, request: &mut Request, books: &mut Books) -> Option<Answer> {
        let had = books.card(&request.path).map(|kept| kept.body.clone());
        let fails = !preconditions_hold(request, books);
        let later = |status: u16, when: String| Response::empty(status).with("Retry-After", when);
        let response = match self {
            Writing::Unauthorized => {
                Response::empty(401).with("WWW-Authenticate", "Basic realm=\"cardweave\"")
            }
            Writing::Forbidden => Response::empty(403),
            Writing::Conflict => Response::empty(409),
            Writing::PreconditionFailed => Response::empty(412),
            Writing::TooLarge => Response::empty(413),
            Writing::UnsupportedMedia => Response::empty(415),
            Writing::Locked => refusal(423, "<D:lock-token-submitted/>"),
            Writing::InsufficientStorage => refusal(507, "<D:quota-not-exceeded/>"),
            Writing::Internal => Response::empty(500),
            Writing::TooMany => later(429, "1".into()),
            Writing::TooManyDate => later(429, date_in(Duration::from_secs(2))),
            Writing::TooManyHour => later(429, "3600".into()),
            Writing::Unavailable => later(503, "1".into()),
            Writing::UnavailableDate => later(503, date_in(Duration::from_secs(2))),
            Writing::UnavailableHour => later(503, date_in(Duration::from_secs(3600))),
            Writing::UnavailableBare => Response::empty(503),
            // A lie or a torn write is only worth its name where an honest server would have written.
            _ if fails => return None,
            Writing::TornPut => {
                let half = request.body[..request.body.len() / 2].to_vec();
                books.put(&request.path, &half);
                return Some(Answer::Steps(Vec::new()));
            }
            Writing::PutLies => {
                Response::empty(if had.is_some() { 204 } else { 201 }).with("ETag", "\"a-lie\"")
            }
            Writing::DeleteLies => Response::empty(204),
            Writing::UidConflict => refusal(
                409,
                "<C:no-uid-conflict><D:href>/books/people/other.vcf</D:href></C:no-uid-conflict>",
            ),
            Writing::EditBehind => {
                let text = String::from_utf8_lossy(&had?).into_owned();
                let edited = text.replacen("END:VCARD", "X-BEHIND:edited\r\nEND:VCARD", 1);
                books.put(&request.path, edited.as_bytes());
                return None;
            }
            Writing::DeleteBehind => {
                books.delete(&request.path);
                return None;
            }
            Writing::CreateBehind => {
                if had.is_none() {
                    books.put(&request.path, SQUATTER.as_bytes());
                }
                return None;
            }
            Writing::MaxSize if request.method == "PUT" && request.body.len() > 1_000 => {
                refusal(403, "<C:max-resource-size/>")
            }
            Writing::OnlyV3 if String::from_utf8_lossy(&request.body).contains("VERSION:4.0") => {
                refusal(403, "<C:supported-address-data/>")
            }
            Writing::ReadOnly if is_write(request) => refusal(
                403,
                &format!(
                    "<D:need-privileges><D:resource><D:href>{}</D:href><D:privilege><D:write-content/></D:privilege>\
                     </D:resource></D:need-privileges>",
                    request.path
                ),
            ),
            _ => return None,
        };
        Some(Answer::Response(response))
    }

    pub(super) fn after(self, _request: &Request, mut response: Response) -> Answer {
        let is_done = matches!(response.status, 200 | 201 | 204);
        let text = String::from_utf8_lossy(&response.body).into_owned();
        match self {
            Writing::InternalAfter if is_done => response = Response::empty(500),
            Writing::UnavailableAfter if is_done => {
                response = Response::empty(503).with("Retry-After", "1");
            }
            Writing::PreconditionFailedAfter if is_done => response = Response::empty(412),
            Writing::MaxSize => {
                response.body = change_between(
                    &text,
                    "<C:max-resource-size>",
                    "</C:max-resource-size>",
                    |_| "1000".to_owned(),
                )
                .into_bytes();
            }
            Writing::OnlyV3 => {
                let four = "<C:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>";
                response.body = text.replace(four, "").into_bytes();
            }
            Writing::ReadOnly => {
                let (open, close) = (
                    "<D:current-user-privilege-set>",
                    "</D:current-user-privilege-set>",
                );
                let read = "<D:privilege><D:read/></D:privilege>";
                response.body =
                    change_between(&text, open, close, |_| read.to_owned()).into_bytes();
            }
            _ => {}
        }
        Answer::Response(response)
    }
}

/// The card of somebody who took the name first.
const SQUATTER: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:squatter\r\nFN:The Squatter\r\nN:Squatter;The;;;\r\nEND:VCARD\r\n";

fn preconditions_hold(request: &Request, books: &Books) -> bool {
    let etag = books.card(&request.path).map(|kept| kept.etag.as_str());
    let matches = request
        .header("If-Match")
        .is_none_or(|tag| etag == Some(tag) || tag == "*" && etag.is_some());
    let is_new = request.header("If-None-Match") != Some("*") || etag.is_none();
    let exists = request.method != "DELETE" || etag.is_some();
    matches && is_new && exists
}

/// A refusal that names its precondition.
pub(super) fn refusal(status: u16, condition: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\" \
         xmlns:C=\"urn:ietf:params:xml:ns:carddav\">{condition}</D:error>"
    );
    Response::xml(status, body)
}

/// An HTTP date (RFC 9110 section 5.6.7) so far from now.
fn date_in(duration: Duration) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970");
    let seconds =
        i64::try_from((now + duration).as_secs()).expect("it is not the year 292277026596");
    let moment = jiff::Timestamp::from_second(seconds).expect("a second of this century");
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
