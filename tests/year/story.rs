//! The story: fifty-two weeks, a sync every fourth, and what has to be so after each.

use cardweave::contact::{Acquaintance, Relationship, Side};
use cardweave::state::{Access, State};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::Value;

use crate::ledger::{Chance, Ledger};
use crate::machine::Machine;
use crate::others;
use crate::people::{self, mail, name};
use crate::place::{Place, unfolded};
use crate::support::real::{self, Kind};

const BEGIN: Date = date(2026, 1, 5);
const WEEKS: i64 = 52;
const BETWEEN_SYNCS: i64 = 4;

/// How long a promise runs.
const PROMISED_DAYS: i64 = 10;

struct Year {
    people: usize,
    phone: Place,
    laptop: Place,
    company: Place,
    machine: Machine,
    chance: Chance,
    ledger: Ledger,
    open: Vec<Promised>,
}

struct Promised {
    person: usize,
    side: Side,
    due: Date,
    text: String,
}

#[test]
fn a_year_of_three_hundred_contacts_or_fewer_goes_through_three_stores() {
    let mut year = Year::new();
    year.sort_people();
    for week in 0..WEEKS {
        year.machine.today = BEGIN + (week * 7).days();
        year.work(week);
        year.special(week);
        if week % BETWEEN_SYNCS == BETWEEN_SYNCS - 1 {
            year.sync(week);
        }
    }
    year.machine.today = BEGIN + (WEEKS * 7).days();
    year.close();
}

impl Year {
    fn new() -> Year {
        let people = std::env::var("CARDWEAVE_YEAR_PEOPLE").map_or(40, |text| {
            text.parse().expect("a number of people, 500 at most")
        });
        let phone = Place::real("phone", Kind::Radicale);
        let laptop = Place::folder("laptop");
        let company = Place::real("company", Kind::Xandikos);
        for place in [&phone, &laptop, &company] {
            people::fill(place, people);
        }
        let machine = Machine::new(&[&phone, &laptop, &company], BEGIN);
        let year = Year {
            people,
            phone,
            laptop,
            company,
            machine,
            chance: Chance::new(2026),
            ledger: Ledger::default(),
            open: Vec::new(),
        };
        eprintln!("first sync: {:?}", year.machine.sync());
        year.machine.is_at_rest();
        year
    }

    /// Tiers, lists and goals, as somebody begins.
    fn sort_people(&mut self) {
        for (tier, every, at) in [("A", 20, 0), ("B", 10, 1), ("C", 5, 2), ("D", 10, 4)] {
            let chosen: Vec<String> = (0..self.people)
                .filter(|n| n % every == at)
                .map(mail)
                .collect();
            let mut typed = vec!["tier", tier];
            typed.extend(chosen.iter().map(String::as_str));
            self.machine.say(&typed);
        }
        for (list, every) in [("Chess", 7), ("Press", 9)] {
            let chosen: Vec<String> = (0..self.people)
                .filter(|n| n % every == 0)
                .map(mail)
                .collect();
            let mut typed = vec!["lists", "add", list];
            typed.extend(chosen.iter().map(String::as_str));
            self.machine.say(&typed);
        }
        let goal = [
            "goal",
            "add",
            "Customers",
            "--by",
            "2026-12-31",
            "--target",
            "3",
            "customers",
        ];
        self.machine.say(&goal);
        self.machine
            .say(&["goal", "add", "A book", "--by", "2026-06-30"]);
        self.machine
            .say(&["goal", "assign", "Customers", &mail(0), &mail(1)]);
        self.machine.say(&["cadence", "6w", &mail(2)]);
    }

    /// What is done in every week.
    fn work(&mut self, week: i64) {
        for at in 0..(self.people / 12).max(2) {
            self.log(week, at);
        }
        self.settle_promises();
        for side in [Side::Mine, Side::Theirs] {
            self.promise(week, side);
        }
        self.machine.say(&["due"]);
    }

