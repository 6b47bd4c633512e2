//! Writes a report as one HTML page that needs nothing else: no script, no network, no font.

mod people;
mod sections;
mod table;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::charts::{Drawing, Ink, Size};
use super::locale::Locale;
use super::numbers::Numbers;
use super::sentences::{Topic, brought, sentences};

const STYLE: &str = include_str!("page.css");

/// The dark colours of what is no picture.
const DARK: &str = "--paper:#12161b;--sheet:#1a2027;--text:#e7eaee;--muted:#a3adb9;--line:#333c47;\
                    --soft:#232a33;--mark:#5bbcc6";

/// The page, as UTF-8 text.
pub fn page(numbers: &Numbers, locale: Locale) -> String {
    let writer = Writer { numbers, locale };
    let title = match &numbers.goal {
        Some(goal) => format!("What came of it: {goal}"),
        None => "What came of it".to_owned(),
    };
    let sections = [
        writer.short(),
        writer.months(),
        writer.goals(),
        writer.tiers(),
        writer.lists(),
        writer.occasions(),
        writer.contacts(),
        writer.neglected(),
        writer.unpaid(),
        writer.results(),
        writer.steps(),
        writer.kinds(),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; img-src data:";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body {
                main {
                    header {
                        h1 { bdi { (title) } }
                        p {
                            (locale.date(numbers.since)) " to " (locale.date(numbers.today))
                        }
                    }
                    (writer.figures())
                    @for section in sections.into_iter().flatten() { (section) }
                    footer {
                        "Made by cardweave from what stands on the cards. Money of different \
                         currencies is never added up; a contact on several lists counts on each."
                    }
                }
            }
        }
    };
    page.into_string()
}

/// The style, with a colour for the dark for each of the pictures.
fn style() -> String {
    let mut dark = format!(":root{{{DARK}}}");
    for ink in Ink::ALL {
        let (light, other) = ink.colours();
        dark.push_str(&format!("svg [fill=\"{light}\"]{{fill:{other}}}"));
    }
    format!("{STYLE}@media screen and (prefers-color-scheme:dark){{{dark}}}")
}

struct Writer<'a> {
    numbers: &'a Numbers,
    locale: Locale,
}

impl Writer<'_> {
    fn figures(&self) -> Markup {
        let total = &self.numbers.total;
        let brought = brought(total, self.locale);
        let mut costs: Vec<_> = total.costs.iter().collect();
        costs.sort_by_key(|money| Some(&money.currency) != self.numbers.main_currency.as_ref());
        html! {
            dl.figures {
                div {
                    dt { "Time" }
                    dd { (self.locale.duration(total.minutes)) }
                }
                div {
                    dt { "Money" }
                    @if costs.is_empty() { dd { "none" } }
                    @for money in costs { dd { (self.locale.money(money)) } }
                }
                div {
                    dt { "Interactions" }
                    dd { (self.number(total.interactions)) }
                    dd { "with " (self.number(total.contacts)) @if total.contacts == 1 { " contact" } @else { " contacts" } }
                }
                div {
                    dt { "Results" }
                    dd { (self.number(total.results)) }
                    @if let Some(brought) = brought { dd { (brought) } }
                }
            }
        }
    }

    fn short(&self) -> Option<Markup> {
        let said = sentences(self.numbers, self.locale);
        let topics = [
            (Topic::Invested, "Invested"),
            (Topic::Goals, "Goals"),
            (Topic::Paid, "What paid"),
            (Topic::Unpaid, "What did not"),
            (Topic::Promises, "Promises"),
            (Topic::Neglected, "Neglected"),
            (Topic::Tiers, "Up and down"),
        ];
        Some(html! {
            section {
                h2 { "In short" }
                dl.said {
                    @for (topic, name) in topics {
                        @if said.iter().any(|one| one.topic == topic) {
                            dt { (name) }
                            dd {
                                @for one in said.iter().filter(|one| one.topic == topic) {
                                    p { bdi { (one.text) } }
                                }
                            }
                        }
                    }
                }
            }
        })
    }

    fn number(&self, number: u32) -> String {
        self.locale.number(u64::from(number))
    }
}

/// A chart in both sizes, of which the page shows the one that fits.
fn figure(id: &str, title: &str, desc: &str, draw: impl Fn(Size) -> Drawing) -> Markup {
    html! {
        figure {
            @for (class, size) in [("wide", Size::Wide), ("slim", Size::Slim)] {
                @let drawing = draw(size);
                svg class=(class) role="img" viewBox=(format!("0 0 {} {}", drawing.width, drawing.height))
                    aria-labelledby=(format!("{id}-{class}-title {id}-{class}-desc")) {
                    title id=(format!("{id}-{class}-title")) { (title) }
                    desc id=(format!("{id}-{class}-desc")) { (desc) }
                    (PreEscaped(drawing.inside))
                }
            }
        }
    }
}
