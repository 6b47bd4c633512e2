//! Prints what finding duplicates costs: pairs compared a card, time a card, and how both grow.
//!
//! `cargo bench --bench duplicates -- 1000000` does it for an address book of a million cards.

use std::time::Instant;

use cardweave::card::Card;
use cardweave::duplicates::{Profile, Region, find};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

const GIVEN: [&str; 40] = [
    "Anna", "Bernd", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Karin",
    "Lars", "Mara", "Nils", "Olga", "Paul", "Rosa", "Simon", "Tessa", "Uwe", "Vera", "Walter",
    "Xenia", "Yusuf", "Zoe", "Emre", "Ines", "Marek", "Aylin", "Piotr", "Chiara", "Luca", "Sofia",
    "Mateo", "Elif", "Noah", "Mila", "Ivan", "Nadia", "Omar",
];
const SYLLABLES: [&str; 24] = [
    "ber", "hol", "stein", "mar", "kow", "ski", "lin", "den", "bach", "vel", "tor", "ri", "ner",
    "gar", "sol", "win", "ter", "ros", "hag", "mann", "fel", "dor", "lau", "sen",
];
const CITIES: [&str; 8] = [
    "Berlin", "Hamburg", "Köln", "Wien", "Bern", "Leipzig", "Bremen", "Graz",
];

/// Numbers that look like chance and are the same each time (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    /// Small numbers more often than large ones, as names are borne.
    fn skewed(&mut self, end: usize) -> usize {
        self.below(end).min(self.below(end)).min(self.below(end))
    }
}

fn main() {
    let asked: Vec<usize> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let sizes = if asked.is_empty() {
        SIZES.to_vec()
    } else {
        asked
    };
    println!(
        "{:>8} {:>9} {:>10} {:>12} {:>12} {:>12}",
        "cards", "compared", "a card", "read µs", "match µs", "growth"
    );
    let mut before: Option<(f64, f64)> = None;
    for size in sizes {
        let texts = crowd(size);
        let start = Instant::now();
        let home = Region::of("DE");
        let profiles: Vec<Profile> = texts
            .iter()
            .filter_map(|text| Card::parse(text.as_bytes()).ok())
            .map(|card| Profile::of(&card, home.as_ref()))
            .collect();
        let read = start.elapsed().as_secs_f64();
        let start = Instant::now();
        let found = find(&profiles);
        let matched = start.elapsed().as_secs_f64();
        let cards = profiles.len() as f64;
        // The exponent by which the time to match grows with the number of cards.
        let growth = before.map(|(cards_before, matched_before)| {
            (matched / matched_before).ln() / (cards / cards_before).ln()
        });
        println!(
            "{:>8} {:>9} {:>10.2} {:>12.1} {:>12.1} {:>12}",
            profiles.len(),
            found.compared,
            found.compared as f64 / cards,
            read * 1e6 / cards,
            matched * 1e6 / cards,
            growth.map_or("-".to_owned(), |growth| format!("{growth:.2}"))
        );
        before = Some((cards, matched));
    }
}

/// The texts of so many cards: families on one line, colleagues on one switchboard, and a second
/// card of every third person.
fn crowd(cards: usize) -> Vec<String> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut texts = Vec::with_capacity(cards);
    while texts.len() < cards {
        let family = family_name(&mut dice, cards);
        let home = format!("030{:07}", dice.below(9_000_000) + 1_000_000);
        for _ in 0..1 + dice.skewed(4) {
            person(&mut dice, &family, &home, cards, &mut texts);
        }
    }
    texts.truncate(cards);
    texts
}

fn family_name(dice: &mut Dice, cards: usize) -> String {
    // A larger crowd knows more names, but not as many more.
    let variety = ((cards as f64).powf(0.6) as usize).max(100);
    let mut number = dice.skewed(variety);
    let mut name = String::new();
    while name.len() < 5 || number > 0 {
        name.push_str(SYLLABLES[number % SYLLABLES.len()]);
        number /= SYLLABLES.len();
    }
    name
}

fn person(dice: &mut Dice, family: &str, home: &str, cards: usize, texts: &mut Vec<String>) {
    let given = GIVEN[dice.skewed(GIVEN.len())];
    let mobile = format!("+49170{:07}", dice.below(9_000_000) + 1_000_000);
    let company = dice.below(cards / 20 + 1);
    let mail = format!(
        "{}.{}{}@mail.example",
        given.to_lowercase(),
        family,
        dice.below(10_000)
    );
    let copies = 1 + usize::from(dice.below(3) == 0);
    for copy in 0..copies {
        let mut lines = vec![
            format!("N:{family};{given};;;"),
            format!("FN:{given} {family}"),
        ];
        lines.push(format!("UID:{}", texts.len()));
        match copy {
            0 => lines.push(format!("TEL;TYPE=CELL:{mobile}")),
            _ => lines.push(format!("TEL;TYPE=CELL:0170{}", &mobile[6..])),
        }
        if dice.below(2) == 0 {
            lines.push(format!("TEL;TYPE=HOME:{home}"));
        }
        if dice.below(2) == 0 {
            lines.push(format!("EMAIL:{mail}"));
        }
        if dice.below(3) == 0 {
            lines.push(format!("ORG:Company {company} GmbH"));
            lines.push(format!("TEL;TYPE=WORK:040{:07}", 2_000_000 + company));
        }
        if dice.below(4) == 0 {
            let (number, city) = (1 + dice.below(90), CITIES[dice.below(CITIES.len())]);
            lines.push(format!(
                "ADR;TYPE=HOME:;;{family}weg {number};{city};;{};",
                10_000 + dice.below(9_000)
            ));
        }
        let lines = lines.join("\r\n");
        texts.push(format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}\r\nEND:VCARD\r\n"
        ));
    }
}
