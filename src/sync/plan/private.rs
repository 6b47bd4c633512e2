//! What never goes to a store and is never taken from there.

use crate::card::{Card, Change, Field};
use crate::contact::{
    CATEGORIES, GOAL_STATUS, LOG, TIER, is_group, name_of_group, stands_for_goal, tier_of_category,
};

/// Whether a property, by its version-neutral name, is covered by one of these patterns: a name, or
/// with `*` at its end any name that begins so.
pub fn is_omitted(name: &str, omit: &[String]) -> bool {
    omit.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(&start.to_ascii_uppercase()),
        None => name.eq_ignore_ascii_case(pattern),
    })
}

/// Whether a field is covered: by its name, or because it tells what a covered property tells. A
/// tier stands in a category too, and in the line of the log that tells when it changed.
pub fn is_private(field: &Field, omit: &[String]) -> bool {
    if omit.is_empty() {
        return false;
    }
    is_omitted(field.name(), omit)
        || (is_omitted(TIER, omit)
            && match field.name() {
                CATEGORIES => tier_of_category(field.value()).is_some(),
                LOG => {
                    let kind = field.params().get("KIND");
                    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("tier"))
                }
                _ => false,
            })
}

/// Whether a whole card is covered: the group card of a tier, and the own card of a goal.
pub fn is_kept_away(card: &Card, omit: &[String]) -> bool {
    let (tiers, goals) = (is_omitted(TIER, omit), is_omitted(GOAL_STATUS, omit));
    if !(tiers || goals) || !is_group(card) {
        return false;
    }
    let is_tier = || name_of_group(card).is_some_and(|name| tier_of_category(&name).is_some());
    (tiers && is_tier()) || (goals && stands_for_goal(card))
}

/// The card without the fields that are covered by these patterns.
pub(super) fn without_omitted(card: &Card, omit: &[String]) -> Card {
    if omit.is_empty() {
        return card.clone();
    }
    let omitted: Vec<Change> = card
        .fields()
        .iter()
        .filter(|field| is_private(field, omit))
        .map(|field| Change::Remove(field.key().clone()))
        .collect();
    card.apply(&omitted)
}

pub(super) fn without(mut fields: Vec<Field>, omit: &[String]) -> Vec<Field> {
    fields.retain(|field| !is_private(field, omit));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(lines: &str) -> Card {
        let text = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\n{lines}\r\nEND:VCARD\r\n");
        Card::parse(text.as_bytes()).unwrap()
    }

    fn left(lines: &str, omit: &[&str]) -> Vec<String> {
        let omit: Vec<String> = omit.iter().map(|&name| name.to_owned()).collect();
        let fields = without_omitted(&card(lines), &omit).fields();
        fields.iter().map(Field::text).collect()
    }

    #[test]
    fn a_tier_is_private_wherever_it_stands() {
        let lines = "FN:Ada\r\nX-CARDWEAVE-TIER:A\r\nCATEGORIES:Tier A,Chess\r\n\
                     X-CARDWEAVE-LOG;ID=1;KIND=tier:B -> A\r\nX-CARDWEAVE-LOG;ID=2:called";
        assert_eq!(
            left(lines, &["X-CARDWEAVE-TIER"]),
            ["Ada", "Chess", "called"]
        );
        assert_eq!(left(lines, &["X-CARDWEAVE-*"]), ["Ada", "Chess"]);
        assert_eq!(left(lines, &["NOTE"]).len(), 6);
    }

    #[test]
    fn the_groups_of_tiers_and_the_cards_of_goals_are_kept_away_whole() {
        let kept = |lines: &str, omit: &str| is_kept_away(&card(lines), &[omit.to_owned()]);
        let tier = "X-ADDRESSBOOKSERVER-KIND:group\r\nFN:Tier A";
        assert!(kept(tier, "X-CARDWEAVE-TIER") && kept(tier, "X-*"));
        assert!(!kept(tier, "NOTE") && !kept("FN:Tier A", "X-CARDWEAVE-TIER"));
        let goal = "X-ADDRESSBOOKSERVER-KIND:group\r\nFN:Win\r\nX-CARDWEAVE-GOAL-BY:20270101";
        assert!(kept(goal, "X-CARDWEAVE-GOAL-STATUS"));
        assert!(!kept(goal, "X-CARDWEAVE-TIER"));
    }
}
