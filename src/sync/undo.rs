//! How a run is taken back, entry by entry. Pure.

use crate::book::{Entry, Href, Write};
use crate::card::{Card, Change};
use crate::merge::{is_unchanged, pairs};

use super::naming::{resource_name, uid_for};

/// What it takes to undo one write.
#[derive(Debug, Clone, PartialEq)]
pub enum Undo {
    Write(Write),
    /// It is as before already.
    Nothing,
    /// Somebody changed it since, so that undoing would destroy what they did. The reason.
    Leave(String),
}

/// Decides how to take one write back: `before` and `after` are what it overwrote and what it
/// left, `now` is what the store holds there today.
///
/// An entry that nobody touched since gets its bytes of before. One that was edited since keeps
/// those edits, and only what the run changed is changed back.
pub fn undo(href: &Href, before: Option<&Card>, after: Option<&Card>, now: Option<&Entry>) -> Undo {
    match (before, after, now) {
        (Some(before), _, None) => Undo::Write(Write::Restore {
            href: href.clone(),
            card: before.clone(),
        }),
        (None, _, None) => Undo::Nothing,
        (None, Some(after), Some(now)) if after.same_meaning(&now.card) => {
            Undo::Write(Write::Delete {
                href: now.href.clone(),
                etag: now.etag.clone(),
            })
        }
        (None, _, Some(_)) => Undo::Leave("it was edited since it was added".to_owned()),
        (Some(before), _, Some(now)) if before == &now.card => Undo::Nothing,
        (Some(before), Some(after), Some(now)) => {
            let card = if after.same_meaning(&now.card) {
                before.clone()
            } else {
                change_back(before, after, &now.card)
            };
            if card == now.card {
                return Undo::Nothing;
            }
            let (href, etag) = (now.href.clone(), now.etag.clone());
            Undo::Write(Write::Update { href, etag, card })
        }
        (Some(_), None, Some(_)) => {
            Undo::Leave("another card stands at its address now".to_owned())
        }
    }
}

/// The same card under a name of ours, for a store that will not have it back where it was.
pub fn anew(card: &Card) -> Write {
    let uid = card.uid().unwrap_or_else(|| uid_for(card, ""));
    Write::Create {
        name: resource_name(&uid),
        card: card.clone(),
    }
}

/// Takes back what a run changed, from `before` to `after`, and leaves what came after it.
pub fn change_back(before: &Card, after: &Card, now: &Card) -> Card {
    let (before, after, fields) = (before.fields(), after.fields(), now.fields());
    let mut changes = Vec::new();
    for (was_left, was_before) in pairs(&after, &before) {
        if is_unchanged((was_left, was_before)) {
            continue;
        }
        match (was_left, was_before) {
            (Some(left), Some(before)) if fields.contains(left) => {
                changes.push(Change::Replace(left.key().clone(), before.clone()));
            }
            (Some(left), None) if fields.contains(left) => {
                changes.push(Change::Remove(left.key().clone()));
            }
            (None, Some(before)) => changes.push(Change::Add(before.clone())),
            _ => {}
        }
    }
    now.apply(&changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::ETag;

    fn card(lines: &str) -> Card {
        let text =
            format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u\r\nFN:A\r\n{lines}\r\nEND:VCARD\r\n");
        Card::parse(text.as_bytes()).unwrap()
    }

    fn entry(lines: &str) -> Entry {
        Entry {
            href: Href::new("dir/a-b.vcf"),
            etag: ETag::new("9"),
            card: card(lines),
        }
    }

    fn undone(before: Option<&str>, after: Option<&str>, now: Option<&str>) -> Undo {
        let href = Href::new("/dir/12345678.vcf");
        let (before, after) = (before.map(card), after.map(card));
        undo(
            &href,
            before.as_ref(),
            after.as_ref(),
            now.map(entry).as_ref(),
        )
    }

    fn text(undo: &Undo) -> String {
        match undo {
            Undo::Write(Write::Restore { card, href }) => format!("restore {href} {card:?}"),
            Undo::Write(Write::Update { card, .. }) => {
                String::from_utf8_lossy(card.bytes()).into_owned()
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn an_untouched_entry_gets_its_bytes_of_before() {
        let undo = undone(Some("TEL:1"), Some("TEL:2"), Some("TEL:2"));
        assert_eq!(text(&undo).as_bytes(), card("TEL:1").bytes());
    }

    #[test]
    fn an_edit_made_since_is_kept() {
        let undo = undone(Some("TEL:1"), Some("TEL:2"), Some("TEL:2\r\nNOTE:later"));
        assert_eq!(text(&undo).as_bytes(), card("TEL:1\r\nNOTE:later").bytes());
    }

    #[test]
    fn a_card_that_was_added_goes_unless_it_was_edited() {
        let undo = undone(None, Some("TEL:1"), Some("TEL:1"));
        assert!(matches!(undo, Undo::Write(Write::Delete { .. })));
        assert!(matches!(
            undone(None, Some("TEL:1"), Some("TEL:2")),
            Undo::Leave(_)
        ));
        assert_eq!(undone(None, Some("TEL:1"), None), Undo::Nothing);
    }

    #[test]
    fn a_card_that_was_deleted_comes_back_where_it_was() {
        let undo = undone(Some("TEL:1"), None, None);
        assert!(
            text(&undo).starts_with("restore /dir/12345678.vcf "),
            "{}",
            text(&undo)
        );
    }

    #[test]
    fn another_card_at_the_address_of_a_deleted_one_is_left_alone() {
        assert!(matches!(
            undone(Some("TEL:1"), None, Some("TEL:9")),
            Undo::Leave(_)
        ));
    }
}
