//! What an address book holds, or what moved in it: one request where the server can tell.
//!
//! The deciding is in pure functions of the saved [`Mark`] and the server's answer; the two
//! functions that send requests only carry out what those say.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use url::Url;

use super::CardDav;
use super::discovery::Saved;
use super::href::{Collection, Place};
use super::http::{Request, Response};
use super::quirks::Quirk;
use super::request;
use super::response::{Member, Multistatus, Props, dav_error, multistatus};
use super::words::{host_of, not_carddav, said, store_error};
use crate::book::{ETag, Href};
use crate::store::carddav::etag;
use crate::store::{Cursor, Extent, Finding, Listing, Since, StoreError, StoreErrorKind};

/// More pages than any honest server sends for one delta.
const MOST_PAGES: usize = 1_000;
/// More findings than a person reads.
const MOST_FINDINGS: usize = 50;

/// Where a listing ended: the content of this store's [`Cursor`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// For sync-collection (RFC 6578).
    token: Option<String>,
    /// The address book's own version, where the server has that extension.
    ctag: Option<String>,
    /// `false` once the server has refused sync-collection as such.
    sync: bool,
    /// The address book that it belongs to: some servers take any number for a token, also one
    /// from another book.
    url: String,
}

/// How to go about a listing.
#[derive(Debug, PartialEq)]
enum Way {
    Sync { token: String },
    Ctag { ctag: String },
    Complete,
}

impl Mark {
    fn from_cursor(cursor: Option<&Cursor>, url: &Url) -> Option<Self> {
        let mark: Self = serde_json::from_str(&cursor?.0).ok()?;
        (mark.url == url.as_str()).then_some(mark)
    }

    fn to_cursor(&self) -> Cursor {
        Cursor(serde_json::to_string(self).expect("text and flags always make JSON"))
    }

    /// The end of the history as the address book tells it itself. What was refused before is not
    /// asked for again.
    fn of(url: &Url, props: &Props, before: Option<&Mark>) -> Self {
        let was_refused = before.is_some_and(|mark| !mark.sync && mark.token.is_some());
        Self {
            token: props.sync_token.clone(),
            ctag: props.ctag.clone(),
            sync: props.sync_token.is_some() && !was_refused,
            url: url.to_string(),
        }
    }

    fn way(&self) -> Way {
        match self {
            Self {
                sync: true,
                token: Some(token),
                ..
            } => Way::Sync {
                token: token.clone(),
            },
            Self {
                ctag: Some(ctag), ..
            } => Way::Ctag { ctag: ctag.clone() },
            _ => Way::Complete,
        }
    }
}

/// How an address book tells what moved in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TellsChanges {
    /// Card by card (RFC 6578).
    Sync,
    /// That something moved, not what.
    Ctag,
    /// Not at all: it is listed each time.
    Listing,
}

impl TellsChanges {
    /// As a listing has found it; `None` for the cursor of another store.
    pub fn of(cursor: &Cursor) -> Option<Self> {
        let mark: Mark = serde_json::from_str(&cursor.0).ok()?;
        Some(match mark.way() {
            Way::Sync { .. } => Self::Sync,
            Way::Ctag { .. } => Self::Ctag,
            Way::Complete => Self::Listing,
        })
    }
}

/// What moved, collected over the pages of an answer.
#[derive(Debug, Default, PartialEq)]
struct Moves {
    changed: BTreeMap<Href, ETag>,
    gone: BTreeSet<Href>,
    unsure: BTreeMap<Href, String>,
    findings: BTreeSet<Finding>,
    /// The server has more to tell (507 for the address book, RFC 6578 section 3.6).
    is_cut: bool,
    /// The server says that the address book itself is gone: it was made again.
    is_remade: bool,
}

