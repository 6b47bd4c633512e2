//! A card read for what it says of the relationship.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::book::ContactId;
use crate::card::{Card, Field};

use super::day::day_of_card;
use super::property::{
    CADENCE, CATEGORIES, GOAL, GOAL_BY, GOAL_STATUS, GOAL_TARGET, LAST_CONTACT, LOG, MET, PROMISE,
    SNOOZE, TIER,
};
use super::{Cadence, Foldable, Goal, Interaction, Occasion, Promise, Side, Tier, dropped};

/// All that a card says of the relationship, and of the card what a list of contacts shows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relationship {
    #[serde(skip_serializing_if = "is_default")]
    pub kind: Kind,
    #[serde(skip_serializing_if = "is_default")]
    pub uid: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub tier: Option<Tier>,
    /// Of its own, instead of the tier's.
    #[serde(skip_serializing_if = "is_default")]
    pub cadence: Option<Cadence>,
    /// As the card says; [`Relationship::last_word`] looks at the log too.
    #[serde(skip_serializing_if = "is_default")]
    pub last_contact: Option<Date>,
    #[serde(skip_serializing_if = "is_default")]
    pub snoozed_until: Option<Date>,
    /// The lists by theme, as the card spells them; also mirrored tiers.
    #[serde(skip_serializing_if = "is_default")]
    pub categories: BTreeSet<String>,
    /// By date, then by ID; without the lines that others take the place of.
    #[serde(skip_serializing_if = "is_default")]
    pub log: Vec<Interaction>,
    /// By the day they are due, then by ID.
    #[serde(skip_serializing_if = "is_default")]
    pub promises: Vec<Promise>,
    /// By date, then by ID.
    #[serde(skip_serializing_if = "is_default")]
    pub met: Vec<Occasion>,
    /// The names of the goals that the contact is for.
    #[serde(skip_serializing_if = "is_default")]
    pub goals: BTreeSet<String>,
    /// There where the card is a goal's own.
    #[serde(skip_serializing_if = "is_default")]
    pub goal: Option<Goal>,
    #[serde(skip_serializing_if = "is_default")]
    pub anniversaries: Vec<Anniversary>,
    /// The preferred ones, for reading.
    #[serde(skip_serializing_if = "is_default")]
    pub mail: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    pub organisation: Option<String>,
    /// The UIDs of the members, where the card is a group.
    #[serde(skip_serializing_if = "is_default")]
    pub members: BTreeSet<String>,
    /// What the log comes to, where it is not at hand itself: see [`Relationship::in_brief`].
    #[serde(skip_serializing_if = "is_default")]
    pub gist: Option<Box<Gist>>,
}

/// What a log comes to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gist {
    /// The day of the last line of whatever kind.
    #[serde(skip_serializing_if = "is_default")]
    pub last_line: Option<Date>,
    #[serde(skip_serializing_if = "is_default")]
    pub last_word: Option<Date>,
    #[serde(skip_serializing_if = "is_default")]
    pub last_said: Option<Interaction>,
    #[serde(skip_serializing_if = "is_default")]
    pub gave: u32,
    #[serde(skip_serializing_if = "is_default")]
    pub received: u32,
}

/// A contact of a book, as far as its relationship goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Acquaintance {
    pub id: ContactId,
    /// For reading; not made safe for a terminal.
    pub name: String,
    pub relationship: Relationship,
}

/// Who was raised or lowered when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierStep {
    #[schemars(with = "String")]
    pub date: Date,
    pub from: Option<Tier>,
    pub to: Option<Tier>,
    pub by: Option<String>,
}

/// What a card stands for (RFC 6350 section 6.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person, or whatever is no group.
    #[default]
    Contact,
    Group,
}

/// A day that comes every year.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Anniversary {
    pub kind: AnniversaryKind,
    /// `None`: nobody says which.
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AnniversaryKind {
    Birthday,
    Anniversary,
}

