//! Setting up, with a scripted person and servers that exist only here.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};

use secrecy::ExposeSecret;
use url::Url;

use super::*;
use crate::config::{Access, Place};
use crate::store::StoreErrorKind;
use crate::store::carddav::{Elsewhere, FoundBy, Met, Saved, Untrusted};

/// Answers one line for each question, in the order of the questions.
#[derive(Default)]
struct Script {
    is_there: bool,
    answers: VecDeque<&'static str>,
    said: String,
}

impl Script {
    fn of(answers: &[&'static str]) -> Self {
        Self {
            is_there: true,
            answers: answers.iter().copied().collect(),
            said: String::new(),
        }
    }

    fn answer(&mut self, question: &str) -> Result<&'static str, NoAnswer> {
        self.said.push_str(&format!("{question}\n"));
        match self.answers.pop_front() {
            Some(answer) => Ok(answer),
            None => Err(NoAnswer::Stopped),
        }
    }
}

impl Person for Script {
    fn is_there(&self) -> bool {
        self.is_there
    }

    fn tell(&mut self, text: &str) {
        self.said.push_str(&format!("{text}\n"));
    }

    fn text(&mut self, question: &str, default: Option<&str>) -> Result<String, NoAnswer> {
        let answer = self.answer(question)?;
        Ok(match answer {
            "" => default.unwrap_or_default().to_owned(),
            answer => answer.to_owned(),
        })
    }

    fn secret(&mut self, question: &str) -> Result<SecretString, NoAnswer> {
        self.answer(question).map(SecretString::from)
    }

    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, NoAnswer> {
        Ok(match self.answer(question)? {
            "" => default,
            answer => answer == "y",
        })
    }

    fn choose(&mut self, question: &str, options: &[String]) -> Result<usize, NoAnswer> {
        self.said.push_str(&format!("{options:?}\n"));
        let answer = self.answer(question)?;
        Ok(answer.parse().unwrap_or(0))
    }

    fn choose_many(
        &mut self,
        question: &str,
        options: &[String],
        chosen: &[usize],
    ) -> Result<Vec<usize>, NoAnswer> {
        self.said.push_str(&format!("{options:?}\n"));
        Ok(match self.answer(question)? {
            "" => chosen.to_vec(),
            answer => answer
                .split(' ')
                .map(|index| index.parse().unwrap())
                .collect(),
        })
    }
}

/// A server at `host`, to which example.com leads, with these address books.
struct World {
    /// The host that has to be trusted first.
    elsewhere: Option<&'static str>,
    books: Vec<(&'static str, bool)>,
    /// The host of one more address book, "Shared".
    shared_at: Option<&'static str>,
    scheme: &'static str,
    /// The hosts and passwords that were sent, in order.
    passwords: RefCell<Vec<String>>,
}

impl World {
    fn with(books: &[(&'static str, bool)]) -> Self {
        Self {
            elsewhere: None,
            books: books.to_vec(),
            shared_at: None,
            scheme: "Basic",
            passwords: RefCell::default(),
        }
    }

    fn gate(&self, account: &Account) -> Result<(), DiscoveryError> {
        match self.elsewhere {
            Some(host) if !account.trusted_hosts.iter().any(|known| known == host) => {
                Err(DiscoveryError::Untrusted(Untrusted {
                    host: host.to_owned(),
                    by: "example.com".to_owned(),
                    met: Met::Srv,
                }))
            }
            _ => Ok(()),
        }
    }
}

fn url() -> Url {
    Url::parse("https://dav.example.com/").unwrap()
}

impl Servers for World {
    fn knock<'a>(
        &'a self,
        account: &'a Account,
    ) -> LocalBoxFuture<'a, Result<Knock, DiscoveryError>> {
        Box::pin(async move {
            self.gate(account)?;
            Ok(Knock {
                url: url(),
                schemes: vec![self.scheme.to_owned()],
                server: Some("Test/1".to_owned()),
                found_by: FoundBy::WellKnown,
                advice: Some("An app password is wanted"),
            })
        })
    }

    fn discover<'a>(
        &'a self,
        account: &'a Account,
        password: &'a SecretString,
    ) -> LocalBoxFuture<'a, Result<Discovered, DiscoveryError>> {
        Box::pin(async move {
            self.gate(account)?;
            let password = password.expose_secret().to_owned();
            self.passwords.borrow_mut().push(password.clone());
            if password != "right" {
                return Err(DiscoveryError::Store(StoreError {
                    kind: StoreErrorKind::SignIn,
                    what: "could not sign in".to_owned(),
                    todo: "Check".to_owned(),
                }));
            }
            let mut books: Vec<Saved> = self
                .books
                .iter()
                .map(|(name, read_only)| saved("dav.example.com", name, *read_only))
                .collect();
            let mut elsewhere = Vec::new();
            if let Some(host) = self.shared_at {
                match account.trusted_hosts.iter().any(|known| known == host) {
                    true => books.push(saved(host, "Shared", false)),
                    false => elsewhere.push(Elsewhere {
                        name: "Shared".to_owned(),
                        host: host.to_owned(),
                        met: Met::Book,
                    }),
                }
            }
            Ok(Discovered {
                books,
                elsewhere,
                found_by: FoundBy::WellKnown,
                start: url(),
                server: None,
            })
        })
    }
}