    fn log(&mut self, week: i64, at: usize) {
        let person = self.chance.below(self.people);
        let kind = ["call", "mail", "meeting", "event"][self.chance.below(4)];
        let minutes = 5 + self.chance.below(60);
        let contact = mail(person);
        let minutes_typed = minutes.to_string();
        let text = format!("week {week}: talk {at}; a, b \"c\" \\ ü");
        let mut typed = vec![
            "log",
            &contact,
            &text,
            "--kind",
            kind,
            "--minutes",
            &minutes_typed,
        ];
        let balance = self.chance.below(3);
        match balance {
            0 => typed.push("--gave"),
            1 => typed.push("--received"),
            _ => {}
        }
        let (currency, cost) = [("EUR", "12.50 EUR"), ("CHF", "8 CHF")][self.chance.below(2)];
        let costs = self.chance.below(4) == 0;
        if costs {
            typed.extend(["--cost", cost]);
        }
        let is_for_goal = self.chance.below(6) == 0;
        let has_result = is_for_goal && self.chance.below(8) == 0;
        if is_for_goal {
            typed.extend(["--goal", "Customers"]);
        }
        if has_result {
            typed.extend(["--result", "1 customer"]);
        }
        if self.chance.below(3) == 0 {
            typed.extend(["--on", "yesterday"]);
        }
        self.machine.say(&typed);
        let ledger = &mut self.ledger;
        ledger.interactions += 1;
        ledger.minutes += u64::try_from(minutes).expect("a small number");
        ledger.gave += u64::from(balance == 0);
        ledger.received += u64::from(balance == 1);
        if costs {
            let cents = if currency == "EUR" { 1250 } else { 800 };
            *ledger.cents.entry(currency).or_default() += cents;
        }
        ledger.customers += u64::from(has_result);
        *ledger.log_lines.entry(person).or_default() += 1;
    }

    fn promise(&mut self, week: i64, side: Side) {
        let person = self.chance.below(self.people);
        let text = format!("promise of week {week}, {}", side.word());
        let due = self.machine.today + PROMISED_DAYS.days();
        let (contact, due_typed) = (mail(person), due.to_string());
        let mut typed = vec!["promise", &contact, &text, "--due", &due_typed];
        if side == Side::Theirs {
            typed.push("--theirs");
        }
        self.machine.say(&typed);
        self.open.push(Promised {
            person,
            side,
            due,
            text,
        });
    }

    /// Keeps most of what is about to fall due, moves some, cancels some, and forgets the rest.
    fn settle_promises(&mut self) {
        let today = self.machine.today;
        let (ripe, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|promise| promise.due < today + 7.days());
        self.open = open;
        for promise in ripe {
            let known = self.relationship(promise.person);
            let mut found = known.promises.iter();
            let id = found
                .find(|known| known.text == promise.text)
                .map(|known| known.id.clone());
            let id = id.expect("it is on the card");
            let kept = match self.chance.below(10) {
                0 => {
                    let reason = "the train; \"late\", sorry";
                    self.machine
                        .say(&["promise", "cancel", &id, "--reason", reason]);
                    false
                }
                1 => {
                    let later = (promise.due + 21.days()).to_string();
                    self.machine
                        .say(&["promise", "move", &id, "--due", &later, "--reason", "ill"]);
                    self.machine.say(&["promise", "keep", &id]);
                    // Kept by the day that was first named.
                    today <= promise.due
                }
                2 => false,
                _ => {
                    self.machine.say(&["promise", "keep", &id]);
                    true
                }
            };
            let side = match promise.side {
                Side::Mine => &mut self.ledger.mine,
                Side::Theirs => &mut self.ledger.theirs,
            };
            side.0 += u64::from(kept);
            side.1 += 1;
        }
    }

    /// What happens once.
    fn special(&mut self, week: i64) {
        match week {
            5 => self.phone_moves_somebody("Tier B", "Tier A"),
            10 => {
                self.machine.say(&["snooze", &mail(0), "3w"]);
                let raised = name(22 % self.people);
                self.machine.say(&["tier", "up", &raised]);
                self.machine.say(&["tier", "up", &raised]);
                self.machine.say(&["tier", "down", &raised]);
            }
            15 => self.fair("Hannover Messe", "Hannover", [5, 6, 7, 8, 20]),
            20 => self.company_edits(),
            22 => self.phone_makes_a_group(),
            26 => self.group_loses_one_and_gets_one(),
            30 => self.phone_meets_somebody_new(),
            37 => self.fair("Buchmesse", "Leipzig", [9, 10, 11, 20, 13]),
            40 => {
                self.machine.say(&["lists", "rename", "Press", "Media"]);
            }
            _ => {}
        }
    }

    fn fair(&mut self, event: &str, place: &str, met: [usize; 5]) {
        for person in met {
            let contact = mail(person);
            let typed = ["met", &contact, event, "--on", "-2d", "--place", place];
            let spent = ["--cost", "90 EUR", "--minutes", "30"];
            self.machine.say(&[&typed[..], &spent[..]].concat());
            *self.ledger.cents.entry("EUR").or_default() += 9000;
            self.ledger.minutes += 30;
        }
        let listed = self.machine.document(&["list", "--met", event]);
        assert_eq!(
            listed["contacts"].as_array().map(Vec::len),
            Some(5),
            "{listed}"
        );
    }

