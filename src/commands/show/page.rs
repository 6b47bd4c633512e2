//! One contact, laid out for reading.

use jiff::civil::Date;

use crate::contact::{
    AnniversaryKind, Interaction, InteractionKind, Money, Occasion, Promise, Side,
};
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::super::due::page::when;
use super::relationship::{Reliability, ShownRelationship};
use super::{ShowReport, ShownField};

/// How many lines of the log are shown.
const LINES: usize = 10;

/// What the properties begin with that are told in words above the others.
const OURS: &str = "X-CARDWEAVE-";

/// Told above the others too.
const TOLD: [&str; 4] = ["FN", "CATEGORIES", "KIND", "MEMBER"];

pub(super) fn render(report: &ShowReport, page: &Page) -> String {
    let mut sheet = Sheet {
        lines: vec![page.style.strong(&clean(&report.name))],
    };
    sheet.relationship(&report.relationship);
    for field in &report.fields {
        sheet.field(field, report.relationship.is_group);
    }
    let mut lines = sheet.lines;
    for store in &report.stores {
        let step = if store.in_step {
            "in step"
        } else {
            "not in step yet"
        };
        lines.push(page.style.faint(&format!(
            "  {}: {} ({step})",
            clean(store.store.as_str()),
            clean(&store.href)
        )));
    }
    if report.stores.is_empty() {
        let told = "  In no store yet: the next `cardweave sync` takes it there.";
        lines.push(page.style.faint(told));
    }
    lines.extend(report.held_back.iter().map(|field| {
        page.style
            .warning(&format!("  {} waits for a decision", clean(field)))
    }));
    lines.join("\n")
}

struct Sheet {
    lines: Vec<String>,
}

impl Sheet {
    fn line(&mut self, label: &str, text: &str) {
        self.lines
            .push(format!("  {:<12} {}", clean(label), clean(text)));
    }

    /// Several lines under one label.
    fn block(&mut self, label: &str, texts: impl IntoIterator<Item = String>) {
        for (at, text) in texts.into_iter().enumerate() {
            self.line(if at == 0 { label } else { "" }, &text);
        }
    }

    fn relationship(&mut self, shown: &ShownRelationship) {
        self.tier(shown);
        if let Some(rhythm) = rhythm(shown) {
            self.line("rhythm", &rhythm);
        }
        if let Some(until) = shown.snoozed_until {
            self.line("left alone", &format!("until {until}"));
        }
        if let Some(goal) = &shown.goal {
            let words = [
                Some(goal.status.word().to_owned()),
                goal.by.map(|by| format!("by {by}")),
                goal.target.as_ref().map(ToString::to_string),
            ];
            self.line("goal", &joined(words));
        }
        if shown.is_group && shown.goal.is_none() {
            self.line("group", &count(shown.members.len(), "member"));
        }
        if !shown.lists.is_empty() {
            self.line("lists", &shown.lists.join(", "));
        }
        if !shown.goals.is_empty() {
            let goals: Vec<&str> = shown.goals.iter().map(String::as_str).collect();
            self.line("goals", &goals.join(", "));
        }
        self.block("met", shown.met.iter().map(met));
        if shown.gave + shown.received > 0 {
            let balance = format!("gave {}, received {}", shown.gave, shown.received);
            self.line("balance", &balance);
        }
        let kept = [
            reliability("you kept", &shown.mine),
            reliability("they kept", &shown.theirs),
        ];
        if kept.iter().any(Option::is_some) {
            self.line("in time", &joined(kept));
        }
        let open = shown.promises.iter().filter(|promise| promise.is_open());
        self.block("promises", open.map(promise));
        self.log(&shown.log);
        self.block(
            "every year",
            shown.anniversaries.iter().map(|day| {
                let kind = match day.kind {
                    AnniversaryKind::Birthday => "birthday",
                    AnniversaryKind::Anniversary => "anniversary",
                };
                let year = day.year.map(|year| format!(" since {year}"));
                let day = format!("{:02}-{:02}", day.month, day.day);
                format!("{day} {kind}{}", year.unwrap_or_default())
            }),
        );
    }

