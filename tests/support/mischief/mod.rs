//! Servers that misbehave on command: scripted, seeded, and told afterwards what they did.
//!
//! ```ignore
//! let script = Script::new().rule(Rule::new("503_date").method("PUT").nth(2));
//! let fired = script.fired();
//! let server = Server::start_with(books, script)?;
//! ```

mod href;
mod listing;
mod markup;
mod multistatus;
mod redirect;
mod rewriting;
mod tag;
mod token;
mod transport;
mod writing;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

use cardweave::demo::server::{Answer, Books, Mischief, Request, Response};

/// Declares a family of faults, each with the name that scripts use.
macro_rules! family {
    ($(#[$doc:meta])* $family:ident { $($(#[$about:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $family { $($(#[$about])* $variant,)* }

        impl $family {
            pub const ALL: &'static [$family] = &[$($family::$variant,)*];

            pub fn name(self) -> &'static str {
                match self { $($family::$variant => $name,)* }
            }
        }
    };
}
use family;

pub use href::Spelling;
pub use listing::Listing;
pub use markup::Markup;
pub use redirect::Redirect;
pub use rewriting::Rewriting;
pub use tag::Tag;
pub use token::Token;
pub use transport::Transport;
pub use writing::Writing;

/// One way to misbehave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Transport(Transport),
    Markup(Markup),
    Listing(Listing),
    Href(Spelling),
    Token(Token),
    Tag(Tag),
    Writing(Writing),
    /// The flag: the answer to the PUT names an ETag although the card was changed.
    Rewriting(Rewriting, bool),
    Redirect(Redirect),
}

/// The end of a rewriting's name that keeps the ETag in the answer to the PUT.
const ETAG_THOUGH_MODIFIED: &str = "+etag_though_modified";

impl Fault {
    /// Every fault there is.
    pub fn all() -> Vec<Fault> {
        let mut all: Vec<Fault> = Vec::new();
        all.extend(Transport::ALL.iter().copied().map(Fault::Transport));
        all.extend(Markup::ALL.iter().copied().map(Fault::Markup));
        all.extend(Listing::ALL.iter().copied().map(Fault::Listing));
        all.extend(Spelling::ALL.iter().copied().map(Fault::Href));
        all.extend(Token::ALL.iter().copied().map(Fault::Token));
        all.extend(Tag::ALL.iter().copied().map(Fault::Tag));
        all.extend(Writing::ALL.iter().copied().map(Fault::Writing));
        for rewriting in Rewriting::ALL {
            all.extend([false, true].map(|tells| Fault::Rewriting(*rewriting, tells)));
        }
        all.extend(Redirect::ALL.iter().copied().map(Fault::Redirect));
        all
    }

    /// All faults that cost next to no time and need no other host: for thousands of histories.
    pub fn quick() -> Vec<Fault> {
        const LENGTHY: [&str; 16] = [
            "hang",
            "hang_after",
            "drip",
            "slow",
            "endless",
            "huge_header",
            "gzip_bomb",
            "entity_bomb",
            "quadratic",
            "deep_xml",
            "big_card",
            "429",
            "429_date",
            "503",
            "503_date",
            "503_after",
        ];
        let needs_host =
            |fault: &Fault| fault.name().contains("other_host") && !matches!(fault, Fault::Href(_));
        let is_quick =
            |fault: &Fault| !LENGTHY.contains(&fault.name().as_str()) && !needs_host(fault);
        Fault::all().into_iter().filter(is_quick).collect()
    }

    /// The fault of this name; a name that nobody has is a mistake in the test.
    pub fn named(name: &str) -> Fault {
        Fault::all()
            .into_iter()
            .find(|fault| fault.name() == name)
            .unwrap_or_else(|| panic!("no fault is named {name}"))
    }

