//! Reads `[[account]]`: who signs in where, and where the password is.

use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeValue;

use super::{Names, expand};
use crate::config::address::host;
use crate::config::place::Origin;
use crate::config::section::Section;
use crate::config::{Account, Address, Auth, user};
use crate::secret::{KeyringEntry, PasswordSource};
use crate::store::carddav::Fingerprint;

pub(super) fn account(section: &Section, names: &mut Names, origin: &Origin) -> Option<Account> {
    let name = names.read(section, "name");
    let address = section.needed_text("address").and_then(|text| {
        let read = text.value.parse::<Address>();
        read.map_err(|why| section.wrong(text.span, format!("This is no address: {why}.")))
            .ok()
    });
    let password = match section.value("password") {
        Some(value) => password(section, value, name.as_deref(), origin),
        None => Some(Password::Keyring),
    };
    let mut trusted_hosts = Vec::new();
    for text in section.texts("trusted-hosts") {
        match host(text.value) {
            Ok(host) => trusted_hosts.push(host),
            Err(_) => section.wrong(text.span, "A host name is wanted: dav.example.com."),
        }
    }
    let auth = section.word(
        "auth",
        &[
            ("any", Auth::Any),
            ("basic", Auth::Basic),
            ("digest", Auth::Digest),
            ("bearer", Auth::Bearer),
        ],
    );
    let ca_file = file_of(section, "ca-file", origin);
    let client_certificate = file_of(section, "client-certificate", origin);
    let pinned_certificate = section.text("pinned-certificate").and_then(|text| {
        let read = text.value.parse::<Fingerprint>();
        read.map_err(|why| section.wrong(text.span, format!("This is no fingerprint: {why}.")))
            .ok()
    });
    let username = section.text("username").map(|text| text.value.to_owned());
    let plain_http = section.flag("plain-http");
    let (name, address) = (name?, address?);
    let password = match password? {
        Password::Keyring => {
            let user = user(username.as_deref(), &address).unwrap_or_default();
            let entry = KeyringEntry::new(user, &address.to_string()).of_account(&name);
            PasswordSource::Keyring(entry)
        }
        Password::Elsewhere(source) => source,
    };
    Some(Account {
        name,
        address,
        username,
        password,
        auth,
        ca_file,
        client_certificate,
        pinned_certificate,
        plain_http,
        trusted_hosts,
    })
}

fn file_of(section: &Section, key: &str, origin: &Origin) -> Option<PathBuf> {
    let text = section.text(key)?;
    expand(section, &text, origin)
}

/// What `password` says; which entry of the keyring that is depends on the keys beside it.
enum Password {
    Keyring,
    Elsewhere(PasswordSource),
}

const PASSWORD_ADVICE: &str = "Write \"keyring\", { command = [\"pass\", \"show\", \"dav\"] }, \
                               { env = \"NAME\" } or { file = \"PATH\" }.";

fn password(
    section: &Section,
    value: &Spanned<DeValue>,
    account: Option<&str>,
    origin: &Origin,
) -> Option<Password> {
    match (value.get_ref(), account) {
        (DeValue::String(word), _) if word == "keyring" => Some(Password::Keyring),
        (DeValue::Table(_), _) => {
            let section = section.section("password", "password")?;
            password_table(&section, value.span(), origin).map(Password::Elsewhere)
        }
        // The value is not repeated: it may well be the password.
        (DeValue::String(_), Some(account)) => {
            let account = match account.contains(' ') {
                true => format!("\"{account}\""),
                false => account.to_owned(),
            };
            section.wrong(
                value.span(),
                format!(
                    "A password does not belong in this file. `cardweave login {account}` moves \
                     it to the keyring and changes this line. Or take it out and name another \
                     place. {PASSWORD_ADVICE}"
                ),
            );
            None
        }
        _ => {
            section.wrong(
                value.span(),
                format!("A password does not belong in this file. {PASSWORD_ADVICE}"),
            );
            None
        }
    }
}

fn password_table(
    section: &Section,
    span: Range<usize>,
    origin: &Origin,
) -> Option<PasswordSource> {
    let given = ["command", "env", "file"].map(|key| section.has(key));
    match given {
        [true, false, false] => {
            let argv: Vec<String> = section
                .texts("command")
                .iter()
                .map(|text| text.value.to_owned())
                .collect();
            if argv.is_empty() {
                section.wrong(
                    section.span_of("command"),
                    "A program and its arguments are wanted: [\"pass\", \"show\", \"dav\"].",
                );
                return None;
            }
            Some(PasswordSource::Command(argv))
        }
        [false, true, false] => {
            let text = section.text("env")?;
            if text.value.contains(['=', '$']) {
                section.wrong(
                    text.span,
                    "The bare name of the variable is wanted, without $.",
                );
                return None;
            }
            Some(PasswordSource::Env(text.value.to_owned()))
        }
        [false, false, true] => file_of(section, "file", origin).map(PasswordSource::File),
        // A misspelt source was noted as an unknown key already.
        [false, false, false] if !section.is_empty() => None,
        _ => {
            section.wrong(span, format!("One source is wanted. {PASSWORD_ADVICE}"));
            None
        }
    }
}
