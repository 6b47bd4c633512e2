//! cardweave keeps contacts the same in every place that holds them.
//!
//! A run is one path, and each stage takes the value that the one before returned:
//!
//! ```text
//! config -> stores -> changes since the baseline -> plan -> review -> guard -> apply -> state -> summary
//! ```
//!
//! **Deciding is pure**: [`card`], [`contact`], [`book`], [`merge`], [`duplicates`], [`check`],
//! [`schedule`], [`calendar`], [`report`] and the deciding half of [`sync`] are functions of values, with no
//! disk, network, clock or terminal. **Acting is a loop over what was decided**: [`sync::apply`] is
//! the one place where the core and the edges ([`store`], [`state`], [`ui`]) meet. [`run`] tells
//! the path in one function.
//!
//! # Words
//!
//! * **store**: a place that holds cards: a CardDAV address book or a folder.
//! * **book**: the stores that shall hold the same people.
//! * **card**: one vCard, line by line, bytes untouched until somebody edits a line.
//! * **field**: one value of a card by meaning (a number, an address, a name), whatever its spelling.
//! * **entry**: a card at an address (href, file name) in one store, with its ETag.
//! * **contact**: one person across the stores of a book.
//! * **baseline**: what each store was known to hold after the last run, and what all agreed on.
//! * **plan**: the actions and the open questions of a run.
//! * **question**: what only a person can settle.
//! * **decision**: an answer, remembered.
//! * **run**: one invocation that changed something, undoable.
//! * **tier**, **log**, **promise**, **occasion**, **goal**: what a card says of the relationship; see
//!   [`contact`].
//!
//! # Three cards per store
//!
//! Each contact has one **agreed** card: what all stores together last settled on. Each store's
//! entry remembers two more: **held**, the text that the store really keeps, and **given**, the
//! agreed card at the time the store was last brought in step. An edit is what changed from `held`
//! to the store's card of today; a write is due where `given` differs from the agreed card of
//! today. A server that drops, reorders or rewrites makes `held` differ from `given` for ever, and
//! that difference is nobody's edit.
//!
//! # Deliberately absent
//!
//! No daemon, no pairs of stores, no left and right, no clock in any decision, no card ever
//! re-serialised, and no second copy of the contacts that one would be locked into.

pub mod card;

pub mod book;
pub mod contact;
pub mod merge;

pub mod duplicates;

pub mod sync;

pub mod calendar;
pub mod check;
pub mod report;
pub mod run;

pub mod config;
pub mod secret;
pub mod state;
pub mod store;

pub mod oauth;

pub mod schedule;
pub mod setup;

pub mod cli;
pub mod commands;
pub mod demo;
pub mod ui;