    pub fn name(self) -> String {
        match self {
            Fault::Transport(fault) => fault.name().into(),
            Fault::Markup(fault) => fault.name().into(),
            Fault::Listing(fault) => fault.name().into(),
            Fault::Href(fault) => fault.name().into(),
            Fault::Token(fault) => fault.name().into(),
            Fault::Tag(fault) => fault.name().into(),
            Fault::Writing(fault) => fault.name().into(),
            Fault::Rewriting(fault, false) => fault.name().into(),
            Fault::Rewriting(fault, true) => format!("{}{ETAG_THOUGH_MODIFIED}", fault.name()),
            Fault::Redirect(fault) => fault.name().into(),
        }
    }

    /// Whether the fault has anything to do with such a request; only those are counted.
    fn suits(self, request: &Request) -> bool {
        match self {
            Fault::Transport(_) => true,
            Fault::Markup(fault) => fault.suits(request),
            Fault::Listing(fault) => fault.suits(request),
            Fault::Href(_) => is_listing(request) || is_report(request, "addressbook-multiget"),
            Fault::Token(fault) => fault.suits(request),
            Fault::Tag(fault) => fault.suits(request),
            Fault::Writing(fault) => fault.suits(request),
            Fault::Rewriting(..) => request.method == "PUT",
            Fault::Redirect(fault) => fault.suits(request),
        }
    }

    fn before(self, request: &mut Request, books: &mut Books, notes: &mut Notes) -> Option<Answer> {
        match self {
            Fault::Transport(fault) => fault.before(),
            Fault::Token(fault) => fault.before(request, books, notes),
            Fault::Writing(fault) => fault.before(request, books),
            Fault::Rewriting(fault, _) => {
                fault.before(request, books, notes);
                None
            }
            Fault::Redirect(fault) => fault.before(request, notes),
            Fault::Markup(_) | Fault::Listing(_) | Fault::Href(_) | Fault::Tag(_) => None,
        }
    }

    fn after(
        self,
        request: &Request,
        books: &Books,
        response: Response,
        notes: &mut Notes,
    ) -> Answer {
        Answer::Response(match self {
            Fault::Transport(fault) => return fault.after(response),
            Fault::Markup(fault) => fault.after(response),
            Fault::Listing(fault) => fault.after(request, response, notes),
            Fault::Href(fault) => fault.after(request, response),
            Fault::Token(fault) => fault.after(request, books, response, notes),
            Fault::Tag(fault) => fault.after(request, response, notes),
            Fault::Writing(fault) => return fault.after(request, response),
            Fault::Rewriting(fault, tells) => fault.after(response, tells, notes),
            Fault::Redirect(fault) => fault.after(response, notes),
        })
    }
}

/// When a fault strikes.
#[derive(Debug, Clone)]
pub struct Rule {
    fault: Fault,
    method: Option<String>,
    path: Option<String>,
    numbers: RangeInclusive<usize>,
    chance: f64,
    seen: usize,
}

impl Rule {
    /// Strikes at each request that the fault has to do with.
    pub fn new(name: &str) -> Self {
        Self::of(Fault::named(name))
    }

    pub fn of(fault: Fault) -> Self {
        Self {
            fault,
            method: None,
            path: None,
            numbers: 1..=usize::MAX,
            chance: 1.0,
            seen: 0,
        }
    }

    /// Only at requests of this method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only where the path contains this.
    pub fn path(mut self, part: &str) -> Self {
        self.path = Some(part.into());
        self
    }

    /// Only at the `n`-th of the requests that it could strike at; the first is number 1.
    pub fn nth(self, n: usize) -> Self {
        self.numbers(n..=n)
    }

    /// Only at these of the requests that it could strike at.
    pub fn numbers(mut self, numbers: RangeInclusive<usize>) -> Self {
        self.numbers = numbers;
        self
    }

    /// Only with this probability, by the seed of the script.
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    fn strikes(&mut self, request: &Request, random: &mut Random) -> bool {
        let is_target = self
            .method
            .as_ref()
            .is_none_or(|method| *method == request.method)
            && self
                .path
                .as_ref()
                .is_none_or(|part| request.path.contains(part))
            && self.fault.suits(request);
        if !is_target {
            return false;
        }
        self.seen += 1;
        self.numbers.contains(&self.seen) && random.fraction() < self.chance
    }
}

