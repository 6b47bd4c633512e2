//! Gets cards by their addresses: many with one multiget, and one by one where that fails.
//!
//! A card's text comes out of the XML with the line ends that the server put in. XML lets a parser
//! turn CRLF into LF; this one does not, because nearly all servers put in the stored text raw, and
//! so the card has the very bytes that a GET would give. Where no CR is left at all, the server
//! has dropped them (sabre/dav 1.8 does): a vCard's lines end in CRLF (RFC 6350 section 3.2), and
//! that is what comes back.

use std::collections::BTreeMap;

use futures_util::future::{LocalBoxFuture, try_join_all};

use super::CardDav;
use super::etag;
use super::href::Place;
use super::http::{Failure, Request, Response};
use super::quirks::Quirk;
use super::request;
use super::response::Member;
use super::words::not_carddav;
use crate::book::{ETag, Entry, Href};
use crate::card::Card;
use crate::store::{Found, StoreError};

/// Cards per multiget: servers answer so many within a second, and a refusal costs little.
const BATCH: usize = 100;

/// The largest card that is taken, in bytes: twenty large photographs.
const LARGEST_CARD: usize = 20 << 20;

/// What a multiget says of one address.
#[derive(Debug, PartialEq)]
enum Answer {
    Found(Found),
    /// It has to be asked for alone: left out, unreadable as XML, without text or version.
    AskAlone,
}

impl CardDav {
    pub(super) async fn read_all(&self, hrefs: &[Href]) -> Result<Vec<(Href, Found)>, StoreError> {
        let batches = hrefs.chunks(BATCH).map(|batch| self.read_batch(batch));
        Ok(try_join_all(batches).await?.into_iter().flatten().collect())
    }

