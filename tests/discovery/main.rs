//! Discovery against a real DNS server, servers over TLS, and servers that keep books elsewhere.

#[path = "../support/mod.rs"]
mod support;

mod by_dns;
mod certificates;
mod elsewhere;
mod end_to_end;

mod dnsmasq;
mod place;
mod tls;
