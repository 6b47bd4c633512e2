//! Lays a question out on a terminal: cards side by side, or one under the other where it is narrow.

use unicode_width::UnicodeWidthStr;

use crate::sync::{Alike, Conflicting, Question};
use crate::ui::out::Style;
use crate::ui::text::{clean, fit};

use super::Asked;
use super::choices::{Dispute, Preview};
use super::compare::{self, Line, Mark, Row, compare};
use super::fold::{Folded, fold};
use super::label::label;
use super::session::{Session, Stage, store_key};
use super::words::{self, REMOVED};
use super::wrap::{cut, pad, wrap};

/// Below this many cells two cards do not stand side by side.
const SIDE_BY_SIDE: usize = 60;

/// How many lines of one value are shown.
const OF_A_VALUE: usize = 6;

/// How wide a column is at most where there is room: a longer line is hard to read.
const WIDEST: usize = 56;

/// How many cells a label may take.
const LABEL: usize = 14;

/// How many pairs are named before they are merged together.
const PAIRS: usize = 20;

/// Everything there is to know at this point, as lines of at most `width` cells.
pub fn draw(session: &Session, width: usize, style: Style) -> String {
    let mut sheet = Sheet::new(width, style);
    sheet.blank();
    match (session.stage(), session.current()) {
        (Stage::Question, Some(asked)) => {
            sheet.head(session, asked);
            match (&asked.question, session.preview()) {
                (Question::Duplicate(alike), Some(preview)) => {
                    sheet.duplicate(asked, alike, preview);
                }
                (Question::Duplicate(alike), None) => sheet.reasons(alike),
                (Question::Conflict(conflicting), _) => sheet.conflict(asked, conflicting),
            }
        }
        (Stage::Field(of), Some(_)) => {
            let disputed = session.disputed();
            if let Some(dispute) = disputed.get(of) {
                sheet.field(dispute, of, disputed.len());
            }
        }
        (Stage::Certain, _) => sheet.certain(session),
        (Stage::Question | Stage::Field(_), None) | (Stage::Over, _) => {}
    }
    sheet.text
}

