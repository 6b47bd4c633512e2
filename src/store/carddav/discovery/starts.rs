//! Lists the places where a search for address books may begin, first to last (RFC 6764 section 6).

use url::Url;

use super::super::account::Account;
use super::super::trust::Met;
use super::super::words::host_of;
use super::dns::Records;
use super::providers::{paths, provider_of};

/// What led to the address books of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The address has a path, and they were there.
    Given,
    /// The DNS of the domain.
    Srv,
    /// `/.well-known/carddav` of the host itself.
    WellKnown,
    /// `/` of the host itself.
    Root,
    /// Our own table, for this reason.
    Provider(&'static str),
}

/// One place to begin at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) url: Url,
    pub(super) found_by: FoundBy,
    /// Somebody wrote a domain and not this server. Whether it is one for contacts at all is asked
    /// without signing in first: a web site need not see anybody's password.
    pub(super) is_guess: bool,
}

impl Start {
    /// How a person is told of this start's host, where it is another one.
    pub(super) fn met(&self) -> Met {
        match self.found_by {
            FoundBy::Provider(reason) => Met::Provider(reason),
            FoundBy::Given | FoundBy::Srv | FoundBy::WellKnown | FoundBy::Root => Met::Srv,
        }
    }
}

pub(super) const WELL_KNOWN: &str = "/.well-known/carddav";

/// Where the standards say that the address books are. `records` are those of the account's domain.
pub(super) fn starts(account: &Account, records: &Records) -> Vec<Start> {
    let mut starts = Vec::new();
    let is_guess = account.domain.is_some();
    let mut add = |url: Option<Url>, found_by| {
        if let Some(url) = url {
            starts.push(Start {
                url,
                found_by,
                is_guess,
            });
        }
    };
    if account.address.path() != "/" {
        let url = account.address.clone();
        add(Some(url), FoundBy::Given);
    }
    for target in &records.targets {
        let origin = Url::parse(&format!("https://{}:{}/", target.host, target.port)).ok();
        // A target that is read as anything but a host name is none.
        let origin = origin.filter(|url| {
            let host = url.host_str() == Some(target.host.as_str());
            host && url.path() == "/" && url.query().is_none() && url.fragment().is_none()
        });
        let at = |path: &str| origin.as_ref().map(|origin| with_path(origin, path));
        if let Some(path) = &records.path {
            add(at(path), FoundBy::Srv);
        }
        add(at(WELL_KNOWN), FoundBy::Srv);
        add(at("/"), FoundBy::Srv);
    }
    let own = |path| Some(with_path(&account.address, path));
    add(own(WELL_KNOWN), FoundBy::WellKnown);
    add(own("/"), FoundBy::Root);
    starts
}

/// Where they are for all we know, after the standards have led nowhere.
pub(super) fn last_resorts(account: &Account) -> Vec<Start> {
    let guess = |url, reason| Start {
        url,
        found_by: FoundBy::Provider(reason),
        is_guess: true,
    };
    let provider = account.domain.as_deref().and_then(provider_of);
    if let Some(provider) = provider {
        let url = Url::parse(provider.start).ok();
        return url
            .map(|url| guess(url, provider.reason))
            .into_iter()
            .collect();
    }
    if account.address.path() != "/" {
        return Vec::new();
    }
    paths()
        .map(|(path, reason)| guess(with_path(&account.address, path), reason))
        .collect()
}

fn with_path(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Who sends us to a start: the account's own domain or host.
pub(super) fn sender(account: &Account) -> String {
    let domain = account.domain.clone();
    domain.unwrap_or_else(|| host_of(&account.address))
}

#[cfg(test)]
mod tests {
    use super::super::dns::Target;
    use super::*;

    fn account(address: &str, domain: Option<&str>) -> Account {
        Account {
            domain: domain.map(str::to_owned),
            ..Account::new(Url::parse(address).unwrap(), "anna", "secret".into())
        }
    }

    fn urls(starts: &[Start]) -> Vec<&str> {
        starts.iter().map(|start| start.url.as_str()).collect()
    }

    fn records(path: Option<&str>) -> Records {
        let target = |host: &str, port| Target {
            host: host.into(),
            port,
        };
        Records {
            targets: vec![target("a.example.net", 443), target("b.example.net", 8443)],
            path: path.map(str::to_owned),
        }
    }

    #[test]
    fn the_given_path_is_asked_before_the_well_known_one_and_always_signed_in() {
        let found = starts(&account("https://h/dav/?x", None), &Records::default());
        assert_eq!(
            urls(&found),
            [
                "https://h/dav/?x",
                "https://h/.well-known/carddav",
                "https://h/"
            ]
        );
        assert!(found.iter().all(|start| !start.is_guess));
        let found = starts(&account("https://h", None), &Records::default());
        assert_eq!(
            urls(&found),
            ["https://h/.well-known/carddav", "https://h/"]
        );
    }

    #[test]
    fn the_dns_comes_before_the_domain_itself_and_its_path_before_the_well_known_one() {
        let domain = account("https://example.com/", Some("example.com"));
        let found = starts(&domain, &records(Some("/dav/")));
        assert_eq!(
            urls(&found),
            [
                "https://a.example.net/dav/",
                "https://a.example.net/.well-known/carddav",
                "https://a.example.net/",
                "https://b.example.net:8443/dav/",
                "https://b.example.net:8443/.well-known/carddav",
                "https://b.example.net:8443/",
                "https://example.com/.well-known/carddav",
                "https://example.com/",
            ]
        );
        assert!(found.iter().all(|start| start.is_guess));
        assert_eq!(found[5].found_by, FoundBy::Srv);
        assert_eq!(found[6].found_by, FoundBy::WellKnown);
        assert_eq!(urls(&starts(&domain, &records(None)))[0], urls(&found)[1]);
    }

    #[test]
    fn a_target_that_is_no_host_name_leads_nowhere() {
        for host in ["a/b", "anna@evil.example", "a b", "a?b"] {
            let records = Records {
                targets: vec![Target {
                    host: host.into(),
                    port: 443,
                }],
                path: None,
            };
            let domain = account("https://example.com/", Some("example.com"));
            let found = starts(&domain, &records);
            assert!(
                found.iter().all(|start| start.found_by != FoundBy::Srv),
                "{host}: {found:?}"
            );
        }
    }

    #[test]
    fn a_provider_of_the_table_is_the_only_last_resort_of_its_domains() {
        let gmx = last_resorts(&account("https://gmx.de/", Some("gmx.de")));
        assert_eq!(urls(&gmx), ["https://carddav.gmx.net/"]);
        assert!(matches!(gmx[0].met(), Met::Provider(reason) if reason.contains("GMX")));
        let own = last_resorts(&account("https://cloud.example/", Some("cloud.example")));
        assert_eq!(urls(&own)[0], "https://cloud.example/remote.php/dav/");
        assert!(own.iter().all(|start| start.is_guess));
        assert_eq!(last_resorts(&account("https://h/dav/", None)), []);
    }
}
