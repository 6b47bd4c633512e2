//! The decisions about listings: what an answer means for the cursor it was asked with.

use super::*;

fn book() -> Collection {
    Collection::new(&Url::parse("https://h.example/b/").unwrap())
}

fn entry(href: &str, etag: &str) -> Member {
    let props = Props {
        etag: Some(etag.into()),
        ..Props::default()
    };
    Member {
        href: href.into(),
        propstats: [200].into(),
        props,
        ..Member::default()
    }
}

fn status(href: &str, status: u16) -> Member {
    Member {
        href: href.into(),
        status: Some(status),
        ..Member::default()
    }
}

fn moves(members: &[Member]) -> Moves {
    let mut moves = Moves::default();
    for member in members {
        moves.add(&book(), member);
    }
    moves
}

fn next(sent: &[&str], token: Option<&str>, members: &[Member]) -> Next {
    let sent: Vec<String> = sent.iter().map(|token| token.to_string()).collect();
    after_page(&sent, token, &moves(members), false)
}

const COMPLETE: Next = Next::Complete {
    is_unsupported: false,
};

#[test]
fn a_delta_ends_at_the_new_token() {
    let done = Next::Done {
        token: "t/2".into(),
    };
    assert_eq!(
        next(&["t/1"], Some("t/2"), &[entry("/b/x.vcf", "\"1\"")]),
        done
    );
    assert_eq!(next(&["t/2"], Some("t/2"), &[]), done);
}

#[test]
fn a_507_for_the_book_means_that_there_is_more() {
    let cut = [entry("/b/x.vcf", "\"1\""), status("/b/", 507)];
    assert_eq!(
        next(&["1"], Some("2"), &cut),
        Next::Page { token: "2".into() }
    );
    assert_eq!(
        next(&["1", "2"], Some("1"), &cut),
        COMPLETE,
        "pages in a circle"
    );
    assert_eq!(next(&["1"], None, &cut), COMPLETE, "nowhere to go on from");
}

#[test]
fn a_token_that_went_back_or_contradicts_itself_is_not_believed() {
    assert_eq!(next(&["data:,12"], Some("data:,9"), &[]), COMPLETE);
    assert_eq!(
        next(
            &["http://sabre.io/ns/sync/10"],
            Some("http://sabre.io/ns/sync/9"),
            &[]
        ),
        COMPLETE
    );
    let moved = [entry("/b/x.vcf", "\"1\"")];
    assert_eq!(next(&["12"], Some("12"), &moved), COMPLETE);
    assert_eq!(next(&["12"], None, &moved), COMPLETE);
    // SOGo tells the last second's changes again and again.
    let repeated = after_page(&["12".into()], Some("12"), &self::moves(&moved), true);
    assert_eq!(repeated, Next::Done { token: "12".into() });
}

#[test]
fn tokens_that_do_not_count_cannot_fall() {
    for (before, after) in [
        ("9", "12"),
        ("ab12", "cd9"),
        ("data:,5-9", "data:,6-1"),
        ("x", "y"),
    ] {
        assert!(!fell(before, after), "{before} {after}");
    }
    assert!(fell("data:,5-9", "data:,5-8"));
}

#[test]
fn a_book_made_again_is_listed_whole() {
    let members = [status("/b/", 404), entry("/b/x.vcf", "\"1\"")];
    assert_eq!(next(&["a1"], Some("b2"), &members), COMPLETE);
}

#[test]
fn every_refusal_of_a_token_leads_to_a_whole_listing_and_few_are_remembered() {
    let unsupported = Some(Next::Complete {
        is_unsupported: true,
    });
    for (status, is_supported_report, expected) in [
        (403, false, Some(COMPLETE)),
        (412, false, Some(COMPLETE)),
        (400, false, Some(COMPLETE)),
        (409, false, Some(COMPLETE)),
        (507, false, Some(COMPLETE)),
        (403, true, unsupported),
        (
            501,
            false,
            Some(Next::Complete {
                is_unsupported: true,
            }),
        ),
        (
            405,
            false,
            Some(Next::Complete {
                is_unsupported: true,
            }),
        ),
        (404, false, Some(COMPLETE)),
        (410, false, Some(COMPLETE)),
        (500, false, None),
        (200, false, None),
        (204, false, None),
    ] {
        assert_eq!(
            after_refusal(status, is_supported_report),
            expected,
            "{status}"
        );
    }
}