/// The keys, and the place where the answer is awaited.
pub fn prompt(session: &Session, width: usize, style: Style) -> String {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in words::keys(session) {
        let key = clean(&word.key).into_owned();
        let does = clean(&word.does).into_owned();
        let does = fit(&does, width.saturating_sub(key.width() + 1)).into_owned();
        let needed = key.width() + 1 + does.width();
        if used > 0 && used + 3 + needed > width {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.len() - 1;
        if used > 0 {
            lines[line].push_str("   ");
            used += 3;
        }
        lines[line].push_str(&format!("{} {does}", style.strong(&key)));
        used += needed;
    }
    format!("{}\n> ", lines.join("\n"))
}

/// What each key does, in sentences, and what the signs mean.
pub fn help(session: &Session, width: usize) -> String {
    let mut text = String::new();
    for word in words::keys(session) {
        let lines = wrap(&word.means, width.saturating_sub(8));
        for (index, line) in lines.iter().enumerate() {
            let key = if index == 0 { &*clean(&word.key) } else { "" };
            text.push_str(&format!("  {} {line}\n", pad(key, 5)));
        }
    }
    text
}

/// What is written, line by line, none longer than the terminal is wide.
struct Sheet {
    text: String,
    width: usize,
    style: Style,
}

impl Sheet {
    fn new(width: usize, style: Style) -> Self {
        Sheet {
            text: String::new(),
            width: width.max(20),
            style,
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Adds a line that is clean and fits.
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Adds a text from outside behind a beginning that stands on its first line alone.
    fn paragraph(&mut self, beginning: &str, text: &str, paint: impl Fn(Style, &str) -> String) {
        let indent = beginning.width();
        for (index, line) in wrap(text, self.width.saturating_sub(indent))
            .iter()
            .enumerate()
        {
            let before = if index == 0 {
                beginning.to_owned()
            } else {
                " ".repeat(indent)
            };
            let line = paint(self.style, line);
            self.line(&format!("{before}{line}"));
        }
    }

    fn head(&mut self, session: &Session, asked: &Asked) {
        let count = format!("[{}/{}] ", session.at() + 1, session.asked().len());
        self.paragraph(&count, &words::sentence(&asked.question), |style, line| {
            style.strong(line)
        });
        if let Some(answer) = session.answer() {
            let answer = words::answered(&asked.question, answer);
            self.paragraph("", &answer, |style, line| style.warning(line));
        }
        self.blank();
    }

    fn duplicate(&mut self, asked: &Asked, alike: &Alike, preview: &Preview) {
        let heads = [0, 1].map(|index| {
            let stores: Vec<&str> = asked.stores.get(index).map_or(Vec::new(), |stores| {
                stores.iter().map(|store| store.as_str()).collect()
            });
            match stores.is_empty() {
                true => format!("{} in no store", index + 1),
                false => format!("{} in {}", index + 1, stores.join(", ")),
            }
        });
        let rows = fold(
            compare(&asked.cards[0], &asked.cards[1]),
            |row| &row.label,
            |row| row.mark != Mark::Same,
        );
        if self.width >= SIDE_BY_SIDE {
            self.side_by_side(&heads, &rows);
        } else {
            self.stacked(&heads, &rows);
        }
        let legend = "= same  ~ differs  < only 1  > only 2";
        self.paragraph("  ", legend, |style, line| style.faint(line));
        self.blank();
        self.reasons(alike);
        let how = match preview.is_written {
            true => ", as you wrote it",
            false => "",
        };
        let goes_on = format!("The merged card ({} goes on{how}):", preview.keeps + 1);
        self.paragraph("", &goes_on, |style, line| style.strong(line));
        self.card(compare::lines(&preview.card));
        self.blank();
    }

    fn side_by_side(&mut self, heads: &[String; 2], rows: &[Folded<Row>]) {
        let labels = label_width(rows.iter().map(|row| match row {
            Folded::Shown(row) => row.label.as_str(),
            Folded::More(label, _) => label.as_str(),
        }));
        let room = (self.width - (2 + labels + 2 + 2)) / 2;
        let widest = |text: &str| {
            let lines = text.split('\n').map(|line| clean(line).width());
            lines.max().unwrap_or(0)
        };
        let natural = rows.iter().filter_map(|row| match row {
            Folded::Shown(row) => Some(row),
            Folded::More(..) => None,
        });
        let natural = natural
            .flat_map(|row| row.left.iter().chain(&row.right))
            .chain(heads)
            .map(|text| widest(text))
            .max();
        let room = room.min(natural.unwrap_or(0).clamp(12, WIDEST));
        let titles = heads.each_ref().map(|head| cut(head, room, 3));
        self.columns("  ", "", labels, room, &titles, Style::strong);
        let mut before = "";
        for row in rows {
            match row {
                Folded::Shown(row) => {
                    let shown = if row.label == before { "" } else { &row.label };
                    let cell = |text: &Option<String>| {
                        text.as_ref()
                            .map_or(Vec::new(), |text| cut(text, room, OF_A_VALUE))
                    };
                    let cells = [cell(&row.left), cell(&row.right)];
                    let paint = paint(row.mark);
                    self.columns(sign(row.mark), shown, labels, room, &cells, paint);
                    before = &row.label;
                }
                Folded::More(label, hidden) => {
                    let begin = format!("  {}  ", pad(&fit(&clean(label), labels), labels));
                    self.paragraph(&begin, &more(hidden), |style, line| style.faint(line));
                }
            }
        }
    }

    /// One row: a sign, a label, and two cells of several lines.
    fn columns(
        &mut self,
        sign: &str,
        label: &str,
        labels: usize,
        room: usize,
        cells: &[Vec<String>; 2],
        paint: fn(Style, &str) -> String,
    ) {
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for line in 0..height {
            let (sign, label) = if line == 0 { (sign, label) } else { ("  ", "") };
            let label = pad(&fit(&clean(label), labels), labels);
            let cell = |index: usize| cells[index].get(line).map_or("", String::as_str);
            let left = pad(cell(0), room);
            let painted = paint(self.style, &format!("{left}  {}", cell(1)));
            let sign = paint(self.style, sign);
            self.line(&format!("{sign}{label}  {painted}"));
        }
    }

    fn stacked(&mut self, heads: &[String; 2], rows: &[Folded<Row>]) {
        for head in heads {
            self.paragraph("  ", head, |style, line| style.strong(line));
        }
        for row in rows {
            match row {
                Folded::Shown(row) => {
                    let sign = paint(row.mark)(self.style, sign(row.mark));
                    self.line(&format!(
                        "{sign}{}",
                        fit(&clean(&row.label), self.width - 2)
                    ));
                    let both = [("  1 ", &row.left), ("  2 ", &row.right)];
                    let cells = match row.mark {
                        Mark::Same => &[("    ", &row.left)][..],
                        _ => &both,
                    };
                    for (begin, text) in cells {
                        if let Some(text) = text {
                            self.value(begin, text);
                        }
                    }
                }
                Folded::More(label, hidden) => {
                    let begin = format!("  {} ", fit(&clean(label), LABEL));
                    self.paragraph(&begin, &more(hidden), |style, line| style.faint(line));
                }
            }
        }
    }

    /// A value of a card, cut where it is long.
    fn value(&mut self, begin: &str, text: &str) {
        let indent = begin.width();
        let lines = cut(text, self.width.saturating_sub(indent), OF_A_VALUE);
        for (index, line) in lines.iter().enumerate() {
            let before = if index == 0 {
                begin.to_owned()
            } else {
                " ".repeat(indent)
            };
            self.line(&format!("{before}{line}"));
        }
    }

    fn reasons(&mut self, alike: &Alike) {
        for why in &alike.reasons {
            match why.speaks_for {
                true => self.paragraph("+ ", &why.text, |style, line| style.good(line)),
                false => self.paragraph("- ", &why.text, |style, line| style.warning(line)),
            }
        }
        if !alike.reasons.is_empty() {
            self.blank();
        }
    }

    fn card(&mut self, lines: Vec<Line>) {
        let labels = label_width(lines.iter().map(|line| line.label.as_str()));
        let mut before = String::new();
        for line in fold(lines, |line| &line.label, |_| true) {
            match line {
                Folded::Shown(line) => {
                    let shown = if line.label == before {
                        ""
                    } else {
                        &line.label
                    };
                    let begin = format!("  {}  ", pad(&fit(&clean(shown), labels), labels));
                    self.value(&begin, &line.text);
                    before = line.label;
                }
                Folded::More(label, hidden) => {
                    let begin = format!("  {}  ", pad(&fit(&clean(&label), labels), labels));
                    let text = format!("... {} more", hidden.len());
                    self.paragraph(&begin, &text, |style, line| style.faint(line));
                }
            }
        }
    }

    fn conflict(&mut self, asked: &Asked, conflicting: &Conflicting) {
        let names = conflicting.sides.keys().map(|store| store.as_str());
        let names = label_width(names.chain(["before"]));
        let name = |text: &str| pad(&fit(&clean(text), names), names);
        let value = |text: &Option<String>| text.clone().unwrap_or(REMOVED.to_owned());
        let before = match &conflicting.agreed {
            Some(agreed) => agreed.clone(),
            None => "(the stores never agreed)".to_owned(),
        };
        self.value(&format!("     {}  ", name("before")), &before);
        for (index, (store, side)) in conflicting.sides.iter().enumerate() {
            let key = store_key(index).map_or(' ', |key| key);
            let key = self.style.strong(&key.to_string());
            let begin = format!("  {key}  {}  ", name(store.as_str()));
            // Painted, it is wider than it looks.
            let lines = cut(
                &value(side),
                self.width.saturating_sub(names + 7),
                OF_A_VALUE,
            );
            for (line, text) in lines.iter().enumerate() {
                let before = if line == 0 {
                    begin.clone()
                } else {
                    " ".repeat(names + 7)
                };
                self.line(&format!("{before}{text}"));
            }
        }
        self.blank();
        let said = label(&conflicting.field);
        if let Some(card) = asked.cards.first() {
            self.paragraph("", "The card otherwise:", |style, line| style.strong(line));
            let mut lines = compare::lines(card);
            lines.retain(|line| line.label != said);
            self.card(lines);
            self.blank();
        }
    }

    fn field(&mut self, dispute: &Dispute, of: usize, count: usize) {
        let head = format!("Field {} of {count}: the {}", of + 1, label(&dispute.name));
        self.paragraph("", &head, |style, line| style.strong(line));
        for (index, value) in dispute.values.iter().enumerate() {
            let taken = if dispute.taken == index { "*" } else { " " };
            let value = value.as_deref().unwrap_or("(none)");
            self.value(&format!("{taken} {}  ", index + 1), value);
        }
        self.paragraph("  ", "* stands in the merged card", |style, line| {
            style.faint(line)
        });
        self.blank();
    }

    fn certain(&mut self, session: &Session) {
        let pairs: Vec<String> = session
            .certain()
            .into_iter()
            .map(|index| words::sentence(&session.asked()[index].question))
            .collect();
        let head = match pairs.len() {
            1 => "Merge the one that is certain?".to_owned(),
            count => format!("Merge all {count} that are certain?"),
        };
        self.paragraph("", &head, |style, line| style.strong(line));
        for pair in pairs.iter().take(PAIRS) {
            self.paragraph("  ", pair, |_, line| line.to_owned());
        }
        if pairs.len() > PAIRS {
            let text = format!("... and {} more", pairs.len() - PAIRS);
            self.paragraph("  ", &text, |style, line| style.faint(line));
        }
        self.blank();
    }
}

fn label_width<'l>(labels: impl Iterator<Item = &'l str>) -> usize {
    let widths = labels.map(|label| clean(label).width());
    widths.max().unwrap_or(0).min(LABEL)
}

fn sign(mark: Mark) -> &'static str {
    match mark {
        Mark::Same => "= ",
        Mark::Differs => "~ ",
        Mark::OnlyLeft => "< ",
        Mark::OnlyRight => "> ",
    }
}

fn paint(mark: Mark) -> fn(Style, &str) -> String {
    match mark {
        Mark::Same => |_, text| text.to_owned(),
        Mark::Differs => Style::warning,
        Mark::OnlyLeft | Mark::OnlyRight => Style::good,
    }
}

/// How many values are not shown, and how they stand to the other card.
fn more(hidden: &[Row]) -> String {
    let marks = [Mark::Same, Mark::Differs, Mark::OnlyLeft, Mark::OnlyRight];
    let counts: Vec<String> = marks
        .into_iter()
        .filter_map(|mark| {
            let count = hidden.iter().filter(|row| row.mark == mark).count();
            (count > 0).then(|| format!("{count} {}", sign(mark).trim_end()))
        })
        .collect();
    format!("... {} more: {}", hidden.len(), counts.join(", "))
}
