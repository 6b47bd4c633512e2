//! Tokens that expire, change and are taken back while there is something to sync.

use crate::place::{Place, SIGNED_IN};

fn signed_in() -> Place {
    let place = Place::new();
    let (said, _) = place.login(&[]);
    assert!(said.contains(SIGNED_IN), "{said}");
    place.stage.server.take_requests();
    place
}

fn refused(place: &Place) -> usize {
    let requests = place.stage.server.take_requests();
    let refused = requests
        .iter()
        .filter(|exchange| exchange.status == Some(401));
    refused.count()
}

#[test]
fn a_token_that_expires_amid_a_sync_is_renewed_once_and_the_sync_goes_on() {
    let place = signed_in();
    for number in 0..40 {
        place.stage.put_in_folder(
            &format!("Person{number}"),
            &format!("TEL:+4930123{number:03}"),
        );
        place
            .stage
            .put_on_server(&format!("Other{number}"), "TEL:+493012345");
    }
    place.oauth.state().lives = [12].into();
    let sync = place.sync();
    assert_eq!(sync.code, Some(0), "{sync:?}");
    assert_eq!(place.stage.in_folder(), place.stage.at_server());
    assert_eq!(place.stage.in_folder().len(), 80);
    // One at the beginning, since tokens are not kept between runs, and one in the middle.
    assert_eq!(place.oauth.state().refreshes, 2);
    let refused = refused(&place);
    assert!((1..=4).contains(&refused), "{refused} refused");
    place.check_files();
}

#[test]
fn each_new_refresh_token_takes_the_place_of_the_one_before() {
    let place = signed_in();
    for run in 1..=3 {
        let sync = place.sync();
        assert_eq!(sync.code, Some(0), "{sync:?}");
        let state = place.oauth.state();
        assert_eq!(
            (state.refreshes, state.refresh_tokens.len()),
            (run, run + 1)
        );
    }
}

#[test]
fn a_sign_in_that_was_taken_back_is_told_with_the_way_out() {
    let place = signed_in();
    place.stage.put_in_folder("Bob", "TEL:+493012346");
    place.oauth.revoke();
    let sync = place.sync();
    assert_eq!(sync.code, Some(5), "{sync:?}");
    assert!(
        sync.stdout
            .contains("does not let account `loopback` in any more"),
        "{sync:?}"
    );
    assert!(
        sync.stdout
            .contains("Sign in again: cardweave login loopback"),
        "{sync:?}"
    );
    assert_eq!(place.oauth.state().refreshes, 1);
    assert_eq!(place.stage.in_folder().len(), 1);
    let (said, _) = place.login(&[]);
    assert!(said.contains(SIGNED_IN), "{said}");
    assert_eq!(place.sync().code, Some(0));
    assert_eq!(place.stage.at_server().len(), 1);
}

#[test]
fn a_sign_in_that_is_taken_back_amid_a_sync_stops_it_without_harm() {
    let place = signed_in();
    for number in 0..20 {
        place.stage.put_in_folder(
            &format!("Person{number}"),
            &format!("TEL:+4930123{number:03}"),
        );
    }
    // The first token dies in the middle, and the one after it at once.
    place.oauth.state().lives = [8, 0].into();
    let sync = place.sync();
    assert_eq!(sync.code, Some(5), "{sync:?}");
    assert!(
        sync.stdout.contains("does not accept the token"),
        "{sync:?}"
    );
    assert_eq!(place.oauth.state().refreshes, 2);
    assert_eq!(place.stage.in_folder().len(), 20);
    let healed = place.sync();
    assert_eq!(healed.code, Some(0), "{healed:?}");
    assert_eq!(place.stage.in_folder(), place.stage.at_server());
}

#[test]
fn a_fresh_token_that_is_refused_is_sent_once() {
    let place = signed_in();
    place.oauth.state().takes_none = true;
    let sync = place.sync();
    assert_eq!(sync.code, Some(5), "{sync:?}");
    assert!(sync.stdout.contains("though it is a fresh one"), "{sync:?}");
    assert_eq!((place.oauth.state().refreshes, refused(&place)), (1, 1));
}

#[test]
fn a_config_that_names_another_server_has_no_token_for_it() {
    let place = signed_in();
    let other = crate::support::oauth::OAuth::start();
    place.configure(&place.oauth.url("/token"), &other.url("/token"));
    let sync = place.sync();
    assert!(sync.stdout.contains("nobody has signed in"), "{sync:?}");
    assert_eq!(other.state().refreshes, 0);
}
