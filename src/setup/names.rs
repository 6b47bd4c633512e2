//! Names for what is set up: short, made from the address, and none that is taken.

use std::path::{Path, PathBuf};

use crate::config::Address;

/// Whether the answer means a folder rather than a server: no address begins like a path.
pub fn as_folder(answer: &str, home: Option<&Path>) -> Option<PathBuf> {
    let answer = answer.trim();
    if answer == "~" || answer.starts_with("~/") {
        return Some(home?.join(answer[1..].trim_start_matches('/')));
    }
    let is_path = answer.starts_with('/') || answer.starts_with("./") || answer.starts_with("../");
    is_path.then(|| std::path::absolute(answer).unwrap_or_else(|_| PathBuf::from(answer)))
}

/// What the account is called: the provider's or company's own word in the domain.
pub fn account_name(address: &Address, taken: &[&str]) -> String {
    let domain = match address {
        Address::Email(email) => email.rsplit('@').next().unwrap_or_default().to_owned(),
        Address::Host(host) => host.clone(),
        Address::Url(url) => url.host_str().unwrap_or_default().to_owned(),
    };
    let host = domain.split(':').next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let is_number = host.parse::<std::net::IpAddr>().is_ok() || host.contains('[');
    let word = match labels[..] {
        _ if is_number => "server",
        [.., word, end] if end.len() > 3 || word.len() > 3 || labels.len() < 3 => word,
        // `example.co.uk`: the last two are the country's.
        [.., word, _, _] => word,
        [word] => word,
        _ => "server",
    };
    unique(&slug(word), taken)
}

/// What a store is called: its address book, and its account's name where that is not enough.
pub fn store_id(account: &str, addressbook: &str, is_only_one: bool, taken: &[&str]) -> String {
    match is_only_one {
        true => unique(&slug(account), taken),
        false => unique(&slug(&format!("{account}-{addressbook}")), taken),
    }
}

/// What a folder's store is called.
pub fn folder_id(folder: &Path, taken: &[&str]) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    match slug(&name).as_str() {
        "contacts" | "x" => unique("folder", taken),
        word => unique(word, taken),
    }
}

/// Small letters, digits and single hyphens; at most 32.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.to_lowercase().chars() {
        match c {
            c if c.is_alphanumeric() => slug.push(c),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let slug: String = slug.chars().take(32).collect();
    match slug.trim_matches('-') {
        "" => "x".to_owned(),
        slug => slug.to_owned(),
    }
}

fn unique(word: &str, taken: &[&str]) -> String {
    let is_free = |name: &str| !taken.iter().any(|known| known.to_lowercase() == name);
    (1..)
        .map(|n| match n {
            1 => word.to_owned(),
            n => format!("{word}-{n}"),
        })
        .find(|name| is_free(name))
        .expect("numbers never end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_called_after_its_provider() {
        let named = |address: &str| account_name(&address.parse().unwrap(), &[]);
        for (address, name) in [
            ("anna@example.com", "example"),
            ("dav.fastmail.com", "fastmail"),
            ("https://cloud.firma.example/dav/", "firma"),
            ("anna@mailbox.org", "mailbox"),
            ("anna@gmx.de", "gmx"),
            ("anna@example.co.uk", "example"),
            ("http://127.0.0.1:5232/", "server"),
            ("nas", "nas"),
            ("nas:8443", "nas"),
        ] {
            assert_eq!(named(address), name, "{address}");
        }
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let address = "anna@example.com".parse().unwrap();
        assert_eq!(
            account_name(&address, &["Example", "example-2"]),
            "example-3"
        );
        assert_eq!(
            folder_id(Path::new("/home/anna/Contacts"), &["folder"]),
            "folder-2"
        );
    }

    #[test]
    fn stores_are_told_apart_by_their_address_books() {
        assert_eq!(store_id("example", "Default", true, &[]), "example");
        assert_eq!(
            store_id("example", "My Team ✂", false, &[]),
            "example-my-team"
        );
        assert_eq!(folder_id(Path::new("/home/anna/Adressen"), &[]), "adressen");
        assert_eq!(folder_id(Path::new("/"), &[]), "folder");
    }

    #[test]
    fn what_begins_like_a_path_is_a_folder_and_nothing_else_is() {
        let home = Some(Path::new("/home/anna"));
        assert_eq!(
            as_folder("~/Contacts", home),
            Some("/home/anna/Contacts".into())
        );
        assert_eq!(as_folder("/srv/cards ", home), Some("/srv/cards".into()));
        assert!(as_folder("./cards", home).unwrap().is_absolute());
        for address in ["anna@example.com", "dav.example.com", "https://h/~anna/"] {
            assert_eq!(as_folder(address, home), None, "{address}");
        }
    }
}