impl Moves {
    /// Adds what an answer says of one member. Later words replace earlier ones.
    fn add(&mut self, book: &Collection, member: &Member) {
        let href = match book.place(&member.href) {
            Place::Own => {
                self.is_cut |= member.status == Some(507);
                self.is_remade |= member.is_gone();
                return;
            }
            Place::NotMember(_) if member.is_gone() => return,
            Place::NotMember(reason) => return self.pass_over(&member.href, reason),
            Place::Member(href) => href,
        };
        if member.status == Some(507) {
            self.is_cut = true;
            return;
        }
        self.changed.remove(&href);
        self.gone.remove(&href);
        self.unsure.remove(&href);
        match version(member) {
            _ if member.is_gone() => {
                self.gone.insert(href);
            }
            Ok(etag) => {
                self.changed.insert(href, etag);
            }
            Err(reason) => {
                self.unsure.insert(href, reason);
            }
        }
    }

    fn pass_over(&mut self, href: &str, reason: &str) {
        if self.findings.len() < MOST_FINDINGS {
            let href = said(href);
            let text = format!("The server listed \"{href}\", which {reason}; it was passed over.");
            self.findings.insert(Finding {
                href: Some(Href::new(href)),
                text,
            });
        }
    }
}

/// The version that an answer names for a member, or why there is none to rely on.
fn version(member: &Member) -> Result<ETag, String> {
    if let Some(trouble) = member.trouble() {
        return Err(trouble);
    }
    let text = member
        .props
        .etag
        .as_deref()
        .ok_or("the server named no version of it")?;
    etag::listed(text).ok_or_else(|| "the server named no usable version of it".to_owned())
}

/// What to do after an answer to a sync-collection.
#[derive(Debug, PartialEq)]
enum Next {
    /// The delta is whole; `token` is where it ends.
    Done { token: String },
    /// Go on from this token.
    Page { token: String },
    /// The delta cannot be had or not be believed. `is_unsupported`: and never will be.
    Complete { is_unsupported: bool },
}

/// Decides after a page was added to `moves`. `sent` are the tokens used so far, the last one for
/// this page.
fn after_page(sent: &[String], answer_token: Option<&str>, moves: &Moves, repeats: bool) -> Next {
    let complete = Next::Complete {
        is_unsupported: false,
    };
    let (Some(token), Some(last)) = (answer_token, sent.last()) else {
        return complete;
    };
    if moves.is_remade {
        return complete;
    }
    if moves.is_cut {
        return match sent.iter().any(|seen| seen == token) || sent.len() >= MOST_PAGES {
            // In a circle: the rest is not to be had this way.
            true => complete,
            false => Next::Page {
                token: token.to_owned(),
            },
        };
    }
    let moved = !(moves.changed.is_empty() && moves.gone.is_empty());
    // "Nothing happened since, and this happened": the history is not the one we know.
    if (token == last && moved && !repeats) || fell(last, token) {
        return complete;
    }
    Next::Done {
        token: token.to_owned(),
    }
}

/// Decides after an answer other than 207: every refusal of a token leads to a whole listing, and
/// only a few say that the report itself is not known.
fn after_refusal(status: u16, is_supported_report: bool) -> Option<Next> {
    match status {
        405 | 415 | 501 => Some(Next::Complete {
            is_unsupported: true,
        }),
        403 => Some(Next::Complete {
            is_unsupported: is_supported_report,
        }),
        400..=499 | 507 => Some(Next::Complete {
            is_unsupported: false,
        }),
        _ => None,
    }
}

/// Whether a counting token went back: the book was restored from a backup or made again, and such
/// servers then keep silent about what was lost.
fn fell(before: &str, after: &str) -> bool {
    let split = |token: &str| {
        let name = token.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        (token[..name].to_owned(), token[name..].parse::<u128>().ok())
    };
    let (before_name, before_number) = split(before);
    let (after_name, after_number) = split(after);
    before_name == after_name
        && matches!((before_number, after_number), (Some(b), Some(a)) if a < b)
}

