//! XML in and out: a small tree of what a client asks, and properly escaped answers.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

pub(super) const DAV: &str = "DAV:";
pub(super) const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
pub(super) const CALENDARSERVER: &str = "http://calendarserver.org/ns/";

/// Deeper than any request of the protocol, and shallow enough for recursion.
const MAX_DEPTH: usize = 32;

/// An element with its text and its children; comments and instructions are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub namespace: String,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    pub fn child(&self, namespace: &str, name: &str) -> Option<&Element> {
        self.all(namespace, name).next()
    }

    pub fn all(&self, namespace: &str, name: &str) -> impl Iterator<Item = &Element> {
        self.children
            .iter()
            .filter(move |child| child.is(namespace, name))
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(had, _)| had == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads a whole document. `None` where it is not well-formed, too deep, or has a DOCTYPE.
pub(super) fn parse(body: &[u8]) -> Option<Element> {
    let mut reader = NsReader::from_str(std::str::from_utf8(body).ok()?);
    let mut open: Vec<Element> = vec![Element::default()];
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let mut element = Element {
                    namespace: match namespace {
                        ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                        ResolveResult::Unbound => String::new(),
                        ResolveResult::Unknown(_) => return None,
                    },
                    name: start.local_name().into_inner().to_owned(),
                    ..Element::default()
                };
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    let value = attribute
                        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                        .ok()?;
                    element.attributes.push((
                        attribute.key.local_name().into_inner().to_owned(),
                        value.into_owned(),
                    ));
                }
                open.push(element);
                if open.len() > MAX_DEPTH {
                    return None;
                }
                if empty {
                    close(&mut open)?;
                }
            }
            Event::End(_) => close(&mut open)?,
            Event::Text(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::CData(text) => open.last_mut()?.text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref().ok()? {
                    Some(character) => character,
                    None => match &*reference.xml10_content() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return None,
                    },
                };
                open.last_mut()?.text.push(character);
            }
            Event::DocType(_) => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let [document] = open.try_into().ok()?;
    let [root] = document.children.try_into().ok()?;
    Some(root)
}

/// Ends the innermost element; the document itself, which is the outermost, stays open.
fn close(open: &mut Vec<Element>) -> Option<()> {
    let element = open.pop()?;
    open.last_mut()?.children.push(element);
    Some(())
}

/// Escapes text so that a reader gets the same characters back, carriage returns too, which a
/// reader would otherwise take for line ends (XML 1.0 section 2.11). What XML cannot say at all
/// becomes U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' | '\t' => escaped.push(character),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The prefix that an answer declares for a namespace.
fn prefix(namespace: &str) -> Option<&'static str> {
    match namespace {
        DAV => Some("D"),
        CARDDAV => Some("C"),
        CALENDARSERVER => Some("CS"),
        _ => None,
    }
}

/// Writes one property, of any namespace, with content that is XML already.
pub(super) fn property(namespace: &str, name: &str, content: &str) -> String {
    match prefix(namespace) {
        Some(prefix) => format!("<{prefix}:{name}>{content}</{prefix}:{name}>"),
        None => format!("<{name} xmlns=\"{}\">{content}</{name}>", escape(namespace)),
    }
}

/// Wraps responses into a multistatus document (RFC 4918 section 14.16).
pub(super) fn multistatus(responses: &str) -> String {
    document("multistatus", responses)
}

/// Names the precondition that failed (RFC 4918 section 16).
pub(super) fn error(condition: &str) -> String {
    document("error", condition)
}

fn document(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:{root} xmlns:D=\"{DAV}\" xmlns:C=\"{CARDDAV}\" \
         xmlns:CS=\"{CALENDARSERVER}\">{content}</D:{root}>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_read_back_to_the_byte() {
        let text = "N:<A&B>;\"c\"\r\nNOTE:ä\t\u{1F600}\r\n";
        let document = format!("<x>{}</x>", escape(text));
        assert_eq!(parse(document.as_bytes()).unwrap().text, text);
    }

    #[test]
    fn a_name_is_known_by_its_namespace_whatever_its_prefix() {
        let root = parse(b"<a:propfind xmlns:a='DAV:'><prop xmlns='DAV:'/></a:propfind>").unwrap();
        assert!(root.is(DAV, "propfind") && root.child(DAV, "prop").is_some());
    }

    #[test]
    fn bombs_and_torn_documents_are_refused() {
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        for bad in [
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a><b></a>",
            "<a>",
            "",
            "<a/><b/>",
            &deep,
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }
}
