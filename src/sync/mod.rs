//! One run over the stores of a book: what changed, what to do about it, whether that may be done,
//! and doing it.
//!
//! [`plan`] and [`guard`] decide and are pure; [`apply`] acts, and is the one place where the core
//! meets stores and state.

mod action;
mod guard;
mod naming;
mod plan;
mod question;

pub use action::{Action, ContactPlan, FieldChange, Plan, Record};
pub use guard::{Refusal, Tally, guard};
pub use plan::{Now, Situation, StoreFacts, Touched, plan};
pub use question::{Question, QuestionId};
