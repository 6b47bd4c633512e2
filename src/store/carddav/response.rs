//! Reads multistatus answers and DAV errors from bytes into plain values (RFC 4918 sections 13, 14).
//!
//! The bytes come from outside. A document type is refused where it begins, nesting is limited,
//! only names in bound namespaces count, and a document that does not end where it should is an
//! error: a parser that is content with half a document reads a cut connection as a deletion.

mod names;

use std::borrow::Cow;
use std::collections::BTreeSet;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::NsReader;

use super::words::said;
use names::known_name;

/// No answer of CardDAV nests deeper than a dozen elements.
const DEEPEST: usize = 100;

/// A whole multistatus.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Multistatus {
    pub(super) members: Vec<Member>,
    /// Of a sync-collection.
    pub(super) sync_token: Option<String>,
}

/// What the answer says of one href.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) href: String,
    /// Of the response as a whole; servers leave it out when there are properties.
    pub(super) status: Option<u16>,
    /// From the propstats with status 200 alone.
    pub(super) props: Props,
    /// The statuses of the propstats.
    pub(super) propstats: BTreeSet<u16>,
    pub(super) conditions: BTreeSet<&'static str>,
    /// The card's text held characters that XML cannot hold: it has to be got in another way.
    pub(super) is_spoiled: bool,
}

/// The properties that this store asks for.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Props {
    pub(super) etag: Option<String>,
    pub(super) address_data: Option<String>,
    pub(super) is_collection: bool,
    pub(super) is_addressbook: bool,
    pub(super) display_name: Option<String>,
    pub(super) ctag: Option<String>,
    pub(super) sync_token: Option<String>,
    pub(super) principal: Option<String>,
    /// The server does not know who we are (RFC 5397 section 3).
    pub(super) is_unauthenticated: bool,
    pub(super) home_sets: Vec<String>,
    /// `None`: the server does not tell.
    pub(super) privileges: Option<BTreeSet<&'static str>>,
    pub(super) description: Option<String>,
    /// The versions of vCard that it says it takes.
    pub(super) versions: BTreeSet<String>,
    pub(super) max_resource_size: Option<u64>,
}

impl Member {
    /// The statuses 404 and 410 of the whole member say that nothing is there. A 404 of single
    /// properties says that those are not there, which is something else.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, Some(404 | 410))
    }

    /// What keeps the member's properties from being believed, if anything does.
    pub(super) fn trouble(&self) -> Option<String> {
        match self.status {
            // Some servers send 201 here for a new member, beside its properties.
            Some(status) if !(200..300).contains(&status) => {
                return Some(format!("the server answered {status} for it"));
            }
            _ => {}
        }
        let failed = self
            .propstats
            .iter()
            .find(|status| **status >= 500 || **status == 401);
        failed.map(|status| format!("the server answered {status} for it"))
    }
}

/// What a server says in the body of a refusal (RFC 4918 section 16).
#[derive(Debug, Default, PartialEq)]
pub(super) struct DavError {
    pub(super) conditions: BTreeSet<&'static str>,
    /// Of the entry that is in the way.
    pub(super) href: Option<String>,
    pub(super) message: Option<String>,
}

impl DavError {
    pub(super) fn has(&self, condition: &str) -> bool {
        self.conditions.contains(condition)
    }
}

/// Reads a multistatus.
///
/// # Errors
/// Why the bytes are none, or not a whole one.
pub(super) fn multistatus(bytes: &[u8]) -> Result<Multistatus, String> {
    let mut reading = Reading::default();
    walk(&text_of(bytes)?, "D:multistatus", &mut reading)?;
    Ok(reading.read)
}

/// Reads the body of a refusal. Bodies that are no DAV error say nothing.
pub(super) fn dav_error(bytes: &[u8]) -> DavError {
    let mut error = DavError::default();
    match text_of(bytes).and_then(|text| walk(&text, "D:error", &mut error)) {
        Ok(()) => error,
        Err(_) => DavError::default(),
    }
}

