//! The commands and flags; no behaviour.

mod relationship;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use relationship::{
    Archive, CadenceArgs, CadenceWord, Due, Foreign, Goal, GoalWhat, Import, List, Lists,
    ListsWhat, LocaleWord, Log, Met, Promise, PromiseWhat, Report, Snooze, Tier, TierWord,
};

/// Keeps your contacts the same in every place that holds them.
#[derive(Debug, Parser)]
#[command(
    name = "cardweave",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    infer_subcommands = false,
    after_help = EXIT_CODES,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all in step
  1  the run failed, or (for diff) stores differ
  2  wrong usage or config
  3  in step, but questions are open
  4  stopped by a guard before the first write
  5  some stores or cards failed, the rest is in step

Example:
  cardweave sync --dry-run";

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// The config file, instead of config.toml in $XDG_CONFIG_HOME/cardweave
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The directory of the state, instead of $XDG_STATE_HOME/cardweave
    #[arg(long, global = true, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// When to use colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// Print one JSON document; `cardweave schema COMMAND` prints its schema
    #[arg(long, global = true)]
    pub json: bool,
    /// No progress; only the result, warnings and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Log to stderr: -v every request, -vv every decision too; never secrets or card contents
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether to colour one stream.
    ///
    /// What is asked for on the command line counts more than `NO_COLOR` (no-color.org), which
    /// counts, when it is not empty, more than the terminal.
    pub fn resolve(self, terminal: bool, no_color: Option<&std::ffi::OsStr>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => terminal && no_color.is_none_or(std::ffi::OsStr::is_empty),
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up an account or a folder: find the address books, store the password, write the config
    #[command(after_help = "Example:\n  cardweave init anna@example.com")]
    Init(Box<Init>),
    /// Store the password or token of an account in the operating system's keyring
    #[command(after_help = "Example:\n  cardweave login private")]
    Login(Login),
    /// Remove the password or token of an account from the operating system's keyring
    #[command(after_help = "Example:\n  cardweave logout private")]
    Logout(Logout),
    /// List the address books that an account offers
    #[command(after_help = "Example:\n  cardweave discover anna@example.com")]
    Discover(Discover),
    /// Sign in everywhere and say what each server can and cannot keep
    #[command(
        after_help = "Exit code 0: all is well; 5: something is to be done.\n\nExample:\n  cardweave check private --write"
    )]
    Check(Check),
    /// Bring all stores of a book in step
    #[command(after_help = "Example:\n  cardweave sync people --dry-run")]
    Sync(Sync),
    /// Ask what only a person can settle: duplicates and conflicts, one key each
    #[command(
        after_help = "Exit code 0: no question is open; 3: some are.\nOn TERM=dumb, and where CARDWEAVE_PLAIN is set, --plain is the default.\n\nExample:\n  cardweave review people"
    )]
    Review(Review),
    /// Answer one open question without a terminal
    #[command(after_help = "Example:\n  cardweave answer 3f2a91c0 take phone")]
    Answer(Answer),
    /// Show what differs between the stores right now, field by field; changes nothing
    #[command(
        after_help = "Exit code 0: the same; 1: different.\n\nExample:\n  cardweave diff people"
    )]
    Diff(Diff),
    /// List the pairs of cards that may be one person, with score and reasons
    #[command(after_help = "Example:\n  cardweave duplicates ~/Contacts --min-score 0.9")]
    Duplicates(Duplicates),
    /// Show each store's last run, cards and open questions; needs no network
    #[command(after_help = "Example:\n  cardweave status --json")]
    Status,
    /// Show what was changed where, and in which run
    #[command(after_help = "Example:\n  cardweave history \"Ada Lovelace\"")]
    History(History),
    /// Take a run back, in every store
    #[command(after_help = "Example:\n  cardweave undo 17")]
    Undo(Undo),
    /// Make one contact of two, in every store; the first one goes on
    #[command(after_help = "Example:\n  cardweave merge \"Ada Lovelace\" ada@example.com")]
    Merge(Merge),
    /// Take a merge back: each card as it was, in every store
    #[command(after_help = "Example:\n  cardweave split \"Ada Lovelace\"")]
    Split(Split),
    /// Show one contact and which store holds it
    #[command(after_help = "Example:\n  cardweave show ada@example.com")]
    Show(Show),
    /// List the contacts, from the local state
    #[command(after_help = "Example:\n  cardweave list --tier A")]
    List(List),
    /// Show the lists by theme; rename them, merge them, and put contacts on them
    #[command(after_help = "Example:\n  cardweave lists add Chess ada@example.com")]
    Lists(Lists),
    /// Set how much contacts matter: A, B, C, D or none
    #[command(after_help = "Example:\n  cardweave tier A ada@example.com")]
    Tier(Tier),
    /// Set how long a contact may go without word, instead of the tier's time
    #[command(after_help = "Example:\n  cardweave cadence 6w ada@example.com")]
    Cadence(CadenceArgs),
    /// Show whom to contact, and which promises and goals fall due
    #[command(after_help = "Example:\n  cardweave due --ics ~/Calendars/people.ics")]
    Due(Due),
    /// Leave a contact out of `due` for a while
    #[command(after_help = "Example:\n  cardweave snooze ada@example.com 2w")]
    Snooze(Snooze),
    /// Write down one interaction: time, money, who gave, what came of it
    #[command(after_help = "Example:\n  cardweave log ada@example.com lunch --minutes 60 --gave")]
    Log(Log),
    /// Fold what was logged long ago into sums by year
    #[command(after_help = "Example:\n  cardweave archive --before -2y")]
    Archive(Archive),
    /// Write down a commitment, yours or theirs, and what became of it
    #[command(after_help = "Example:\n  cardweave promise ada@example.com offer --due friday")]
    Promise(Promise),
    /// Write down the occasion that a contact comes from
    #[command(after_help = "Example:\n  cardweave met ada@example.com Fair --on yesterday")]
    Met(Met),
    /// Set goals, and see how far they are
    #[command(
        after_help = "Example:\n  cardweave goal add Customers --by 2026-12-31 --target 3 customers"
    )]
    Goal(Goal),
    /// Hold what was invested against what came of it
    #[command(after_help = "Example:\n  cardweave report --since 2026-01-01 --html report.html")]
    Report(Report),
    /// Take over what another program keeps on the cards
    #[command(after_help = "Example:\n  cardweave import frm --dry-run")]
    Import(Import),
    /// Print the JSON schema of what a command prints with --json
    #[command(after_help = "Example:\n  cardweave schema sync")]
    Schema(Schema),
    /// Print, or install, what runs `sync` regularly
    #[command(after_help = "Example:\n  cardweave schedule systemd --install")]
    Schedule(Schedule),
    /// Write the manual pages into a directory
    #[command(after_help = "Example:\n  cardweave man ~/.local/share/man/man1")]
    Man(Man),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  cardweave completions bash > ~/.local/share/bash-completion/completions/cardweave"
    )]
    Completions(Completions),
    /// Show the whole thing in a temporary place, without any set-up
    #[command(after_help = "Example:\n  cardweave demo")]
    Demo(Demo),
}

