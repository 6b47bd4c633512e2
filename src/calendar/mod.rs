//! Writes what falls due as a calendar that other programs subscribe to (RFC 5545).
//!
//! What is written follows from the cards alone: no clock and no chance, so that a calendar in
//! which nothing changed is byte for byte the same file, and an entry keeps its UID on every
//! machine.

mod fold;

use std::collections::BTreeSet;

use icalendar::{Calendar as Sheet, CalendarComponent, Component, Event, Property, Todo};
use jiff::civil::Date;

use crate::card::digest;
use crate::contact::{
    Anniversary, AnniversaryKind, Cadence, GoalStatus, InBook, Promise, Relationship, Rhythm, Said,
    Side, Tier, in_year, on_card,
};

use fold::folded;

/// A calendar as it is written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub text: String,
    /// How many to-dos and events it has.
    pub entries: usize,
}

/// The day of what nobody dated. RFC 5545 section 3.8.7.2 wants one of every entry.
const UNDATED: Date = jiff::civil::date(1970, 1, 1);

/// Where the year is not known. A leap year, so that 29 February fits.
const NO_YEAR: i16 = 2000;

/// What people, promises, goals and the days of A contacts say of the time to come, and what is
/// overdue. `usual` is how long a contact of a tier may go without word.
pub fn calendar(members: &[InBook], usual: &dyn Fn(Tier) -> Cadence) -> Calendar {
    let mut sheet = Sheet::empty();
    sheet.append_property(("VERSION", "2.0"));
    sheet.append_property(("PRODID", "-//cardweave//cardweave//EN"));
    sheet.append_property(("CALSCALE", "GREGORIAN"));
    sheet.name("cardweave");
    let mut entries: Vec<CalendarComponent> = Vec::new();
    for member in members {
        let entry = Entry::of(*member);
        let relationship = entry.relationship;
        if relationship.is_group() {
            entries.extend(entry.goal().map(Into::into));
            continue;
        }
        entries.extend(entry.word(usual).map(Into::into));
        let open = relationship.promises.iter().filter(|one| one.is_open());
        entries.extend(open.map(|promise| entry.promise(promise).into()));
        if relationship.tier == Some(Tier::A) {
            let days = relationship.anniversaries.iter();
            entries.extend(days.filter_map(|day| entry.anniversary(day).map(Into::into)));
        }
    }
    // A contact may be in two books, and a UID stands once in a calendar.
    let mut told = BTreeSet::new();
    entries.retain(|entry| told.insert(uid_of(entry)));
    sheet.extend(entries);
    Calendar {
        text: folded(&sheet.to_string()),
        entries: sheet.components.len(),
    }
}

/// What makes the entries of one contact.
struct Entry<'a> {
    name: String,
    /// By which the contact is known everywhere: its UID, or its name where the card has none.
    uid: &'a str,
    relationship: &'a Relationship,
}