/// What a fault did, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    pub fault: String,
    pub method: String,
    pub path: String,
}

/// A server's misbehaviour, rule by rule; several may strike at one request.
pub struct Script {
    rules: Vec<Rule>,
    random: Random,
    notes: Notes,
    /// The faults of the request that is being answered.
    striking: Vec<Fault>,
    fired: Arc<Mutex<Vec<Fired>>>,
}

/// What faults remember from one request to the next.
#[derive(Default)]
struct Notes {
    /// Where redirects to another host lead, without a slash at the end.
    other_host: Option<String>,
    /// By fault and path, what was said the first time.
    said: BTreeMap<(&'static str, String), String>,
    count: u64,
    /// Whether the PUT that is being answered was rewritten, and where it went if elsewhere.
    rewritten: bool,
    moved_to: Option<String>,
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl Script {
    pub fn new() -> Self {
        Self {
            rules: Vec::new(),
            random: Random(0),
            notes: Notes::default(),
            striking: Vec::new(),
            fired: Arc::default(),
        }
    }

    /// A script of one rule without conditions.
    pub fn always(name: &str) -> Self {
        Self::new().rule(Rule::new(name))
    }

    /// Some of these faults, at some requests, the same for the same seed.
    pub fn seeded(seed: u64, faults: &[Fault], chance: f64) -> Self {
        let mut script = Self::new().seed(seed);
        script.rules = faults
            .iter()
            .map(|fault| Rule::of(*fault).chance(chance))
            .collect();
        script
    }

    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    pub fn seed(mut self, seed: u64) -> Self {
        self.random = Random(seed);
        self
    }

    /// Where redirects to another host lead: the URL of another server.
    pub fn other_host(mut self, url: &str) -> Self {
        self.notes.other_host = Some(url.trim_end_matches('/').into());
        self
    }

    /// What struck so far; to be taken before the server takes the script.
    pub fn fired(&self) -> Arc<Mutex<Vec<Fired>>> {
        Arc::clone(&self.fired)
    }
}

impl Mischief for Script {
    fn before(&mut self, request: &mut Request, books: &mut Books) -> Option<Answer> {
        // Whoever followed a redirect to the same host comes in by the front door again.
        while let Some(path) = request.path.strip_prefix(redirect::MOVED) {
            request.path = path.to_owned();
        }
        let random = &mut self.random;
        self.striking = self
            .rules
            .iter_mut()
            .filter_map(|rule| rule.strikes(request, random).then_some(rule.fault))
            .collect();
        let mut fired = self
            .fired
            .lock()
            .expect("no test panics while it looks at the list");
        fired.extend(self.striking.iter().map(|fault| Fired {
            fault: fault.name(),
            method: request.method.clone(),
            path: request.path.clone(),
        }));
        drop(fired);
        self.striking
            .iter()
            .find_map(|fault| fault.before(request, books, &mut self.notes))
    }

    fn after(&mut self, request: &Request, books: &mut Books, response: Response) -> Answer {
        let mut answer = Answer::Response(response);
        for fault in &self.striking {
            answer = match answer {
                Answer::Response(response) => {
                    fault.after(request, books, response, &mut self.notes)
                }
                steps @ Answer::Steps(_) => return steps,
            };
        }
        answer
    }
}

/// SplitMix64: small, and the same everywhere for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1.
    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn is_report(request: &Request, name: &str) -> bool {
    request.method == "REPORT" && String::from_utf8_lossy(&request.body).contains(name)
}

/// Whether the answer lists members: of a book with Depth 1, or what moved in it.
fn is_listing(request: &Request) -> bool {
    let is_book = request.path.trim_end_matches('/').matches('/').count() == 2;
    is_book
        && (request.method == "PROPFIND" && request.header("Depth") == Some("1")
            || is_report(request, "sync-collection"))
}

fn is_write(request: &Request) -> bool {
    matches!(request.method.as_str(), "PUT" | "DELETE")
}
