//! Signing in by OAuth, end to end: the program, a keyring, a browser, both servers.

// Made for the tests of passwords, which use more of it.
#[allow(dead_code)]
#[path = "../secrets/account.rs"]
mod account;
#[allow(dead_code)]
#[path = "../secrets/session.rs"]
mod session;
#[path = "../support/mod.rs"]
mod support;

mod device;
mod place;
mod signing_in;
mod syncing;
