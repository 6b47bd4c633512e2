//! What is remembered of an address book between two runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;

use super::super::account::Account;
use super::super::href::{Collection, last_segment};
use super::super::quirks::{Quirk, quirks_of};
use super::super::response::Props;
use super::super::words::said;

/// An address book as its server described it. Kept by the caller, so that the next run needs no
/// discovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Absolute, ends with a slash.
    pub url: String,
    pub display_name: Option<String>,
    /// In the words of whoever made it (RFC 6352 section 6.2.1).
    #[serde(default)]
    pub description: Option<String>,
    /// It says that it takes vCard 4.0.
    pub version_4: bool,
    /// The versions of vCard that it says it takes; none where it does not say.
    #[serde(default)]
    pub versions: BTreeSet<String>,
    /// It says that we may not write.
    pub read_only: bool,
    /// What it says that we may do, in the words of RFC 3744 section 3 (`read`, `write`, `bind`);
    /// `None` where it does not say.
    #[serde(default)]
    pub privileges: Option<BTreeSet<String>>,
    /// The largest card it says it takes, in bytes.
    pub max_resource_size: Option<u64>,
    pub quirks: BTreeSet<Quirk>,
    /// For which words of the config it was found; none for one of a list.
    #[serde(default)]
    pub asked: Option<Asked>,
}

/// What somebody wrote in the config when an address book was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    address: String,
    username: String,
    addressbook: String,
}

impl Asked {
    pub(in super::super) fn of(account: &Account, addressbook: &str) -> Self {
        Asked {
            address: account.address.to_string(),
            username: account.username.clone(),
            addressbook: addressbook.to_owned(),
        }
    }
}

impl Saved {
    pub(in super::super) fn new(url: &Url, props: &Props) -> Self {
        let known = |privileges: &BTreeSet<&'static str>| {
            let known = privileges.iter().filter_map(|name| name.strip_prefix("D:"));
            known.map(str::to_owned).collect()
        };
        Self {
            url: Collection::new(url).url().to_string(),
            // Kept as words for people; an address book is found again by its URL.
            display_name: props.display_name.as_deref().map(said),
            description: props.description.as_deref().map(said),
            version_4: props.versions.contains("4.0"),
            versions: props.versions.clone(),
            read_only: is_read_only(props),
            privileges: props.privileges.as_ref().map(known),
            max_resource_size: props.max_resource_size,
            quirks: quirks_of(url, props.sync_token.as_deref()),
            asked: None,
        }
    }

    /// Whether this was found for these very words; with others it has to be looked for anew.
    pub fn answers(&self, account: &Account, addressbook: &str) -> bool {
        self.asked.as_ref() == Some(&Asked::of(account, addressbook))
    }

    /// The last segment of its URL, decoded, by which the config may name it.
    pub fn segment(&self) -> String {
        let url = Url::parse(&self.url);
        url.map(|url| last_segment(&url)).unwrap_or_default()
    }

    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// What may be done there, in words.
    pub fn access(&self) -> &'static str {
        match (&self.privileges, self.read_only) {
            (None, _) => "not told",
            (Some(_), true) => "read",
            (Some(_), false) => "read, write",
        }
    }
}

/// Whether the privileges, where the server tells them, allow no writing (RFC 3744 section 3). A
/// missing `read` means nothing: SOGo tells an empty set for a book that may be read only.
fn is_read_only(props: &Props) -> bool {
    let Some(privileges) = &props.privileges else {
        return false;
    };
    !["D:all", "D:write", "D:write-content", "D:bind"]
        .iter()
        .any(|privilege| privileges.contains(privilege))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_is_what_the_privileges_say_and_only_if_they_say_it() {
        let with = |privileges: Option<&[&'static str]>| {
            let privileges = privileges.map(|list| list.iter().copied().collect());
            let props = Props {
                privileges,
                ..Props::default()
            };
            Saved::new(&Url::parse("https://h/a/").unwrap(), &props)
        };
        assert_eq!(with(Some(&["D:read"])).access(), "read");
        assert!(with(Some(&["D:read", "?"])).is_read_only());
        assert_eq!(with(Some(&["D:write-content"])).access(), "read, write");
        assert!(!with(Some(&["D:bind"])).is_read_only());
        assert!(!with(Some(&["D:all"])).is_read_only());
        assert!(
            with(Some(&[])).is_read_only(),
            "what SOGo tells of a book shared for reading"
        );
        assert_eq!(with(None).access(), "not told");
        assert!(!with(None).is_read_only());
    }

    #[test]
    fn what_is_saved_can_be_read_again_also_by_what_an_older_version_saved() {
        let props = Props {
            display_name: Some("A\u{1b}[1m".into()),
            description: Some("for\u{202e} all".into()),
            versions: ["3.0", "4.0"].map(str::to_owned).into(),
            privileges: Some(["D:read", "?"].into()),
            ..Props::default()
        };
        let saved = Saved::new(&Url::parse("https://h/SOGo/dav/a").unwrap(), &props);
        let mut json = serde_json::to_value(&saved).unwrap();
        assert_eq!(
            serde_json::from_value::<Saved>(json.clone()).unwrap(),
            saved
        );
        assert_eq!(saved.url, "https://h/SOGo/dav/a/");
        assert!(saved.version_4);
        assert_eq!(saved.privileges, Some(["read".to_owned()].into()));
        let shown = format!("{:?}{:?}", saved.display_name, saved.description);
        assert!(!shown.contains("u{"), "{shown}");
        for newer in ["description", "versions", "privileges"] {
            json.as_object_mut().unwrap().remove(newer);
        }
        assert!(serde_json::from_value::<Saved>(json).is_ok());
    }
}