    fn tier(&mut self, shown: &ShownRelationship) {
        if let Some(tier) = shown.tier {
            let since = shown.tier_since.map(|since| format!(" since {since}"));
            self.line("tier", &format!("{tier}{}", since.unwrap_or_default()));
        }
        let steps = shown.tier_steps.iter().rev();
        let label = if shown.tier.is_some() { "" } else { "tier" };
        for (at, step) in steps.enumerate() {
            let label = if at == 0 { label } else { "" };
            self.line(label, &format!("{} {}", step.date, step.told()));
        }
    }

    /// The last lines, the very last one first.
    fn log(&mut self, log: &[Interaction]) {
        let words: Vec<&Interaction> = log.iter().rev().filter(|line| line.is_word()).collect();
        let mut lines: Vec<String> = words.iter().take(LINES).map(|line| logged(line)).collect();
        if words.len() > LINES {
            let more = words.len() - LINES;
            lines.push(format!("and {more} more, in --json"));
        }
        self.block("log", lines);
    }

    fn field(&mut self, field: &ShownField, is_group: bool) {
        let is_told = match field.field.as_str() {
            "KIND" | "MEMBER" => is_group,
            name => TOLD.contains(&name),
        };
        if is_told || field.field.starts_with(OURS) {
            return;
        }
        let about = field.types.iter().chain(&field.label);
        let about: Vec<&str> = about.map(String::as_str).collect();
        let about = match about.is_empty() {
            true => String::new(),
            false => format!(" ({})", about.join(", ")),
        };
        self.line(&field.field, &format!("{}{about}", field.text));
    }
}

fn rhythm(shown: &ShownRelationship) -> Option<String> {
    let cadence = shown.cadence?;
    let own = if shown.cadence_is_own { " (own)" } else { "" };
    let due = match (shown.due, shown.days_overdue) {
        (Some(due), Some(days)) => format!("due {due}, {}", when(days)),
        _ => "due now".to_owned(),
    };
    let last = shown.last_word.map(|date| date.to_string());
    let last = last.unwrap_or_else(|| "never".to_owned());
    Some(format!("every {cadence}{own}, last word {last}, {due}"))
}

fn reliability(who: &str, reliability: &Reliability) -> Option<String> {
    let Reliability { kept_in_time, of } = reliability;
    (*of > 0).then(|| format!("{who} {kept_in_time} of {of}"))
}

fn met(occasion: &Occasion) -> String {
    joined([
        Some(occasion.event.clone()),
        occasion.date.map(|date| date.to_string()),
        occasion.place.clone(),
    ])
}

fn promise(promise: &Promise) -> String {
    let due = promise.due.map(|due| due.to_string());
    let due = due.unwrap_or_else(|| "any day".to_owned());
    let side = match promise.side {
        Side::Mine => "you",
        Side::Theirs => "they",
    };
    format!("{}  {due}  {side}: {}", promise.id, promise.text)
}

