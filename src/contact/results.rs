//! What came of interactions, as far as it can be counted: `2 orders + 1200 EUR`.

use std::collections::BTreeMap;

use super::Money;

/// One part of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Money(Money),
    /// A whole number and what it counts, as it was written.
    Number {
        count: u64,
        unit: String,
    },
    /// Anything else.
    Words(String),
}

impl Outcome {
    /// The parts of a result, which stand between ` + `.
    ///
    /// An amount of money has its currency in capitals, as a sign, or stands with decimals:
    /// `1200 EUR`, `€12`, `12.50 eur`. So `3 men` are no money.
    pub fn list(result: &str) -> Vec<Outcome> {
        let parts = result.split(" + ").map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(Outcome::of)
            .collect()
    }

    fn of(part: &str) -> Outcome {
        let is_plain_word = part.contains(|c: char| c.is_lowercase()) && !part.contains([',', '.']);
        if let Ok(money) = part.parse::<Money>()
            && !is_plain_word
        {
            return Outcome::Money(money);
        }
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = part.split_at(digits);
        let unit = unit.split_whitespace().collect::<Vec<_>>().join(" ");
        match number.parse() {
            Ok(count) if unit.starts_with(char::is_alphabetic) => Outcome::Number { count, unit },
            _ => Outcome::Words(part.to_owned()),
        }
    }

    /// The result that these parts come to: amounts of one currency and numbers of one unit are
    /// added up, words stay, each as often as it was said. The order of the parts plays no role.
    /// `None` where there are none.
    pub fn sum(parts: impl IntoIterator<Item = Outcome>) -> Option<String> {
        let mut money = Vec::new();
        let mut numbers: BTreeMap<String, (u64, String)> = BTreeMap::new();
        let mut words = Vec::new();
        for part in parts {
            match part {
                Outcome::Money(amount) => money.push(amount),
                Outcome::Number { count, unit } => {
                    let known = numbers
                        .entry(same_unit(&unit))
                        .or_insert_with(|| (0, unit.clone()));
                    known.0 = known.0.saturating_add(count);
                    // The spelling of the most, so that `1 order` and `2 orders` are `3 orders`.
                    let rank = |unit: &String| (unit.len(), unit.clone());
                    if rank(&unit) > rank(&known.1) {
                        known.1 = unit;
                    }
                }
                Outcome::Words(text) => words.push(text),
            }
        }
        words.sort();
        let numbers = numbers
            .into_values()
            .map(|(count, unit)| format!("{count} {unit}"));
        let amounts = Money::sum(&money).into_iter().map(|one| one.to_string());
        let told: Vec<String> = numbers.chain(amounts).chain(words).collect();
        (!told.is_empty()).then(|| told.join(" + "))
    }
}

/// What makes two units the same: small letters, and no plural `s` at the end.
pub fn same_unit(unit: &str) -> String {
    let lower = unit.trim().to_lowercase();
    lower.strip_suffix('s').unwrap_or(&lower).to_owned()
}

/// Whether a unit is a currency: three capitals, or a sign.
pub fn is_currency(unit: &str) -> bool {
    let is_code = unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code || !unit.contains(char::is_alphanumeric) && format!("1 {unit}").parse::<Money>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(texts: &[&str]) -> String {
        let parts = texts.iter().flat_map(|text| Outcome::list(text));
        Outcome::sum(parts).unwrap_or_default()
    }

    #[test]
    fn what_counts_the_same_is_added_up() {
        assert_eq!(
            sum(&["1 order + 1200 EUR", "2 Orders", "12.50 eur", "€1"]),
            "3 Orders + 1213.50 EUR"
        );
        assert_eq!(
            sum(&["a talk", "1 lead", "a talk"]),
            "1 lead + a talk + a talk"
        );
        assert_eq!(sum(&["", " + "]), "");
    }

    #[test]
    fn men_are_no_money_and_a_number_alone_is_words() {
        assert_eq!(
            Outcome::list("3 men + 7 + 4x4"),
            [
                Outcome::Number {
                    count: 3,
                    unit: "men".into()
                },
                Outcome::Words("7".into()),
                Outcome::Number {
                    count: 4,
                    unit: "x4".into()
                },
            ]
        );
    }

    #[test]
    fn a_sum_is_read_as_what_it_was_summed_from() {
        for texts in [["1 order", "2 orders + good"], ["3 EUR", "-1 EUR + 2 USD"]] {
            let once = sum(&texts);
            assert_eq!(sum(&[&once]), once);
        }
    }

    #[test]
    fn a_currency_is_three_capitals_or_a_sign() {
        assert!(is_currency("EUR") && is_currency("€"));
        assert!(!is_currency("men") && !is_currency("orders") && !is_currency("+"));
    }
}
