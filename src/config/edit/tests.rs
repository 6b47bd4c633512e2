//! The text of a config before and after.

use std::fs;
use std::path::Path;

use super::*;
use crate::book::StoreId;
use crate::config::Origin;
use secrecy::ExposeSecret;

const WRITTEN: &str = "\
# My config.
[[account]] # the phone
name = \"private\"
address = \"https://dav.example.org/\"
password = \"hunter2\" # to be moved
trusted-hosts = [\"a.example\"]

# All of us.
[[book]]
name = \"people\"

[[book.store]]
id = \"phone\"
account = \"private\"
addressbook = \"Default\"

[me]
name = \"Anna\"
# The end.
";

fn account() -> Account {
    Account {
        name: "office".into(),
        address: "anna@example.com".parse().unwrap(),
        username: None,
        password: PasswordSource::Env("PW".into()),
        auth: Auth::Digest,
        ca_file: Some("/etc/ca.pem".into()),
        client_certificate: None,
        pinned_certificate: None,
        plain_http: false,
        trusted_hosts: vec!["dav.example.com".into()],
        oauth: None,
    }
}

fn store(id: &str, place: Place) -> StoreConfig {
    StoreConfig {
        id: StoreId::new(id),
        place,
        access: Access::ReadWrite,
        omit: Vec::new(),
    }
}

fn folder(id: &str) -> StoreConfig {
    store(id, Place::Folder("/home/anna/Contacts".into()))
}

#[test]
fn an_account_that_signs_in_by_oauth_reads_back_too() {
    for lines in [
        "provider = \"google\"\nclient-secret = { env = \"S\" }",
        "authorize-url = \"https://login.example/a\"\ntoken-url = \"https://login.example/t\"\n\
         device-url = \"https://login.example/d\"\nscopes = [\"a\", \"b\"]\n\
         client-secret = \"keyring\"",
    ] {
        let text = format!(
            "[[account]]\nname = \"g\"\naddress = \"anna@example.com\"\nauth = \"oauth\"\n\
             [account.oauth]\nclient-id = \"me\"\n{lines}\n{BOOK}"
        );
        let meant = crate::config::parse(&text, &Origin::default())
            .unwrap()
            .accounts;
        let mut draft = Draft::open(BOOK).unwrap();
        draft.add_account(&meant["g"]).unwrap();
        let read = crate::config::parse(&draft.text(), &Origin::default());
        assert_eq!(read.unwrap().accounts, meant, "{}", draft.text());
    }
}

const BOOK: &str = "[[book]]\nname = \"p\"\n[[book.store]]\nid = \"l\"\nfolder = \"/c\"\n";

#[test]
fn a_new_config_reads_back_as_what_was_meant() {
    let mut draft = Draft::new();
    draft.add_account(&account()).unwrap();
    let place = Place::AddressBook {
        account: "office".into(),
        addressbook: "Default".into(),
    };
    draft.add_store("people", &store("phone", place)).unwrap();
    draft.add_store("people", &folder("laptop")).unwrap();
    let text = draft.text();
    let config = crate::config::parse(&text, &crate::config::Origin::default());
    let config = config.unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
    assert_eq!(config.accounts["office"], account(), "{text}");
    let ids: Vec<&str> = config.books[0]
        .stores
        .iter()
        .map(|s| s.id.as_str())
        .collect();
    assert_eq!(ids, ["phone", "laptop"]);
    assert!(text.starts_with("# The config"), "{text}");
}

#[test]
fn every_line_that_was_there_stays_and_in_its_order() {
    let mut draft = Draft::open(WRITTEN).unwrap();
    draft.add_account(&account()).unwrap();
    draft.add_store("people", &folder("laptop")).unwrap();
    draft.add_store("others", &folder("old")).unwrap();
    let text = draft.text();
    let mut lines = text.lines();
    for line in WRITTEN.lines() {
        assert!(lines.any(|found| found == line), "{line} in\n{text}");
    }
    assert!(
        text.contains("id = \"laptop\"\nfolder = \"/home/anna/Contacts\"\n"),
        "{text}"
    );
}

#[test]
fn a_host_is_trusted_once_and_beside_those_before() {
    let mut draft = Draft::open(WRITTEN).unwrap();
    draft.trust("private", "b.example").unwrap();
    draft.trust("private", "b.example").unwrap();
    let text = draft.text();
    assert!(text.contains("[\"a.example\", \"b.example\"]"), "{text}");
    assert!(draft.trust("nobody", "b.example").is_err());
}

#[test]
fn a_plain_password_leaves_the_text_and_its_comment_stays() {
    let mut draft = Draft::open(WRITTEN).unwrap();
    let plain = draft.take_plain_password("private").unwrap().unwrap();
    assert_eq!(plain.expose_secret(), "hunter2");
    let text = draft.text();
    assert_eq!(text, WRITTEN.replace("\"hunter2\"", "\"keyring\""));
    assert!(draft.take_plain_password("private").unwrap().is_none());
}

#[test]
fn a_list_in_brackets_is_left_alone() {
    let mut draft = Draft::open("account = [{ name = \"a\" }]\n").unwrap();
    let refused = draft.add_account(&account());
    assert!(matches!(refused, Err(EditError::Inline("accounts"))));
}

#[test]
fn saving_never_overwrites_what_somebody_else_wrote() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("deep/config.toml");
    save(&path, None, "a = 1\n").unwrap();
    assert!(save(&path, None, "b = 2\n").is_err());
    assert!(save(&path, Some("other"), "b = 2\n").is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "a = 1\n");
    save(&path, Some("a = 1\n"), "b = 2\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "b = 2\n");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_new_config_is_private_and_an_old_one_keeps_its_mode_and_its_link() {
    use std::os::unix::fs::PermissionsExt;
    let room = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let path = room.path().join("config.toml");
    save(&path, None, "a = 1\n").unwrap();
    assert_eq!(mode(&path), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let link = room.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    save(&link, Some("a = 1\n"), "b = 2\n").unwrap();
    assert_eq!(mode(&path), 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&path).unwrap(), "b = 2\n");
}