impl<'a> Entry<'a> {
    fn of(member: InBook<'a>) -> Entry<'a> {
        let acquaintance = member.acquaintance;
        let uid = acquaintance.relationship.uid.as_deref();
        Entry {
            name: plain(&acquaintance.name),
            uid: uid.unwrap_or(&acquaintance.name),
            relationship: &acquaintance.relationship,
        }
    }

    /// When word is due. Where there never was any, no day is named: such a to-do stands for every
    /// day until it is done (RFC 5545 section 3.6.2).
    fn word(&self, usual: &dyn Fn(Tier) -> Cadence) -> Option<Todo> {
        let rhythm = Rhythm::of(self.relationship, usual)?;
        let next = rhythm.next.max(self.relationship.snoozed_until);
        let last_line = self.relationship.last_line();
        let last_line = last_line.filter(|date| *date != Date::ZERO);
        let revised = last_line.max(self.relationship.last_contact);
        let mut todo = self.todo("word", "", revised, next);
        todo.summary(&format!("Get in touch with {}", self.name));
        todo.description(&self.at_hand(&rhythm));
        Some(todo)
    }

    fn at_hand(&self, rhythm: &Rhythm) -> String {
        let mut lines = Vec::new();
        let tier = self.relationship.tier.map(|tier| format!("Tier {tier}, "));
        lines.push(format!(
            "{}at most {} without word",
            tier.unwrap_or_default(),
            rhythm.cadence
        ));
        lines.extend(self.relationship.phone.clone());
        lines.extend(self.relationship.mail.clone());
        lines.extend(Said::of(self.relationship).map(|said| {
            let date = said.date.map(|date| date.to_string());
            let about = date.into_iter().chain(said.kind.word().map(str::to_owned));
            let about: Vec<String> = about.collect();
            format!("Last: {} {}", about.join(" "), said.text)
        }));
        lines
            .iter()
            .map(|line| plain(line))
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn promise(&self, promise: &Promise) -> Todo {
        let mut todo = self.todo("promise", &promise.id, promise.made, promise.due);
        let text = plain(&promise.text);
        todo.summary(&match promise.side {
            Side::Mine => format!("{text} ({})", self.name),
            Side::Theirs => format!("{}: {text}", self.name),
        });
        if let Some(reason) = &promise.reason {
            todo.description(&plain(reason));
        }
        todo
    }

    fn goal(&self) -> Option<Event> {
        let goal = self.relationship.goal.as_ref()?;
        let by = goal.by.filter(|_| goal.status == GoalStatus::Open)?;
        let mut event = self.event("goal", by);
        let target = goal.target.as_ref();
        let target = target.map(|target| format!(" ({})", plain(&target.to_string())));
        event.summary(&format!(
            "Goal: {}{}",
            self.name,
            target.unwrap_or_default()
        ));
        Some(event)
    }

    fn anniversary(&self, day: &Anniversary) -> Option<Event> {
        let (kind, word) = match day.kind {
            AnniversaryKind::Birthday => ("birthday", "Birthday"),
            AnniversaryKind::Anniversary => ("anniversary", "Anniversary"),
        };
        let since = day.year.filter(|year| *year > 0);
        let first = in_year(day, since.unwrap_or(NO_YEAR))?;
        let mut event = self.event(kind, first);
        let since = since.map(|year| format!(" ({year})")).unwrap_or_default();
        event.summary(&format!("{word} of {}{since}", self.name));
        // A rule by the day would leave out each year that has no 29 February.
        let rule = match (day.month, day.day) {
            (2, 29) => "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            _ => "FREQ=YEARLY",
        };
        event.append_property(("RRULE", rule));
        Some(event)
    }

    fn todo(&self, kind: &str, id: &str, revised: Option<Date>, due: Option<Date>) -> Todo {
        let mut todo = Todo::new();
        todo.uid(&self.uid_of(kind, id));
        todo.append_property(stamp(revised.unwrap_or(UNDATED)));
        if let Some(due) = due {
            todo.append_property(day("DUE", due));
        }
        todo.append_property(("STATUS", "NEEDS-ACTION"));
        todo.done()
    }

    /// A whole day, during which one is not busy because of it.
    fn event(&self, kind: &str, on: Date) -> Event {
        let mut event = Event::new();
        event.uid(&self.uid_of(kind, ""));
        event.append_property(stamp(UNDATED));
        event.append_property(day("DTSTART", on));
        event.append_property(("TRANSP", "TRANSPARENT"));
        event.done()
    }

    fn uid_of(&self, kind: &str, id: &str) -> String {
        let named = format!("{kind}\0{}\0{id}", self.uid);
        format!("{}@cardweave", digest(named.as_bytes(), 16))
    }
}

fn uid_of(entry: &CalendarComponent) -> Option<String> {
    let uid = match entry {
        CalendarComponent::Todo(todo) => todo.get_uid(),
        CalendarComponent::Event(event) => event.get_uid(),
        _ => None,
    };
    uid.map(str::to_owned)
}

fn stamp(on: Date) -> Property {
    Property::new("DTSTAMP", format!("{}T000000Z", on_card(on)))
}

fn day(name: &str, on: Date) -> Property {
    let mut property = Property::new(name, on_card(on));
    property.add_parameter("VALUE", "DATE");
    property
}

/// The text in one line, without what a reader may take for the end of a line.
fn plain(text: &str) -> String {
    let is_sound = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    let sound: String = text
        .chars()
        .map(|c| if is_sound(c) { c } else { ' ' })
        .collect();
    sound.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
