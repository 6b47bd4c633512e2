//! A small honest CardDAV server on loopback (RFC 6352, RFC 6578).
//!
//! The demo shows real syncs against it, and the tests add [`Mischief`] to make it misbehave. It
//! keeps everything in memory, every card byte for byte, and every version that a card ever had,
//! so that a test can say that nothing was lost.

mod book;
mod framing;
mod handle;
mod message;
mod path;
mod precondition;
mod propfind;
mod report;
mod wire;
mod write;
mod xml;

pub use book::{Account, Book, Books, Kept};
pub use handle::handle;
pub use message::{Request, Response};
pub use path::Place;
pub use wire::{Answer, Exchange, Mischief, Server, Step};