/// How an account that is not in the config yet is signed in to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Signing in")]
pub struct SignIn {
    /// The user name, where it is not the e-mail address
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// A program that prints the password; its words are parted by blanks, no shell is involved
    #[arg(long, value_name = "COMMAND", group = "password")]
    pub password_command: Option<String>,
    /// The environment variable that holds the password
    #[arg(long, value_name = "VARIABLE", group = "password")]
    pub password_env: Option<String>,
    /// The file, readable by you alone, with the password in its first line
    #[arg(long, value_name = "FILE", group = "password")]
    pub password_file: Option<PathBuf>,
    /// Take the first line of standard input as the password
    #[arg(long, group = "password")]
    pub password_stdin: bool,
    /// How the password is proved: any, basic, digest or bearer
    #[arg(long, value_name = "HOW", value_enum)]
    pub auth: Option<AuthWord>,
    /// Another host that may get the password because the server sends us there; repeatable
    #[arg(long = "trust", value_name = "HOST")]
    pub trust: Vec<String>,
    /// PEM file of a certificate authority of your own
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The one certificate to accept, by its fingerprint: sha256:AB:CD:EF...
    #[arg(long, value_name = "FINGERPRINT")]
    pub pinned_certificate: Option<String>,
    /// Let the password travel over unencrypted http
    #[arg(long)]
    pub plain_http: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuthWord {
    Any,
    Basic,
    Digest,
    Bearer,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Init {
    /// An e-mail address, a host or a URL; asked for on a terminal
    #[arg(value_name = "ADDRESS")]
    pub address: Option<String>,
    /// What the account is called in the config
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The book that the stores belong to
    #[arg(long, value_name = "BOOK")]
    pub book: Option<String>,
    /// An address book to keep in step, by name, last path segment or URL; repeatable
    #[arg(long = "addressbook", value_name = "NAME")]
    pub addressbooks: Vec<String>,
    /// A folder of .vcf files to keep in step with it; made if it is not there; repeatable
    #[arg(long = "folder", value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Take what is offered by default instead of asking
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub sign_in: SignIn,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Login {
    /// The account, as the config names it
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Take the first line of standard input as the password
    #[arg(long)]
    pub password_stdin: bool,
    /// Another host that may get the password because the server sends us there; repeatable
    #[arg(long = "trust", value_name = "HOST")]
    pub trust: Vec<String>,
    /// With OAuth: print the address to open instead of starting a browser
    #[arg(long)]
    pub no_browser: bool,
    /// With OAuth: sign in on another device, by a code
    #[arg(long, conflicts_with = "no_browser")]
    pub device: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Logout {
    /// The account, as the config names it
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Discover {
    /// An e-mail address, a host, a URL, or the name of an account in the config
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    #[command(flatten)]
    pub sign_in: SignIn,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Check {
    /// The accounts to look at; all of them and all folders when none is named
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Put a scratch card into each address book, see what is kept of it, and delete it
    #[arg(long)]
    pub write: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Schedule {
    /// Who starts the runs
    #[arg(value_name = "SCHEDULER", value_enum)]
    pub scheduler: Scheduler,
    /// How often: 15m, 2h, 1d
    #[arg(long, value_name = "TIME", default_value = "30m")]
    pub every: String,
    /// Put it in place instead of printing it
    #[arg(long)]
    pub install: bool,
    /// Take it out again
    #[arg(long, conflicts_with = "install")]
    pub remove: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scheduler {
    Cron,
    Systemd,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Man {
    /// The directory for the pages; made if it is not there
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Sync {
    /// The books to sync; all of them when none is named
    #[arg(value_name = "BOOK")]
    pub books: Vec<String>,
    /// Print the plan and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Let deletions and rewrites through that a guard would stop
    #[arg(long)]
    pub accept_deletes: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Review {
    /// The books to ask about; all of them when none is named
    #[arg(value_name = "BOOK")]
    pub books: Vec<String>,
    /// Merge all contacts that are certain to be one person, without asking
    #[arg(long, conflicts_with = "list")]
    pub auto: bool,
    /// Print the open questions with their ids and change nothing
    #[arg(long)]
    pub list: bool,
    /// Tell everything line by line, as a screen reader wants it, and read lines instead of keys
    #[arg(long)]
    pub plain: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Answer {
    /// The id of the question, as `review --list` shows it
    #[arg(value_name = "ID")]
    pub id: String,
    /// merge, apart, or take STORE
    #[arg(value_name = "ANSWER", required = true, num_args = 1..=2)]
    pub choice: Vec<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Diff {
    /// The book to look at; all of them when none is named
    #[arg(value_name = "BOOK")]
    pub book: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct History {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Undo {
    /// The number of the run, as `history` shows it; the last one when none is named
    #[arg(value_name = "RUN", value_parser = clap::value_parser!(i64).range(1..))]
    pub run: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Merge {
    /// The contact that goes on: a name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
    /// The contact whose values it gets
    #[arg(value_name = "OTHER")]
    pub other: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Split {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
    /// The run that merged it, as `history` shows it; the last one when none is named
    #[arg(long, value_name = "RUN", value_parser = clap::value_parser!(i64).range(1..))]
    pub run: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Show {
    /// A name, an e-mail address, a phone number or the start of a UID
    #[arg(value_name = "CONTACT")]
    pub contact: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Schema {
    /// The command whose JSON is described
    #[arg(value_name = "COMMAND", value_enum)]
    pub command: Described,
}

/// The commands that print a JSON document of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Described {
    Init,
    Sync,
    Review,
    Answer,
    Diff,
    Status,
    History,
    Undo,
    Merge,
    Split,
    Show,
    List,
    Schedule,
    Man,
    Login,
    Logout,
    Discover,
    Demo,
    Check,
    Duplicates,
    Lists,
    Tier,
    Cadence,
    Due,
    Snooze,
    Log,
    Archive,
    Promise,
    Met,
    Goal,
    Report,
    Import,
}

#[derive(Debug, Clone, Default, PartialEq, Args)]
pub struct Duplicates {
    /// Books of the config, from the local state, or folders of .vcf files, which need no config;
    /// all books where nothing is named
    #[arg(value_name = "BOOK|FOLDER")]
    pub places: Vec<String>,
    /// Only pairs from this score on, 0 to 1; 0.5 for people, 0.01 for JSON
    #[arg(long, value_name = "P", value_parser = share)]
    pub min_score: Option<f64>,
    /// One line of JSON a pair
    #[arg(long, conflicts_with = "json")]
    pub jsonl: bool,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a number from 0 to 1 is wanted, such as 0.9".to_owned()),
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Demo {
    /// Leave the temporary place for a look at it
    #[arg(long)]
    pub keep: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Completions {
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

#[cfg(test)]
mod tests;