/// The properties that [`Relationship::of`] reads.
const READ: [&str; 21] = [
    "KIND",
    "UID",
    "TEL",
    "EMAIL",
    "ORG",
    "BDAY",
    "ANNIVERSARY",
    "MEMBER",
    CATEGORIES,
    TIER,
    CADENCE,
    LAST_CONTACT,
    SNOOZE,
    LOG,
    PROMISE,
    MET,
    GOAL,
    GOAL_BY,
    GOAL_TARGET,
    GOAL_STATUS,
    "FN",
];

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Relationship {
    /// Reads a card. What cannot be read is passed over: the line stays on the card as it is.
    pub fn of(card: &Card) -> Relationship {
        let mut read = Relationship {
            uid: card.uid(),
            ..Relationship::default()
        };
        let fields = card.fields_named(&READ);
        let mut preferred: BTreeMap<&str, (u8, String)> = BTreeMap::new();
        for field in &fields {
            read.take(field, &mut preferred);
        }
        read.mail = preferred.remove("EMAIL").map(|(_, text)| text);
        read.phone = preferred.remove("TEL").map(|(_, text)| text);
        if read.kind == Kind::Group {
            read.goal = Goal::of(&fields);
        }
        read.unfold();
        read.log
            .sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        read.promises
            .sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
        read.met
            .sort_by(|a, b| (a.date, &a.id).cmp(&(b.date, &b.id)));
        read.anniversaries.sort();
        read
    }

    fn take<'f>(&mut self, field: &'f Field, preferred: &mut BTreeMap<&'f str, (u8, String)>) {
        match field.name() {
            "KIND" if field.value().eq_ignore_ascii_case("group") => self.kind = Kind::Group,
            name @ ("TEL" | "EMAIL") => {
                let rank = field.pref().unwrap_or(101);
                if preferred.get(name).is_none_or(|(best, _)| rank < *best) {
                    preferred.insert(name, (rank, field.text()));
                }
            }
            "ORG" if self.organisation.is_none() => {
                self.organisation = field.components().into_iter().next();
            }
            "BDAY" => self.remember(AnniversaryKind::Birthday, field),
            "ANNIVERSARY" => self.remember(AnniversaryKind::Anniversary, field),
            "MEMBER" => {
                self.members.insert(uid_of_member(field.value()));
            }
            CATEGORIES => {
                self.categories.insert(field.text());
            }
            TIER => self.tier = field.text().parse().ok(),
            CADENCE => self.cadence = Cadence::of_duration(&field.text()),
            LAST_CONTACT => self.last_contact = day_of_card(&field.text()),
            SNOOZE => self.snoozed_until = day_of_card(&field.text()),
            LOG => self.log.push(Interaction::of(field)),
            PROMISE => self.promises.push(Promise::of(field)),
            MET => self.met.push(Occasion::of(field)),
            GOAL => {
                self.goals.insert(field.text());
            }
            _ => {}
        }
    }

    fn remember(&mut self, kind: AnniversaryKind, field: &Field) {
        if self.anniversaries.iter().any(|known| known.kind == kind) {
            return;
        }
        self.anniversaries.extend(yearly(kind, field.value()));
    }

    /// Drops the lines that others take the place of.
    fn unfold(&mut self) {
        let lines: Vec<Foldable> = self.log.iter().map(Interaction::foldable).collect();
        let dropped = dropped(&lines);
        self.log.retain(|line| !dropped.contains(&line.id));
    }

    /// The lists by theme: the categories that stand for no tier.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        let names = self.categories.iter().map(String::as_str);
        names.filter(|name| super::tier_of_category(name).is_none())
    }

    /// The same without the log, which may be long, and with what it comes to.
    pub fn in_brief(&self) -> Relationship {
        let (gave, received) = self.balance();
        let gist = Gist {
            last_line: self.last_line(),
            last_word: self.last_word(),
            last_said: self.last_said().cloned(),
            gave,
            received,
        };
        Relationship {
            log: Vec::new(),
            gist: Some(gist)
                .filter(|gist| *gist != Gist::default())
                .map(Box::new),
            ..self.clone()
        }
    }

    /// The same with its log again.
    pub fn with_log(self, log: Vec<Interaction>) -> Relationship {
        Relationship {
            log,
            gist: None,
            ..self
        }
    }

    /// The day of the last line of the log, of whatever kind.
    pub fn last_line(&self) -> Option<Date> {
        let days = self.log.iter().map(|line| line.date);
        days.chain(self.gist.as_ref().and_then(|gist| gist.last_line))
            .max()
    }

    /// The last day that anybody heard of the other, as card and log say. The day of a sum says
    /// nothing of that.
    pub fn last_word(&self) -> Option<Date> {
        let words = self.log.iter().filter(|line| line.is_word());
        let words = words.filter(|line| line.kind != super::InteractionKind::Sum);
        let logged = words.map(|line| line.date).filter(|day| *day != Date::ZERO);
        let known = self.gist.as_ref().and_then(|gist| gist.last_word);
        logged.chain(self.last_contact).chain(known).max()
    }

    /// The last thing that was said.
    pub fn last_said(&self) -> Option<&Interaction> {
        let mut words = self.log.iter().rev().filter(|line| line.is_word());
        let said = words.find(|line| line.kind != super::InteractionKind::Sum);
        said.or_else(|| self.gist.as_ref()?.last_said.as_ref())
    }

    /// Of the commitments of one side whose time has come: how many were kept in time, and how many
    /// there were.
    pub fn reliability(&self, side: Side, today: Date) -> (usize, usize) {
        let of_side = self.promises.iter().filter(|promise| promise.side == side);
        let judged: Vec<bool> = of_side
            .filter_map(|promise| promise.was_kept_in_time(today))
            .collect();
        (judged.iter().filter(|kept| **kept).count(), judged.len())
    }

    /// The steps of the tier that the log tells, the first one first. The steps of one day have no
    /// order of their own: the last one led to the tier of today, and each began where the one
    /// before it ended.
    pub fn tier_steps(&self) -> Vec<TierStep> {
        let step = |line: &Interaction| {
            let (from, to) = line.as_tier_step()?;
            Some(TierStep {
                date: line.date,
                from,
                to,
                by: line.by.clone(),
            })
        };
        let mut left: Vec<TierStep> = self.log.iter().filter_map(step).collect();
        let mut steps = Vec::new();
        let mut wanted = self.tier;
        while let Some(last) = left.last() {
            let date = last.date;
            let fits = |step: &TierStep| step.date == date && step.to == wanted;
            let at = left.iter().rposition(fits).unwrap_or(left.len() - 1);
            let step = left.remove(at);
            wanted = step.from;
            steps.push(step);
        }
        steps.reverse();
        steps
    }

    /// How often one gave and how often one received.
    pub fn balance(&self) -> (u32, u32) {
        let count = |wanted| {
            let lines = self.log.iter().filter(|line| line.balance == Some(wanted));
            lines.map(|line| line.count).sum::<u32>()
        };
        let (gave, received) = match &self.gist {
            Some(gist) => (gist.gave, gist.received),
            None => (0, 0),
        };
        (
            count(super::Balance::Gave) + gave,
            count(super::Balance::Received) + received,
        )
    }

    pub fn is_group(&self) -> bool {
        self.kind == Kind::Group
    }
}

