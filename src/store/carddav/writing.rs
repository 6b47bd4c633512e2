//! Makes one change, under its precondition, and tells what the server's answer means.

use reqwest::header::{HeaderName, HeaderValue};

use super::CardDav;
use super::etag;
use super::href::Place;
use super::http::{Request, Response};
use super::quirks::Quirk;
use super::response::{DavError, dav_error, multistatus};
use super::words::said;
use crate::book::{ETag, Href};
use crate::card::Card;
use crate::store::{Write, WriteError, Written};

/// What kind of change was asked for: the same status means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Create,
    Update,
    Delete,
}

/// What an answer to a write says, without the wire.
#[derive(Debug, Default)]
struct Reply {
    status: u16,
    error: DavError,
    /// The first line of a refusal in plain text.
    text: Option<String>,
    is_web_page: bool,
    was_resent: bool,
}

impl CardDav {
    pub(super) async fn write_one(&self, write: &Write) -> Result<Written, WriteError> {
        match write {
            Write::Create { name, card } => {
                let href = self.book.member(&format!("{name}.vcf"));
                self.create(href, card).await
            }
            Write::Restore { href, card } => self.create(href.clone(), card).await,
            Write::Update { href, etag, card } => {
                self.compare_first(href, etag).await?;
                let request = self.put(href, card, "if-match", &etag::if_match(etag))?;
                self.store(Kind::Update, href.clone(), request).await
            }
            Write::Delete { href, etag } => {
                self.compare_first(href, etag).await?;
                let request = Request::new("DELETE", self.book.request_url(href));
                let request = with_header(request, "if-match", &etag::if_match(etag))?;
                let response = self.send_write(request).await?;
                judge(Kind::Delete, &reply_of(&response)).map(|()| Written::Deleted)
            }
        }
    }

    async fn create(&self, href: Href, card: &Card) -> Result<Written, WriteError> {
        if self.has(Quirk::IgnoresPreconditions) && self.version_of(&href).await?.is_some() {
            return Err(WriteError::Taken);
        }
        let request = self.put(&href, card, "if-none-match", "*")?;
        self.store(Kind::Create, href, request).await
    }

    /// On a server that does not check preconditions, does so instead. A change in the moment
    /// between is not seen; the caller reads back what the store kept.
    async fn compare_first(&self, href: &Href, etag: &ETag) -> Result<(), WriteError> {
        if !self.has(Quirk::IgnoresPreconditions)
            || self.version_of(href).await?.as_ref() == Some(etag)
        {
            return Ok(());
        }
        Err(WriteError::Changed)
    }

    fn put(
        &self,
        href: &Href,
        card: &Card,
        precondition: &'static str,
        value: &str,
    ) -> Result<Request, WriteError> {
        let mut request = Request::new("PUT", self.book.request_url(href))
            .header("content-type", "text/vcard; charset=utf-8");
        request.body = card.bytes().to_vec();
        with_header(request, precondition, value)
    }

    async fn store(&self, kind: Kind, href: Href, request: Request) -> Result<Written, WriteError> {
        let response = self.send_write(request).await?;
        judge(kind, &reply_of(&response))?;
        // Some servers choose the address themselves and say which.
        let moved = response
            .header("location")
            .map(|location| self.book.place(location));
        let href = match moved {
            Some(Place::Member(moved)) => moved,
            _ => href,
        };
        Ok(Written::Stored {
            href,
            etag: etag::replied(response.header("etag")),
            kept: None,
        })
    }

    async fn send_write(&self, request: Request) -> Result<Response, WriteError> {
        let url = request.url.clone();
        self.client
            .send(request)
            .await
            .map_err(|failure| failure.for_write(&url))
    }
}

fn with_header(
    mut request: Request,
    name: &'static str,
    value: &str,
) -> Result<Request, WriteError> {
    // An ETag from outside that cannot be sent back: without it the write would be a blind one.
    let value = HeaderValue::from_str(value)
        .map_err(|_| WriteError::Refused("its version cannot be sent back".into()))?;
    request.headers.insert(HeaderName::from_static(name), value);
    Ok(request)
}

fn reply_of(response: &Response) -> Reply {
    let mut reply = Reply {
        status: response.status,
        error: dav_error(&response.body),
        is_web_page: response.is_web_page(),
        was_resent: response.was_resent,
        text: None,
    };
    if response
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/plain"))
    {
        reply.text = Some(String::from_utf8_lossy(&response.body).into_owned());
    }
    // Xandikos wraps the outcome of a write into a multistatus.
    if response.status == 207 {
        reply.status = multistatus(&response.body)
            .ok()
            .and_then(|answer| answer.members.into_iter().find_map(|member| member.status))
            .unwrap_or(207);
    }
    reply
}

/// What the answer to a write means; `Ok` is done.
///
/// The conditions come first: some servers say 412 for a card that they find wrong.
fn judge(kind: Kind, reply: &Reply) -> Result<(), WriteError> {
    if reply.error.has("C:no-uid-conflict") {
        return Err(WriteError::Refused(match &reply.error.href {
            Some(href) => format!("another card there has the same UID: {}", said(href)),
            None => "another card there has the same UID".into(),
        }));
    }
    let is_about_card = [
        "C:valid-address-data",
        "C:supported-address-data",
        "C:max-resource-size",
        "D:need-privileges",
        "D:quota-not-exceeded",
        "D:sufficient-disk-space",
    ]
    .iter()
    .any(|condition| reply.error.has(condition));
    match (reply.status, kind) {
        // A login page or the like in between, so the card may have got through or not. (Not with
        // 201: that is Apache's own way of saying so.)
        (200, _) if reply.is_web_page => {
            Err(WriteError::Unknown("the answer was a web page".into()))
        }
        (200..=299, _) => Ok(()),
        (400..=499 | 507, _) if is_about_card => Err(WriteError::Refused(refusal(reply))),
        (404 | 410, Kind::Delete) => Ok(()),
        (404 | 410, Kind::Update) => Err(WriteError::Changed),
        (412, _) if reply.was_resent => Err(WriteError::Unknown(
            "the server was busy, and then had something else there than before".into(),
        )),
        (412, Kind::Create) => Err(WriteError::Taken),
        (412, Kind::Update | Kind::Delete) => Err(WriteError::Changed),
        // A lock says nothing about the card, which has to be offered again when it is gone.
        (423, _) => Err(WriteError::Unknown(refusal(reply))),
        (400..=499 | 507, _) => Err(WriteError::Refused(refusal(reply))),
        (status, _) => Err(WriteError::Unknown(format!("the server answered {status}"))),
    }
}