    fn read_batch<'a>(
        &'a self,
        hrefs: &'a [Href],
    ) -> LocalBoxFuture<'a, Result<Vec<(Href, Found)>, StoreError>> {
        Box::pin(async move {
            let paths: Vec<String> = hrefs
                .iter()
                .map(|href| self.book.request_path(href))
                .collect();
            let version_4 = self.has(Quirk::ConvertsUnlessAsked) && self.saved().version_4;
            let body = request::multiget(paths.iter().map(String::as_str), version_4);
            let url = self.book.url().clone();
            let response = match self
                .client
                .send(Request::xml("REPORT", url.clone(), "1", body))
                .await
            {
                Ok(response) => response,
                // A hundred large pictures are more than one answer may hold: halve until one is left.
                Err(Failure::TooLarge(_)) if hrefs.len() > 1 => {
                    let (first, second) = hrefs.split_at(hrefs.len() / 2);
                    let mut found = self.read_batch(first).await?;
                    found.extend(self.read_batch(second).await?);
                    return Ok(found);
                }
                Err(Failure::TooLarge(limit)) => {
                    let version = self.version_of(&hrefs[0]).await?;
                    return Ok(vec![(hrefs[0].clone(), too_large(version, limit))]);
                }
                Err(failure) => return Err(failure.for_store(&url)),
            };
            let answers = match response.status {
                // The address book has moved, and its new place does not know the old hrefs: its
                // "404" would be about those.
                207 if self.place_of(&response).is_some() => BTreeMap::new(),
                207 => {
                    let answer = self.multistatus(&response)?;
                    let members = answer.members.iter();
                    members
                        .filter_map(|member| match self.book.place(&member.href) {
                            Place::Member(href) => {
                                let answer = judged(&href, member);
                                Some((href, answer))
                            }
                            _ => None,
                        })
                        .collect()
                }
                // One missing card, or the whole book? Some servers say 404 for either.
                404 | 410 => {
                    self.check_book().await?;
                    BTreeMap::new()
                }
                200..=399 => return Err(self.no_answer(&response)),
                _ => BTreeMap::new(),
            };
            let alone = hrefs.iter().map(|href| async {
                let found = match answers.get(href) {
                    Some(Answer::Found(found)) => found.clone(),
                    Some(Answer::AskAlone) | None => self.read_one(href).await?,
                };
                Ok::<_, StoreError>((href.clone(), found))
            });
            let found = try_join_all(alone).await?;
            // Not one card could be had: that is the server's trouble, not the cards'.
            if response.status >= 500 && found.iter().all(|(_, found)| is_failure(found)) {
                return Err(self.no_answer(&response));
            }
            Ok(found)
        })
    }

    /// One card, by GET.
    async fn read_one(&self, href: &Href) -> Result<Found, StoreError> {
        let response = match self.get(href).await? {
            Ok(response) => response,
            Err(found) => return Ok(found),
        };
        if let Some(etag) = etag::replied(response.header("etag")) {
            return Ok(found(href, &response.body, etag));
        }
        // The version first and the text after it: the other way round, an edit between the two
        // would be taken for known.
        let Some(etag) = self.version_of(href).await? else {
            let reason = "the server named no version of it".to_owned();
            return Ok(Found::Unusable { etag: None, reason });
        };
        match self.get(href).await? {
            Ok(response) => Ok(found(href, &response.body, etag)),
            Err(found) => Ok(found),
        }
    }

    /// The whole answer of a GET that brought something, or else what that says of the card.
    async fn get(&self, href: &Href) -> Result<Result<Response, Found>, StoreError> {
        let url = self.book.request_url(href);
        let accept = match self.has(Quirk::ConvertsUnlessAsked) && self.saved().version_4 {
            true => "text/vcard; version=4.0",
            false => "text/vcard",
        };
        let request = Request::new("GET", url.clone())
            .header("accept", accept)
            // A proxy that compresses spoils the ETag.
            .header("accept-encoding", "identity");
        match self.client.send(request).await {
            Ok(response) if response.status == 200 && response.is_web_page() => {
                Err(not_carddav(&url, "a web page instead of a card"))
            }
            Ok(response) => Ok(match response.status {
                200 => Ok(response),
                404 | 410 => Err(Found::Gone),
                status => Err(failed(status)),
            }),
            Err(Failure::TooLarge(limit)) => {
                // With its version it is not fetched again before it changes.
                Ok(Err(too_large(self.version_of(href).await?, limit)))
            }
            Err(failure) => Err(failure.for_store(&url)),
        }
    }

    /// The version of one entry as listings name it; `None` if it has none or is not there.
    pub(super) async fn version_of(&self, href: &Href) -> Result<Option<ETag>, StoreError> {
        let url = self.book.request_url(href);
        let response = self
            .send(Request::xml("PROPFIND", url, "0", request::VERSIONS))
            .await?;
        if matches!(response.status, 404 | 410) {
            return Ok(None);
        }
        let answer = self.multistatus(&response)?;
        Ok(answer
            .members
            .iter()
            // Depth 0: there is one member, however it is spelled.
            .filter(|member| !member.is_gone() && member.trouble().is_none())
            .find_map(|member| etag::listed(member.props.etag.as_deref()?)))
    }

    /// Fails if the address book itself is not there.
    async fn check_book(&self) -> Result<(), StoreError> {
        let url = self.book.url().clone();
        let response = self
            .send(Request::xml("PROPFIND", url, "0", request::VERSIONS))
            .await?;
        self.multistatus(&response).map(|_| ())
    }
}

/// What a multiget's member says.
fn judged(href: &Href, member: &Member) -> Answer {
    if member.is_gone() {
        return Answer::Found(Found::Gone);
    }
    let etag = member.props.etag.as_deref().and_then(etag::listed);
    if let Some(reason) = member.trouble() {
        return Answer::Found(Found::Unusable { etag: None, reason });
    }
    match (etag, &member.props.address_data) {
        (Some(etag), Some(text)) if !member.is_spoiled => {
            Answer::Found(found(href, &with_crlf(text), etag))
        }
        _ => Answer::AskAlone,
    }
}

