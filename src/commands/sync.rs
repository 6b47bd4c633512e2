//! `sync`: one run over all stores of each book.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::book::StoreId;
use crate::cli::{Review, Sync};
use crate::config::Config;
use crate::run::{self, BookSummary, Options, PlannedWrite, Standing, StoreSummary, WriteKind};
use crate::sync::{Alike, Conflicting, FieldChange, Question};
use crate::ui::out::Page;
use crate::ui::progress::Bars;
use crate::ui::text::clean;

use super::open::{books, open_book, open_state};
use super::{Exit, Surroundings, Trouble, review};

/// Questions shown in words; `review` shows all.
const QUESTIONS_SHOWN: usize = 10;

/// What `sync --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SyncReport {
    pub dry_run: bool,
    pub books: Vec<BookSummary>,
}

pub async fn execute(typed: &Sync, at: &mut Surroundings) -> Result<Exit, Trouble> {
    let config = at.config()?;
    let report = run_books(&config, typed, &command_line(typed), at).await?;
    at.output.present(&report, render)?;
    for summary in &report.books {
        warn(summary);
    }
    let is_open = report
        .books
        .iter()
        .any(|summary| !summary.questions.is_empty());
    if is_open && !typed.dry_run && at.may_ask {
        let review = Review {
            books: typed.books.clone(),
            ..Review::default()
        };
        let asked = review::execute(&review, at).await?;
        // What was open may be settled now; what failed has failed.
        return Ok(match exit(&report) {
            Exit::QuestionsOpen => asked,
            before => before.max(asked),
        });
    }
    Ok(exit(&report))
}

/// Runs over the books that are meant, one after the other.
///
/// `command` is what the history says was typed.
///
/// # Errors
/// There is no such book, or the state cannot be used.
pub(super) async fn run_books(
    config: &Config,
    typed: &Sync,
    command: &str,
    at: &Surroundings,
) -> Result<SyncReport, Trouble> {
    let chosen = books(config, &typed.books)?;
    let mut state = open_state(at)?;
    let stop = Rc::new(Cell::new(false));
    let options = Options {
        dry_run: typed.dry_run,
        accept_deletes: typed.accept_deletes,
        at: Timestamp::now(),
        command: command.to_owned(),
        stop: Rc::clone(&stop),
    };
    let bars = Rc::new(Bars::new(at.screen.clone()));
    let mut summaries = Vec::new();
    for chosen in chosen {
        let book = open_book(config, chosen, &state, bars.clone()).await?;
        let summary = interruptible(&stop, run::run(&book, &mut state, &options, &*bars)).await?;
        for (id, store) in &summary.stores {
            crate::sync::Watch::finish(
                &*bars,
                id,
                &in_words(store, tense(&summary, typed.dry_run)),
            );
        }
        summaries.push(summary);
        if stop.get() {
            break;
        }
    }
    Ok(SyncReport {
        dry_run: typed.dry_run,
        books: summaries,
    })
}

/// How all books together stand.
pub(super) fn exit(report: &SyncReport) -> Exit {
    let worst = report.books.iter().map(|summary| summary.standing).max();
    worst.unwrap_or(Standing::InStep).into()
}

/// Lets the first Ctrl-C end a run after the write at hand; the second one ends the process.
pub(super) async fn interruptible<T>(stop: &Cell<bool>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            result = &mut work => return result,
            signal = stop_signal() => {
                if signal.is_err() {
                    return work.await;
                }
                if stop.replace(true) {
                    std::process::exit(130);
                }
                eprintln!("Stopping after the cards at hand. Press Ctrl-C again to stop at once.");
            }
        }
    }
}

/// Ctrl-C, or the friendly end that a service manager asks for.
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = term.recv() => Ok(()),
    }
}

pub(super) fn command_line(typed: &Sync) -> String {
    let mut words = vec!["sync".to_owned()];
    words.extend(typed.books.iter().cloned());
    words.extend(typed.accept_deletes.then(|| "--accept-deletes".to_owned()));
    words.join(" ")
}

/// Warnings go to stderr, so that they are mailed by cron and seen beside `--json`.
pub(super) fn warn(summary: &BookSummary) {
    for remark in &summary.remarks {
        let place = match &remark.href {
            Some(href) => format!("{}: {href}", remark.store),
            None => remark.store.to_string(),
        };
        tracing::warn!("{place}: {}.", remark.text.trim_end_matches('.'));
    }
}

pub(super) fn render(report: &SyncReport, page: &Page) -> String {
    let books = report
        .books
        .iter()
        .map(|summary| book(summary, report.dry_run, page));
    books.collect::<Vec<_>>().join("\n")
}

fn book(summary: &BookSummary, dry_run: bool, page: &Page) -> String {
    let mut lines = Vec::new();
    if dry_run || summary.standing == Standing::Stopped {
        lines.extend(plan(&summary.planned, page));
    }
    for (id, store) in &summary.stores {
        lines.push(store_line(
            &summary.book,
            id,
            store,
            tense(summary, dry_run),
            page,
        ));
    }
    if summary.merged > 0 {
        lines.push(match summary.merged {
            1 => "1 contact was one with another one and is merged into it.".to_owned(),
            count => format!("{count} contacts were one with another one and are merged into it."),
        });
    }
    lines.extend(questions(summary, page));
    lines.push(match summary.standing {
        _ if dry_run && summary.refusals.is_empty() => {
            "Nothing was changed: this was a dry run.".to_owned()
        }
        Standing::InStep => page.style.good("All in step."),
        Standing::QuestionsOpen => open_questions(summary),
        Standing::Partly => page.style.warning(
            "Partly in step: see above what failed. The rest was done; the next run tries again.",
        ),
        Standing::Failed => page
            .style
            .bad("No store could be used. Nothing was changed."),
        Standing::Stopped => stopped(summary, page),
    });
    lines.join("\n") + "\n"
}