/// Everything in one answer to a PROPFIND of depth 1.
///
/// # Errors
/// Why the listing is not whole.
fn whole(book: &Collection, answer: &Multistatus) -> Result<Moves, &'static str> {
    // Even an empty address book lists itself.
    if answer.members.is_empty() {
        return Err("the listing names nothing at all");
    }
    let mut moves = Moves::default();
    for member in &answer.members {
        if member.props.is_collection && !matches!(book.place(&member.href), Place::Own) {
            continue;
        }
        moves.add(book, member);
    }
    if moves.is_cut {
        return Err("the server cut the listing short (507)");
    }
    if moves.is_remade {
        return Err("the server says that the address book is not there");
    }
    // A whole listing that says "404" of something it lists contradicts itself.
    for href in std::mem::take(&mut moves.gone) {
        moves.unsure.insert(
            href,
            "the server lists it and says that it is not there".into(),
        );
    }
    Ok(moves)
}

impl CardDav {
    pub(super) async fn listing(&self, since: &Since) -> Result<Listing, StoreError> {
        let mut before = Mark::from_cursor(since.cursor.as_ref(), self.book.url());
        let way = match &before {
            Some(mark) if !since.complete => mark.way(),
            _ => Way::Complete,
        };
        match way {
            Way::Sync { token } => {
                let mut moves = Moves::default();
                match self.sync(token, &mut moves).await? {
                    Ok(token) => {
                        let ctag = before.and_then(|mark| mark.ctag);
                        let mark = Mark {
                            token: Some(token),
                            ctag,
                            sync: true,
                            url: self.book.url().to_string(),
                        };
                        return Ok(delta(moves, &mark));
                    }
                    Err(is_unsupported) => {
                        if let Some(mark) = &mut before {
                            mark.sync &= !is_unsupported;
                        }
                    }
                }
                self.complete(before.as_ref(), None).await
            }
            Way::Ctag { ctag } => {
                let props = self.about().await?;
                match props.ctag.as_ref() == Some(&ctag) {
                    true => Ok(delta(
                        Moves::default(),
                        &Mark::of(self.book.url(), &props, before.as_ref()),
                    )),
                    false => self.complete(before.as_ref(), Some(props)).await,
                }
            }
            Way::Complete => self.complete(before.as_ref(), None).await,
        }
    }

    /// Follows the pages of a delta to its end: the new token, or (`Err`) that a whole listing is
    /// needed, with whether the server does not know the report at all.
    async fn sync(
        &self,
        token: String,
        moves: &mut Moves,
    ) -> Result<Result<String, bool>, StoreError> {
        let depth = if self.has(Quirk::SyncWantsDepthOne) {
            "1"
        } else {
            "0"
        };
        let repeats = self.has(Quirk::RepeatsTheLastSecond);
        let mut sent = vec![token];
        loop {
            let token = sent.last().expect("it begins with one and only grows");
            let body = request::sync_collection(token);
            let url = self.book.url().clone();
            let response = self.send(Request::xml("REPORT", url, depth, body)).await?;
            let next = match response.status {
                207 => {
                    let answer = self.multistatus(&response)?;
                    let book = self.place_of(&response);
                    moves.is_cut = false;
                    for member in &answer.members {
                        moves.add(book.as_ref().unwrap_or(&self.book), member);
                    }
                    after_page(&sent, answer.sync_token.as_deref(), moves, repeats)
                }
                status => {
                    let refused = dav_error(&response.body).has("D:supported-report");
                    after_refusal(status, refused).ok_or_else(|| self.no_answer(&response))?
                }
            };
            match next {
                Next::Done { token } => return Ok(Ok(token)),
                Next::Page { token } => sent.push(token),
                Next::Complete { is_unsupported } => return Ok(Err(is_unsupported)),
            }
        }
    }

