//! `check`: signs in everywhere and says what each server can and cannot keep.

mod look;
mod page;
mod trial;

use std::cell::Cell;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::check::{CheckReport, Finding, Outcome, findings_of_trial, mark};
use crate::cli::Check;
use crate::config::{self, Config};
use crate::secret::Secrets;

use self::look::{Look, look_at, look_at_folders, sentence};
use self::trial::try_out;
use super::open::open_state;
use super::sync::interruptible;
use super::{Exit, Surroundings, Trouble};

pub async fn execute(typed: &Check, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let accounts = chosen(&config, &typed.accounts)?;
    // Held to the end: a sync that ran beside it would meet the scratch card.
    let lock = typed.write.then(|| open_state(at)).transpose()?;
    let secrets = Secrets::default();
    let looks = accounts
        .iter()
        .map(|account| look_at(&config, account, &secrets));
    let mut looks = join_all(looks).await;
    if typed.write {
        let stop = Cell::new(false);
        interruptible(&stop, async {
            for look in &mut looks {
                write_to(look, &stop).await;
            }
        })
        .await;
    }
    drop(lock);
    let mut report = CheckReport::default();
    if typed.accounts.is_empty() {
        (report.folders, report.findings) = look_at_folders(&config).await;
    }
    for look in looks {
        report.accounts.push(look.report);
        report.findings.extend(look.findings);
    }
    report.findings.sort();
    report.findings.dedup();
    at.output.present(&report, page::render)?;
    Ok(match report.outcome() {
        Outcome::Well => Exit::InStep,
        Outcome::ToDo => Exit::Partly,
        Outcome::NothingSeen => Exit::Failed,
    })
}

/// The accounts that are meant: these, or all where none is named.
fn chosen<'c>(config: &'c Config, names: &[String]) -> Result<Vec<&'c config::Account>, Trouble> {
    if names.is_empty() {
        return Ok(config.accounts.values().collect());
    }
    let find = |name: &String| {
        config.accounts.get(name).ok_or_else(|| {
            let known: Vec<String> = config
                .accounts
                .keys()
                .map(|name| format!("\"{name}\""))
                .collect();
            Trouble::Asked(match known.is_empty() {
                true => format!("The config has no account \"{name}\"; it has none at all."),
                false => format!(
                    "The config has no account \"{name}\". It has {}.",
                    known.join(", ")
                ),
            })
        })
    };
    names.iter().map(find).collect()
}

/// Tries every address book of the account that the config and the server let us write to.
async fn write_to(look: &mut Look, stop: &Cell<bool>) {
    for book in &mut look.report.books {
        let written = book.stores.iter().find(|store| store.is_written);
        let (Some(usage), false, Some(store)) =
            (written, book.is_read_only, look.opened.get(&book.url))
        else {
            continue;
        };
        if stop.get() {
            return;
        }
        let place = usage.place();
        let mark = mark(Timestamp::now().as_nanosecond(), std::process::id());
        let tried = try_out(store, &mark, stop).await;
        look.findings.extend(findings_of_trial(usage, &tried.trial));
        book.trial = Some(tried.trial);
        let troubles = tried.troubles.into_iter();
        look.findings.extend(troubles.map(|(what, todo)| Finding {
            place: place.clone(),
            what: sentence(&what),
            todo: sentence(&todo),
        }));
    }
}