/// The refusal in plain words, with the server's own reason if it gave one.
fn refusal(reply: &Reply) -> String {
    let has = |condition| reply.error.has(condition);
    let words = match reply.status {
        _ if has("D:need-privileges") => "this account may not write there",
        _ if has("C:max-resource-size") => "the card is too large for the server",
        _ if has("C:supported-address-data") => "the server does not take this version of a card",
        _ if has("C:valid-address-data") => "the server finds the card not valid",
        _ if has("D:quota-not-exceeded") || has("D:sufficient-disk-space") => {
            "no space is left there"
        }
        400 => "the server does not understand the card",
        403 => "the server does not allow it",
        404 | 410 => "the server has no place for it",
        409 => "it is in conflict with something on the server",
        413 => "the card is too large for the server",
        415 => "the server does not take cards of this kind",
        422 => "the server finds the card not valid",
        423 => "the card is locked on the server",
        507 => "no space is left there",
        _ => "the server refused it",
    };
    let own = reply
        .error
        .message
        .as_deref()
        .or(reply.text.as_deref())
        .map(said);
    match own.filter(|own| !own.is_empty()) {
        Some(own) => format!("{words} ({}: {own})", reply.status),
        None => format!("{words} ({})", reply.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(kind: Kind, reply: Reply) -> &'static str {
        match judge(kind, &reply) {
            Ok(()) => "done",
            Err(WriteError::Changed) => "changed",
            Err(WriteError::Taken) => "taken",
            Err(WriteError::Refused(_)) => "refused",
            Err(WriteError::Unknown(_)) => "unknown",
            Err(WriteError::Store(_)) => "store",
        }
    }

    fn status(status: u16) -> Reply {
        Reply {
            status,
            ..Reply::default()
        }
    }

    #[test]
    fn each_status_means_one_thing_per_kind_of_write() {
        for (code, create, update, delete) in [
            (200, "done", "done", "done"),
            (201, "done", "done", "done"),
            (204, "done", "done", "done"),
            (207, "done", "done", "done"),
            (404, "refused", "changed", "done"),
            (410, "refused", "changed", "done"),
            (412, "taken", "changed", "changed"),
            (400, "refused", "refused", "refused"),
            (403, "refused", "refused", "refused"),
            (409, "refused", "refused", "refused"),
            (413, "refused", "refused", "refused"),
            (415, "refused", "refused", "refused"),
            (422, "refused", "refused", "refused"),
            (423, "unknown", "unknown", "unknown"),
            (507, "refused", "refused", "refused"),
            (500, "unknown", "unknown", "unknown"),
            (502, "unknown", "unknown", "unknown"),
            (503, "unknown", "unknown", "unknown"),
            (303, "unknown", "unknown", "unknown"),
        ] {
            assert_eq!(word(Kind::Create, status(code)), create, "create {code}");
            assert_eq!(word(Kind::Update, status(code)), update, "update {code}");
            assert_eq!(word(Kind::Delete, status(code)), delete, "delete {code}");
        }
    }

    #[test]
    fn a_failed_condition_of_the_card_is_no_failed_precondition() {
        for condition in [
            "C:no-uid-conflict",
            "C:max-resource-size",
            "C:valid-address-data",
        ] {
            for kind in [Kind::Create, Kind::Update] {
                let mut reply = status(412);
                reply.error.conditions.insert(condition);
                assert_eq!(word(kind, reply), "refused", "{condition}");
            }
        }
    }

    #[test]
    fn a_refusal_names_the_entry_in_the_way_and_the_servers_harmless_words() {
        let mut reply = status(409);
        reply.error.conditions.insert("C:no-uid-conflict");
        reply.error.href = Some("/b/\u{1b}[1mx.vcf".into());
        let text = judge(Kind::Create, &reply).unwrap_err().to_string();
        assert!(text.ends_with("/b/ [1mx.vcf"), "{text}");
        let mut reply = status(403);
        reply.text = Some("Not\u{7} here.\nTrace".into());
        assert_eq!(
            judge(Kind::Update, &reply).unwrap_err().to_string(),
            "the server does not allow it (403: Not here. Trace)"
        );
    }

    #[test]
    fn a_web_page_is_no_success() {
        let reply = Reply {
            is_web_page: true,
            ..status(200)
        };
        assert_eq!(word(Kind::Create, reply), "unknown");
        let reply = Reply {
            is_web_page: true,
            ..status(201)
        };
        assert_eq!(word(Kind::Create, reply), "done");
    }

    #[test]
    fn a_precondition_that_fails_on_the_second_sending_may_be_our_own_doing() {
        for kind in [Kind::Create, Kind::Update, Kind::Delete] {
            assert_eq!(
                word(
                    kind,
                    Reply {
                        was_resent: true,
                        ..status(412)
                    }
                ),
                "unknown"
            );
        }
    }
}
