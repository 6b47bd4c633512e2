//! Tells the demo step by step: what happens, the command and what it says, and whether it is true.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use clap::Parser;
use schemars::JsonSchema;
use serde::Serialize;

use super::stage::{STORES, Stage};
use crate::card::Card;
use crate::cli::Cli;
use crate::commands::{Exit, Surroundings, Trouble, execute};
use crate::ui::out::{Form, Output};

/// What `demo --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DemoReport {
    /// The temporary place.
    pub place: String,
    /// Whether it is still there after the demo.
    pub kept: bool,
    /// Whether every claim held.
    pub as_promised: bool,
    pub steps: Vec<Step>,
}

/// One step of the demo.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    pub title: String,
    pub commands: Vec<Ran>,
    pub claims: Vec<Claim>,
}

/// A command that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Ran {
    pub command: String,
    pub exit_code: u8,
    /// Requests that the server got.
    pub requests: usize,
}

/// Something that was promised, and was looked up in the stores.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Claim {
    pub claim: String,
    pub holds: bool,
}

/// Tells the steps, and collects them for the report.
pub struct Narrator<'a> {
    at: &'a mut Surroundings,
    pub stage: &'a Stage,
    steps: Vec<Step>,
}

/// A sheet that a command writes its result to.
#[derive(Clone, Default)]
struct Sheet(Rc<RefCell<Vec<u8>>>);

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Narrator<'a> {
    pub fn new(at: &'a mut Surroundings, stage: &'a Stage) -> Self {
        Self {
            at,
            stage,
            steps: Vec::new(),
        }
    }

    /// Begins the next step.
    pub fn step(&mut self, title: &str, words: &str) -> Result<(), Trouble> {
        self.steps.push(Step {
            title: title.to_owned(),
            commands: Vec::new(),
            claims: Vec::new(),
        });
        let title = format!("\n{}. {title}", self.steps.len());
        let title = self.at.output.page().style.strong(&title);
        self.say(&title)?;
        self.say(words)
    }

    /// Says something to people; scripts get the report alone.
    pub fn say(&mut self, text: &str) -> Result<(), Trouble> {
        if !self.at.globals.json {
            self.at.output.document(text)?;
        }
        Ok(())
    }

    /// Runs a command as if it had been typed, against the config and the state of the stage.
    ///
    /// # Errors
    /// What the command itself could not do.
    pub async fn run(&mut self, words: &[&str]) -> Result<Ran, Trouble> {
        let quoted = words.iter().map(|word| match word.contains([' ', ';']) {
            true => format!("\"{word}\""),
            false => (*word).to_owned(),
        });
        let command = format!("cardweave {}", quoted.collect::<Vec<_>>().join(" "));
        self.say(&format!("\n  $ {command}"))?;
        let mut typed = Cli::try_parse_from(std::iter::once(&"cardweave").chain(words))
            .expect("the demo types what the command line takes");
        typed.globals.config = Some(self.stage.config());
        typed.globals.state = Some(self.stage.state());
        typed.globals.quiet = self.at.globals.quiet;
        typed.globals.verbose = self.at.globals.verbose;
        self.stage.take_requests();
        let sheet = Sheet::default();
        let surroundings = Surroundings {
            globals: typed.globals,
            directories: self.at.directories.clone(),
            output: Output::to(Box::new(sheet.clone()), Form::Human, self.at.output.page()),
            screen: self.at.screen.clone(),
            may_ask: false,
        };
        // Boxed, because the demo is a command itself and this is how it runs others.
        let exit: Exit = Box::pin(execute(typed.command, surroundings)).await?;
        let text = String::from_utf8_lossy(&sheet.0.borrow()).into_owned();
        for line in text.trim_end().lines() {
            self.say(&format!("    {line}"))?;
        }
        let ran = Ran {
            command,
            exit_code: exit as u8,
            requests: self.stage.take_requests(),
        };
        if let Some(step) = self.steps.last_mut() {
            step.commands.push(ran.clone());
        }
        Ok(ran)
    }

    /// Notes whether a promise was kept.
    pub fn claim(&mut self, claim: &str, holds: bool) -> Result<(), Trouble> {
        let style = self.at.output.page().style;
        let mark = if holds {
            style.good("yes")
        } else {
            style.bad("NO")
        };
        self.say(&format!("  {mark}: {claim}"))?;
        if let Some(step) = self.steps.last_mut() {
            step.claims.push(Claim {
                claim: claim.to_owned(),
                holds,
            });
        }
        Ok(())
    }

    /// Claims that every store has exactly one card of this name, and that it is as it should be.
    pub fn claim_everywhere(
        &mut self,
        claim: &str,
        name: &str,
        is_right: impl Fn(&Card) -> bool,
    ) -> Result<(), Trouble> {
        let mut holds = true;
        for store in STORES {
            let cards = self.stage.cards(store).map_err(Trouble::Demo)?;
            let mut named = cards.iter().filter(|card| card.name() == name);
            holds &= named.next().is_some_and(&is_right) && named.next().is_none();
        }
        self.claim(claim, holds)
    }

    /// Claims that every store has exactly these people.
    pub fn claim_people(&mut self, claim: &str, people: &[&str]) -> Result<(), Trouble> {
        let mut expected = people.to_vec();
        expected.sort_unstable();
        let mut holds = true;
        for store in STORES {
            let cards = self.stage.cards(store).map_err(Trouble::Demo)?;
            let mut names: Vec<String> = cards.iter().map(Card::name).collect();
            names.sort_unstable();
            holds &= names == expected;
        }
        self.claim(claim, holds)
    }

    /// Hands the report out.
    pub fn report(self) -> DemoReport {
        DemoReport {
            place: self.stage.path().display().to_string(),
            kept: self.stage.is_kept(),
            as_promised: self
                .steps
                .iter()
                .flat_map(|step| &step.claims)
                .all(|claim| claim.holds),
            steps: self.steps,
        }
    }
}