fn logged(line: &Interaction) -> String {
    let date = (line.date != Date::ZERO).then(|| line.date.to_string());
    let about = [
        (line.kind == InteractionKind::Sum).then(|| count(line.count as usize, "entry")),
        (line.minutes > 0).then(|| format!("{} min", line.minutes)),
        Money::listed(&line.costs),
        line.balance.map(|balance| balance.word().to_owned()),
        line.occasion.as_ref().map(|event| format!("at {event}")),
        line.goal.as_ref().map(|goal| format!("for {goal}")),
        line.result
            .as_ref()
            .map(|result| format!("result: {result}")),
    ];
    let about = joined(about);
    let words = [
        Some(line.id.clone()),
        Some(date.unwrap_or_else(|| "some day".to_owned())),
        line.kind.word().map(str::to_owned),
        Some(line.text.clone()),
        (!about.is_empty()).then(|| format!("({about})")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join("  ")
}

fn joined<const N: usize>(words: [Option<String>; N]) -> String {
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(", ")
}

fn count(number: usize, word: &str) -> String {
    match (number, word) {
        (1, _) => format!("1 {word}"),
        (_, "entry") => format!("{number} entries"),
        _ => format!("{number} {word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Card;
    use crate::contact::{Cadence, Relationship};
    use crate::ui::out::Style;
    use crate::ui::text::needs_escape;
    use jiff::civil::date;

    fn shown(name: &str, lines: &str) -> String {
        let lines = lines.replace('\n', "\r\n").replace("OWN-", "X-CARDWEAVE-");
        let text = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\n{lines}\r\nEND:VCARD\r\n");
        let card = Card::parse(text.as_bytes()).unwrap();
        let fields = card.fields();
        let report = ShowReport {
            book: "people".to_owned(),
            id: "1".to_owned(),
            name: name.to_owned(),
            uid: None,
            relationship: ShownRelationship::of(
                Relationship::of(&card),
                &|_| Cadence::weeks(3),
                date(2026, 11, 25),
            ),
            fields: fields
                .iter()
                .map(|field| ShownField {
                    field: field.name().to_owned(),
                    text: field.text(),
                    types: field.types().iter().cloned().collect(),
                    label: None,
                })
                .collect(),
            stores: Vec::new(),
            held_back: Vec::new(),
        };
        let page = Page {
            style: Style::Plain,
            width: None,
        };
        render(&report, &page)
    }

    #[test]
    fn a_contact_is_told_at_a_glance() {
        insta::assert_snapshot!(shown(
            "Ada",
            "OWN-TIER:A\nCATEGORIES:Chess,Tier A\nOWN-GOAL:Win\nTEL:+49 30 1\nBDAY:19800415\n\
             OWN-SNOOZE:20261224\n\
             OWN-MET;ID=m;DATE=20260420;PLACE=Hall 5:Fair\n\
             OWN-LOG;ID=1;DATE=20260101;KIND=tier;BY=Anna:B -> A\n\
             OWN-LOG;ID=2;DATE=20261001;KIND=call;MINUTES=20;COST=3 EUR;BALANCE=gave;RESULT=1 order:offer\n\
             OWN-PROMISE;ID=p;DUE=20261201;STATUS=open;SIDE=mine:send it\n\
             OWN-PROMISE;ID=q;DUE=20261101;DONE=20261101;STATUS=kept;SIDE=theirs:drawings",
        ), @r#"
        Ada
          tier         A since 2026-01-01
                       2026-01-01 raised B -> A by Anna
          rhythm       every 3w, last word 2026-10-01, due 2026-10-22, 34 days over
          left alone   until 2026-12-24
          lists        Chess
          goals        Win
          met          Fair, 2026-04-20, Hall 5
          balance      gave 1, received 0
          in time      they kept 1 of 1
          promises     p  2026-12-01  you: send it
          log          2  2026-10-01  call  offer  (20 min, 3.00 EUR, gave, result: 1 order)
          every year   04-15 birthday since 1980
          TEL          +49 30 1
          BDAY         1980-04-15
          In no store yet: the next `cardweave sync` takes it there.
        "#);
    }

    #[test]
    fn a_long_log_says_how_much_more_there_is() {
        let lines: Vec<String> = (10..30)
            .map(|day| format!("OWN-LOG;ID=i{day};DATE=202610{day}:word {day}"))
            .collect();
        let text = shown("Ada", &lines.join("\n"));
        assert!(text.contains("i29") && text.contains("i20"), "{text}");
        assert!(!text.contains("i19"), "{text}");
        assert!(text.contains("and 10 more"), "{text}");
    }

    #[test]
    fn goals_and_groups_tell_what_they_are() {
        let goal = shown(
            "Win",
            "KIND:group\nOWN-GOAL-BY:20261231\nOWN-GOAL-TARGET:3 orders",
        );
        assert!(goal.contains("open, by 2026-12-31, 3 orders"), "{goal}");
        let group = shown("Chess", "KIND:group\nMEMBER:urn:uuid:a");
        assert!(
            group.contains("1 member") && !group.contains("urn:uuid"),
            "{group}"
        );
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        let evil = "\u{1b}[2J\u{202e}x";
        let text = shown(
            evil,
            &format!(
                "NOTE:{evil}\nCATEGORIES:{evil}\nOWN-GOAL:{evil}\nOWN-MET;ID=1;PLACE={evil}:{evil}\n\
                 OWN-LOG;ID=1;GOAL={evil}:{evil}\nOWN-PROMISE;ID={evil};STATUS=open:{evil}"
            ),
        );
        assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
        assert!(text.matches("\\u{202e}").count() >= 8, "{text}");
    }
}
