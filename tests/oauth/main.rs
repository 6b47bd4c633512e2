//! Signing in by OAuth, end to end: the program, a keyring, a browser, both servers.

#[path = "../support/mod.rs"]
mod support;

mod device;
mod place;
mod signing_in;
mod syncing;
