//! Amounts of money with their currency: `12.50 EUR`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount of one currency. Of different currencies nothing is ever added up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// Hundredths of the currency.
    pub cents: i64,
}

/// A text that is no amount; its message is the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount with its currency is wanted: \"12.50 EUR\" or \"30 CHF\"")]
pub struct NotMoney;

/// Signs that stand for one currency beyond doubt.
const SIGNS: [(&str, &str); 3] = [("€", "EUR"), ("£", "GBP"), ("₹", "INR")];

/// The largest amount, ten million million, so that a sum of thousands of them is still exact.
const MOST_CENTS: i64 = 1_000_000_000_000_000;

impl Money {
    /// The amounts of a list such as `12.50 EUR + 30.00 CHF`; what is none is left out.
    pub fn list(text: &str) -> Vec<Money> {
        text.split('+').filter_map(|one| one.parse().ok()).collect()
    }

    /// One amount of each currency, by currency.
    pub fn sum<'m>(amounts: impl IntoIterator<Item = &'m Money>) -> Vec<Money> {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for amount in amounts {
            let sum = sums.entry(&amount.currency).or_default();
            *sum = sum.saturating_add(amount.cents);
        }
        let sums = sums.into_iter().map(|(currency, cents)| Money {
            currency: currency.to_owned(),
            cents,
        });
        sums.collect()
    }

    /// The list that [`Money::list`] reads.
    pub fn listed(amounts: &[Money]) -> Option<String> {
        let texts: Vec<String> = amounts.iter().map(ToString::to_string).collect();
        (!texts.is_empty()).then(|| texts.join(" + "))
    }
}

impl FromStr for Money {
    type Err = NotMoney;

    /// The amount before or after the currency, with a point or a comma before one or two
    /// decimals. No thousands are parted, since `1.000` means different things to different people.
    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let mut text = text.trim().to_owned();
        for (sign, code) in SIGNS {
            text = text.replace(sign, &format!(" {code} "));
        }
        let is_number = |c: char| c.is_ascii_digit() || ",.-".contains(c);
        let number: String = text.chars().filter(|&c| is_number(c)).collect();
        let rest: String = text.chars().filter(|&c| !is_number(c)).collect();
        let code = rest.trim();
        let is_whole = text.contains(&number) && !number.is_empty();
        let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_whole || !is_code {
            return Err(NotMoney);
        }
        Ok(Money {
            currency: code.to_ascii_uppercase(),
            cents: cents(&number).ok_or(NotMoney)?,
        })
    }
}

fn cents(number: &str) -> Option<i64> {
    let (is_negative, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number),
    };
    let (whole, decimals) = number.split_once([',', '.']).unwrap_or((number, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(decimals) || decimals.len() > 2 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let part: i64 = format!("{decimals:0<2}").parse().ok()?;
    let cents = whole.checked_mul(100)?.checked_add(part)?;
    if cents > MOST_CENTS {
        return None;
    }
    Some(if is_negative { -cents } else { cents })
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.cents < 0 { "-" } else { "" };
        let cents = self.cents.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:02} {}",
            cents / 100,
            cents % 100,
            self.currency
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_the_ways_people_write_them() {
        for text in ["12.50 EUR", "12,5 eur", "EUR 12.50", "€12.50", "12.50€"] {
            assert_eq!(
                text.parse::<Money>().unwrap().to_string(),
                "12.50 EUR",
                "{text}"
            );
        }
        assert_eq!("-3 CHF".parse::<Money>().unwrap().to_string(), "-3.00 CHF");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "12.50",
            "EUR",
            "1.000,00 EUR",
            "1.000 EUR",
            "12 EU",
            "1 2 EUR",
            "12.345 EUR",
            "99999999999999999999 EUR",
            "10000000000000.01 EUR",
            "--1 EUR",
            "$5",
        ] {
            assert_eq!(text.parse::<Money>(), Err(NotMoney), "{text}");
        }
    }

    #[test]
    fn a_list_of_amounts_comes_back() {
        let amounts = Money::list("12.50 EUR + 30.00 CHF");
        assert_eq!(amounts.len(), 2);
        assert_eq!(Money::listed(&amounts).unwrap(), "12.50 EUR + 30.00 CHF");
        assert_eq!(Money::listed(&[]), None);
    }
}
