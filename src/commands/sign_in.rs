//! Gives an account of the config its password, as a store wants it.

use secrecy::SecretString;
use url::Url;

use crate::config::{self, Address};
use crate::secret::Secrets;
use crate::store::carddav;
use crate::store::{StoreError, StoreErrorKind};

/// The account with its password, as the store wants it.
///
/// # Errors
/// There is no password, or none that may be used; nothing was sent to the server.
pub async fn sign_in(
    account: Option<&config::Account>,
    secrets: &Secrets,
) -> Result<carddav::Account, StoreError> {
    let account = account.ok_or_else(|| StoreError {
        kind: StoreErrorKind::SignIn,
        what: "its account is not in the config".to_owned(),
        todo: "Add an [[account]] of that name".to_owned(),
    })?;
    let password = secrets.get(&account.password).map_err(|error| StoreError {
        kind: StoreErrorKind::SignIn,
        what: format!("account `{}` has no password: {error}", account.name),
        todo: "Nothing was sent to its server".to_owned(),
    })?;
    Ok(with_password(account, password))
}

/// The account with this password, wherever that comes from.
pub fn with_password(account: &config::Account, password: SecretString) -> carddav::Account {
    carddav::Account {
        address: address(&account.address),
        domain: domain(&account.address),
        username: account.user().unwrap_or_default().to_owned(),
        password,
        auth: match account.auth {
            config::Auth::Any | config::Auth::Basic => carddav::Auth::Basic,
            config::Auth::Digest => carddav::Auth::Digest,
            config::Auth::Bearer => carddav::Auth::Bearer,
        },
        ca_file: account.ca_file.clone(),
        client_certificate: account.client_certificate.clone(),
        pinned_certificate: account.pinned_certificate,
        plain_http_allowed: account.plain_http,
        trusted_hosts: account.trusted_hosts.clone(),
    }
}

/// Where looking for the address books of an account begins (RFC 6764 section 6).
pub fn address(address: &Address) -> Url {
    let host = match address {
        Address::Url(url) => return url.clone(),
        Address::Host(host) => host,
        Address::Email(email) => email.rsplit('@').next().unwrap_or_default(),
    };
    // The config has checked that this is a host, so this URL is well formed.
    Url::parse(&format!("https://{host}/")).expect("a checked host makes a URL")
}

/// The domain whose DNS is asked: that of an e-mail address, or a host without a port.
pub fn domain(address: &Address) -> Option<String> {
    match address {
        Address::Url(_) => None,
        Address::Host(host) => (!host.contains(':')).then(|| host.clone()),
        Address::Email(email) => {
            let domain = email.rsplit('@').next()?;
            (!domain.contains(':')).then(|| domain.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dns_is_asked_for_mail_domains_and_bare_hosts_alone() {
        let asked = |text: &str| domain(&text.parse().unwrap());
        assert_eq!(asked("anna@Example.com").as_deref(), Some("example.com"));
        assert_eq!(asked("dav.example.com").as_deref(), Some("dav.example.com"));
        assert_eq!(asked("dav.example.com:8443"), None);
        assert_eq!(asked("https://dav.example.com/"), None);
        assert_eq!(asked("[::1]"), None);
    }
}
