//! Lays a report out for a terminal: sentences, then tables.

use crate::contact::Money;
use crate::report::{Direction, Locale, Numbers, OccasionNumbers, Row, Sentence, Tally, brought};
use crate::ui::out::Page;
use crate::ui::table::Table;
use crate::ui::text::clean;

/// How many rows a table has before the rest is only counted.
const ROWS: usize = 10;

/// Lines that are longer are hard to read.
const READABLE: usize = 80;

/// The sentences, each from the beginning of a line; only a terminal has them broken.
pub fn told(sentences: &[Sentence], page: &Page) -> String {
    let mut text = String::new();
    let mut topic = None;
    for sentence in sentences {
        if topic.is_some_and(|topic| topic != sentence.topic) {
            text.push('\n');
        }
        topic = Some(sentence.topic);
        let sentence = clean(&sentence.text);
        match page.width {
            Some(width) => text.push_str(&wrapped(&sentence, width.min(READABLE))),
            None => text.push_str(&sentence),
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

/// All of it.
pub fn whole(sentences: &[Sentence], numbers: &Numbers, locale: Locale, page: &Page) -> String {
    let sheet = Sheet { locale, page };
    let rows = [
        ("month", months(numbers, locale), "none"),
        ("tier", numbers.by_tier.clone(), "no tier"),
        ("list", numbers.by_list.clone(), "no list"),
        ("goal", numbers.by_goal.clone(), "no goal"),
        ("kind", numbers.by_kind.clone(), "not said"),
        ("contact", numbers.by_contact.clone(), ""),
    ];
    let mut parts = vec![told(sentences, page)];
    for (header, rows, nameless) in rows {
        parts.extend(sheet.rows(header, &rows, nameless));
        if header == "goal" {
            parts.extend(sheet.occasions(numbers));
        }
    }
    parts.extend(sheet.neglected(numbers));
    parts.extend(sheet.unpaid(numbers));
    parts.extend(sheet.steps(numbers));
    parts.join("\n\n")
}

/// The months that have anything, then the years that were folded.
fn months(numbers: &Numbers, locale: Locale) -> Vec<Row> {
    let months = numbers
        .by_month
        .iter()
        .filter(|row| !row.tally.is_nothing());
    let years = numbers.by_folded_year.iter().map(|row| Row {
        name: row.name.as_ref().map(|year| format!("{year}, folded")),
        tally: row.tally.clone(),
    });
    let months = months.map(|row| Row {
        name: row.name.as_ref().map(|name| locale.month_of(name)),
        tally: row.tally.clone(),
    });
    years.chain(months).collect()
}

struct Sheet<'a> {
    locale: Locale,
    page: &'a Page,
}

impl Sheet<'_> {
    fn rows(&self, header: &'static str, rows: &[Row], nameless: &str) -> Option<String> {
        let is_telling = rows.iter().any(|row| row.name.is_some());
        if !is_telling {
            return None;
        }
        let mut table = Table::new(&[header, "times", "time", "cost", "came of it"])
            .numbers_in(1)
            .numbers_in(2)
            .numbers_in(3);
        let shown = if header == "month" { rows.len() } else { ROWS };
        for row in rows.iter().take(shown) {
            let name = row.name.as_deref().unwrap_or(nameless);
            let [times, time, cost, came] = self.cells(&row.tally);
            table.row([name.to_owned(), times, time, cost, came]);
        }
        Some(self.with_rest(&table, rows.len(), shown))
    }

    fn cells(&self, tally: &Tally) -> [String; 4] {
        let time = (tally.minutes > 0).then(|| self.locale.duration(tally.minutes));
        [
            self.locale.number(u64::from(tally.interactions)),
            time.unwrap_or_default(),
            self.money(&tally.costs),
            brought(tally, self.locale).unwrap_or_default(),
        ]
    }

    fn money(&self, amounts: &[Money]) -> String {
        let texts: Vec<String> = amounts
            .iter()
            .map(|money| self.locale.money(money))
            .collect();
        texts.join(" + ")
    }

    fn occasions(&self, numbers: &Numbers) -> Option<String> {
        let own = numbers.own_organisation.iter();
        let named = numbers.by_occasion.iter().filter(|one| one.name.is_some());
        let all: Vec<&OccasionNumbers> = named.chain(own).collect();
        if all.is_empty() {
            return None;
        }
        let mut table = Table::new(&["occasion", "met", "of A", "cost", "per A"])
            .numbers_in(1)
            .numbers_in(2)
            .numbers_in(3)
            .numbers_in(4);
        for one in all.iter().take(ROWS) {
            table.row([
                one.name.clone().unwrap_or_default(),
                one.met.to_string(),
                one.of_tier_a.to_string(),
                self.money(&one.tally.costs),
                self.money(&one.cost_per_a),
            ]);
        }
        Some(self.with_rest(&table, all.len(), ROWS))
    }

    fn neglected(&self, numbers: &Numbers) -> Option<String> {
        let all = &numbers.neglected;
        let mut table =
            Table::new(&["neglected", "tier", "last word", "days overdue"]).numbers_in(3);
        for one in all.iter().take(ROWS) {
            let last = one.last_word.map(|day| self.locale.date(day));
            let days = one.days_overdue.map(|days| days.to_string());
            table.row([
                one.name.clone(),
                one.tier.to_string(),
                last.unwrap_or_else(|| "never".to_owned()),
                days.unwrap_or_default(),
            ]);
        }
        (!table.is_empty()).then(|| self.with_rest(&table, all.len(), ROWS))
    }

    fn unpaid(&self, numbers: &Numbers) -> Option<String> {
        let all = &numbers.unpaid;
        let mut table = Table::new(&["no result", "", "times", "time", "cost"])
            .numbers_in(2)
            .numbers_in(3)
            .numbers_in(4);
        for one in all.iter().take(ROWS) {
            let [times, time, cost, _] = self.cells(&one.tally);
            let what = one.what.word().to_owned();
            table.row([one.name.clone(), what, times, time, cost]);
        }
        (!table.is_empty()).then(|| self.with_rest(&table, all.len(), ROWS))
    }

    fn steps(&self, numbers: &Numbers) -> Option<String> {
        let all: Vec<_> = numbers
            .steps
            .iter()
            .filter(|step| step.direction != Direction::Sorted)
            .collect();
        let mut table = Table::new(&["raised or lowered", "on", "from", "to"]);
        let word = |tier: Option<crate::contact::Tier>| {
            tier.map_or("none".to_owned(), |tier| tier.to_string())
        };
        for step in all.iter().take(ROWS) {
            let on = self.locale.date(step.date);
            table.row([step.name.clone(), on, word(step.was), word(step.is)]);
        }
        (!table.is_empty()).then(|| self.with_rest(&table, all.len(), ROWS))
    }

    fn with_rest(&self, table: &Table, all: usize, shown: usize) -> String {
        let mut text = table.render(self.page);
        if all > shown {
            text.push_str(&format!("\nand {} more", all - shown));
        }
        text
    }
}

/// Breaks a sentence between words, as far as it can.
fn wrapped(sentence: &str, width: usize) -> String {
    use unicode_width::UnicodeWidthStr;
    let mut lines = String::new();
    let mut used = 0;
    for word in sentence.split(' ') {
        if used > 0 && used + 1 + word.width() > width {
            lines.push_str("\n  ");
            used = 2;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += word.width();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ContactId;
    use crate::card::Card;
    use crate::contact::{Acquaintance, Relationship};
    use crate::report::{Scope, numbers, sentences};
    use crate::ui::out::Style;
    use jiff::civil::date;
    use unicode_width::UnicodeWidthStr;

    fn report(width: Option<usize>) -> String {
        let lines = "X-CARDWEAVE-TIER:A\r\nCATEGORIES:Suppliers of precision parts,Chess\r\n\
             X-CARDWEAVE-LOG;ID=1;DATE=20260301;KIND=call;MINUTES=800;COST=12345.50 EUR + 9 CHF;\
             RESULT=2 orders + 12000 EUR + a friend;GOAL=Win;AT=Fair:x\r\n\
             X-CARDWEAVE-LOG;ID=2;DATE=20251230;KIND=sum;COUNT=3;COST=9 EUR:y\r\n\
             X-CARDWEAVE-LOG;ID=3;DATE=20260501;KIND=tier:C -> A\r\n\
             X-CARDWEAVE-MET;ID=4;DATE=20260301;COST=9 EUR:Fair\r\n";
        let card = format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\n{lines}END:VCARD\r\n");
        let ada = Acquaintance {
            id: ContactId::new("1"),
            name: "Wilhelmina Alexandrina von Hohenlinden\u{1b}[2J".to_owned(),
            relationship: Relationship::of(&Card::parse(card.as_bytes()).unwrap()),
        };
        let scope = Scope {
            since: date(2025, 12, 1),
            today: date(2026, 11, 25),
            goal: None,
            cadences: [(crate::contact::Tier::A, crate::contact::Cadence::weeks(3))].into(),
            organisation: None,
        };
        let numbers = numbers(&[ada], &scope);
        let page = Page {
            style: Style::Plain,
            width,
        };
        let said = sentences(&numbers, Locale::En);
        whole(&said, &numbers, Locale::En, &page)
    }

    #[test]
    fn a_narrow_terminal_is_never_overrun() {
        for width in [60, 80, 120] {
            let text = report(Some(width));
            assert!(!text.contains('\u{1b}'));
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }

    #[test]
    fn every_table_is_there() {
        let text = report(None);
        for header in [
            "month",
            "tier",
            "list",
            "goal",
            "occasion",
            "kind",
            "contact",
            "neglected",
            "raised or lowered",
        ] {
            let is_there = text.lines().any(|line| line.starts_with(header));
            assert!(is_there, "{header} in {text}");
        }
        assert!(text.contains("2025, folded"), "{text}");
    }
}