/// The card in these bytes, or why they hold none.
fn found(href: &Href, bytes: &[u8], etag: ETag) -> Found {
    if bytes.len() > LARGEST_CARD {
        return too_large(Some(etag), LARGEST_CARD);
    }
    match Card::parse(bytes) {
        Ok(card) => Found::Entry(Entry {
            href: href.clone(),
            etag,
            card,
        }),
        Err(reason) => Found::Unusable {
            etag: Some(etag),
            reason: reason.to_string(),
        },
    }
}

/// The text with CRLF where the server has dropped every CR; otherwise as it is.
fn with_crlf(text: &str) -> Vec<u8> {
    match text.contains('\r') {
        true => text.as_bytes().to_vec(),
        false => text.replace('\n', "\r\n").into_bytes(),
    }
}

fn failed(status: u16) -> Found {
    Found::Unusable {
        etag: None,
        reason: format!("the server answered {status} for it"),
    }
}

fn is_failure(found: &Found) -> bool {
    matches!(found, Found::Unusable { etag: None, .. })
}

fn too_large(etag: Option<ETag>, limit: usize) -> Found {
    Found::Unusable {
        etag,
        reason: format!("it is larger than {} MB", limit >> 20),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::carddav::response::Props;

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nN:A;;;;\r\nEND:VCARD\r\n";

    fn member(etag: Option<&str>, text: Option<&str>) -> Member {
        let props = Props {
            etag: etag.map(str::to_owned),
            address_data: text.map(str::to_owned),
            ..Props::default()
        };
        Member {
            href: "/b/x.vcf".into(),
            propstats: [200].into(),
            props,
            ..Member::default()
        }
    }

    fn judge(member: &Member) -> Answer {
        judged(&Href::new("/b/x.vcf"), member)
    }

    #[test]
    fn a_card_comes_with_the_bytes_the_server_keeps() {
        let Answer::Found(Found::Entry(entry)) = judge(&member(Some("\"1\""), Some(CARD))) else {
            panic!("an entry was expected")
        };
        assert_eq!(entry.card.bytes(), CARD.as_bytes());
        assert_eq!(entry.etag, ETag::new("\"1\""));
    }

    #[test]
    fn dropped_crs_come_back_and_mixed_ends_stay() {
        assert_eq!(with_crlf("a\nb\n"), b"a\r\nb\r\n");
        assert_eq!(with_crlf("a\r\nb\n"), b"a\r\nb\n");
    }

    #[test]
    fn only_the_servers_word_makes_a_card_gone() {
        let mut gone = member(None, None);
        gone.status = Some(404);
        assert_eq!(judge(&gone), Answer::Found(Found::Gone));
        let mut failed = member(None, None);
        failed.status = Some(500);
        assert!(matches!(
            judge(&failed),
            Answer::Found(Found::Unusable { etag: None, .. })
        ));
    }

    #[test]
    fn a_card_beyond_all_measure_is_left_alone_until_it_changes() {
        let text = "X".repeat(LARGEST_CARD + 1);
        let Answer::Found(found) = judge(&member(Some("\"1\""), Some(&text))) else {
            panic!("an answer was expected")
        };
        let Found::Unusable { etag, reason } = found else {
            panic!("no entry was expected")
        };
        assert_eq!(etag, Some(ETag::new("\"1\"")));
        assert_eq!(reason, "it is larger than 20 MB");
    }

    #[test]
    fn what_is_incomplete_is_asked_for_alone() {
        assert_eq!(judge(&member(Some("\"1\""), None)), Answer::AskAlone);
        assert_eq!(judge(&member(None, Some(CARD))), Answer::AskAlone);
        let mut spoiled = member(Some("\"1\""), Some(CARD));
        spoiled.is_spoiled = true;
        assert_eq!(judge(&spoiled), Answer::AskAlone);
    }
}