    /// Somebody is dragged from one group to the other, as phones show categories.
    fn phone_moves_somebody(&mut self, from: &str, to: &str) {
        let cards = self.phone.cards();
        let mut moved = cards.values().filter(|card| unfolded(card).contains(from));
        let moved = moved.next().expect("the tiers are on the phone").name();
        self.phone.edit(&moved, |text| text.replace(from, to));
        eprintln!("the phone moves {moved} from {from} to {to}");
        self.sync(5);
        let on_laptop = unfolded(&self.laptop.card(&moved));
        assert!(on_laptop.contains("X-CARDWEAVE-TIER:A"), "{on_laptop}");
        assert!(on_laptop.contains("KIND=tier"), "{on_laptop}");
        assert!(on_laptop.contains(":B -> A"), "{on_laptop}");
        let shown = self.machine.document(&["show", &moved]);
        assert_eq!(shown["relationship"]["tier"], "A", "{shown}");
    }

    fn company_edits(&mut self) {
        let colleague = name(13);
        self.company.edit(&colleague, |text| {
            text.replace(
                "END:VCARD",
                "NOTE:internal: pay grade 7\nTITLE:Head of it\nEND:VCARD",
            )
        });
        self.sync(20);
        let on_phone = unfolded(&self.phone.card(&colleague));
        assert!(on_phone.contains("TITLE:Head of it"), "{on_phone}");
        assert!(!on_phone.contains("pay grade"), "{on_phone}");
        let at_work = unfolded(&self.company.card(&colleague));
        assert!(at_work.contains("pay grade 7"), "{at_work}");
    }

    fn phone_makes_a_group(&mut self) {
        let members: Vec<usize> = (0..self.people).filter(|n| n % 11 == 1).collect();
        let lines: Vec<String> = members
            .iter()
            .map(|n| format!("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:year-{n:03}-person\r\n"))
            .collect();
        let group = format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:group-of-the-phone\r\nN:Skat;;;;\r\nFN:Skat\r\n\
             X-ADDRESSBOOKSERVER-KIND:group\r\n{}END:VCARD\r\n",
            lines.concat()
        );
        self.phone.put("group-of-the-phone", group.as_bytes());
        self.sync(22);
        assert_eq!(self.on_list("Skat"), members.len());
    }

    fn group_loses_one_and_gets_one(&mut self) {
        let before = self.on_list("Skat");
        self.phone.edit("Skat", |text| {
            text.replace("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:year-001-person\n", "")
        });
        self.sync(26);
        assert_eq!(self.on_list("Skat"), before - 1);
        assert!(!self.relationship(1).categories.contains("Skat"));
        self.machine.say(&["lists", "add", "Skat", &mail(2)]);
        self.sync(26);
        let group = unfolded(&self.phone.card("Skat"));
        assert!(group.contains("year-002-person"), "{group}");
        assert!(!group.contains("year-001-person"), "{group}");
        assert_eq!(self.on_list("Skat"), before);
    }

    fn phone_meets_somebody_new(&mut self) {
        let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:new-one\r\nN:Neuling;Ansgar;;;\r\n\
                    FN:Ansgar Neuling\r\nX-FRM-FREQUENCY:2w\r\nX-FRM-GROUP:Choir\r\nEND:VCARD\r\n";
        self.phone.put("new-one", card.as_bytes());
        self.sync(30);
        self.machine.say(&["import", "frm"]);
        assert_eq!(self.on_list("Choir"), 1);
        self.sync(30);
        let everywhere = unfolded(&self.company.card("Ansgar Neuling"));
        assert!(everywhere.contains("Choir"), "{everywhere}");
        assert!(!everywhere.contains("X-CARDWEAVE"), "{everywhere}");
    }

    fn on_list(&self, list: &str) -> usize {
        let listed = self.machine.document(&["list", "--list", list]);
        listed["contacts"].as_array().map_or(0, Vec::len)
    }

    fn sync(&mut self, week: i64) {
        let counted = self.machine.sync();
        eprintln!("week {week}: {counted:?}");
        for (store, [_, _, deleted]) in &counted {
            assert_eq!(*deleted, 0, "{store} in week {week}");
        }
        self.machine.is_at_rest();
        self.company_knows_nothing();
    }

    /// Nothing private is at the company, and nobody is lacking there.
    fn company_knows_nothing(&self) {
        let cards = self.company.cards();
        for card in cards.values() {
            let text = unfolded(card);
            assert!(!text.contains("X-CARDWEAVE"), "{text}");
            assert!(!text.contains("Tier "), "{text}");
            assert!(!text.contains("Customers"), "{text}");
        }
        let names: Vec<String> = cards.values().map(|card| card.name()).collect();
        for n in 0..self.people {
            assert!(names.contains(&name(n)), "{}", name(n));
        }
    }

    fn everybody(&self) -> Vec<Acquaintance> {
        let state = self.machine.path().join("state");
        let (state, _) = State::open(&state, Access::Look).expect("there is a state");
        state
            .acquaintances_with_logs("people")
            .expect("it can be read")
    }

    fn relationship(&self, person: usize) -> Relationship {
        let mut everybody = self.everybody().into_iter();
        let known = everybody.find(|known| known.name == name(person));
        known.expect("everybody is known").relationship
    }

    /// The end of the year: what came of it, and what others see.
    fn close(&mut self) {
        self.settle_promises();
        self.machine
            .say(&["goal", "close", "Customers", "--reached"]);
        self.sync(WEEKS);
        self.compare_report();
        self.machine
            .say(&["report", "--since", "2026-01-05", "--html", "report.html"]);
        self.machine.say(&["due", "--ics", "due.ics"]);
        let page = std::fs::read(self.machine.path().join("report.html")).expect("the page");
        assert!(page.len() > 10_000, "{}", page.len());

        let lines = |year: &Year| -> usize {
            let everybody = year.everybody().into_iter();
            everybody.map(|known| known.relationship.log.len()).sum()
        };
        let before = lines(self);
        self.machine.say(&["archive", "--before", "2026-07-01"]);
        assert!(lines(self) < before, "{before}");
        self.sync(WEEKS);
        self.compare_report();
        self.others_see_the_same();
        self.keep();
    }

    /// Who was logged with most.
    fn busiest(&self) -> usize {
        let lines = self.ledger.log_lines.iter();
        lines
            .max_by_key(|(_, lines)| **lines)
            .map_or(0, |(person, _)| *person)
    }

    fn compare_report(&self) {
        let report = self.machine.document(&["report", "--since", "2026-01-04"]);
        eprintln!("{:?}", self.ledger);
        compare(&report, &self.ledger);
    }

    fn others_see_the_same(&self) {
        let place = self.machine.path();
        let folder = self.laptop.config().folder.expect("the laptop is a folder");
        let listed = others::khard(place, &folder, &["list", "--parsable"]);
        for n in 0..self.people {
            assert!(listed.contains(&name(n)), "khard lists {}", name(n));
        }
        let best = name(self.busiest());
        eprintln!("{}", others::khard(place, &folder, &["show", &best]));

        let before = self.laptop.cards();
        let elsewhere = real::start(Kind::Radicale);
        let carried = others::vdirsyncer(place, &folder, &elsewhere);
        assert_eq!(carried.len(), before.len(), "{carried:#?}");
        assert_eq!(
            others::vdirsyncer(place, &folder, &elsewhere),
            Vec::<String>::new()
        );
        assert_eq!(self.laptop.cards(), before);
        self.machine.is_at_rest();
        eprintln!("{}", unfolded(&self.laptop.card(&best)));
        eprintln!("{}", unfolded(&self.company.card(&best)));
    }

    /// Leaves the pages of the year where the person who asked for it finds them.
    fn keep(&self) {
        let Some(place) = std::env::var_os("CARDWEAVE_YEAR_KEEP") else {
            return;
        };
        for file in ["report.html", "due.ics", "config.toml"] {
            let kept = std::path::Path::new(&place).join(file);
            std::fs::copy(self.machine.path().join(file), kept).expect("it can be kept");
        }
        for typed in [
            &["report", "--since", "2026-01-05"][..],
            &["due"],
            &["goal", "list", "--all"],
        ] {
            eprintln!(
                "$ cardweave {}\n{}",
                typed.join(" "),
                self.machine.say(typed)
            );
        }
    }
}

