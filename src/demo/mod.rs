//! The whole thing in a temporary place, against a CardDAV server of its own.
//!
//! The commands are the real ones, with a real config and a state of their own; nothing outside of
//! the temporary place is read or written. After each step the stores are read, and what was
//! promised is compared with what is there.

mod fixtures;
mod narrator;
pub mod server;
mod stage;

pub use narrator::{Claim, DemoReport, Ran, Step};

use std::collections::BTreeMap;

use crate::card::{Card, Change, Field};
use crate::cli::Demo;
use crate::commands::{Exit, Surroundings, Trouble};
use crate::contact::{Relationship, Tier};

use fixtures::{LATER, PEOPLE, TWICE};
use narrator::Narrator;
use stage::{Contents, STORES, Stage};

/// Tells the story and checks it.
///
/// # Errors
/// No temporary place or no free port; or a command of the story that had no result at all.
pub async fn execute(typed: &Demo, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let stage = Stage::build(typed.keep).map_err(Trouble::Demo)?;
    let mut narrator = Narrator::new(at, &stage);
    introduce(&mut narrator)?;
    first_meeting(&mut narrator).await?;
    edits_everywhere(&mut narrator).await?;
    nothing_to_do(&mut narrator).await?;
    settle(&mut narrator).await?;
    twice(&mut narrator).await?;
    mistake(&mut narrator).await?;
    who_matters(&mut narrator).await?;
    let report = narrator.report();
    if at.globals.json {
        at.output.present(&report, |_, _| String::new())?;
    } else {
        at.output.document(&farewell(&report))?;
    }
    Ok(if report.as_promised {
        Exit::InStep
    } else {
        Exit::Failed
    })
}

fn introduce(narrator: &mut Narrator) -> Result<(), Trouble> {
    let place = narrator.stage.path().display().to_string();
    let url = narrator.stage.server_url();
    narrator.say(&format!(
        "This is cardweave at work in a temporary place, {place}.\n\
         Nothing of yours is read or changed. Three stores hold {} invented people:\n\n\
         \x20 phone   an address book on a CardDAV server, {url} (vCard 3.0)\n\
         \x20 laptop  a folder (vCard 4.0)\n\
         \x20 office  a folder, exported by an old phone (vCard 2.1, no UIDs)",
        PEOPLE.len()
    ))
}

/// Books that were filled apart meet for the first time.
async fn first_meeting(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "The three meet for the first time",
        "Zoë is in all of them, José, Liam and Henrik in two, mostly under different UIDs.",
    )?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim("the run ended with everything in step", ran.exit_code == 0)?;
    narrator.claim_people(
        "all 12 people are in all three stores, nobody twice",
        &PEOPLE,
    )?;
    narrator.claim_everywhere(
        "Zoë has her numbers of two stores",
        "Zoë Müller",
        |card| has(card, "TEL", "+49 151 5550101") && has(card, "TEL", "+49 30 5550102"),
    )?;
    let photo = |card: &Card| value(card, "PHOTO");
    let shown = narrator.stage.cards(STORES[0]).map_err(Trouble::Demo)?;
    let shown = shown
        .iter()
        .find(|card| card.name() == "Amira Haddad")
        .and_then(photo);
    narrator.claim_everywhere("Amira has her photo, bit by bit", "Amira Haddad", |card| {
        shown.is_some() && photo(card) == shown
    })?;
    narrator.claim_everywhere(
        "Grace's number is still called \"Studio\"",
        "Grace Okafor",
        |card| {
            card.fields()
                .iter()
                .any(|field| field.label() == Some("Studio"))
        },
    )?;
    narrator.claim_everywhere(
        "Tomasz is in tier A, in every store",
        "Tomasz Wójcik",
        |card| has(card, "X-CARDWEAVE-TIER", "A") && has(card, "CATEGORIES", "Printers"),
    )
}

