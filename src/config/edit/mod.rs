//! Changes the text of a config and leaves every comment, blank and order in it as it was.

mod save;

use secrecy::SecretString;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{Access, Account, Auth, OAuth, Place, Provider, StoreConfig};
use crate::secret::PasswordSource;

pub use save::save;

/// The text of a config on its way to another text.
pub struct Draft {
    document: DocumentMut,
}

/// Why the text cannot be changed by us. It is left as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error("it is no TOML")]
    NoToml,
    #[error("its {0} are written as one list in brackets, which is not changed for you")]
    Inline(&'static str),
    #[error("it has no account \"{0}\"")]
    NoAccount(String),
}

/// The words on top of a config that was made for somebody.
const HEADING: &str = "\
# The config of cardweave. config.example.toml of its source shows every key.
# What the next run would do, without doing it: cardweave sync --dry-run
";

impl Draft {
    /// A config in which nothing stands yet.
    pub fn new() -> Self {
        let mut document = DocumentMut::new();
        document.set_trailing(HEADING);
        Self { document }
    }

    /// # Errors
    /// The text is no TOML. Its own message would quote the line, and with it perhaps a password.
    pub fn open(text: &str) -> Result<Self, EditError> {
        let document = text.parse().map_err(|_| EditError::NoToml)?;
        Ok(Self { document })
    }

    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The names of the accounts that can be changed here.
    pub fn account_names(&self) -> Vec<String> {
        let accounts = self.document.get("account");
        let accounts = accounts.and_then(Item::as_array_of_tables);
        let names = accounts.into_iter().flatten();
        names
            .filter_map(|table| table.get("name")?.as_str().map(str::to_owned))
            .collect()
    }

    /// Adds an account behind the others, with the keys that are not at their default.
    ///
    /// # Errors
    /// The accounts are not written as tables.
    pub fn add_account(&mut self, account: &Account) -> Result<(), EditError> {
        let mut table = Table::new();
        table["name"] = value(&account.name);
        table["address"] = value(account.address.to_string());
        if let Some(username) = &account.username {
            table["username"] = value(username);
        }
        if account.oauth.is_none() {
            table["password"] = Item::Value(source(&account.password));
        }
        let auth = match account.auth {
            Auth::Any => None,
            Auth::Basic => Some("basic"),
            Auth::Digest => Some("digest"),
            Auth::Bearer => Some("bearer"),
            Auth::OAuth => Some("oauth"),
        };
        if let Some(auth) = auth {
            table["auth"] = value(auth);
        }
        for (key, path) in [
            ("ca-file", &account.ca_file),
            ("client-certificate", &account.client_certificate),
        ] {
            if let Some(path) = path {
                table[key] = value(path.to_string_lossy().into_owned());
            }
        }
        if let Some(fingerprint) = &account.pinned_certificate {
            table["pinned-certificate"] = value(fingerprint.to_string());
        }
        if account.plain_http {
            table["plain-http"] = value(true);
        }
        if !account.trusted_hosts.is_empty() {
            table["trusted-hosts"] = value(Array::from_iter(&account.trusted_hosts));
        }
        if let Some(oauth) = &account.oauth {
            table["oauth"] = Item::Table(oauth_table(oauth));
        }
        self.append("account", "accounts", table)
    }

    /// Adds a store to a book, and the book too if it is not there.
    ///
    /// # Errors
    /// The books or its stores are not written as tables.
    pub fn add_store(&mut self, book: &str, store: &StoreConfig) -> Result<(), EditError> {
        let has_book = tables(&mut self.document, "book", "books")?
            .is_some_and(|books| books.iter().any(|table| is_named(table, book)));
        if !has_book {
            let mut table = Table::new();
            table["name"] = value(book);
            self.append("book", "books", table)?;
        }
        let books =
            tables(&mut self.document, "book", "books")?.expect("one was just made sure of");
        let book = books
            .iter_mut()
            .find(|table| is_named(table, book))
            .expect("one was just made sure of");
        let mut table = Table::new();
        table["id"] = value(store.id.as_str());
        match &store.place {
            Place::Folder(path) => table["folder"] = value(path.to_string_lossy().into_owned()),
            Place::AddressBook {
                account,
                addressbook,
            } => {
                table["account"] = value(account);
                table["addressbook"] = value(addressbook);
            }
        }
        let access = match store.access {
            Access::ReadWrite => None,
            Access::ReadOnly => Some("read-only"),
            Access::Propose => Some("propose"),
        };
        if let Some(access) = access {
            table["access"] = value(access);
        }
        if !store.omit.is_empty() {
            table["omit"] = value(Array::from_iter(&store.omit));
        }
        table.decor_mut().set_prefix("\n");
        push(book, "store", "stores", table)
    }

