//! Lays two cards side by side, value by value.

use crate::card::{Card, Field};
use crate::merge::{is_unchanged, pairs};

use super::label::{label, rank};

/// How a value of one card stands to the other card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Same,
    Differs,
    OnlyLeft,
    OnlyRight,
}

/// One value of two cards. The texts are as the cards have them, not made safe for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub label: String,
    pub left: Option<String>,
    pub right: Option<String>,
    pub mark: Mark,
}

/// One value of one card, as in [`Row`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub label: String,
    pub text: String,
}

/// The values of both cards in the order in which a person looks for them, those that belong
/// together in one row.
pub fn compare(left: &Card, right: &Card) -> Vec<Row> {
    let (left, right) = (left.fields(), right.fields());
    let hides_names = repeats_name(&left) && repeats_name(&right);
    let mut rows: Vec<(u8, Row)> = Vec::new();
    for pair in pairs(&left, &right) {
        let Some(name) = pair.0.or(pair.1).map(Field::name) else {
            continue;
        };
        if name == "N" && hides_names {
            continue;
        }
        let mark = match pair {
            _ if is_unchanged(pair) => Mark::Same,
            (Some(_), None) => Mark::OnlyLeft,
            (None, Some(_)) => Mark::OnlyRight,
            _ => Mark::Differs,
        };
        let mut texts = (pair.0.map(told), pair.1.map(told));
        if mark == Mark::Differs && texts.0 == texts.1 {
            // What makes the difference is not in what is shown of a value otherwise.
            texts = (pair.0.map(told_in_full), pair.1.map(told_in_full));
        }
        let row = Row {
            label: label(name).into_owned(),
            left: texts.0,
            right: texts.1,
            mark,
        };
        rows.push((rank(name), row));
    }
    rows.sort_by(|(one, a), (other, b)| (one, &a.label).cmp(&(other, &b.label)));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The values of one card in the same order.
pub fn lines(card: &Card) -> Vec<Line> {
    let fields = card.fields();
    let hides_name = repeats_name(&fields);
    let mut lines: Vec<(u8, Line)> = fields
        .iter()
        .filter(|field| field.name() != "N" || !hides_name)
        .map(|field| {
            let line = Line {
                label: label(field.name()).into_owned(),
                text: told(field),
            };
            (rank(field.name()), line)
        })
        .collect();
    lines.sort_by(|(one, a), (other, b)| (one, &a.label).cmp(&(other, &b.label)));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A value with what the card says about it: `+49 30 1 (work, preferred)`.
pub fn told(field: &Field) -> String {
    let mut about: Vec<String> = field
        .types()
        .iter()
        .map(|kind| kind.to_lowercase())
        .collect();
    about.extend(field.label().map(|label| {
        let built_in = label
            .strip_prefix("_$!<")
            .and_then(|label| label.strip_suffix(">!$_"));
        built_in.unwrap_or(label).to_owned()
    }));
    match field.pref() {
        Some(1) => about.push("preferred".to_owned()),
        Some(pref) => about.push(format!("preference {pref}")),
        None => {}
    }
    if field.name().starts_with("X-CARDWEAVE-") {
        let params = field.params().iter().filter(|(name, _)| *name != "ID");
        about.extend(params.map(|(name, value)| format!("{} {value}", name.to_lowercase())));
    }
    with(field, &about)
}

fn told_in_full(field: &Field) -> String {
    let params = field.params().iter();
    let about: Vec<String> = params
        .map(|(name, value)| format!("{}={value}", name.to_lowercase()))
        .collect();
    match about.is_empty() {
        true => told(field),
        false => format!("{} ({})", told(field), about.join(", ")),
    }
}

fn with(field: &Field, about: &[String]) -> String {
    let text = match field.text() {
        text if text.is_empty() => "(empty)".to_owned(),
        text => text,
    };
    match about.is_empty() {
        true => text,
        false => format!("{text} ({})", about.join(", ")),
    }
}

/// Whether the components of the name say no more than the name itself, in whatever order.
fn repeats_name(fields: &[Field]) -> bool {
    let find = |name: &str| fields.iter().find(|field| field.name() == name);
    let bare = |text: &str| text.to_lowercase().replace([' ', ','], "");
    let Some(components) = find("N").and_then(Field::parts) else {
        return true;
    };
    let name = find("FN").map_or(String::new(), |name| bare(&name.text()));
    let components: Vec<String> = components.iter().map(|part| bare(part)).collect();
    components.iter().all(|part| name.contains(part.as_str()))
        && components.iter().map(String::len).sum::<usize>() == name.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(lines: &str) -> Card {
        let text = format!("BEGIN:VCARD\nVERSION:4.0\nUID:u\n{lines}\nEND:VCARD\n");
        Card::parse(text.as_bytes()).unwrap()
    }

    fn shown(left: &str, right: &str) -> Vec<String> {
        let cell = |text: Option<String>| text.unwrap_or("-".to_owned());
        compare(&card(left), &card(right))
            .into_iter()
            .map(|row| {
                let mark = match row.mark {
                    Mark::Same => '=',
                    Mark::Differs => '~',
                    Mark::OnlyLeft => '<',
                    Mark::OnlyRight => '>',
                };
                let (left, right) = (cell(row.left), cell(row.right));
                format!("{mark} {}: {left} | {right}", row.label)
            })
            .collect()
    }

    #[test]
    fn values_meet_by_meaning_whatever_their_order_and_spelling() {
        assert_eq!(
            shown(
                "FN:Ada\nTEL:1\nTEL:+49 30 2\nNOTE:x",
                "FN:Ada\nTEL:+49302\nTEL:1"
            ),
            [
                "= name: Ada | Ada",
                "= phone: 1 | 1",
                "= phone: +49 30 2 | +49302",
                "< note: x | -"
            ]
        );
    }

    #[test]
    fn another_value_is_one_row_and_a_further_one_a_row_of_its_own() {
        assert_eq!(
            shown("FN:Ada\nBDAY:19900101", "FN:A. L.\nBDAY:19900102\nTEL:1"),
            [
                "~ name: Ada | A. L.",
                "> phone: - | 1",
                "~ birthday: 1990-01-01 | 1990-01-02"
            ]
        );
    }

    #[test]
    fn the_components_of_a_name_are_shown_only_where_they_say_more() {
        let same = "FN:Ada Lovelace\nN:Lovelace;Ada";
        assert_eq!(shown(same, same), ["= name: Ada Lovelace | Ada Lovelace"]);
        assert_eq!(
            shown(
                "FN:山田太郎\nN:山田;太郎",
                "FN:Lovelace\\, Ada\nN:Lovelace;Ada"
            ),
            ["~ name: 山田太郎 | Lovelace, Ada"]
        );
        assert_eq!(
            shown(same, "FN:Ada\nN:Lovelace;Ada;;Dr."),
            [
                "~ name: Ada Lovelace | Ada",
                "~ full name: Ada Lovelace | Dr. Ada Lovelace"
            ]
        );
    }

    #[test]
    fn what_a_value_is_for_stands_behind_it() {
        assert_eq!(
            shown("FN:A\nTEL;TYPE=work;PREF=1:1", "FN:A\nTEL;TYPE=home:1")[1],
            "~ phone: 1 (work, preferred) | 1 (home)"
        );
    }

    #[test]
    fn a_difference_that_is_nowhere_to_be_seen_is_spelled_out() {
        assert_eq!(
            shown("FN;LANGUAGE=de:A", "FN;LANGUAGE=en:A"),
            ["~ name: A (language=de) | A (language=en)"]
        );
    }

    #[test]
    fn entries_show_their_date_and_not_their_id() {
        let entry = "FN:A\nX-CARDWEAVE-LOG;ID=7;DATE=2026-01-02;KIND=call:talked";
        assert_eq!(
            shown(entry, "FN:A")[1],
            "< log: talked (date 2026-01-02, kind call) | -"
        );
    }

    #[test]
    fn a_photo_is_its_type_and_size() {
        let photo = "FN:A\nPHOTO:data:image/jpeg;base64,/9j/4AAQ";
        assert_eq!(shown("FN:A", photo)[1], "> photo: - | image/jpeg, 6 bytes");
    }

    #[test]
    fn two_cards_of_ten_thousand_numbers_are_compared_in_one_pass() {
        let numbers = |from: usize| -> String {
            let lines = (from..from + 10_000).map(|n| format!("TEL:+49{n:08}\n"));
            lines.collect::<String>() + "FN:A"
        };
        let rows = compare(&card(&numbers(0)), &card(&numbers(5_000)));
        let same = rows.iter().filter(|row| row.mark == Mark::Same).count();
        assert_eq!((rows.len(), same), (15_001, 5_001));
    }
}
