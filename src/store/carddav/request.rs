//! The bodies of the requests, as text (RFC 4918, 6352, 6578).

use quick_xml::escape::escape;

/// Asks a place who we are there, where the address books are, whether it is one itself, and if so
/// what it takes and where its history ends right now (sync token, ctag).
pub(super) const ABOUT: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/"><d:prop><d:current-user-principal/><c:addressbook-home-set/><d:resourcetype/><d:displayname/><c:addressbook-description/><d:current-user-privilege-set/><c:supported-address-data/><c:max-resource-size/><d:sync-token/><s:getctag/></d:prop></d:propfind>"#;

/// Asks for the version of everything in an address book, or of one card.
pub(super) const VERSIONS: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/><d:resourcetype/></d:prop></d:propfind>"#;

/// Asks what moved since `token` (RFC 6578 section 3.2).
///
/// Versions only: some servers send no cards here and one sends broken ones. Never a limit: three
/// servers of nine forget changes when they are asked for a few at a time.
pub(super) fn sync_collection(token: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<d:sync-collection xmlns:d="DAV:"><d:sync-token>{}</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>"#,
        escape(token)
    )
}

/// Asks for the cards at these paths (RFC 6352 section 8.7).
///
/// `version_4` names the version that is wanted; without it the server gives what it likes, which
/// on nearly all is the text that it keeps.
pub(super) fn multiget<'a>(paths: impl IntoIterator<Item = &'a str>, version_4: bool) -> String {
    let wanted = match version_4 {
        true => r#"<c:address-data content-type="text/vcard" version="4.0"/>"#,
        false => "<c:address-data/>",
    };
    let mut body = format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<c:addressbook-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><d:prop><d:getetag/>{wanted}</d:prop>"#
    );
    for path in paths {
        body.push_str("<d:href>");
        body.push_str(&escape(path));
        body.push_str("</d:href>");
    }
    body.push_str("</c:addressbook-multiget>");
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_or_path_cannot_break_out_of_its_element() {
        let body = sync_collection("</d:sync-token><x>&");
        assert!(
            body.contains("&lt;/d:sync-token&gt;&lt;x&gt;&amp;"),
            "{body}"
        );
        let body = multiget(["/b/a&b.vcf"], false);
        assert!(body.contains("<d:href>/b/a&amp;b.vcf</d:href>"), "{body}");
    }

    #[test]
    fn no_request_limits_the_number_of_results() {
        assert!(!sync_collection("t").contains("limit"));
        assert!(sync_collection("t").contains("<d:sync-level>1</d:sync-level>"));
    }

    #[test]
    fn version_4_is_named_only_where_wanted() {
        assert!(multiget(["/a"], true).contains(r#"version="4.0""#));
        assert!(multiget(["/a"], false).contains("<c:address-data/>"));
    }
}
