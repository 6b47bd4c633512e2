//! One run over the stores of a book: what changed, what to do about it, whether that may be done,
//! and doing it.
//!
//! [`plan`] and [`guard`] decide and are pure; [`apply`] acts, and is the one place where the core
//! meets stores and state.

mod action;
mod answer;
mod apply;
mod difference;
mod guard;
mod naming;
mod news;
mod plan;
mod question;
mod undo;
mod watch;

pub use action::{Action, ContactPlan, FieldChange, Member, Plan, Record, Remark, Union};
pub use answer::{Answer, Merging, NotAnAnswer};
pub use apply::{Applied, Site, apply};
pub use difference::{Difference, FieldDifference, difference};
pub use guard::{Refusal, Tally, guard};
pub use news::{Listed, News, news};
pub use plan::{
    Now, OnePerson, Situation, StoreFacts, Touched, Uids, is_kept_away, is_omitted, keys_of,
    meetings, plan,
};
pub use question::{Alike, Conflicting, Question, QuestionId, Why};
pub use undo::{Undo, anew, change_back, undo};
pub use watch::{Unwatched, Watch};