impl TierStep {
    /// `raised B -> A by Anna`.
    pub fn told(&self) -> String {
        let word = match (self.from, self.to) {
            (None, Some(_)) => "set",
            (Some(_), None) => "taken away",
            // A is the smallest.
            (Some(from), Some(to)) if to < from => "raised",
            _ => "lowered",
        };
        let tier = |tier: Option<Tier>| tier.map_or("none".to_owned(), |tier| tier.to_string());
        let by = self.by.as_ref().map(|by| format!(" by {by}"));
        format!(
            "{word} {} -> {}{}",
            tier(self.from),
            tier(self.to),
            by.unwrap_or_default()
        )
    }
}

/// The UID that a `MEMBER` names, without `urn:uuid:`.
pub fn uid_of_member(member: &str) -> String {
    let member = member.trim();
    let plain = match member.get(..9) {
        Some(scheme) if scheme.eq_ignore_ascii_case("urn:uuid:") => &member[9..],
        _ => member,
    };
    plain.trim().to_owned()
}

/// The day of a normal date: `19960415`, `--0415`, with or without a time.
fn yearly(kind: AnniversaryKind, normal: &str) -> Option<Anniversary> {
    let date = normal.split('T').next()?;
    let (year, rest) = match date.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => (Some(date.get(..4)?.parse().ok()?), date.get(4..)?),
    };
    if rest.len() != 4 {
        return None;
    }
    let (month, day) = (rest.get(..2)?.parse().ok()?, rest.get(2..)?.parse().ok()?);
    // A leap year has every day that there is.
    Date::new(2024, month, day).ok()?;
    Some(Anniversary {
        kind,
        year,
        month,
        day,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(lines: &str) -> Relationship {
        let text =
            format!("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nUID:u1\r\n{lines}END:VCARD\r\n");
        Relationship::of(&Card::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_card_is_read_whole() {
        let ada = read(
            "X-CARDWEAVE-TIER:A\r\nX-CARDWEAVE-CADENCE:P6W\r\nX-CARDWEAVE-LAST-CONTACT:20261101\r\n\
             X-CARDWEAVE-SNOOZE:20270101\r\nCATEGORIES:Chess,Tier A\r\nX-CARDWEAVE-GOAL:Win\r\n\
             X-CARDWEAVE-LOG;ID=2;DATE=20261110;BALANCE=gave:b\r\n\
             X-CARDWEAVE-LOG;ID=1;DATE=20260110;BALANCE=received:a\r\n\
             X-CARDWEAVE-PROMISE;ID=p;DUE=20260101;STATUS=open;SIDE=mine:x\r\n\
             X-CARDWEAVE-MET;ID=m;DATE=20260101:Fair\r\nBDAY:--0229\r\nANNIVERSARY:20100506\r\n\
             EMAIL:a@x.org\r\nEMAIL;PREF=1:b@x.org\r\nTEL:+49 30 1\r\nORG:Foo;Bar\r\n",
        );
        assert_eq!((ada.tier, ada.kind), (Some(Tier::A), Kind::Contact));
        assert_eq!(ada.cadence.unwrap().to_string(), "6w");
        assert_eq!(ada.lists().collect::<Vec<_>>(), ["Chess"]);
        assert_eq!(ada.last_word(), Some(date(2026, 11, 10)));
        assert_eq!(ada.last_said().unwrap().text, "b");
        assert_eq!(ada.balance(), (1, 1));
        assert_eq!(ada.reliability(Side::Mine, date(2026, 11, 25)), (0, 1));
        assert_eq!(ada.anniversaries.len(), 2);
        assert_eq!(ada.mail.as_deref(), Some("b@x.org"));
        assert_eq!(ada.organisation.as_deref(), Some("Foo"));
        let json = serde_json::to_string(&ada).unwrap();
        assert_eq!(serde_json::from_str::<Relationship>(&json).unwrap(), ada);
    }

    #[test]
    fn in_brief_it_says_the_same_but_for_the_log_itself() {
        let ada = read(
            "X-CARDWEAVE-LAST-CONTACT:20260101\r\n\
             X-CARDWEAVE-LOG;ID=2;DATE=20261110;BALANCE=gave:b\r\n\
             X-CARDWEAVE-LOG;ID=3;DATE=20261111;KIND=tier:B -> A\r\n\
             X-CARDWEAVE-LOG;ID=1;DATE=20260110;BALANCE=received;COUNT=2;KIND=sum:a\r\n",
        );
        let brief = ada.in_brief();
        assert_eq!(brief.log, []);
        assert_eq!(brief.last_line(), Some(date(2026, 11, 11)));
        assert_eq!(brief.last_word(), Some(date(2026, 11, 10)));
        assert_eq!(brief.last_said(), ada.last_said());
        assert_eq!((brief.balance(), ada.balance()), ((1, 2), (1, 2)));
        assert_eq!(brief.in_brief(), brief);
        assert_eq!(brief.with_log(ada.log.clone()), ada);
    }

    #[test]
    fn a_plain_card_costs_next_to_nothing_to_keep() {
        let json = serde_json::to_string(&read("")).unwrap();
        assert_eq!(json, r#"{"uid":"u1"}"#);
    }

    #[test]
    fn a_line_that_another_one_folds_does_not_count() {
        let folded = read(
            "X-CARDWEAVE-LOG;ID=1;DATE=20200110:a\r\nX-CARDWEAVE-LOG;ID=2;DATE=20200111:b\r\n\
             X-CARDWEAVE-LOG;ID=s;DATE=20201231;KIND=sum;FOLDS=1 2;COUNT=2:two\r\n\
             X-CARDWEAVE-LOG;ID=t;DATE=20201231;KIND=sum;FOLDS=1;COUNT=1:one\r\n",
        );
        let ids: Vec<&str> = folded.log.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, ["s"]);
    }

    #[test]
    fn a_raised_tier_is_no_word() {
        let raised = read("X-CARDWEAVE-LOG;ID=1;DATE=20261110;KIND=tier:B -> A\r\n");
        assert_eq!((raised.last_word(), raised.last_said()), (None, None));
    }

    #[test]
    fn a_group_has_members_and_may_be_a_goal() {
        let group = read("KIND:group\r\nMEMBER:urn:uuid:ab\r\nMEMBER:cd\r\n");
        assert_eq!(group.members, ["ab".to_owned(), "cd".to_owned()].into());
        assert_eq!(group.goal, None);
        assert!(
            read("KIND:group\r\nX-CARDWEAVE-GOAL-STATUS:open\r\n")
                .goal
                .is_some()
        );
        assert_eq!(read("X-CARDWEAVE-GOAL-STATUS:open\r\n").goal, None);
    }
}
