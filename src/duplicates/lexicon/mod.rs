//! What is known about names and about the words that people write beside them.
//!
//! Every word that is asked about is folded first, by [`fold`]; nothing here folds again. The
//! lists are the text files in `data`, one idea a line, written in the spelling of their language;
//! they are read once, at the first question.

mod fold;
mod list;
mod names;
mod spelling;
mod variants;
mod words;

pub use fold::fold;
pub use names::{is_family, is_given, name_frequency};
pub use spelling::{same_spelling, spelling};
pub use variants::{are_variants, roots};
pub use words::{
    Generation, generation, is_generic, is_kin, is_label, is_legal_form, is_particle,
    is_role_mailbox, is_title,
};
