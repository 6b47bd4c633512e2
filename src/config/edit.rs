//! Changes the text of a config and leaves every comment, blank and order in it as it was.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use secrecy::SecretString;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::{Access, Account, Auth, Place, StoreConfig};
use crate::secret::PasswordSource;

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
# The config of cardweave. Every key there is stands in config.example.toml of its source, with what
# it means. What the next run would do, without doing it: cardweave sync --dry-run
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
        table["password"] = Item::Value(source(&account.password));
        let auth = match account.auth {
            Auth::Any => None,
            Auth::Basic => Some("basic"),
            Auth::Digest => Some("digest"),
            Auth::Bearer => Some("bearer"),
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

/// Puts the new text in the place of the old one, whole or not at all. `old`: what was read;
/// `None` where there was no file.
///
/// A link stays a link: what it leads to is replaced.
///
/// # Errors
/// The file is not as it was read, or cannot be written. It is left as it is.
pub fn save(path: &Path, old: Option<&str>, new: &str) -> io::Result<()> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let directory = target.parent().unwrap_or(Path::new("."));
    if old.is_none() {
        private_directory(directory)?;
    }
    // Only its owner can read it, until the mode of the old one is taken over.
    let mut file = tempfile::Builder::new()
        .prefix(".config-")
        .tempfile_in(directory)?;
    file.write_all(new.as_bytes())?;
    let Some(old) = old else {
        file.as_file().sync_all()?;
        file.persist_noclobber(&target)
            .map_err(|error| error.error)?;
        return sync_directory(directory);
    };
    if fs::read(&target)? != old.as_bytes() {
        return Err(io::Error::other("somebody changed it meanwhile"));
    }
    let permissions = fs::metadata(&target)?.permissions();
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    sync_directory(directory)
}

fn private_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::StoreId;
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
}