/// The report says what was counted beside it.
fn compare(report: &Value, ledger: &Ledger) {
    let numbers = &report["numbers"];
    let total = &numbers["total"];
    let number = |value: &Value| value.as_u64().expect("a number");
    assert_eq!(number(&total["interactions"]), ledger.interactions);
    assert_eq!(number(&total["minutes"]), ledger.minutes);
    assert_eq!(number(&total["gave"]), ledger.gave);
    assert_eq!(number(&total["received"]), ledger.received);
    for cost in total["costs"].as_array().expect("a list") {
        let currency = cost["currency"].as_str().expect("a code");
        assert_eq!(
            cost["cents"].as_i64(),
            ledger.cents.get(currency).copied(),
            "{currency}"
        );
    }
    for (kept, (in_time, of)) in [("kept_by_me", ledger.mine), ("kept_by_them", ledger.theirs)] {
        let kept = &numbers[kept];
        assert_eq!(
            (number(&kept["in_time"]), number(&kept["of"])),
            (in_time, of),
            "{kept}"
        );
    }
    let goals = numbers["goals"].as_array().expect("a list");
    let mut named = goals.iter().filter(|goal| goal["name"] == "Customers");
    let customers = named.next().expect("the goal is there");
    assert_eq!(
        number(&customers["reached"]),
        ledger.customers,
        "{customers}"
    );
}
