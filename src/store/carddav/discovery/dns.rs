//! Asks the DNS where a domain keeps its address books (RFC 6764 section 3 and 4, RFC 2782).

use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;

use super::super::Dns;

/// Both questions are asked at once and have so much time together. DNS that is slower than this
/// keeps nobody from going on without it.
const TIME: Duration = Duration::from_secs(5);

/// What the DNS says of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// The servers, in the order in which they are to be tried.
    pub(super) targets: Vec<Target>,
    /// Where on them to begin, from the TXT record.
    pub(super) path: Option<String>,
}

/// One server of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// Without a dot at the end.
    pub(super) host: String,
    pub(super) port: u16,
}

/// One SRV record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    priority: u16,
    weight: u16,
    target: Target,
}

/// The records of `domain`. A failure of any kind is the same as no record: the search goes on.
///
/// Only the encrypted service is asked for: `_carddav` would have the password travel in the clear.
pub(super) async fn records(domain: &str, dns: Dns) -> Records {
    let resolver = match resolver(dns) {
        Ok(resolver) => resolver,
        Err(error) => {
            tracing::debug!(%error, "no DNS");
            return Records::default();
        }
    };
    // The dot at the end keeps the system's search domains out of it.
    let name = format!("_carddavs._tcp.{domain}.");
    let (services, texts) = tokio::join!(
        timeout(TIME, resolver.srv_lookup(name.as_str())),
        timeout(TIME, resolver.txt_lookup(name.as_str())),
    );
    let mut found = Vec::new();
    if let Ok(Ok(answer)) = &services {
        for record in answer.answers() {
            if let RData::SRV(service) = &record.data {
                found.push(Service {
                    priority: service.priority,
                    weight: service.weight,
                    target: Target {
                        host: service.target.to_ascii(),
                        port: service.port,
                    },
                });
            }
        }
    }
    let mut lines = Vec::new();
    if let Ok(Ok(answer)) = &texts {
        for record in answer.answers() {
            if let RData::TXT(text) = &record.data {
                lines.push(text.txt_data.concat());
            }
        }
    }
    let records = Records {
        targets: in_order(found),
        path: path_in(&lines),
    };
    tracing::debug!(domain, targets = records.targets.len(), path = ?records.path, "DNS");
    records
}

fn resolver(dns: Dns) -> Result<TokioResolver, NetError> {
    let mut builder = match dns {
        Dns::System => TokioResolver::builder_tokio()?,
        Dns::Server(address) => {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            for connection in &mut server.connections {
                connection.port = address.port();
            }
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    builder.options_mut().timeout = TIME / 2;
    builder.build()
}

/// The order of RFC 2782, without its lottery between equals: the heavier one first, so that the
/// same records lead to the same server each time. A single `.` says that there is no such service.
fn in_order(mut services: Vec<Service>) -> Vec<Target> {
    services.sort_by(|a, b| {
        let weights = b.weight.cmp(&a.weight);
        let names = a.target.host.cmp(&b.target.host);
        let ports = a.target.port.cmp(&b.target.port);
        (a.priority.cmp(&b.priority))
            .then(weights)
            .then(names)
            .then(ports)
    });
    let mut targets: Vec<Target> = Vec::new();
    for service in services {
        let host = service.target.host.trim_end_matches('.').to_lowercase();
        let target = Target {
            host,
            port: service.target.port,
        };
        if !target.host.is_empty() && !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// The value of the first `path=` (RFC 6764 section 4) that is an absolute path.
fn path_in(lines: &[Vec<u8>]) -> Option<String> {
    lines.iter().find_map(|line| {
        let line = std::str::from_utf8(line).ok()?;
        let (key, path) = line.split_once('=')?;
        let is_path = path.starts_with('/') && !path.starts_with("//");
        (key.eq_ignore_ascii_case("path") && is_path && !path.contains(char::is_control))
            .then(|| path.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, host: &str, port: u16) -> Service {
        Service {
            priority,
            weight,
            target: Target {
                host: host.into(),
                port,
            },
        }
    }

    #[test]
    fn servers_are_tried_by_priority_then_by_weight_and_always_in_the_same_order() {
        let records = vec![
            service(20, 100, "backup.example.", 443),
            service(10, 1, "b.example.", 443),
            service(10, 60, "HEAVY.example.", 8443),
            service(10, 1, "a.example.", 443),
            service(10, 1, "a.example.", 443),
        ];
        let mut reversed = records.clone();
        reversed.reverse();
        let ordered = in_order(records);
        assert_eq!(ordered, in_order(reversed));
        let names: Vec<_> = ordered.iter().map(|target| target.host.as_str()).collect();
        assert_eq!(
            names,
            ["heavy.example", "a.example", "b.example", "backup.example"]
        );
        assert_eq!(ordered[0].port, 8443);
    }

    #[test]
    fn a_bare_dot_means_that_there_is_no_such_service() {
        assert_eq!(in_order(vec![service(0, 0, ".", 0)]), []);
    }

    #[test]
    fn the_path_is_an_absolute_one_and_nothing_else() {
        let path = |lines: &[&str]| {
            let lines: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
            path_in(&lines)
        };
        assert_eq!(path(&["v=spf1", "path=/dav/"]).as_deref(), Some("/dav/"));
        assert_eq!(path(&["PATH=/a=b"]).as_deref(), Some("/a=b"));
        assert_eq!(
            path(&["path=dav", "path=//evil.example/", "path=", "path=/a\u{7}"]),
            None
        );
        assert_eq!(path(&[]), None);
        assert_eq!(path_in(&[b"path=/\xff".to_vec()]), None);
    }
}
