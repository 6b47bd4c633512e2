//! Lays out a check for people: each account with its address books, the folders, what to do.

use crate::check::{
    AccountReport, BookReport, CheckReport, Encryption, Finding, FolderReport, Kept, StoreUse,
    Told, Trial, TrialRound, consequences,
};
use crate::ui::out::Page;
use crate::ui::text::clean;

pub fn render(report: &CheckReport, page: &Page) -> String {
    let mut lines = Vec::new();
    for account in &report.accounts {
        lines.extend(account_lines(account, page));
    }
    for folder in &report.folders {
        lines.extend(folder_lines(folder, page));
    }
    if report.findings.is_empty() {
        lines.push(page.style.good("All is well."));
    } else {
        lines.push(match report.findings.len() {
            1 => page.style.warning("One thing is to be done:"),
            count => page
                .style
                .warning(&format!("{count} things are to be done:")),
        });
        lines.extend(report.findings.iter().map(|found| finding(found, page)));
    }
    lines.join("\n") + "\n"
}

fn finding(found: &Finding, page: &Page) -> String {
    format!(
        "  {}: {} {}",
        page.style.strong(&clean(&found.place)),
        clean(&found.what),
        clean(&found.todo)
    )
}

fn account_lines(account: &AccountReport, page: &Page) -> Vec<String> {
    let name = page.style.strong(&clean(&account.account));
    let mut words = vec![match (account.is_reachable, &account.signed_in_by) {
        (false, _) => page.style.bad("not reached"),
        (true, None) if account.books.is_empty() => page.style.bad("not signed in"),
        (true, None) => "signed in".to_owned(),
        (true, Some(how)) => format!("signed in as {} by {how}", clean(&account.username)),
    }];
    if account.is_reachable {
        words.extend(account.encryption.map(|encryption| match encryption {
            Encryption::Tls => "encrypted (TLS)".to_owned(),
            Encryption::ThisMachine => "on this machine, not encrypted".to_owned(),
            Encryption::None => page.style.warning("not encrypted: others can read along"),
        }));
        words.extend(
            account
                .milliseconds
                .map(|taken| format!("found in {taken} ms")),
        );
        let server = account.server.as_deref().map(clean);
        words.extend(server.map(|server| format!("server: {server}")));
    }
    let mut lines = vec![format!(
        "{name} ({}): {}",
        clean(&account.address),
        words.join(", ")
    )];
    for book in &account.books {
        lines.extend(book_lines(book, page));
    }
    lines.push(String::new());
    lines
}