    /// Lets an account's password go to one more host.
    ///
    /// # Errors
    /// There is no such account.
    pub fn trust(&mut self, account: &str, host: &str) -> Result<(), EditError> {
        let table = self.account(account)?;
        match table.get_mut("trusted-hosts").and_then(Item::as_array_mut) {
            Some(hosts) if hosts.iter().any(|known| known.as_str() == Some(host)) => {}
            Some(hosts) => hosts.push(host),
            None => table["trusted-hosts"] = value(Array::from_iter([host])),
        }
        Ok(())
    }

    /// Lets an account accept one certificate, by its fingerprint.
    ///
    /// # Errors
    /// There is no such account.
    pub fn pin(&mut self, account: &str, fingerprint: &str) -> Result<(), EditError> {
        replace(
            self.account(account)?,
            "pinned-certificate",
            fingerprint.into(),
        );
        Ok(())
    }

    /// Names another source of an account's password.
    ///
    /// # Errors
    /// There is no such account.
    pub fn set_password(
        &mut self,
        account: &str,
        password: &PasswordSource,
    ) -> Result<(), EditError> {
        replace(self.account(account)?, "password", source(password));
        Ok(())
    }

    /// Takes a password that stands in the text itself out of it, so that the keyring is its
    /// source from then on. `None`: no password stands there.
    ///
    /// # Errors
    /// There is no such account.
    pub fn take_plain_password(
        &mut self,
        account: &str,
    ) -> Result<Option<SecretString>, EditError> {
        let table = self.account(account)?;
        let plain = match table.get("password").and_then(Item::as_str) {
            None | Some("keyring") => return Ok(None),
            Some(plain) => SecretString::from(plain),
        };
        replace(table, "password", "keyring".into());
        Ok(Some(plain))
    }

    fn account(&mut self, name: &str) -> Result<&mut Table, EditError> {
        let accounts = tables(&mut self.document, "account", "accounts")?;
        accounts
            .and_then(|accounts| accounts.iter_mut().find(|table| is_named(table, name)))
            .ok_or_else(|| EditError::NoAccount(name.to_owned()))
    }

    /// Adds a table at the end of the text, behind an empty line.
    fn append(
        &mut self,
        key: &'static str,
        words: &'static str,
        mut table: Table,
    ) -> Result<(), EditError> {
        // What stands behind the last table (comments, mostly) stays before the new one.
        let before = self
            .document
            .trailing()
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let gap = match before.ends_with("\n\n") {
            true => "",
            false => "\n",
        };
        table.decor_mut().set_prefix(format!("{before}{gap}"));
        self.document.set_trailing("");
        // Behind all others, whatever their kind: a book does not slip between two accounts.
        table.set_position(Some(isize::MAX));
        push(self.document.as_table_mut(), key, words, table)?;
        // Numbered anew, so that the next one comes behind this one.
        *self = Self::open(&self.text())?;
        Ok(())
    }
}

impl Default for Draft {
    fn default() -> Self {
        Self::new()
    }
}

fn is_named(table: &Table, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

fn tables<'d>(
    table: &'d mut Table,
    key: &str,
    words: &'static str,
) -> Result<Option<&'d mut ArrayOfTables>, EditError> {
    match table.get_mut(key) {
        None => Ok(None),
        Some(item) => match item.as_array_of_tables_mut() {
            Some(tables) => Ok(Some(tables)),
            None => Err(EditError::Inline(words)),
        },
    }
}

fn push(parent: &mut Table, key: &str, words: &'static str, table: Table) -> Result<(), EditError> {
    let item = parent
        .entry(key)
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut()
        .ok_or(EditError::Inline(words))?
        .push(table);
    Ok(())
}

/// Gives a key another value; what stands around the old one stays.
fn replace(table: &mut Table, key: &str, mut new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    }
}

/// Where tokens come from, with the keys that a provider does not answer itself.
fn oauth_table(oauth: &OAuth) -> Table {
    let mut table = Table::new();
    match oauth.provider {
        Some(Provider::Google) => table["provider"] = value("google"),
        None => {
            for (key, url) in [
                ("authorize-url", oauth.authorize_url.as_ref()),
                ("token-url", Some(&oauth.token_url)),
                ("device-url", oauth.device_url.as_ref()),
            ] {
                if let Some(url) = url {
                    table[key] = value(url.as_str());
                }
            }
            if !oauth.scopes.is_empty() {
                table["scopes"] = value(Array::from_iter(&oauth.scopes));
            }
        }
    }
    table["client-id"] = value(&oauth.client_id);
    if let Some(secret) = &oauth.client_secret {
        table["client-secret"] = Item::Value(source(secret));
    }
    table
}

/// Where a password comes from, as the config says it.
fn source(password: &PasswordSource) -> Value {
    let mut table = InlineTable::new();
    match password {
        PasswordSource::Keyring(_) => return "keyring".into(),
        PasswordSource::Command(argv) => table.insert("command", Array::from_iter(argv).into()),
        PasswordSource::Env(name) => table.insert("env", name.into()),
        PasswordSource::File(path) => {
            table.insert("file", path.to_string_lossy().into_owned().into())
        }
    };
    table.into()
}

#[cfg(test)]
mod tests;
