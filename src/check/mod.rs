//! What `check` makes of what it finds: findings with advice, a scratch card, and what became of it.
//!
//! Nothing here asks a server. The command gathers facts, these functions say what they mean for
//! the person, so that each sentence can be tried without any server.

mod fate;
mod report;
mod scratch;
mod subject;

pub use fate::{Fate, Kept, Told, consequences, fates};
pub use report::{
    AccountReport, BookReport, CheckReport, Encryption, Finding, FolderReport, Outcome, StoreUse,
    Trial, TrialRound, encryption, findings_of_books, findings_of_trial,
};
pub use scratch::{NAME, is_scratch, is_scratch_address, mark, scratch, without_year};
pub use subject::{SUBJECTS, Subject, bare_with, without};
