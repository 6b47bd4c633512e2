//! What was put in and what came out, added up; never across currencies.

use schemars::JsonSchema;
use serde::Serialize;

use crate::contact::{Balance, Interaction, Money, Occasion, Outcome, Target, same_unit};

use super::locale::Locale;

/// Sums over lines of the log and over occasions at which somebody was met.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Tally {
    /// With how many there were interactions.
    pub contacts: u32,
    pub interactions: u32,
    pub minutes: u64,
    /// One of each currency, by its code.
    pub costs: Vec<Money>,
    pub gave: u32,
    pub received: u32,
    /// How many results were noted, whatever they are.
    pub results: u32,
    /// Those of them that are only words.
    pub words: u32,
    /// Results that are counted: `2 orders`. One of each unit, by its name.
    pub counted: Vec<Target>,
    /// Results that are money. One of each currency, by its code.
    pub earned: Vec<Money>,
}

/// A tally under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Row {
    /// `null`: what has no such name.
    pub name: Option<String>,
    #[serde(flatten)]
    pub tally: Tally,
}

impl Tally {
    /// A line of the log. The contact is counted by whoever knows when it is a new one.
    pub fn of_line(line: &Interaction) -> Tally {
        let mut tally = Tally {
            interactions: line.count,
            minutes: u64::from(line.minutes),
            costs: Money::sum(&line.costs),
            ..Tally::default()
        };
        match line.balance {
            Some(Balance::Gave) => tally.gave = line.count,
            Some(Balance::Received) => tally.received = line.count,
            None => {}
        }
        for part in line.result.iter().flat_map(|text| Outcome::list(text)) {
            tally.results += 1;
            match part {
                Outcome::Money(money) => add(&mut tally.earned, &money),
                Outcome::Number { count, unit } => {
                    add_counted(&mut tally.counted, &Target { count, unit });
                }
                Outcome::Words(_) => tally.words += 1,
            }
        }
        tally
    }

    /// Adds what meeting somebody took.
    pub fn add_meeting(&mut self, met: &Occasion) {
        self.minutes += u64::from(met.minutes);
        add_all(&mut self.costs, &met.costs);
    }

    /// Adds all of another one, contacts too.
    pub fn add(&mut self, other: &Tally) {
        let numbers = [
            (&mut self.contacts, other.contacts),
            (&mut self.interactions, other.interactions),
            (&mut self.gave, other.gave),
            (&mut self.received, other.received),
            (&mut self.results, other.results),
            (&mut self.words, other.words),
        ];
        for (own, more) in numbers {
            *own = own.saturating_add(more);
        }
        self.minutes = self.minutes.saturating_add(other.minutes);
        add_all(&mut self.costs, &other.costs);
        for counted in &other.counted {
            add_counted(&mut self.counted, counted);
        }
        add_all(&mut self.earned, &other.earned);
    }

    pub fn is_nothing(&self) -> bool {
        *self == Tally::default()
    }

    /// What was spent in a currency.
    pub fn cents_of(&self, currency: &str) -> i64 {
        let mut own = self.costs.iter().filter(|money| money.currency == currency);
        own.next().map_or(0, |money| money.cents)
    }

    /// Whether any money was spent.
    pub fn has_costs(&self) -> bool {
        self.costs.iter().any(|money| money.cents > 0)
    }
}

/// Adds an amount to that of its currency.
pub fn add(amounts: &mut Vec<Money>, money: &Money) {
    match amounts.binary_search_by(|known| known.currency.cmp(&money.currency)) {
        Ok(at) => amounts[at].cents = amounts[at].cents.saturating_add(money.cents),
        Err(at) => amounts.insert(at, money.clone()),
    }
}

fn add_all(amounts: &mut Vec<Money>, more: &[Money]) {
    for money in more {
        add(amounts, money);
    }
}

/// `1 order` and `2 orders` count the same thing.
fn add_counted(all: &mut Vec<Target>, counted: &Target) {
    let unit = same_unit(&counted.unit);
    match all.binary_search_by(|known| same_unit(&known.unit).cmp(&unit)) {
        Ok(at) => {
            let known = &mut all[at];
            known.count = known.count.saturating_add(counted.count);
            // The longer spelling is the plural; whichever comes first, the sum is the same.
            let rank = |unit: &str| (std::cmp::Reverse(unit.len()), unit.to_owned());
            if rank(&counted.unit) < rank(&known.unit) {
                known.unit.clone_from(&counted.unit);
            }
        }
        Err(at) => all.insert(at, counted.clone()),
    }
}

/// `1 order`, `2 orders`, whichever of them was written. Only small English words get an `s`.
pub fn counted(target: &Target, locale: Locale) -> String {
    let unit = &target.unit;
    let number = locale.number(target.count);
    let one = unit.strip_suffix('s');
    let one = one.filter(|one| one.chars().count() > 2 && !one.ends_with('s'));
    match (target.count, one) {
        (1, Some(one)) => format!("1 {one}"),
        (1, None) | (_, Some(_)) => format!("{number} {unit}"),
        (_, None) => format!("{number} {}", plural(unit)),
    }
}

fn plural(unit: &str) -> String {
    let is_word = unit.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_plural = ["s", "men", "people", "children"];
    if !is_word || is_plural.iter().any(|end| unit.ends_with(end)) {
        return unit.to_owned();
    }
    let vowels = ["ay", "ey", "oy", "uy"];
    match unit.strip_suffix('y') {
        Some(stem) if !vowels.iter().any(|end| unit.ends_with(end)) => format!("{stem}ies"),
        _ if ["x", "ch", "sh"].iter().any(|end| unit.ends_with(end)) => format!("{unit}es"),
        _ => format!("{unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::InteractionKind;
    use jiff::civil::date;

    fn line(costs: &str, result: &str) -> Interaction {
        Interaction {
            costs: Money::list(costs),
            result: Some(result.to_owned()).filter(|text| !text.is_empty()),
            ..Interaction::new("1", date(2026, 1, 1), InteractionKind::Call, "x")
        }
    }

    #[test]
    fn currencies_are_never_added_up() {
        let mut tally = Tally::default();
        for costs in ["10 EUR", "5 CHF", "2.50 EUR"] {
            tally.add(&Tally::of_line(&line(costs, "")));
        }
        assert_eq!(Money::listed(&tally.costs).unwrap(), "5.00 CHF + 12.50 EUR");
    }

    #[test]
    fn results_are_counted_by_what_they_are() {
        let mut tally = Tally::default();
        for result in ["1 order", "2 orders + 1200 EUR", "knows the mayor", "2 men"] {
            tally.add(&Tally::of_line(&line("", result)));
        }
        assert_eq!(tally.results, 5);
        let units: Vec<String> = tally
            .counted
            .iter()
            .map(|target| counted(target, Locale::En))
            .collect();
        assert_eq!(units, ["2 men", "3 orders"]);
        assert_eq!(Money::listed(&tally.earned).unwrap(), "1200.00 EUR");
    }

    #[test]
    fn one_is_said_as_one() {
        let of = |text: &str| counted(&text.parse().unwrap(), Locale::En);
        assert_eq!(of("1 orders"), "1 order");
        assert_eq!(of("1 address"), "1 address");
        assert_eq!(of("2000 orders"), "2,000 orders");
        assert_eq!(of("7 customer"), "7 customers");
        assert_eq!(of("2 company"), "2 companies");
        assert_eq!(of("2 Auftrag"), "2 Auftrag");
        assert_eq!(of("2 women"), "2 women");
    }
}
