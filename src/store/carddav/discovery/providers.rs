//! Where well-known providers keep their address books, for those that do not say so themselves.
//!
//! Asked last, when DNS, the well-known address and the root of the domain have led nowhere. A host
//! from this table is no more trusted than one from the DNS: a person is asked about it first.

use super::super::account::Account;

/// One provider that needs a hint.
#[derive(Debug)]
pub(super) struct Provider {
    domains: &'static [&'static str],
    /// Where to begin, an https URL.
    pub(super) start: &'static str,
    /// Why that is not found otherwise, as the start of a sentence that ends with the host.
    pub(super) reason: &'static str,
    /// What somebody has to know who is refused there.
    advice: Option<&'static str>,
}

const PROVIDERS: &[Provider] = &[
    Provider {
        domains: &["icloud.com", "me.com", "mac.com"],
        start: "https://contacts.icloud.com/",
        reason: "iCloud keeps contacts on a host that its mail domains do not name",
        advice: Some(
            "iCloud wants an app-specific password: make one at account.apple.com under Sign-In \
             and Security",
        ),
    },
    Provider {
        domains: &["fastmail.com", "fastmail.fm", "fastmail.net", "sent.com"],
        start: "https://carddav.fastmail.com/",
        reason: "Fastmail keeps contacts on a host of its own, for when the DNS that names it cannot \
                 be asked",
        advice: Some(
            "Fastmail wants an app password with access to contacts: Settings, Privacy & Security, \
             App passwords",
        ),
    },
    Provider {
        domains: &["mailbox.org"],
        start: "https://dav.mailbox.org/carddav/",
        reason: "mailbox.org keeps contacts on a host and under a path of their own",
        advice: Some(
            "With two-factor sign-in, mailbox.org wants an application password: Settings, Security",
        ),
    },
    Provider {
        domains: &["posteo.de", "posteo.net", "posteo.org", "posteo.eu"],
        start: "https://posteo.de:8443/",
        reason: "Posteo keeps contacts of all its domains at another port of one host",
        advice: None,
    },
    Provider {
        domains: &["yandex.ru", "yandex.com", "ya.ru"],
        start: "https://carddav.yandex.ru/",
        reason: "Yandex keeps contacts of all its domains on one host",
        advice: Some("Yandex wants an app password for contacts: id.yandex.ru, Security"),
    },
    Provider {
        domains: &["gmx.de", "gmx.net", "gmx.at", "gmx.ch"],
        start: "https://carddav.gmx.net/",
        reason: "GMX keeps contacts on a host that its mail domains do not name",
        advice: Some(
            "With two-factor sign-in, GMX wants an application-specific password: My Account, \
             Security",
        ),
    },
    Provider {
        domains: &["web.de"],
        start: "https://carddav.web.de/",
        reason: "WEB.DE keeps contacts on a host that its mail domain does not name",
        advice: Some(
            "With two-factor sign-in, WEB.DE wants an application-specific password: My Account, \
             Security",
        ),
    },
    Provider {
        domains: &["zoho.com", "zohomail.com"],
        start: "https://contacts.zoho.com/",
        reason: "Zoho keeps contacts on a host that its mail domains do not name",
        advice: Some(ZOHO),
    },
    Provider {
        domains: &["zoho.eu", "zohomail.eu"],
        start: "https://contacts.zoho.eu/",
        reason: "Zoho keeps contacts on a host that its mail domains do not name",
        advice: Some(ZOHO),
    },
    Provider {
        domains: &["gmail.com", "googlemail.com"],
        start: "https://www.googleapis.com/.well-known/carddav",
        reason: "Google keeps contacts on a host that its mail domains do not name",
        advice: Some("Google takes no password for contacts, only OAuth"),
    },
];

const ZOHO: &str =
    "With two-factor sign-in, Zoho wants an app-specific password: accounts.zoho.com, Security";

/// Where software that people run themselves answers, if nobody set up the well-known address.
const PATHS: &[(&str, &str)] = &[
    (
        "/remote.php/dav/",
        "Nextcloud and ownCloud answer there, also where the web server does not pass on the \
         well-known address",
    ),
    ("/SOGo/dav/", "SOGo answers there"),
    ("/dav.php/", "Baïkal answers there"),
    ("/caldav.php/", "DAViCal answers there, contacts included"),
    ("/dav/", "Cyrus and Zimbra answer there"),
];

/// The provider of a mail domain.
pub(super) fn provider_of(domain: &str) -> Option<&'static Provider> {
    let is_named = |provider: &&Provider| provider.domains.contains(&domain);
    PROVIDERS.iter().find(is_named)
}

/// The paths to try on a host of its own, each with its reason.
pub(super) fn paths() -> impl Iterator<Item = (&'static str, &'static str)> {
    PATHS.iter().copied()
}

/// What somebody has to know who is refused at the provider of this account, by its domain or by
/// the host that it names.
pub fn sign_in_advice(account: &Account) -> Option<&'static str> {
    let host = account.address.host_str()?;
    let is_at = |provider: &&Provider| {
        provider.domains.contains(&host)
            || Some(host) == host_in(provider.start)
            || provider.domains.iter().any(|domain| {
                host.strip_suffix(domain)
                    .is_some_and(|front| front.ends_with('.'))
            })
    };
    PROVIDERS.iter().find(is_at)?.advice
}

fn host_in(start: &str) -> Option<&str> {
    let rest = start.strip_prefix("https://")?;
    rest.split(['/', ':']).next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn every_entry_is_an_encrypted_address_with_a_reason_and_stands_for_domains_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for provider in PROVIDERS {
            let url = Url::parse(provider.start).unwrap();
            assert_eq!(url.scheme(), "https", "{url}");
            assert_eq!(url.host_str(), host_in(provider.start));
            assert!(provider.reason.len() > 20, "{url}");
            assert!(!provider.domains.is_empty(), "{url}");
            for domain in provider.domains {
                assert!(seen.insert(*domain), "{domain} is there twice");
                assert_eq!(provider_of(domain).unwrap().start, provider.start);
            }
        }
        for (path, reason) in PATHS {
            assert!(path.starts_with('/') && path.ends_with('/') && reason.len() > 10);
        }
        assert!(provider_of("example.com").is_none());
        assert!(provider_of("evil-gmx.de").is_none());
    }

    #[test]
    fn advice_is_for_the_domain_and_for_the_hosts_of_the_provider() {
        let advice = |address: &str| {
            let account = Account::new(Url::parse(address).unwrap(), "", String::new().into());
            sign_in_advice(&account).unwrap_or_default()
        };
        for address in [
            "https://me.com/",
            "https://contacts.icloud.com/",
            "https://p42-contacts.icloud.com/",
        ] {
            assert!(advice(address).contains("app-specific"), "{address}");
        }
        assert!(advice("https://gmail.com/").contains("OAuth"));
        assert_eq!(advice("https://example.com/"), "");
        assert_eq!(advice("https://noticloud.com/"), "");
    }
}
