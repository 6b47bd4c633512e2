//! By a code on another device.

use std::time::Duration;

use crate::place::{Place, SIGNED_IN};

#[test]
fn a_code_is_shown_and_asked_about_as_slowly_as_the_server_wants() {
    let place = Place::new();
    place.oauth.state().device = [
        "authorization_pending",
        "slow_down",
        "authorization_pending",
    ]
    .into();
    let (said, code) = place.login(&["--device"]);
    assert!(said.contains("Open https://login.example/device"), "{said}");
    assert!(said.contains("WDJB-MJHT"), "{said}");
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(code, "0", "{said}");
    let polls = place.oauth.state().polls.clone();
    let gaps: Vec<Duration> = polls.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps.len(), 3);
    // RFC 8628 section 3.5: five seconds more, from then on.
    assert!(
        gaps[0] >= Duration::from_secs(1) && gaps[0] < Duration::from_secs(5),
        "{gaps:?}"
    );
    assert!(
        gaps[1..].iter().all(|gap| *gap >= Duration::from_secs(6)),
        "{gaps:?}"
    );
    assert_eq!(place.sync().code, Some(0));
}

#[test]
fn a_code_that_was_declined_or_has_expired_is_told_in_words() {
    for (error, said) in [
        ("access_denied", "The sign-in was declined"),
        ("expired_token", "Nobody signed in within"),
        ("invalid_client", "Check `client-id` and `client-secret`"),
    ] {
        let place = Place::new();
        place.oauth.state().device = [error].into();
        let (told, code) = place.login(&["--device"]);
        assert!(told.contains(said), "{told}");
        assert!(told.contains("Nothing was stored"), "{told}");
        assert_eq!(code, "1", "{told}");
    }
}

#[test]
fn a_server_without_codes_and_google_say_what_to_do_instead() {
    let place = Place::new();
    let device = format!("device-url = \"{}\", ", place.oauth.url("/device"));
    place.configure(&device, "");
    let (said, code) = place.login(&["--device"]);
    assert!(said.contains("names no `device-url`"), "{said}");
    assert_eq!(code, "2", "{said}");

    let place = Place::new();
    let google = "{ provider = \"google\", client-id = \"x\" }";
    place.configure(&place.oauth.table(), google);
    let (said, code) = place.login(&["--device"]);
    assert!(
        said.contains("Google does not let a program at contacts by a code"),
        "{said}"
    );
    assert!(
        said.contains("cardweave login loopback --no-browser"),
        "{said}"
    );
    assert_eq!(code, "2", "{said}");
}