    /// Lists everything. The marks are taken first (`props`, if they are at hand already): what
    /// moves while the listing is made is then told again by the next delta instead of never.
    async fn complete(
        &self,
        before: Option<&Mark>,
        props: Option<Props>,
    ) -> Result<Listing, StoreError> {
        let props = match props {
            Some(props) => props,
            None => self.about().await?,
        };
        let url = self.book.url().clone();
        let response = self
            .send(Request::xml("PROPFIND", url, "1", request::VERSIONS))
            .await?;
        let answer = self.multistatus(&response)?;
        let book = self.place_of(&response);
        let moves = whole(book.as_ref().unwrap_or(&self.book), &answer).map_err(|reason| {
            store_error(
                StoreErrorKind::Broken,
                format!("the listing of {} is not whole: {reason}", self.name()),
                "It was not used, so nothing counts as deleted. Run again",
            )
        })?;
        let mut findings: Vec<Finding> = moves.findings.into_iter().collect();
        if book.is_some() {
            let place = said(response.url.as_str());
            let text = format!("It has moved to {place}; put that address into the config.");
            findings.push(Finding { href: None, text });
        }
        Ok(Listing {
            extent: Extent::Complete(moves.changed),
            cursor: Mark::of(self.book.url(), &props, before).to_cursor(),
            unsure: moves.unsure,
            findings,
        })
    }

    /// What the address book tells about itself, noted for [`CardDav::saved`] too.
    async fn about(&self) -> Result<Props, StoreError> {
        let url = self.book.url().clone();
        let response = self
            .send(Request::xml("PROPFIND", url, "0", request::ABOUT))
            .await?;
        let answer = self.multistatus(&response)?;
        let member = answer.members.into_iter().next();
        match member.filter(|member| !member.is_gone()) {
            Some(member) => {
                let asked = self.saved().asked;
                *self.saved.borrow_mut() = Saved {
                    asked,
                    ..Saved::new(self.book.url(), &member.props)
                };
                Ok(member.props)
            }
            None => Err(self.is_missing()),
        }
    }

    /// The place that answered, where a redirect led to another one than asked.
    pub(super) fn place_of(&self, response: &Response) -> Option<Collection> {
        let is_elsewhere = response.url.path() != self.book.url().path();
        is_elsewhere.then(|| self.book.moved_to(&response.url))
    }

    /// The multistatus that an answer must be.
    pub(super) fn multistatus(&self, response: &Response) -> Result<Multistatus, StoreError> {
        if response.status != 207 {
            return Err(self.no_answer(response));
        }
        multistatus(&response.body).map_err(|reason| not_carddav(&response.url, &reason))
    }

    /// What an answer without the thing asked for says of the address book as a whole.
    pub(super) fn no_answer(&self, response: &Response) -> StoreError {
        match response.status {
            404 | 410 => self.is_missing(),
            403 => store_error(
                StoreErrorKind::SignIn,
                format!("{} may not be read with this account (403)", self.name()),
                "Nothing was changed. Ask whoever shares it, or check the account",
            ),
            status if status >= 500 => store_error(
                StoreErrorKind::Unreachable,
                format!("{} failed with status {status}", host_of(&response.url)),
                "Nothing was changed there. Run again later",
            ),
            status if response.is_web_page() => {
                not_carddav(&response.url, &format!("a web page, status {status}"))
            }
            status => not_carddav(&response.url, &format!("status {status}")),
        }
    }

    fn is_missing(&self) -> StoreError {
        store_error(
            StoreErrorKind::Missing,
            format!("{} is not there any more", self.name()),
            "Nothing counts as deleted because of that. Check the server and the config",
        )
    }
}

fn delta(moves: Moves, mark: &Mark) -> Listing {
    Listing {
        extent: Extent::Since {
            changed: moves.changed,
            gone: moves.gone,
        },
        cursor: mark.to_cursor(),
        unsure: moves.unsure,
        findings: moves.findings.into_iter().collect(),
    }
}

#[cfg(test)]
mod tests;