fn saved(host: &str, name: &str, read_only: bool) -> Saved {
    Saved {
        url: format!("https://{host}/{}/", name.to_lowercase()),
        display_name: Some(name.to_owned()),
        description: None,
        version_4: false,
        versions: BTreeSet::new(),
        read_only,
        privileges: None,
        max_resource_size: None,
        quirks: BTreeSet::new(),
        asked: None,
    }
}

fn wishes() -> Wishes {
    Wishes {
        home: Some("/home/anna".into()),
        ..Wishes::default()
    }
}

fn settle(
    wishes: Wishes,
    config: Option<&Config>,
    world: &World,
    script: &mut Script,
) -> Result<Settled, SetupError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(set_up(wishes, config, world, script))
}

fn places(settled: &Settled) -> Vec<String> {
    let place = |place: &Place| match place {
        Place::Folder(path) => path.display().to_string(),
        Place::AddressBook {
            account,
            addressbook,
        } => format!("{account}/{addressbook}"),
    };
    let stores = settled.stores.iter();
    stores
        .map(|store| format!("{}={}", store.id, place(&store.place)))
        .collect()
}

#[test]
fn three_answers_are_enough() {
    let world = World::with(&[("Default", false)]);
    let mut script = Script::of(&["anna@example.com", "right", ""]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert_eq!(settled.book, "people");
    assert_eq!(
        places(&settled),
        ["example=example/Default", "folder=/home/anna/Contacts"]
    );
    let account = settled.account.unwrap();
    assert_eq!(account.account.user(), Some("anna@example.com"));
    assert_eq!(
        account.account.username, None,
        "the address says it already"
    );
    assert!(account.is_to_be_kept && script.answers.is_empty());
    assert!(matches!(
        account.account.password,
        PasswordSource::Keyring(_)
    ));
}

#[test]
fn another_host_is_asked_about_once_and_pinned() {
    let mut world = World::with(&[("Default", false)]);
    world.elsewhere = Some("evil.example");
    let mut script = Script::of(&["anna@example.com", "y", "right", ""]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert_eq!(
        settled.account.unwrap().account.trusted_hosts,
        ["evil.example"]
    );
    assert_eq!(
        script.said.matches("May the password go to").count(),
        1,
        "{}",
        script.said
    );
}

#[test]
fn a_no_to_another_host_sends_no_password_anywhere() {
    let mut world = World::with(&[("Default", false)]);
    world.elsewhere = Some("evil.example");
    // The default, for a host that the named domain does not speak for, is no.
    let mut script = Script::of(&["anna@example.com", "", "right", ""]);
    assert!(settle(wishes(), None, &world, &mut script).is_err());
    assert_eq!(world.passwords.take(), Vec::<String>::new());
    world.elsewhere = Some("dav.example.com");
    let mut script = Script::of(&["anna@example.com", "", "right", ""]);
    assert!(settle(wishes(), None, &world, &mut script).is_ok());
}

#[test]
fn a_shared_book_on_another_host_is_offered_after_a_yes_and_left_out_after_a_no() {
    let mut world = World::with(&[("Mine", false)]);
    world.shared_at = Some("team.example.net");
    let mut script = Script::of(&["anna@example.com", "right", "y", "0 1", "none"]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert_eq!(places(&settled).len(), 2);
    assert_eq!(
        settled.account.unwrap().account.trusted_hosts,
        ["team.example.net"]
    );
    let mut script = Script::of(&["anna@example.com", "right", "", "none"]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert_eq!(places(&settled), ["example=example/Mine"]);
    assert!(settled.account.unwrap().account.trusted_hosts.is_empty());
    assert!(
        script.said.contains("--trust team.example.net"),
        "{}",
        script.said
    );
}

#[test]
fn a_mistyped_address_or_password_may_be_typed_again_but_not_for_ever() {
    let world = World::with(&[("Default", false)]);
    let mut script = Script::of(&["a b", "anna@example.com", "wrong", "right", ""]);
    assert!(settle(wishes(), None, &world, &mut script).is_ok());
    let world = World::with(&[("Default", false)]);
    let mut script = Script::of(&["anna@example.com", "1", "2", "3", "right"]);
    assert!(settle(wishes(), None, &world, &mut script).is_err());
    assert_eq!(world.passwords.take().len(), 3);
}

#[test]
fn a_password_that_nobody_typed_is_tried_once() {
    let world = World::with(&[("Default", false)]);
    let given = Wishes {
        address: Some("anna@example.com".into()),
        password: Password::Given("wrong".into()),
        ..wishes()
    };
    assert!(settle(given, None, &world, &mut Script::of(&[])).is_err());
    assert_eq!(world.passwords.take().len(), 1);
}

#[test]
fn what_has_to_be_known_is_told_before_the_password_is_asked_for() {
    let world = World::with(&[("Default", false)]);
    let mut script = Script::of(&["anna@example.com", "right", ""]);
    settle(wishes(), None, &world, &mut script).unwrap();
    let at = |words: &str| script.said.find(words).unwrap();
    assert!(
        at("An app password is wanted") < at("Password of"),
        "{}",
        script.said
    );
}

#[test]
fn where_only_tokens_are_taken_no_password_is_asked_for() {
    let mut world = World::with(&[("Default", false)]);
    world.scheme = "Bearer";
    let mut script = Script::of(&["anna@example.com", "right", ""]);
    let error = settle(wishes(), None, &world, &mut script).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("auth = \"oauth\"") && error.contains("cardweave login example"),
        "{error}"
    );
    assert!(!script.said.contains("Password of"), "{}", script.said);
    let with_token = Wishes {
        auth: Auth::Bearer,
        ..wishes()
    };
    let mut script = Script::of(&["anna@example.com", "right", ""]);
    assert!(settle(with_token, None, &world, &mut script).is_ok());
}

#[test]
fn several_address_books_are_chosen_from_and_read_only_ones_stay_so() {
    let world = World::with(&[("Mine", false), ("Team", true), ("Old", false)]);
    let mut script = Script::of(&["anna@example.com", "right", "0 1", "none"]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert_eq!(
        places(&settled),
        ["example-mine=example/Mine", "example-team=example/Team"]
    );
    let access: Vec<Access> = settled.stores.iter().map(|store| store.access).collect();
    assert_eq!(access, [Access::ReadWrite, Access::ReadOnly]);
}

#[test]
fn without_anybody_the_flags_say_it_all_or_name_what_is_missing() {
    let world = World::with(&[("Mine", false), ("Team", false)]);
    let flags = || Wishes {
        address: Some("example.com".into()),
        username: Some("anna".into()),
        password: Password::Given("right".into()),
        ..wishes()
    };
    let nobody = || Script::default();
    let missing = |wishes| {
        let error = settle(wishes, None, &world, &mut nobody()).unwrap_err();
        error.to_string()
    };
    assert!(missing(flags()).contains("--addressbook"));
    let unnamed = Wishes {
        username: None,
        ..flags()
    };
    assert!(missing(unnamed).contains("--username"));
    let silent = Wishes {
        password: Password::Asked,
        ..flags()
    };
    assert!(missing(silent).contains("--password-command"));
    assert!(missing(wishes()).contains("cardweave init ADDRESS"));
    let named = Wishes {
        addressbooks: vec!["team".into()],
        folders: vec!["/srv/cards".into()],
        ..flags()
    };
    let settled = settle(named, None, &world, &mut nobody()).unwrap();
    assert_eq!(
        places(&settled),
        ["example=example/Team", "cards=/srv/cards"]
    );
}

#[test]
fn a_second_account_joins_a_book_or_begins_one() {
    let before = "[[book]]\nname = \"people\"\n[[book.store]]\nid = \"example\"\nfolder = \"/a\"\n";
    let config = crate::config::parse(before, &crate::config::Origin::default()).unwrap();
    let world = World::with(&[("Default", false)]);
    let mut script = Script::of(&["anna@example.com", "right", "0", ""]);
    let settled = settle(wishes(), Some(&config), &world, &mut script).unwrap();
    assert_eq!(
        (settled.book.as_str(), places(&settled)),
        ("people", vec!["example-2=example/Default".to_owned()])
    );
    let mut script = Script::of(&["anna@example.com", "right", "1", "work", ""]);
    let settled = settle(wishes(), Some(&config), &world, &mut script).unwrap();
    assert_eq!(settled.book, "work");
    assert_eq!(
        settled.stores.len(),
        2,
        "a first store gets a folder offered"
    );
}

#[test]
fn a_book_without_a_name_is_named_as_it_is_looked_for() {
    let nameless = Saved {
        display_name: None,
        ..saved("dav.example.com", "team%20x", false)
    };
    assert_eq!(nameless.segment(), "team x");
}

#[test]
fn a_folder_needs_no_server() {
    let world = World::with(&[]);
    let mut script = Script::of(&["~/Cards"]);
    let settled = settle(wishes(), None, &world, &mut script).unwrap();
    assert!(settled.account.is_none());
    assert_eq!(places(&settled), ["cards=/home/anna/Cards"]);
}
