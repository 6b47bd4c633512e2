//! What is due, laid out for a terminal of any width or for a pipe.

use jiff::civil::Date;
use unicode_width::UnicodeWidthStr;

use crate::contact::{AnniversaryKind, Due, DuePerson, Said, Side, Suggestion, Tier, Who};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::{clean, fit};

use super::DueReport;

/// From so many cells on there is room for a column for each thing.
const WIDE: usize = 120;

/// What each line about a person begins with: the tier, or blanks.
const INDENT: usize = 3;

/// A name is not cut further.
const SHORTEST_NAME: usize = 10;

/// How much of the last word is told on a terminal.
const SAID_CELLS: usize = 60;

/// `several`: more than one book, so that the book is told too.
pub(in crate::commands) fn render(report: &DueReport, several: bool, page: &Page) -> String {
    let due = &report.due;
    let pen = Pen { several, page };
    let mut sections = Vec::new();
    if due.people.is_empty() {
        sections.push("Nobody is due.".to_owned());
    } else {
        sections.push(pen.section("Whom to contact", &pen.people(due)));
    }
    sections.extend(pen.promises(due));
    sections.extend(pen.goals(due));
    sections.extend(pen.anniversaries(due));
    sections.extend(pen.suggestions(&due.suggestions));
    sections.extend(report.calendar.as_ref().map(|calendar| {
        let entries = match calendar.entries {
            1 => "1 entry".to_owned(),
            many => format!("{many} entries"),
        };
        format!("A calendar with {entries} is in {}.", clean(&calendar.file))
    }));
    sections.join("\n\n")
}

/// When something is due that is so many days overdue.
pub(in crate::commands) fn when(days_overdue: i64) -> String {
    match days_overdue {
        1 => "1 day over".to_owned(),
        0 => "today".to_owned(),
        -1 => "tomorrow".to_owned(),
        over @ 2.. => format!("{over} days over"),
        to_go => format!("in {} days", to_go.unsigned_abs()),
    }
}

/// What was said last, in one line.
pub(in crate::commands) fn last_word(said: Option<&Said>, date: Option<Date>) -> String {
    let Some(said) = said else {
        return date.map_or("never".to_owned(), |date| date.to_string());
    };
    let words = [
        said.date.or(date).map(|date| date.to_string()),
        said.kind.word().map(str::to_owned),
        Some(said.text.clone()),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(" ")
}

struct Pen<'a> {
    several: bool,
    page: &'a Page,
}

impl Pen<'_> {
    fn section(&self, title: &str, text: &str) -> String {
        format!("{}\n{text}", self.page.style.faint(title))
    }

    fn table(&self, title: &str, table: &Table) -> Option<String> {
        (!table.is_empty()).then(|| self.section(title, &table.render(self.page)))
    }

    fn name(&self, who: &Who) -> String {
        match self.several {
            true => format!("{} ({})", who.name, who.book),
            false => who.name.clone(),
        }
    }

    fn people(&self, due: &Due) -> String {
        match self.page.width {
            Some(width) if width < WIDE => {
                let told = due.people.iter().map(|person| self.narrow(person, width));
                told.collect::<Vec<_>>().join("\n")
            }
            _ => self.wide(due).render(self.page),
        }
    }

    /// A few lines for each: a number or an address that is broken apart cannot be copied.
    fn narrow(&self, person: &DuePerson, width: usize) -> String {
        let about = format!(", {} (every {})", self.due(person), person.cadence);
        let name = self.name(&person.who);
        let room = width.saturating_sub(INDENT + about.width());
        let name = fit(&clean(&name), room.max(SHORTEST_NAME)).into_owned();
        let name = self.page.style.strong(&name);
        let mut lines = vec![format!("{}  {name}{about}", tier(person.tier))];
        let reach: Vec<&str> = [&person.phone, &person.mail]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let said = match person.last_word {
            None => "never a word".to_owned(),
            date => last_word(person.last_said.as_ref(), date),
        };
        let balance = match (person.gave, person.received) {
            (0, 0) => String::new(),
            (gave, received) => format!("gave {gave}, got {received}"),
        };
        for text in [reach.join("  "), said, balance] {
            if !text.is_empty() {
                let text = clean(&text);
                lines.push(format!("   {}", fit(&text, width.saturating_sub(INDENT))));
            }
        }
        lines.join("\n")
    }

    fn wide(&self, due: &Due) -> Table {
        let mut table = Table::new(&[
            "tier",
            "name",
            "due",
            "every",
            "phone",
            "mail",
            "gave",
            "got",
            "last word",
        ])
        .numbers_in(6)
        .numbers_in(7);
        for person in &due.people {
            let said = last_word(person.last_said.as_ref(), person.last_word);
            let said = match self.page.width {
                Some(_) => fit(&clean(&said), SAID_CELLS).into_owned(),
                None => said,
            };
            table.row([
                tier(person.tier),
                self.name(&person.who),
                self.due(person),
                person.cadence.to_string(),
                person.phone.clone().unwrap_or_default(),
                person.mail.clone().unwrap_or_default(),
                person.gave.to_string(),
                person.received.to_string(),
                said,
            ]);
        }
        table
    }

    fn due(&self, person: &DuePerson) -> String {
        match person.due {
            Some(_) => when(person.days_overdue),
            None => "now".to_owned(),
        }
    }

    fn promises(&self, due: &Due) -> Option<String> {
        let mut table = Table::new(&["id", "due", "", "who", "what"]);
        for promise in &due.promises {
            let name = self.name(&promise.who);
            let who = match promise.side {
                Side::Mine => format!("you to {name}"),
                Side::Theirs => format!("{name} to you"),
            };
            table.row([
                promise.promise.clone(),
                promise.due.to_string(),
                when(promise.days_overdue),
                who,
                promise.text.clone(),
            ]);
        }
        self.table("Promises", &table)
    }

    fn goals(&self, due: &Due) -> Option<String> {
        let mut table = Table::new(&["by", "", "goal", "target"]);
        for goal in &due.goals {
            let target = goal.target.as_ref().map(ToString::to_string);
            table.row([
                goal.by.to_string(),
                when(goal.days_overdue),
                self.name(&goal.who),
                target.unwrap_or_default(),
            ]);
        }
        self.table("Goals", &table)
    }

    fn anniversaries(&self, due: &Due) -> Option<String> {
        let mut table = Table::new(&["day", "", "who", "what"]);
        for day in &due.anniversaries {
            let kind = match day.kind {
                AnniversaryKind::Birthday => "birthday",
                AnniversaryKind::Anniversary => "anniversary",
            };
            let years = day.years.map(|years| format!(", {years}"));
            table.row([
                day.date.to_string(),
                when(-day.days_to_go),
                self.name(&day.who),
                format!("{kind}{}", years.unwrap_or_default()),
            ]);
        }
        self.table("Birthdays and anniversaries", &table)
    }

    fn suggestions(&self, suggestions: &[Suggestion]) -> Option<String> {
        let mut table = Table::new(&["tier", "name", "gave", "got"])
            .numbers_in(2)
            .numbers_in(3);
        for one in suggestions {
            table.row([
                tier(one.tier),
                self.name(&one.who),
                one.gave.to_string(),
                one.received.to_string(),
            ]);
        }
        let title = "For whom to do something first";
        self.table(title, &table)
    }
}

pub(in crate::commands) fn tier(tier: Option<Tier>) -> String {
    tier.map_or("-".to_owned(), |tier| tier.to_string())
}

#[cfg(test)]
mod tests;
