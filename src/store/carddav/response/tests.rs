//! What may come as an answer, from the ordinary to the hostile, in short bytes.

use super::*;

/// A multistatus around `inside`, with the prefixes d, c and s bound.
fn answer(inside: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav" xmlns:s="http://calendarserver.org/ns/">{inside}</d:multistatus>"#
    )
}

fn read(inside: &str) -> Multistatus {
    multistatus(answer(inside).as_bytes()).unwrap()
}

fn one(inside: &str) -> Member {
    let mut read = read(&format!(
        "<d:response><d:href>/a</d:href>{inside}</d:response>"
    ));
    assert_eq!(read.members.len(), 1);
    read.members.remove(0)
}

fn propstat(prop: &str, status: u16) -> String {
    format!(
        "<d:propstat><d:prop>{prop}</d:prop><d:status>HTTP/1.1 {status} X</d:status></d:propstat>"
    )
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    multistatus(bytes.as_ref()).unwrap_err()
}

#[test]
fn an_entry_has_its_etag_and_text() {
    let member = one(&propstat(
        "<d:getetag>&quot;1&quot;</d:getetag><c:address-data>BEGIN:VCARD\r\nNOTE:a &amp; b\r\n</c:address-data>",
        200,
    ));
    assert_eq!(member.props.etag.as_deref(), Some("\"1\""));
    assert_eq!(
        member.props.address_data.as_deref(),
        Some("BEGIN:VCARD\r\nNOTE:a & b\r\n")
    );
    assert_eq!(member.trouble(), None);
}

#[test]
fn cdata_references_and_other_prefixes_say_the_same() {
    let plain = one(&propstat(
        "<c:address-data>A&amp;B\r\n</c:address-data>",
        200,
    ));
    let cdata = one(&propstat(
        "<c:address-data><![CDATA[A&B]]>&#13;&#xA;</c:address-data>",
        200,
    ));
    let prefix = one(&propstat(
        r#"<address-data xmlns="urn:ietf:params:xml:ns:carddav">A&#38;B&#13;&#10;</address-data>"#,
        200,
    ));
    assert_eq!(plain.props, cdata.props);
    assert_eq!(plain.props, prefix.props);
}

#[test]
fn a_name_without_its_namespace_says_nothing() {
    let member = one(&propstat(
        r#"<getetag>"1"</getetag><x:getetag xmlns:x="urn:x">"2"</x:getetag>"#,
        200,
    ));
    assert_eq!(member.props.etag, None);
    assert!(refusal("<multistatus><response/></multistatus>").contains("no multistatus"));
    assert!(refusal("<d:multistatus/>").contains("no multistatus"));
}

#[test]
fn only_a_propstat_that_says_200_is_believed() {
    assert_eq!(
        one(&propstat("<d:getetag>\"1\"</d:getetag>", 404))
            .props
            .etag,
        None
    );
    let without = "<d:propstat><d:prop><d:getetag>\"1\"</d:getetag></d:prop></d:propstat>";
    assert_eq!(one(without).props.etag, None);
    let both = propstat("<d:getetag>\"1\"</d:getetag>", 200) + &propstat("<c:address-data/>", 404);
    let member = one(&both);
    assert_eq!(member.props.etag.as_deref(), Some("\"1\""));
    assert_eq!(member.props.address_data, None);
    assert_eq!(member.trouble(), None);
}

#[test]
fn gone_failed_and_without_an_etag_are_three_things() {
    let gone = one("<d:status>HTTP/1.1 404 Not Found</d:status>");
    assert!(gone.is_gone());
    let failed = one("<d:status>HTTP/1.1 500 No</d:status>");
    assert!(!failed.is_gone());
    assert!(failed.trouble().unwrap().contains("500"));
    let property_failed = one(&propstat("<d:getetag/>", 500));
    assert!(!property_failed.is_gone());
    assert!(property_failed.trouble().unwrap().contains("500"));
    let property_missing = one(&propstat("<d:getetag/>", 404));
    assert!(!property_missing.is_gone());
    assert_eq!(property_missing.trouble(), None);
}

#[test]
fn a_member_may_have_a_status_beside_its_properties() {
    let inside = "<d:status>HTTP/1.1 201 Created</d:status>".to_owned()
        + &propstat("<d:getetag>\"1\"</d:getetag>", 200);
    assert_eq!(one(&inside).trouble(), None);
}

#[test]
fn hrefs_that_share_a_status_are_members_each() {
    let read = read(
        "<d:response><d:href>/a</d:href><d:href>/b</d:href><d:status>HTTP/1.1 404 No</d:status></d:response>",
    );
    assert_eq!(read.members.len(), 2);
    assert!(read.members.iter().all(Member::is_gone));
}

#[test]
fn half_a_document_is_an_error_wherever_it_is_cut() {
    let whole = answer("<d:response><d:href>/a</d:href></d:response>");
    for end in 0..whole.len() {
        assert!(
            multistatus(&whole.as_bytes()[..end]).is_err(),
            "cut at {end}"
        );
    }
    assert!(multistatus(whole.as_bytes()).is_ok());
    assert!(
        refusal(format!("{whole}<d:multistatus xmlns:d=\"DAV:\"/>")).contains("no multistatus")
    );
    assert!(multistatus(format!("{whole}rubbish").as_bytes()).is_err());
}

#[test]
fn other_documents_are_refused() {
    for bytes in [
        "",
        "  ",
        "Internal Server Error",
        "<html><body>Log in</body></html>",
        "{}",
    ] {
        assert!(multistatus(bytes.as_bytes()).is_err(), "{bytes}");
    }
}