/// Every store is edited behind the others' backs.
async fn edits_everywhere(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "Life goes on in every store at once",
        "Zoë: a new title on the phone, a theme on the laptop, a number in the office.\n\
         Nina: deleted on the laptop, while the phone got her new address.\n\
         Henrik: the phone and the laptop name different companies.\n\
         And each store gets somebody new.",
    )?;
    make_edits(narrator.stage).map_err(Trouble::Demo)?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim(
        "the run ended with a question (exit code 3)",
        ran.exit_code == 3,
    )?;
    narrator.claim_everywhere(
        "Zoë has all three edits everywhere",
        "Zoë Müller",
        |card| {
            has(card, "TITLE", "Partner")
                && has(card, "CATEGORIES", "Builders")
                && has(card, "TEL", "+49 30 5550199")
        },
    )?;
    narrator.claim_everywhere(
        "Nina is back on the laptop: an edit counts more than a deletion",
        "Nina Petrova",
        |card| has(card, "EMAIL", "nina@new.example"),
    )?;
    narrator.claim_people("the three new ones are everywhere", &everybody())?;
    let companies = [("phone", "Voss & Sons"), ("laptop", "Voss & Partners")];
    let mut is_left = true;
    for (store, company) in companies {
        let cards = narrator.stage.cards(store).map_err(Trouble::Demo)?;
        let henrik = cards.iter().find(|card| card.name() == "Henrik Voss");
        is_left &= henrik.is_some_and(|card| has(card, "ORG", company));
    }
    narrator.claim("Henrik's company is as each of the two wrote it", is_left)
}

fn make_edits(stage: &Stage) -> std::io::Result<()> {
    stage.edit("phone", "Zoë Müller", |card| {
        set(card, "TITLE", "Partner")
    })?;
    stage.edit("laptop", "Zoë Müller", |_| add("CATEGORIES", "Builders"))?;
    stage.edit("office", "Zoë Müller", |_| add("TEL", "+49 30 5550199"))?;
    stage.delete("laptop", "Nina Petrova")?;
    stage.edit("phone", "Nina Petrova", |card| {
        set(card, "EMAIL", "nina@new.example")
    })?;
    stage.edit("phone", "Henrik Voss", |card| {
        set(card, "ORG", "Voss & Sons")
    })?;
    stage.edit("laptop", "Henrik Voss", |card| {
        set(card, "ORG", "Voss & Partners")
    })?;
    for (store, (_, sheet)) in STORES.into_iter().zip(LATER) {
        stage.add(store, sheet)?;
    }
    Ok(())
}

/// A run without work is quiet.
async fn nothing_to_do(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "Once more, with nothing to do",
        "Such a run asks the server once and reads no card.",
    )?;
    let before = contents(narrator.stage)?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim("the server was asked once", ran.requests == 1)?;
    narrator.claim(
        "no byte changed in any store",
        before == contents(narrator.stage)?,
    )?;
    narrator.claim(
        "the question about Henrik is still open",
        ran.exit_code == 3,
    )
}

/// A person settles the one true conflict.
async fn settle(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "You settle the question",
        "You write on the laptop what the phone says: Voss & Sons.",
    )?;
    let decided = |card: &Card| set(card, "ORG", "Voss & Sons");
    narrator
        .stage
        .edit("laptop", "Henrik Voss", decided)
        .map_err(Trouble::Demo)?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim("no question is left (exit code 0)", ran.exit_code == 0)?;
    narrator.claim_everywhere(
        "Henrik's company is the same everywhere",
        "Henrik Voss",
        |card| has(card, "ORG", "Voss & Sons"),
    )
}

/// Two cards of one person are found and become one.
async fn twice(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    let (ingrid, sheet) = TWICE;
    narrator.step(
        "Ingrid gets a second card on the phone",
        "The same name and mail address, but the number is on one card and the rest on the other.",
    )?;
    narrator.stage.add("phone", sheet).map_err(Trouble::Demo)?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim(
        "the run ended with a question (exit code 3)",
        ran.exit_code == 3,
    )?;
    narrator.run(&["review", "--list"]).await?;
    narrator.step(
        "What is certain merges at a word",
        "In each store her card gets the values of both, and then the other one is deleted.\n\
         At a terminal, `cardweave review` would show both side by side and ask.",
    )?;
    let ran = narrator.run(&["review", "--auto"]).await?;
    narrator.claim("no question is left (exit code 0)", ran.exit_code == 0)?;
    narrator.claim_people("everybody is there once", &everybody())?;
    narrator.claim_everywhere("Ingrid has the values of both cards", ingrid, |card| {
        has(card, "TEL", "+47 400 12 345")
            && has(card, "ORG", "Solberg Boats")
            && has(card, "EMAIL", "ingrid@solberg.example")
    })
}

