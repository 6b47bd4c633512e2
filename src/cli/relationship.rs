//! The commands about who matters, what was promised and what came of it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::contact::{Cadence, InteractionKind, Money};

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Tier {
    /// A, B, C or D; up or down by one; none
    #[arg(value_name = "TIER", value_enum, ignore_case = true)]
    pub tier: TierWord,
    /// Names, e-mail addresses, phone numbers or the starts of UIDs
    #[arg(value_name = "CONTACT", required = true)]
    pub contacts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum TierWord {
    #[value(name = "A")]
    A,
    #[value(name = "B")]
    B,
    #[value(name = "C")]
    C,
    #[value(name = "D")]
    D,
    Up,
    Down,
    None,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct List {
    /// Only contacts of this tier
    #[arg(long, value_name = "TIER", value_enum, ignore_case = true)]
    pub tier: Option<crate::contact::Tier>,
    /// Only contacts on this list
    #[arg(long, value_name = "NAME")]
    pub list: Option<String>,
    /// Only contacts met at this occasion
    #[arg(long, value_name = "EVENT")]
    pub met: Option<String>,
    /// Only contacts of this goal
    #[arg(long, value_name = "GOAL")]
    pub goal: Option<String>,
    /// Only contacts who have gone too long without word
    #[arg(long)]
    pub due: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Lists {
    #[command(subcommand)]
    pub what: Option<ListsWhat>,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum ListsWhat {
    /// Give a list another name; where there is one of that name, they become one
    Rename {
        #[arg(value_name = "LIST")]
        from: String,
        #[arg(value_name = "NAME")]
        to: String,
    },
    /// Put contacts on a list
    Add {
        #[arg(value_name = "LIST")]
        list: String,
        #[arg(value_name = "CONTACT", required = true)]
        contacts: Vec<String>,
    },
    /// Take contacts off a list
    Remove {
        #[arg(value_name = "LIST")]
        list: String,
        #[arg(value_name = "CONTACT", required = true)]
        contacts: Vec<String>,
    },
    /// Give a list a group card, for phones that show groups as cards
    Group {
        #[arg(value_name = "LIST")]
        list: String,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Due {
    /// How far to look ahead: 3d, 2w, 1mo
    #[arg(long, value_name = "TIME", default_value = "1w")]
    pub within: String,
    /// Write a calendar that other programs can subscribe to; - is stdout
    #[arg(long, value_name = "FILE")]
    pub ics: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Snooze {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
    /// Until when: 2w, friday, 2026-12-24; off to end it
    #[arg(value_name = "DATE")]
    pub until: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CadenceArgs {
    /// The longest time without word: 10d, 6w, 3mo, 1y; none to go by the tier
    #[arg(value_name = "TIME")]
    pub cadence: CadenceWord,
    /// Names, e-mail addresses, phone numbers or the starts of UIDs
    #[arg(value_name = "CONTACT", required = true)]
    pub contacts: Vec<String>,
}

/// A cadence, or none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CadenceWord(pub Option<Cadence>);

impl std::str::FromStr for CadenceWord {
    type Err = crate::contact::NotACadence;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(CadenceWord(None)),
            _ => text.parse().map(|cadence| CadenceWord(Some(cadence))),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Log {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
    /// What was said or done
    #[arg(value_name = "TEXT", required_unless_present = "withdraw")]
    pub text: Option<String>,
    /// When: yesterday, friday, -2w, 2026-11-20; today where nothing is said
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub on: Option<String>,
    /// How
    #[arg(long, value_name = "KIND", value_enum)]
    pub kind: Option<InteractionKind>,
    /// How long it took
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub minutes: Option<u32>,
    /// What it cost, with the currency: "12.50 EUR"
    #[arg(long, value_name = "AMOUNT")]
    pub cost: Option<Money>,
    /// You did something for them
    #[arg(long)]
    pub gave: bool,
    /// They did something for you
    #[arg(long, conflicts_with = "gave")]
    pub received: bool,
    /// The goal it was for
    #[arg(long, value_name = "GOAL")]
    pub goal: Option<String>,
    /// What came of it: "1 order", "1200 EUR", or any words
    #[arg(long, value_name = "TEXT")]
    pub result: Option<String>,
    /// The occasion at which it was
    #[arg(long, value_name = "EVENT")]
    pub at: Option<String>,
    /// The entry that this one takes the place of, by its id in `show`
    #[arg(long, value_name = "ID")]
    pub replaces: Option<String>,
    /// The entry that was a mistake, by its id in `show`
    #[arg(long, value_name = "ID", conflicts_with_all = ["replaces", "text", "on", "kind", "minutes", "cost", "gave", "received", "goal", "result", "at"])]
    pub withdraw: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Archive {
    /// Fold what was logged before this day into sums by year: 2024-01-01, -2y
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub before: String,
    /// The file that the originals are added to, instead of archive.jsonl beside the state
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Say what would be folded and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Promise {
    #[command(subcommand)]
    pub what: Option<PromiseWhat>,
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT", required = true)]
    pub contact: Option<String>,
    /// What is promised
    #[arg(value_name = "TEXT", required = true)]
    pub text: Option<String>,
    /// By when: tomorrow, friday, 2w, 2026-12-01
    #[arg(long, value_name = "DATE", required = true)]
    pub due: Option<String>,
    /// They promised it to you
    #[arg(long)]
    pub theirs: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum PromiseWhat {
    /// It was kept
    Keep {
        /// The id, as `due` and `show` have it; its beginning is enough
        #[arg(value_name = "ID")]
        id: String,
        /// When, where that was not today
        #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
        on: Option<String>,
    },
    /// It is due on another day, and why
    Move {
        #[arg(value_name = "ID")]
        id: String,
        /// By when now
        #[arg(long, value_name = "DATE")]
        due: String,
        /// What the other one is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// It will not be kept, and why
    Cancel {
        #[arg(value_name = "ID")]
        id: String,
        /// What the other one is told
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Met {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
    /// The occasion: a fair, a party, a project
    #[arg(value_name = "EVENT")]
    pub event: String,
    /// When: yesterday, -2w, 2026-04-20
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub on: Option<String>,
    /// Where
    #[arg(long, value_name = "PLACE")]
    pub place: Option<String>,
    /// What the occasion cost on account of this contact: "90 EUR"
    #[arg(long, value_name = "AMOUNT")]
    pub cost: Option<Money>,
    /// How long it took on account of this contact
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    pub minutes: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Goal {
    #[command(subcommand)]
    pub what: GoalWhat,
}

#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum GoalWhat {
    /// Set a goal
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        /// By when: 2026-12-31, 6mo
        #[arg(long, value_name = "DATE")]
        by: String,
        /// How much of what: --target 3 customers
        #[arg(long, value_names = ["N", "UNIT"], num_args = 2)]
        target: Option<Vec<String>>,
        /// The book whose stores keep it; the first one where none is named
        #[arg(long, value_name = "BOOK")]
        book: Option<String>,
    },
    /// Show how far each goal is
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
    },
    /// End a goal
    Close {
        #[arg(value_name = "NAME")]
        name: String,
        /// It was reached
        #[arg(long)]
        reached: bool,
    },
    /// Say that contacts are for a goal
    Assign {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(value_name = "CONTACT", required = true)]
        contacts: Vec<String>,
        /// They are not for it any more
        #[arg(long)]
        off: bool,
    },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Report {
    /// What was done since: 2026-01-01, -1y; a year ago where nothing is said
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Only what was for this goal
    #[arg(long, value_name = "GOAL")]
    pub goal: Option<String>,
    /// Write a page with pictures
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// How numbers and dates are written: en (1,234.50, 2026-11-25) or de (1.234,50, 25.11.2026);
    /// as LC_ALL, LC_NUMERIC or LANG say where nothing is said
    #[arg(long, value_name = "LOCALE", value_enum)]
    pub locale: Option<LocaleWord>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LocaleWord {
    En,
    De,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Import {
    /// The program whose properties are read
    #[arg(value_name = "PROGRAM", value_enum)]
    pub program: Foreign,
    /// Say what would be taken over and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Foreign {
    Frm,
}