#[test]
fn the_way_follows_from_the_mark() {
    let mark = |token: Option<&str>, ctag: Option<&str>, sync| Mark {
        token: token.map(str::to_owned),
        ctag: ctag.map(str::to_owned),
        sync,
        url: "https://h.example/b/".to_owned(),
    };
    let url = Url::parse("https://h.example/b/").unwrap();
    assert_eq!(
        mark(Some("t"), Some("c"), true).way(),
        Way::Sync { token: "t".into() }
    );
    assert_eq!(
        mark(Some("t"), Some("c"), false).way(),
        Way::Ctag { ctag: "c".into() }
    );
    assert_eq!(mark(None, None, false).way(), Way::Complete);
    let props = Props {
        sync_token: Some("t2".into()),
        ..Props::default()
    };
    assert!(Mark::of(&url, &props, None).sync);
    assert!(Mark::of(&url, &props, Some(&mark(Some("t"), None, true))).sync);
    assert!(
        !Mark::of(&url, &props, Some(&mark(Some("t"), None, false))).sync,
        "refused for good"
    );
    let cursor = mark(Some("t"), None, true).to_cursor();
    assert_eq!(
        Mark::from_cursor(Some(&cursor), &url),
        Some(mark(Some("t"), None, true))
    );
    assert_eq!(
        Mark::from_cursor(Some(&Cursor("nonsense".into())), &url),
        None
    );
    let other = Url::parse("https://h.example/other/").unwrap();
    assert_eq!(
        Mark::from_cursor(Some(&cursor), &other),
        None,
        "a token of another book"
    );
}

#[test]
fn a_member_is_changed_gone_or_unsure_and_never_silently_missing() {
    let moves = moves(&[
        entry("/b/changed.vcf", "\"1\""),
        status("/b/gone.vcf", 404),
        status("/b/failed.vcf", 500),
        Member {
            href: "/b/no-version.vcf".into(),
            propstats: [200].into(),
            ..Member::default()
        },
        Member {
            href: "/b/not-found-property.vcf".into(),
            propstats: [404].into(),
            ..Member::default()
        },
        entry("/b/", "\"own\""),
    ]);
    let keys = |map: &BTreeMap<Href, String>| map.keys().map(Href::to_string).collect::<Vec<_>>();
    assert_eq!(
        moves.changed.keys().collect::<Vec<_>>(),
        [&Href::new("/b/changed.vcf")]
    );
    assert_eq!(
        moves.gone.iter().collect::<Vec<_>>(),
        [&Href::new("/b/gone.vcf")]
    );
    assert_eq!(
        keys(&moves.unsure),
        [
            "/b/failed.vcf",
            "/b/no-version.vcf",
            "/b/not-found-property.vcf"
        ]
    );
    assert_eq!(moves.findings, BTreeSet::new());
}

#[test]
fn the_last_page_that_names_a_member_is_right() {
    let moves = moves(&[
        entry("/b/x.vcf", "\"1\""),
        status("/b/x.vcf", 404),
        status("/b/y.vcf", 404),
        entry("/b/y.vcf", "\"2\""),
    ]);
    assert_eq!(moves.gone, [Href::new("/b/x.vcf")].into());
    assert_eq!(
        moves.changed,
        [(Href::new("/b/y.vcf"), ETag::new("\"2\""))].into()
    );
}

#[test]
fn strangers_are_passed_over_and_named_harmlessly() {
    let moves = moves(&[
        entry("https://evil.example/b/x.vcf", "\"1\""),
        entry("/b/../../etc/\u{1b}[2Jpasswd", "\"1\""),
        status("/elsewhere/x.vcf", 404),
    ]);
    assert_eq!(moves.changed, BTreeMap::new());
    assert_eq!(moves.findings.len(), 2);
    assert!(
        moves
            .findings
            .iter()
            .all(|finding| !finding.text.contains('\u{1b}'))
    );
}

#[test]
fn a_listing_that_is_not_whole_is_an_error() {
    let listing = |members: Vec<Member>| {
        whole(
            &book(),
            &Multistatus {
                members,
                sync_token: None,
            },
        )
    };
    assert!(listing(vec![]).is_err());
    assert!(listing(vec![entry("/b/x.vcf", "\"1\""), status("/b/", 507)]).is_err());
    assert!(listing(vec![entry("/b/x.vcf", "\"1\""), status("/b/x2.vcf", 507)]).is_err());
    assert!(listing(vec![status("/b/", 404)]).is_err());
    assert_eq!(
        listing(vec![entry("/b/", "\"1\"")]).unwrap(),
        Moves::default()
    );
    let contradiction = listing(vec![status("/b/x.vcf", 404)]).unwrap();
    assert!(contradiction.gone.is_empty());
    assert!(contradiction.unsure.contains_key(&Href::new("/b/x.vcf")));
}

#[test]
fn a_folder_inside_of_the_book_is_no_finding() {
    let mut folder = entry("/b/sub/", "\"1\"");
    folder.props.is_collection = true;
    let answer = Multistatus {
        members: vec![entry("/b/", "\"1\""), folder],
        sync_token: None,
    };
    assert_eq!(whole(&book(), &answer).unwrap(), Moves::default());
}