/// What a walk through a document reports to.
trait Sink {
    fn start(&mut self, _path: &[&'static str], _element: &BytesStart<'_>) {}
    fn end(&mut self, path: &[&'static str], text: &str, is_spoiled: bool);
}

/// Walks a document whose root must be `root`.
fn walk(document: &str, root: &str, sink: &mut impl Sink) -> Result<(), String> {
    let mut reader = NsReader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<&'static str> = Vec::new();
    let mut text = String::new();
    let mut is_spoiled = false;
    let mut is_done = false;
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| format!("it is not XML ({error})"))?;
        match event {
            Event::Start(element) => {
                let name = known_name(&namespace, element.local_name().as_ref());
                if is_done || (path.is_empty() && name != root) {
                    return Err(format!("it is no {}", &root[2..]));
                }
                if path.len() >= DEEPEST {
                    return Err("its elements nest too deep".into());
                }
                path.push(name);
                text.clear();
                is_spoiled = false;
                sink.start(&path, &element);
            }
            Event::End(_) => {
                sink.end(&path, &text, is_spoiled);
                path.pop();
                text.clear();
                is_spoiled = false;
                is_done = path.is_empty();
            }
            // The ends of lines stay as they were sent, although XML lets a reader make them all
            // LF: what servers put in here raw is the very text of the card.
            Event::Text(part) if !path.is_empty() => text.push_str(&part),
            Event::CData(part) if !path.is_empty() => text.push_str(&part),
            Event::GeneralRef(reference) => match resolved(&reference)? {
                Some(c) => text.push(c),
                None => is_spoiled = true,
            },
            Event::Text(part) if !part.trim().is_empty() => {
                return Err("there is text around it".into());
            }
            Event::DocType(_) => return Err("it brings a document type, which is refused".into()),
            Event::Eof if is_done => return Ok(()),
            Event::Eof if path.is_empty() => return Err("it is empty".into()),
            Event::Eof => return Err("it ends in the middle".into()),
            _ => {}
        }
    }
}

/// The character that a reference stands for; `None` for one that XML does not allow, which
/// spoils the element it is in and nothing else (half emoji of one server, for example).
fn resolved(reference: &BytesRef<'_>) -> Result<Option<char>, String> {
    if reference.is_char_ref() {
        return Ok(reference.resolve_char_ref().ok().flatten());
    }
    match &**reference {
        "lt" => Ok(Some('<')),
        "gt" => Ok(Some('>')),
        "amp" => Ok(Some('&')),
        "quot" => Ok(Some('"')),
        "apos" => Ok(Some('\'')),
        _ => Err("it names an entity that is not declared".into()),
    }
}

/// The document as text: UTF-8, UTF-16 in both orders (with or without a mark, as XML 1.0 appendix
/// F tells them apart), or what the XML declaration names.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let (encoding, body) = match bytes {
        [0xEF, 0xBB, 0xBF, body @ ..] => (encoding_rs::UTF_8, body),
        [0xFF, 0xFE, body @ ..] => (encoding_rs::UTF_16LE, body),
        [0xFE, 0xFF, body @ ..] => (encoding_rs::UTF_16BE, body),
        [b'<', 0, ..] => (encoding_rs::UTF_16LE, bytes),
        [0, b'<', ..] => (encoding_rs::UTF_16BE, bytes),
        _ => (
            declared_encoding(bytes).unwrap_or(encoding_rs::UTF_8),
            bytes,
        ),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or_else(|| format!("its text is not {}", encoding.name()))
}

/// What `<?xml ... encoding="..."?>` names, if it can be true of bytes that read like this.
fn declared_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = bytes.strip_prefix(b"<?xml")?;
    let end = head.iter().position(|byte| *byte == b'>')?;
    let head = std::str::from_utf8(&head[..end]).ok()?;
    let (_, after) = head.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    let label = value[1..].split(quote).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes()).filter(|named| named.is_ascii_compatible())
}

/// A multistatus on its way.
#[derive(Default)]
struct Reading {
    read: Multistatus,
    hrefs: Vec<String>,
    member: Member,
    /// Of the propstat that is being read, until its status is known.
    props: Props,
    props_status: Option<u16>,
    props_spoiled: bool,
}

