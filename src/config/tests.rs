//! What the config takes, what it refuses, and that the example shows all of it.

use super::*;
use crate::config::section::KEYS;
use crate::secret::KeyringEntry;

const ACCOUNT: &str = "[[account]]\nname = \"home\"\naddress = \"anna@example.com\"\n";
const BOOK: &str =
    "[[book]]\nname = \"people\"\n[[book.store]]\nid = \"laptop\"\nfolder = \"~/C\"\n";

fn origin() -> Origin {
    Origin {
        base: "/nowhere/config".into(),
        home: Some("/nowhere/anna".into()),
    }
}

fn read(text: &str) -> Config {
    parse(text, &origin()).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

/// All mistakes as `line:column what`.
fn wrong(text: &str) -> Vec<String> {
    let mistakes = parse(text, &origin()).expect_err("this must be refused");
    let shown = mistakes.iter();
    shown
        .map(|mistake| format!("{}:{} {}", mistake.line, mistake.column, mistake.what))
        .collect()
}

fn in_store(line: &str) -> String {
    format!("{BOOK}{line}\n")
}

fn in_account(line: &str) -> String {
    format!("{ACCOUNT}{line}\n{BOOK}")
}

#[test]
fn a_short_config_has_calm_defaults() {
    let config = read(&in_account(""));
    let account = &config.accounts["home"];
    let entry = KeyringEntry::new("anna@example.com", "example.com").of_account("home");
    assert_eq!(account.password, PasswordSource::Keyring(entry));
    assert_eq!(account.auth, Auth::Any);
    assert_eq!(account.user(), Some("anna@example.com"));
    assert!(!account.plain_http);
    let book = &config.books[0];
    assert_eq!(book.conflicts, Conflicts::Ask);
    assert_eq!(book.stores[0].access, Access::ReadWrite);
    assert_eq!(
        book.stores[0].place,
        Place::Folder("/nowhere/anna/C".into())
    );
    assert_eq!(config.tiers, Tiers::default());
    assert_eq!(config.me, None);
}

#[test]
fn passwords_come_from_four_sources() {
    let source = |text: &str| read(&in_account(text)).accounts["home"].password.clone();
    let entry = KeyringEntry::new("anna@example.com", "example.com").of_account("home");
    let keyring = PasswordSource::Keyring(entry);
    assert_eq!(source("password = \"keyring\""), keyring);
    let other = "address = \"https://other.example/\"";
    let moved = in_account("").replace("address = \"anna@example.com\"", other);
    assert_ne!(read(&moved).accounts["home"].password, keyring);
    assert_eq!(
        source("password = { command = [\"pass\", \"show\"] }"),
        PasswordSource::Command(vec!["pass".into(), "show".into()])
    );
    assert_eq!(
        source("password = { env = \"PW\" }"),
        PasswordSource::Env("PW".into())
    );
    assert_eq!(
        source("password = { file = \"~/pw\" }"),
        PasswordSource::File("/nowhere/anna/pw".into())
    );
}

#[test]
fn a_literal_password_is_refused_with_advice_and_never_shown() {
    for line in [
        "password = \"hunter2\"",
        "pasword = \"hunter2\"",
        "password = { comand = [\"hunter2\"] }",
        "password = { env = \"a\", file = \"hunter2\" }",
        "password = { command = \"hunter2\" }",
        "password = [\"hunter2\"]",
        "password = \"hunter2",
        "address = \"https://anna:hunter2@example.com\"",
    ] {
        let mistakes = parse(&in_account(line), &origin()).unwrap_err();
        let error = ConfigError::Mistakes {
            path: "/c".into(),
            mistakes,
        };
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let said = wrong(&in_account("password = \"hunter2\""));
    let advice = "4:12 A password does not belong in this file. `cardweave login home` moves it";
    assert!(said[0].starts_with(advice), "{said:?}");
    assert!(said[0].contains("{ command = [\"pass\""), "{said:?}");
}

#[test]
fn a_misspelt_key_is_answered_with_the_right_one() {
    assert_eq!(
        wrong(&in_account("usrname = \"anna\"")),
        ["4:1 [[account]] has no `usrname`. Did you mean `username`?"]
    );
}

#[test]
fn an_unknown_word_is_answered_with_the_right_one() {
    assert_eq!(
        wrong(&in_store("access = \"read_only\"")),
        ["6:10 `access` cannot be `read_only`. Did you mean `read-only`?"]
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = "[[book]]\nname = \"p\"\nduplicates = \"never\"\n[[book.store]]\nid = \"a\"\n\
                acount = \"x\"\n[tiers]\nA = \"3 weeks\"\n";
    let lines: Vec<usize> = parse(text, &origin())
        .unwrap_err()
        .iter()
        .map(|mistake| mistake.line)
        .collect();
    assert_eq!(lines, [3, 4, 6, 8]);
}

#[test]
fn every_key_of_a_table_is_looked_at_after_the_first_mistake() {
    let text = "[[account]]\naddress = \"?\"\nname = 3\nusername = 3\npassword = 3\nauth = 3\n\
                ca-file = 3\nclient-certificate = 3\nplain-http = 3\ntrusted-hosts = 3\n\
                [[book]]\nname = 3\nconflicts = 3\nduplicates = 3\nmirror-tiers = 3\n\
                [[book.store]]\nid = 3\naccount = 3\naddressbook = 3\naccess = 3\nomit = 3\n\
                [me]\nname = 3\nemail = 3\nregion = 3\n[tiers]\nA = 3\nB = 3\nC = 3\nD = 3\n";
    let told: Vec<usize> = parse(text, &origin())
        .unwrap_err()
        .iter()
        .map(|mistake| mistake.line)
        .collect();
    let lines = text.lines().enumerate();
    let wrong: Vec<usize> = lines
        .filter(|(_, line)| !line.starts_with('['))
        .map(|(index, _)| index + 1)
        .collect();
    assert_eq!(told, wrong);
}

#[test]
fn one_slip_is_told_once() {
    assert_eq!(
        wrong(&in_account("password = { comand = [\"x\"] }")).len(),
        1
    );
    assert_eq!(wrong(&BOOK.replace("id =", "ids =")).len(), 1);
}

#[test]
fn one_bracket_for_two_is_explained() {
    let said = wrong(&format!("[account]\nname = \"x\"\n{BOOK}"));
    assert_eq!(
        said,
        ["1:1 There may be several: write [[account]] with two brackets."]
    );
}

#[test]
fn a_store_named_twice_is_refused() {
    let said = wrong(&in_store(
        "[[book.store]]\nid = \"Laptop\"\nfolder = \"/nowhere/other\"",
    ));
    assert_eq!(said, ["7:6 There is another store called `laptop`."]);
}

#[test]
fn an_account_nobody_declared_is_refused() {
    let text = in_account("").replace("folder = \"~/C\"", "account = \"hom\"\naddressbook = \"D\"");
    assert_eq!(
        wrong(&text),
        ["9:11 There is no account `hom`. Did you mean `home`?"]
    );
}

#[test]
fn folders_that_overlap_are_refused_also_across_books() {
    for (folder, how) in [
        ("~/C", "the same as"),
        ("~/C/sub", "inside"),
        ("~", "around"),
        ("~/x/../C", "the same as"),
    ] {
        let text = format!(
            "{BOOK}{}",
            BOOK.replace("people", "work").replace("~/C", folder)
        );
        let said = wrong(&text);
        assert!(
            said[0].starts_with(&format!("10:10 This folder is {how} the folder")),
            "{said:?}"
        );
    }
}

#[test]
fn the_same_address_book_twice_is_refused() {
    let store = "[[book.store]]\nid = \"a\"\naccount = \"home\"\naddressbook = \"D\"\n";
    let text = format!(
        "{}{store}{}",
        in_account(""),
        store.replace("\"a\"", "\"b\"")
    );
    assert_eq!(
        wrong(&text),
        ["17:15 Store `a` is this address book already."]
    );
}

#[test]
fn a_book_without_stores_and_a_file_without_books_are_refused() {
    assert!(wrong("[[book]]\nname = \"p\"\n")[0].contains("no store"));
    assert!(wrong("")[0].contains("no [[book]]"));
    assert!(wrong("book = []")[0].contains("no [[book]]"));
    assert!(wrong("[[book]]\nname = \"p\"\nstore = []\n")[0].contains("no store"));
    assert_eq!(wrong("book = 1").len(), 1);
}

#[test]
fn conflicts_may_name_a_store_of_the_book_only() {
    let with = |word: &str| {
        BOOK.replace(
            "\"people\"\n",
            &format!("\"people\"\nconflicts = \"{word}\"\n"),
        )
    };
    assert_eq!(
        read(&with("laptop")).books[0].conflicts,
        Conflicts::Store(StoreId::new("laptop"))
    );
    assert_eq!(
        wrong(&with("latop")),
        ["3:13 No store of this book is called `latop`. Did you mean `laptop`?"]
    );
}

#[test]
fn a_store_cannot_be_called_like_a_policy() {
    assert!(wrong(&BOOK.replace("laptop", "newest"))[0].contains("choose another id"));
}

#[test]
fn a_store_is_one_place() {
    assert!(wrong(&BOOK.replace("folder = \"~/C\"\n", ""))[0].contains("nowhere"));
    assert!(wrong(&in_store("addressbook = \"D\""))[0].contains("one place"));
    let half = in_account("").replace("folder = \"~/C\"", "account = \"home\"");
    assert!(wrong(&half)[0].contains("needs `addressbook`"));
}

#[test]
fn what_a_card_needs_cannot_be_omitted() {
    let store = &read(&in_store("omit = [\"note\", \"X-CARDWEAVE-*\"]")).books[0].stores[0];
    assert!(store.omits("NOTE") && store.omits("X-CARDWEAVE-TIER"));
    assert!(!store.omits("NOTES") && !store.omits("X-OTHER"));
    for pattern in ["FN", "F*", "*", "uid", "A B", ""] {
        assert_eq!(
            wrong(&in_store(&format!("omit = [\"{pattern}\"]"))).len(),
            1,
            "{pattern}"
        );
    }
}

#[test]
fn a_syntax_error_names_its_place() {
    let said = wrong("[[book]]\nname \"people\"\n");
    assert!(said[0].starts_with("2:"), "{said:?}");
}

#[test]
fn a_missing_file_says_what_to_do() {
    let room = tempfile::tempdir().unwrap();
    let directories = Directories {
        config: Some(room.path().to_owned()),
        ..Directories::default()
    };
    let said = Config::load(None, &directories).unwrap_err().to_string();
    assert!(
        said.contains("config.example.toml") && said.contains("config.toml"),
        "{said}"
    );
    assert!(matches!(
        Config::load(None, &Directories::default()),
        Err(ConfigError::NoHome)
    ));
}

#[test]
fn relative_folders_start_at_the_config_file() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("mine.toml");
    std::fs::write(&file, BOOK.replace("~/C", "cards")).unwrap();
    let config = Config::load(Some(&file), &Directories::default()).unwrap();
    assert_eq!(
        config.books[0].stores[0].place,
        Place::Folder(room.path().join("cards"))
    );
}

#[test]
fn a_config_prints_no_argument_of_a_password_command() {
    let config = read(&in_account(
        "password = { command = [\"echo\", \"hunter2\"] }",
    ));
    assert!(!format!("{config:?} {config:#?}").contains("hunter2"));
}

#[test]
fn only_a_file_that_others_may_write_and_that_runs_programs_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let file = tempfile::NamedTempFile::new().unwrap();
    for (mode, open) in [(0o600, false), (0o644, false), (0o664, true), (0o602, true)] {
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(others_may_write(file.path()), open, "{mode:o}");
    }
    assert!(read(&in_account("password = { command = [\"pass\"] }")).runs_commands());
    assert!(!read(&in_account("password = { env = \"PW\" }")).runs_commands());
}

const EXAMPLE: &str = include_str!("../../config.example.toml");

#[test]
fn the_example_is_a_config() {
    let config = read(EXAMPLE);
    assert!(!config.books.is_empty());
}

#[test]
fn the_example_shows_every_key() {
    for (title, keys) in KEYS {
        for key in *keys {
            let set = EXAMPLE.lines().any(|line| {
                let line = line.trim_start_matches(['#', ':', ' ']);
                line.starts_with(&format!("{key} ="))
                    || line.contains(&format!("{{ {key} ="))
                    || line.ends_with(&format!("{key}]]"))
                    || line.ends_with(&format!("[{key}]"))
            });
            assert!(set, "{key} of {title} is missing in the example");
        }
    }
}

#[test]
fn the_lines_the_example_has_commented_out_are_right_too() {
    let all: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("#:").map_or(line, str::trim_start))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(
        all.len() < EXAMPLE.len(),
        "the example has no optional lines"
    );
    read(&all);
}