fn book_lines(book: &BookReport, page: &Page) -> Vec<String> {
    let url = clean(&book.url);
    let title = match &book.name {
        Some(name) => format!("{} ({url})", page.style.strong(&clean(name))),
        None => page.style.strong(&url),
    };
    let access = match book.is_read_only {
        true => "read-only",
        false => "read-write",
    };
    let stores: Vec<String> = book.stores.iter().map(StoreUse::place).collect();
    let used = match stores.is_empty() {
        true => "no store uses it".to_owned(),
        false => format!("used by {}", clean(&stores.join(", "))),
    };
    let mut lines = vec![format!("  {title}: {access}, {used}")];
    let mut words = Vec::new();
    words.extend(book.cards.map(|count| match count {
        1 => "1 card".to_owned(),
        count => format!("{count} cards"),
    }));
    words.push(format!("takes vCard {}", book.versions.join(" and ")));
    words.extend(
        book.largest_card_bytes
            .map(|bytes| format!("cards up to {}", size(bytes))),
    );
    words.extend(book.tells_changes_by.as_deref().map(|how| match how {
        "sync-collection" => "tells each change (sync-collection)".to_owned(),
        "ctag" => "tells that something changed (ctag)".to_owned(),
        _ => "is listed in each run".to_owned(),
    }));
    lines.push(format!("    {}", words.join(", ")));
    lines.extend(book.peculiarities.iter().map(|text| format!("    {text}")));
    if let Some(trial) = &book.trial {
        lines.extend(trial_lines(trial, page));
    }
    lines
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

fn trial_lines(trial: &Trial, page: &Page) -> Vec<String> {
    let mut lines = Vec::new();
    for round in &trial.rounds {
        lines.push(format!(
            "    A scratch card, put there as vCard {} and read back:",
            round.version
        ));
        lines.extend(round_lines(round, page));
    }
    let told: Vec<Told> = trial
        .rounds
        .iter()
        .flat_map(|round| round.properties.clone())
        .collect();
    lines.extend(
        consequences(&told)
            .iter()
            .map(|text| format!("    {}", clean(text))),
    );
    match trial.removed_leftovers {
        0 => {}
        1 => lines.push("    A scratch card of an earlier check was found and deleted.".to_owned()),
        count => lines.push(format!(
            "    {count} scratch cards of earlier checks were found and deleted."
        )),
    }
    if trial.is_clean && !trial.rounds.is_empty() {
        lines.push("    It was deleted again; a listing shows none.".to_owned());
    }
    lines
}

fn round_lines(round: &TrialRound, page: &Page) -> Vec<String> {
    let of = |kept: Kept| {
        let told = round
            .properties
            .iter()
            .filter(move |told| told.kept == kept);
        told.filter(|told| !told.is_ours)
    };
    let list = |told: Vec<&Told>| {
        let words: Vec<&str> = told.iter().map(|told| told.what.as_str()).collect();
        clean(&words.join(", ")).into_owned()
    };
    let mut lines = Vec::new();
    let kept: Vec<&Told> = of(Kept::Yes).collect();
    let is_all = round.properties.iter().all(|told| told.kept == Kept::Yes);
    if !kept.is_empty() {
        let all = if is_all { "kept, all of it" } else { "kept" };
        lines.push(format!("{}: {}", page.style.good(all), list(kept)));
    }
    for told in of(Kept::Changed) {
        lines.push(format!(
            "{} {}: {}",
            page.style.warning("changed:"),
            clean(&told.what),
            clean(&told.how.join("; "))
        ));
    }
    let dropped: Vec<&Told> = of(Kept::Dropped).collect();
    if !dropped.is_empty() {
        lines.push(format!("{}: {}", page.style.bad("dropped"), list(dropped)));
    }
    for told in of(Kept::Refused) {
        lines.push(format!(
            "{} {}: {}",
            page.style.bad("refused:"),
            clean(&told.what),
            clean(&told.how.join("; "))
        ));
    }
    lines.extend(ours(round, page));
    lines.extend(round.remarks.iter().map(|text| clean(text).into_owned()));
    lines.iter().map(|line| format!("      {line}")).collect()
}

/// Tiers first, since they are what most people ask for; then the rest, by what became of it.
fn ours(round: &TrialRound, page: &Page) -> Vec<String> {
    let answer = |told: &Told| match told.kept {
        Kept::Yes => page.style.good("yes"),
        Kept::Changed => page
            .style
            .warning(&format!("changed ({})", clean(&told.how.join("; ")))),
        Kept::Dropped => page.style.bad("no"),
        Kept::Refused => page
            .style
            .bad(&format!("no, refused ({})", clean(&told.how.join("; ")))),
    };
    let mut by_answer: Vec<(String, Vec<&str>)> = Vec::new();
    for told in round.properties.iter().filter(|told| told.is_ours) {
        let answer = answer(told);
        let is_tiers = told.what == "tiers";
        match by_answer
            .iter_mut()
            .skip(1)
            .find(|(known, _)| *known == answer)
        {
            Some((_, words)) if !is_tiers => words.push(&told.what),
            _ => by_answer.push((answer, vec![&told.what])),
        }
    }
    let lines = by_answer.iter();
    lines
        .map(|(answer, words)| format!("{} stay on this server: {answer}", words.join(", ")))
        .collect()
}

fn folder_lines(folder: &FolderReport, page: &Page) -> Vec<String> {
    let place = format!("{}/{}", folder.book, folder.store);
    let mut words = vec![
        match (folder.exists, folder.is_readable, folder.is_writable) {
            (false, ..) => page.style.bad("not there"),
            (true, false, _) => page.style.bad("cannot be read"),
            (true, true, false) => "may only be read".to_owned(),
            (true, true, true) => "readable and writable".to_owned(),
        },
    ];
    words.extend(folder.cards.map(|count| match count {
        1 => "1 card".to_owned(),
        count => format!("{count} cards"),
    }));
    vec![
        format!(
            "{} ({}): {}",
            page.style.strong(&clean(&place)),
            clean(&folder.path),
            words.join(", ")
        ),
        String::new(),
    ]
}