#[test]
fn a_document_type_is_refused() {
    let bomb = r#"<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>"#;
    assert!(refusal(format!("{bomb}{}", answer(""))).contains("document type"));
    assert!(refusal(answer("<d:response><d:href>&b;</d:href></d:response>")).contains("entity"));
}

#[test]
fn nesting_is_limited() {
    let deep = format!("{}{}", "<d:x>".repeat(200), "</d:x>".repeat(200));
    assert!(refusal(answer(&deep)).contains("too deep"));
    let fine = format!("{}{}", "<d:x>".repeat(90), "</d:x>".repeat(90));
    assert!(multistatus(answer(&fine).as_bytes()).is_ok());
}

#[test]
fn utf_16_and_declared_encodings_are_read() {
    let text = answer(&format!(
        "<d:response><d:href>/ä</d:href>{}</d:response>",
        propstat("<d:getetag>\"1\"</d:getetag>", 200)
    ));
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [&[0xFE, 0xFF], &big[..]].concat();
    let utf_8_marked = [&[0xEF, 0xBB, 0xBF], text.as_bytes()].concat();
    let latin = text.replace("?>", r#" encoding="ISO-8859-1"?>"#);
    let latin = encoding_rs::WINDOWS_1252.encode(&latin).0.into_owned();
    let mislabelled = text.replace("?>", r#" encoding="UTF-16"?>"#).into_bytes();
    for bytes in [little, big, marked, utf_8_marked, latin, mislabelled] {
        assert_eq!(multistatus(&bytes).unwrap().members[0].href, "/ä");
    }
    assert!(refusal(b"<?xml version=\"1.0\"?><a>\xE4</a>").contains("UTF-8"));
}

#[test]
fn a_forbidden_character_spoils_one_card_only() {
    for spoiling in ["&#0;", "&#1;", "\u{1}", "&#55356;&#57225;", "&#x110000;"] {
        let read = read(&format!(
            "<d:response><d:href>/a</d:href>{}</d:response><d:response><d:href>/b</d:href>{}</d:response>",
            propstat(
                &format!(
                    "<d:getetag>\"1\"</d:getetag><c:address-data>X{spoiling}Y</c:address-data>"
                ),
                200
            ),
            propstat("<c:address-data>fine</c:address-data>", 200),
        ));
        assert!(read.members[0].is_spoiled, "{spoiling:?}");
        assert_eq!(read.members[0].props.address_data, None);
        assert_eq!(read.members[0].props.etag.as_deref(), Some("\"1\""));
        assert!(!read.members[1].is_spoiled);
        assert_eq!(read.members[1].props.address_data.as_deref(), Some("fine"));
    }
}

#[test]
fn the_sync_token_is_the_documents_own() {
    let member = format!(
        "<d:response><d:href>/a</d:href>{}</d:response>",
        propstat("<d:sync-token>inner</d:sync-token>", 200)
    );
    assert_eq!(read(&member).sync_token, None);
    assert_eq!(
        read(&member).members[0].props.sync_token.as_deref(),
        Some("inner")
    );
    assert_eq!(
        read("<d:sync-token>t</d:sync-token>").sync_token.as_deref(),
        Some("t")
    );
}

#[test]
fn what_an_address_book_tells_about_itself_is_read() {
    let props = one(&propstat(
        r#"<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype><d:displayname>People</d:displayname>
        <d:current-user-privilege-set><d:privilege><d:read/></d:privilege><d:privilege><d:write-content/></d:privilege></d:current-user-privilege-set>
        <c:supported-address-data><c:address-data-type content-type="text/vcard" version="3.0"/><c:address-data-type content-type="text/vcard" version="4.0"/></c:supported-address-data>
        <c:max-resource-size>524288</c:max-resource-size><s:getctag>"7"</s:getctag>
        <d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>
        <c:addressbook-home-set><d:href>/h1/</d:href><d:href>/h2/</d:href></c:addressbook-home-set>"#,
        200,
    ))
    .props;
    assert!(props.is_collection && props.is_addressbook && props.versions.contains("4.0"));
    assert_eq!(props.display_name.as_deref(), Some("People"));
    assert_eq!(
        props.privileges,
        Some(BTreeSet::from(["D:read", "D:write-content"]))
    );
    assert_eq!(props.max_resource_size, Some(524_288));
    assert_eq!(props.ctag.as_deref(), Some("\"7\""));
    assert_eq!(props.principal.as_deref(), Some("/p/"));
    assert_eq!(props.home_sets, ["/h1/", "/h2/"]);
    assert!(
        one(&propstat(
            "<d:current-user-principal><d:unauthenticated/></d:current-user-principal>",
            200
        ))
        .props
        .is_unauthenticated
    );
    assert!(!one(&propstat(r#"<c:supported-address-data><c:address-data-type version="3.0"/></c:supported-address-data>"#, 200)).props.versions.contains("4.0"));
}

#[test]
fn a_refusal_names_its_condition_and_the_entry_in_the_way() {
    let error = dav_error(
        br#"<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:c="urn:ietf:params:xml:ns:carddav"><c:no-uid-conflict><d:href>/b/x.vcf</d:href></c:no-uid-conflict><s:message>taken</s:message></d:error>"#,
    );
    assert!(error.has("C:no-uid-conflict"));
    assert_eq!(error.href.as_deref(), Some("/b/x.vcf"));
    assert_eq!(error.message.as_deref(), Some("taken"));
    assert_eq!(dav_error(b"<html/>"), DavError::default());
    assert_eq!(
        dav_error(b"<d:error xmlns:d=\"DAV:\"><d:valid-sync-token/>"),
        DavError::default()
    );
}
