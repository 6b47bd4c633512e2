//! A group card: what phones show as a group (RFC 6350 section 6.1.4, `KIND:group`).

use std::borrow::Cow;

use crate::card::{Card, Change, Field};

use super::property::one;

/// A card that stands for a list, with the UIDs of the contacts on it.
pub fn group_card<'u>(name: &str, uid: &str, members: impl Iterator<Item = &'u str>) -> Card {
    let start = b"BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\nEND:VCARD\r\n";
    // What is written here is a card; were it none, an empty one would be refused by stores.
    let card = Card::parse(start).unwrap_or_else(|_| unreachable!("a card with two lines"));
    let mut changes = vec![one("FN", name)];
    changes.extend(members.map(|uid| Change::Add(Field::new("MEMBER", &member(uid)))));
    card.with_uid(uid).apply(&changes)
}

/// The URI that `MEMBER` names a UID by (RFC 6350 section 6.6.5).
fn member(uid: &str) -> Cow<'_, str> {
    match uid.contains(':') {
        true => Cow::Borrowed(uid),
        false => Cow::Owned(format!("urn:uuid:{uid}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::Relationship;

    #[test]
    fn a_group_comes_back_from_its_card() {
        let uids = ["u1", "urn:uuid:u2"];
        let card = group_card("Chess; club", "g1", uids.into_iter());
        let again = Card::parse(card.bytes()).unwrap();
        let group = Relationship::of(&again);
        assert!(group.is_group() && group.goal.is_none());
        assert_eq!(again.name(), "Chess; club");
        assert_eq!(group.uid.as_deref(), Some("g1"));
        assert_eq!(group.members, ["u1".to_owned(), "u2".to_owned()].into());
    }
}
