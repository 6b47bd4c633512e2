//! Lays out a check for people: each account with its address books, the folders, what to do.

use unicode_width::UnicodeWidthStr;

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
        lines.push(page.style.good("Nothing is to be done."));
    } else {
        lines.push(match report.findings.len() {
            1 => page.style.warning("One thing is to be done:"),
            count => page
                .style
                .warning(&format!("{count} things are to be done:")),
        });
        lines.extend(report.findings.iter().map(|found| finding(found, page)));
    }
    let lines = lines.iter().map(|line| wrapped(line, page.width));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// The line, on a terminal broken at blanks and going on under its own beginning.
fn wrapped(line: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return line.to_owned();
    };
    let indent = line.len() - line.trim_start().len();
    let going_on = format!("\n{}", " ".repeat(indent + 2));
    let mut text = " ".repeat(indent);
    let mut used = indent;
    for word in line.split_whitespace() {
        let is_first = used == indent;
        if !is_first && used + 1 + word.width() > width {
            text.push_str(&going_on);
            used = indent + 2;
        } else if !is_first {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += word.width();
    }
    text
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
    let elsewhere = account.elsewhere.iter();
    lines.extend(elsewhere.map(|text| format!("  {}", clean(text))));
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

/// What cardweave itself keeps on cards: tiers first, since they are what most people ask for.
fn ours(round: &TrialRound, page: &Page) -> Vec<String> {
    let ours = || round.properties.iter().filter(|told| told.is_ours);
    let mut lines = Vec::new();
    let mut answer = |words: Vec<&str>, answer: &str| {
        if !words.is_empty() {
            lines.push(format!(
                "{} stay on this server: {answer}",
                words.join(", ")
            ));
        }
    };
    let (yes, no) = (page.style.good("yes"), page.style.bad("no"));
    for is_tiers in [true, false] {
        for (kept, word) in [(Kept::Yes, &yes), (Kept::Dropped, &no)] {
            let told =
                ours().filter(|told| told.kept == kept && (told.what == "tiers") == is_tiers);
            answer(told.map(|told| told.what.as_str()).collect(), word);
        }
    }
    for told in ours() {
        let how = clean(&told.how.join("; ")).into_owned();
        let what = clean(&told.what);
        match told.kept {
            Kept::Changed => {
                lines.push(format!("{} {what}: {how}", page.style.warning("changed:")))
            }
            Kept::Refused => lines.push(format!("{} {what}: {how}", page.style.bad("refused:"))),
            Kept::Yes | Kept::Dropped => {}
        }
    }
    lines
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_under_its_beginning_and_loses_no_word() {
        let line = "    kept: names, phone numbers, e-mail addresses, and a verylongwordthatdoesnotfitatall";
        let text = wrapped(line, Some(30));
        assert_eq!(
            text,
            "    kept: names, phone\n      numbers, e-mail\n      addresses, and a\n      verylongwordthatdoesnotfitatall"
        );
        assert_eq!(wrapped(line, None), line);
    }

    #[test]
    fn a_size_is_told_in_a_unit_that_one_can_read() {
        assert_eq!(size(999), "999 bytes");
        assert_eq!(size(10_485_760), "10 MB");
        assert_eq!(size(2_147_483_647), "2 GB");
    }
}