/// A deletion that was passed on is taken back.
async fn mistake(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "Grace is deleted on the laptop, by mistake",
        "A deletion is passed on like any other edit, and every card that goes is kept.",
    )?;
    narrator
        .stage
        .delete("laptop", "Grace Okafor")
        .map_err(Trouble::Demo)?;
    narrator.run(&["sync"]).await?;
    let others: Vec<&str> = everybody()
        .into_iter()
        .filter(|name| *name != "Grace Okafor")
        .collect();
    narrator.claim_people("Grace is gone everywhere, and nobody else is", &others)?;
    narrator.step(
        "You take that back",
        "`history` shows the runs, `undo` takes the last one back.",
    )?;
    narrator.run(&["history"]).await?;
    narrator.run(&["undo"]).await?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim("the run ended with everything in step", ran.exit_code == 0)?;
    narrator.claim_people("everybody is in every store again", &everybody())?;
    narrator.claim_everywhere("Grace came back with her studio", "Grace Okafor", |card| {
        card.fields()
            .iter()
            .any(|field| field.label() == Some("Studio"))
    })?;
    let ran = narrator.run(&["diff"]).await?;
    narrator.claim("no field differs between the stores", ran.exit_code == 0)
}

/// Who matters, what was said and promised, on the card itself.
async fn who_matters(narrator: &mut Narrator<'_>) -> Result<(), Trouble> {
    narrator.step(
        "Zoë matters, and you talked to her",
        "That stands on her card, so that it reaches every device with the next sync.",
    )?;
    narrator.run(&["tier", "A", "Zoë Müller"]).await?;
    let talk = [
        "log",
        "Zoë Müller",
        "lunch; wants an offer",
        "--on",
        "yesterday",
    ];
    let spent = ["--minutes", "60", "--cost", "24 EUR", "--gave"];
    narrator.run(&[&talk[..], &spent[..]].concat()).await?;
    let promise = ["promise", "Zoë Müller", "send the offer", "--due", "+3d"];
    narrator.run(&promise).await?;
    let ran = narrator.run(&["sync"]).await?;
    narrator.claim("the run ended with everything in step", ran.exit_code == 0)?;
    narrator.claim_everywhere(
        "her tier, what was said and what is promised stand on her card everywhere",
        "Zoë Müller",
        |card| {
            let zoe = Relationship::of(card);
            let said = zoe.last_said().map(|said| said.text.as_str());
            zoe.tier == Some(Tier::A)
                && said == Some("lunch; wants an offer")
                && zoe
                    .promises
                    .iter()
                    .any(|promise| promise.text == "send the offer")
        },
    )?;
    narrator.step(
        "Whom to contact, and what came of it",
        "Answered at once, without a network.",
    )?;
    narrator.run(&["due"]).await?;
    narrator.run(&["report"]).await?;
    Ok(())
}

fn farewell(report: &DemoReport) -> String {
    let mut lines = vec![String::new()];
    let failed = || {
        report
            .steps
            .iter()
            .flat_map(|step| &step.claims)
            .filter(|claim| !claim.holds)
    };
    if report.as_promised {
        lines.push("Everything was as promised.".to_owned());
    } else {
        lines.push("Not everything was as promised:".to_owned());
        lines.extend(failed().map(|claim| format!("  not so: {}", claim.claim)));
    }
    lines.push(if report.kept {
        format!(
            "The temporary place stays: {}. Its server ends with this demo.",
            report.place
        )
    } else {
        format!("The temporary place, {}, is removed.", report.place)
    });
    lines.push(
        "Your own contacts next: copy config.example.toml to ~/.config/cardweave/config.toml, name \
         your stores in it, and see what a first run would do with `cardweave sync --dry-run`."
            .to_owned(),
    );
    lines.join("\n")
}

fn everybody() -> Vec<&'static str> {
    PEOPLE
        .into_iter()
        .chain(LATER.map(|(name, _)| name))
        .collect()
}

fn contents(stage: &Stage) -> Result<BTreeMap<&'static str, Contents>, Trouble> {
    let of_store = |store| stage.contents(store).map(|contents| (store, contents));
    STORES
        .into_iter()
        .map(of_store)
        .collect::<Result<_, _>>()
        .map_err(Trouble::Demo)
}

fn has(card: &Card, name: &str, text: &str) -> bool {
    let wanted = Field::new(name, text);
    card.fields()
        .iter()
        .any(|field| field.name() == name && field.value() == wanted.value())
}

fn value(card: &Card, name: &str) -> Option<String> {
    let fields = card.fields();
    fields
        .iter()
        .find(|field| field.name() == name)
        .map(|field| field.value().to_owned())
}

fn set(card: &Card, name: &str, text: &str) -> Vec<Change> {
    let wanted = Field::new(name, text);
    match card.fields().iter().find(|field| field.name() == name) {
        Some(field) => vec![Change::Replace(field.key().clone(), wanted)],
        None => vec![Change::Add(wanted)],
    }
}

fn add(name: &str, text: &str) -> Vec<Change> {
    vec![Change::Add(Field::new(name, text))]
}