impl Sink for Reading {
    fn start(&mut self, path: &[&'static str], element: &BytesStart<'_>) {
        match path {
            [_, "D:response"] => {
                self.hrefs.clear();
                self.member = Member::default();
            }
            [_, "D:response", "D:propstat"] => {
                self.props = Props::default();
                self.props_status = None;
                self.props_spoiled = false;
            }
            [.., "D:current-user-privilege-set"] => self.props.privileges = Some(BTreeSet::new()),
            [.., "C:supported-address-data", "C:address-data-type"] => {
                let version = element.try_get_attribute("version").ok().flatten();
                let version = version.map(|version| said(&version.value));
                self.props
                    .versions
                    .extend(version.filter(|version| !version.is_empty()));
            }
            _ => {}
        }
    }

    fn end(&mut self, path: &[&'static str], text: &str, is_spoiled: bool) {
        match path {
            [_, "D:sync-token"] => self.read.sync_token = some(text),
            [_, "D:response", inside @ ..] => match inside {
                [] => self.finish_member(),
                ["D:href"] => self.hrefs.push(text.trim().to_owned()),
                ["D:status"] => self.member.status = status(text),
                ["D:error", condition] => {
                    self.member.conditions.insert(condition);
                }
                ["D:propstat"] => self.finish_propstat(),
                ["D:propstat", "D:status"] => self.props_status = status(text),
                ["D:propstat", "D:prop", property @ ..] => {
                    self.property(property, text, is_spoiled)
                }
                _ => {}
            },
            _ => {}
        }
    }
}

impl Reading {
    fn property(&mut self, path: &[&'static str], text: &str, is_spoiled: bool) {
        let props = &mut self.props;
        match path {
            ["D:getetag"] => props.etag = some(text),
            ["C:address-data"] if is_spoiled || text.chars().any(is_no_xml) => {
                self.props_spoiled = true;
            }
            ["C:address-data"] => props.address_data = some(text).map(|_| text.to_owned()),
            ["D:resourcetype", "D:collection"] => props.is_collection = true,
            ["D:resourcetype", "C:addressbook"] => props.is_addressbook = true,
            ["D:displayname"] => props.display_name = some(text),
            ["C:addressbook-description"] => props.description = some(text),
            ["S:getctag"] => props.ctag = some(text),
            ["D:sync-token"] => props.sync_token = some(text),
            ["D:current-user-principal", "D:href"] => props.principal = some(text),
            ["D:current-user-principal", "D:unauthenticated"] => props.is_unauthenticated = true,
            ["C:addressbook-home-set", "D:href"] => props.home_sets.extend(some(text)),
            ["C:max-resource-size"] => props.max_resource_size = text.trim().parse().ok(),
            ["D:current-user-privilege-set", "D:privilege", privilege] => {
                props.privileges.get_or_insert_default().insert(privilege);
            }
            _ => {}
        }
    }

    fn finish_propstat(&mut self) {
        // A propstat without a status says nothing that could be believed.
        let Some(status) = self.props_status else {
            return;
        };
        self.member.propstats.insert(status);
        if status == 200 {
            self.member.is_spoiled |= self.props_spoiled;
            let more = std::mem::take(&mut self.props);
            merge_props(&mut self.member.props, more);
        }
    }

    /// A response may name several hrefs that share one status (RFC 4918 section 14.24).
    fn finish_member(&mut self) {
        let member = std::mem::take(&mut self.member);
        for href in self.hrefs.drain(..) {
            self.read.members.push(Member {
                href,
                ..member.clone()
            });
        }
    }
}

/// Adds what a second propstat of the same status tells; servers may split them.
fn merge_props(into: &mut Props, more: Props) {
    into.etag = into.etag.take().or(more.etag);
    into.address_data = into.address_data.take().or(more.address_data);
    into.is_collection |= more.is_collection;
    into.is_addressbook |= more.is_addressbook;
    into.display_name = into.display_name.take().or(more.display_name);
    into.ctag = into.ctag.take().or(more.ctag);
    into.sync_token = into.sync_token.take().or(more.sync_token);
    into.principal = into.principal.take().or(more.principal);
    into.is_unauthenticated |= more.is_unauthenticated;
    into.home_sets.extend(more.home_sets);
    into.privileges = into.privileges.take().or(more.privileges);
    into.description = into.description.take().or(more.description);
    into.versions.extend(more.versions);
    into.max_resource_size = into.max_resource_size.or(more.max_resource_size);
}

impl Sink for DavError {
    fn end(&mut self, path: &[&'static str], text: &str, _is_spoiled: bool) {
        match path {
            [_, "X:message" | "D:responsedescription"] => self.message = some(text),
            [_, condition] => {
                self.conditions.insert(condition);
            }
            [_, _, "D:href"] => self.href = some(text),
            _ => {}
        }
    }
}

/// `HTTP/1.1 404 Not Found` or a bare `404`.
fn status(line: &str) -> Option<u16> {
    line.split_whitespace().find_map(|word| match word.len() {
        3 => word.parse().ok(),
        _ => None,
    })
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Characters that XML 1.0 section 2.2 excludes.
fn is_no_xml(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests;
