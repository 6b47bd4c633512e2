//! The whole thing in a temporary place, against a CardDAV server of its own.

pub mod server;
