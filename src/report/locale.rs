//! How numbers and dates are written, in English and in German.

use jiff::civil::Date;

use crate::contact::Money;

/// A way to write numbers and dates; the words stay English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    /// `1,234.50 EUR`, `2026-11-25`.
    En,
    /// `1.234,50 EUR`, `25.11.2026`.
    De,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Locale {
    /// What the environment asks for: the first of `LC_ALL`, `LC_NUMERIC` and `LANG` that says
    /// anything decides, as POSIX has it.
    pub fn of_environment(values: [Option<&str>; 3]) -> Locale {
        let mut said = values.into_iter().flatten().filter(|text| !text.is_empty());
        let is_german = said.next().is_some_and(|text| {
            let language = text.split(['_', '.', '@', '-']).next().unwrap_or(text);
            language.eq_ignore_ascii_case("de")
        });
        if is_german { Locale::De } else { Locale::En }
    }

    fn signs(self) -> (char, char) {
        match self {
            Locale::En => (',', '.'),
            Locale::De => ('.', ','),
        }
    }

    /// `12,345`.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(self.signs().0);
            }
            grouped.push(digit);
        }
        grouped
    }

    /// `1,234.50 EUR`.
    pub fn money(self, money: &Money) -> String {
        format!("{} {}", self.amount(money.cents), money.currency)
    }

    /// `1,234.50`.
    pub fn amount(self, cents: i64) -> String {
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        let whole = self.number(cents / 100);
        format!("{sign}{whole}{}{:02}", self.signs().1, cents % 100)
    }

    /// `2026-11-25`.
    pub fn date(self, date: Date) -> String {
        match self {
            Locale::En => date.to_string(),
            Locale::De => format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year()),
        }
    }

    /// A month whose name is `2026-03`: `Mar 2026`, and `03.2026` in German.
    pub fn month_of(self, name: &str) -> String {
        let parts = name.split_once('-');
        let Some((year, Ok(month))) = parts.map(|(year, month)| (year, month.parse())) else {
            return name.to_owned();
        };
        match self {
            Locale::En => format!("{} {year}", month_name(month)),
            Locale::De => format!("{month:02}.{year}"),
        }
    }

    /// `14 h 20 min`.
    pub fn duration(self, minutes: u64) -> String {
        match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes} min"),
            (hours, 0) => format!("{} h", self.number(hours)),
            (hours, minutes) => format!("{} h {minutes} min", self.number(hours)),
        }
    }
}

/// `Mar`.
pub fn month_name(month: i8) -> &'static str {
    let at = usize::try_from(month - 1).unwrap_or_default();
    MONTHS.get(at).copied().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn numbers_are_written_as_each_country_does() {
        let money: Money = "-1234567.05 EUR".parse().unwrap();
        assert_eq!(Locale::En.money(&money), "-1,234,567.05 EUR");
        assert_eq!(Locale::De.money(&money), "-1.234.567,05 EUR");
        assert_eq!(Locale::En.number(999), "999");
        assert_eq!(Locale::De.number(1000), "1.000");
        assert_eq!(Locale::En.date(date(2026, 3, 5)), "2026-03-05");
        assert_eq!(Locale::De.date(date(2026, 3, 5)), "05.03.2026");
        assert_eq!(Locale::En.duration(860), "14 h 20 min");
        assert_eq!(Locale::En.duration(120), "2 h");
        assert_eq!(Locale::De.duration(60_000), "1.000 h");
    }

    #[test]
    fn the_first_variable_that_says_anything_decides() {
        let of = Locale::of_environment;
        assert_eq!(of([Some("de_DE.UTF-8"), None, Some("en_US")]), Locale::De);
        assert_eq!(of([Some("C"), Some("de_DE"), None]), Locale::En);
        assert_eq!(of([Some(""), None, Some("de")]), Locale::De);
        assert_eq!(of([None, Some("den_XX"), None]), Locale::En);
        assert_eq!(of([None; 3]), Locale::En);
    }
}