/// The first questions of each kind, in words.
fn questions(summary: &BookSummary, page: &Page) -> Vec<String> {
    let shown = summary.questions.iter().take(QUESTIONS_SHOWN);
    let mut lines: Vec<String> = shown.flat_map(|open| question(open, page)).collect();
    let more = summary.questions.len().saturating_sub(QUESTIONS_SHOWN);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

fn open_questions(summary: &BookSummary) -> String {
    let conflicts = summary
        .questions
        .iter()
        .filter_map(Question::conflict)
        .count();
    let count = summary.questions.len();
    let stays = match conflicts {
        0 => "",
        1 => " One field stays as it is in every store until you decide.",
        _ => " Some fields stay as they are in every store until you decide.",
    };
    format!(
        "In step but for {}.{stays} `cardweave review` asks, one key each.",
        if count == 1 {
            "1 question".to_owned()
        } else {
            format!("{count} questions")
        },
    )
}

fn stopped(summary: &BookSummary, page: &Page) -> String {
    let mut lines: Vec<String> = summary
        .refusals
        .iter()
        .map(|refusal| page.style.bad(&clean(refusal)))
        .collect();
    lines.push(format!(
        "Stopped before the first write; nothing was changed. If this is what you want, run:\n  \
         cardweave sync {} --accept-deletes",
        clean(&summary.book)
    ));
    lines.join("\n")
}

fn store_line(book: &str, id: &StoreId, store: &StoreSummary, tense: Tense, page: &Page) -> String {
    let name = page
        .style
        .strong(&format!("{}/{}", clean(book), clean(id.as_str())));
    match &store.error {
        Some(error) => format!("{name}: {}", page.style.bad(&clean(error))),
        None => format!("{name}: {}", in_words(store, tense)),
    }
}

/// Whether a run did its work, only said what it would do, or was stopped before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tense {
    Done,
    Planned,
    Stopped,
}

fn tense(summary: &BookSummary, dry_run: bool) -> Tense {
    match summary.standing {
        Standing::Stopped => Tense::Stopped,
        _ if dry_run => Tense::Planned,
        _ => Tense::Done,
    }
}

fn in_words(store: &StoreSummary, tense: Tense) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    };
    let [created, updated, deleted] = match tense {
        Tense::Planned => ["to add", "to update", "to delete"],
        Tense::Done | Tense::Stopped => ["added", "updated", "deleted"],
    };
    let counts = [
        (store.created, created),
        (store.updated, updated),
        (store.deleted, deleted),
        (store.refused, "refused"),
        (store.unusable, "of no use"),
        (store.left, "still due"),
    ];
    let mut words = vec![counted(store.cards, "card", "cards")];
    words.extend(
        counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, done)| format!("{count} {done}")),
    );
    if words.len() == 1 && tense != Tense::Stopped {
        words.push("nothing to do".to_owned());
    }
    if store.requests > 0 {
        words.push(counted(store.requests, "request", "requests"));
    }
    words.join(", ")
}

/// The planned writes by contact, each with the fields that would change.
fn plan(planned: &[PlannedWrite], page: &Page) -> Vec<String> {
    let mut by_contact: BTreeMap<&str, Vec<&PlannedWrite>> = BTreeMap::new();
    for write in planned {
        by_contact.entry(&write.name).or_default().push(write);
    }
    let mut lines = Vec::new();
    for (name, writes) in by_contact {
        lines.push(page.style.strong(&clean(name)));
        for write in writes {
            let store = clean(write.store.as_str());
            lines.push(match write.kind {
                WriteKind::Create => page.style.good(&format!("  + {store}: add the card")),
                WriteKind::Delete => page.style.bad(&format!("  - {store}: delete the card")),
                WriteKind::Update => format!("  ~ {store}: update"),
            });
            lines.extend(
                write
                    .changes
                    .iter()
                    .map(|change| field_change(change, page)),
            );
        }
    }
    lines
}

fn field_change(change: &FieldChange, page: &Page) -> String {
    let field = clean(&change.field);
    match (&change.before, &change.after) {
        (None, Some(after)) => page
            .style
            .good(&format!("      + {field}: {}", clean(after))),
        (Some(before), None) => page
            .style
            .bad(&format!("      - {field}: {}", clean(before))),
        (Some(before), Some(after)) => {
            format!("      ~ {field}: {} -> {}", clean(before), clean(after))
        }
        (None, None) => format!("      - {field}"),
    }
}

fn question(open: &Question, page: &Page) -> Vec<String> {
    match open {
        Question::Conflict(open) => conflict(open, page),
        Question::Duplicate(open) => vec![alike(open, page)],
    }
}

fn alike(open: &Alike, page: &Page) -> String {
    let [one, other] = &open.names;
    format!(
        "{} {} and {} may be one person.",
        page.style.warning("?"),
        page.style.strong(&clean(one)),
        page.style.strong(&clean(other)),
    )
}

fn conflict(open: &Conflicting, page: &Page) -> Vec<String> {
    let mut lines = vec![format!(
        "{} {}: {} differs, and only you can say which is right:",
        page.style.warning("?"),
        page.style.strong(&clean(&open.name)),
        clean(&open.field)
    )];
    let value = |text: &Option<String>| {
        text.as_deref()
            .map_or("(removed)".into(), clean)
            .into_owned()
    };
    if let Some(agreed) = &open.agreed {
        lines.push(format!("    before: {}", clean(agreed)));
    }
    lines.extend(
        open.sides
            .iter()
            .map(|(store, side)| format!("    {store}: {}", value(side))),
    );
    lines
}
