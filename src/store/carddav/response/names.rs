//! The element names that mean something here; all others are one and the same nothing.

use quick_xml::name::{Namespace, ResolveResult};

/// The short form of an element's name: `D:` for `DAV:`, `C:` for CardDAV, `S:` for calendarserver's
/// extensions, `X:` for sabre/dav's error texts, `?` for whatever is not known.
///
/// Names are compared by namespace, never by prefix: servers choose those freely. Returning names
/// from a table keeps a listing of 100,000 members from making a string per element.
pub(super) fn known_name(namespace: &ResolveResult<'_>, local: &str) -> &'static str {
    let ResolveResult::Bound(Namespace(namespace)) = namespace else {
        return "?";
    };
    let names: &[&'static str] = match *namespace {
        "DAV:" => DAV,
        "urn:ietf:params:xml:ns:carddav" => CARDDAV,
        "http://calendarserver.org/ns/" => CALENDARSERVER,
        "http://sabredav.org/ns" => SABRE,
        _ => return "?",
    };
    names
        .iter()
        .find(|name| &name[2..] == local)
        .copied()
        .unwrap_or("?")
}

const DAV: &[&str] = &[
    "D:response",
    "D:href",
    "D:propstat",
    "D:prop",
    "D:status",
    "D:getetag",
    "D:resourcetype",
    "D:multistatus",
    "D:collection",
    "D:sync-token",
    "D:displayname",
    "D:error",
    "D:responsedescription",
    "D:current-user-principal",
    "D:unauthenticated",
    "D:current-user-privilege-set",
    "D:privilege",
    "D:all",
    "D:write",
    "D:write-content",
    "D:bind",
    "D:unbind",
    "D:read",
    "D:valid-sync-token",
    "D:supported-report",
    "D:need-privileges",
    "D:quota-not-exceeded",
    "D:sufficient-disk-space",
];

const CARDDAV: &[&str] = &[
    "C:address-data",
    "C:addressbook",
    "C:addressbook-home-set",
    "C:addressbook-description",
    "C:supported-address-data",
    "C:address-data-type",
    "C:max-resource-size",
    "C:no-uid-conflict",
    "C:valid-address-data",
];

const CALENDARSERVER: &[&str] = &["S:getctag"];

const SABRE: &[&str] = &["X:message"];
