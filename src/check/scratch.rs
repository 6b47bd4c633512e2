//! The card that is put into an address book to see what becomes of it, and how it is known again.

use crate::card::{Card, Change, Field, Version};

/// What the scratch card is called, for whoever meets it before it is deleted.
pub const NAME: &str = "cardweave check (may be deleted)";

/// How the UID and the address of every scratch card begin.
const MARK: &str = "cardweave-check-";

/// The name of one scratch card: its UID, and its address without the ending. `moment` and `process`
/// make it another one each time.
pub fn mark(moment: i128, process: u32) -> String {
    format!("{MARK}{moment:x}-{process:x}")
}

/// Whether a card is a scratch card, of whichever run on whichever machine. Such a card is never
/// carried to another store: it is about to be deleted.
pub fn is_scratch(card: &Card) -> bool {
    card.uid().is_some_and(|uid| uid.starts_with(MARK)) || card.name() == NAME
}

/// Whether this last part of an address is that of a scratch card.
pub fn is_scratch_address(name: &str) -> bool {
    name.starts_with(MARK)
}

/// The scratch card as cardweave writes a card of this version.
///
/// vCard 4.0 has a second full name, which older versions cannot say; it has no photo unless
/// `inline_media_in_4`, because cardweave itself writes a card with a photo as 3.0 then.
///
/// # Panics
/// Never: the text is a constant, and a test reads it.
pub fn scratch(mark: &str, version: Version, inline_media_in_4: bool) -> Card {
    let text = CARD
        .replace("{MARK}", mark)
        .replace("{NAME}", NAME)
        .replace('\n', "\r\n");
    let card = Card::parse(text.as_bytes()).expect("the scratch card is a card");
    let unsuited = |field: &&Field| match version {
        Version::V4_0 => field.name() == "PHOTO" && !inline_media_in_4,
        Version::V2_1 | Version::V3_0 => field.name() == "FN" && field.value() != NAME,
    };
    let fields = card.fields();
    let changes: Vec<Change> = fields
        .iter()
        .filter(unsuited)
        .map(|field| Change::Remove(field.key().clone()))
        .collect();
    card.apply(&changes).in_version(version)
}

/// The same card with a birthday without year. A card can have one birthday only, so this is the
/// second thing that is put there.
pub fn without_year(card: &Card) -> Card {
    let fields = card.fields();
    let Some(birthday) = fields.iter().find(|field| field.name() == "BDAY") else {
        return card.clone();
    };
    let other = Field::new("BDAY", "--0505");
    card.apply(&[Change::Replace(birthday.key().clone(), other)])
}

/// Every kind of property, each at least once. Lines are folded as RFC 6350 section 3.2 says.
const CARD: &str = "\
BEGIN:VCARD
VERSION:4.0
UID:{MARK}
FN:{NAME}
FN:cardweave check\\, second name
N:Check;Weave;Maria;Dr.;M.A.
NICKNAME:Weavy
TITLE:Head of Checks
ROLE:Tester
ORG:Example Ltd;Quality;Contacts
TEL;TYPE=cell;PREF=1:+49 170 5550001
TEL;TYPE=work,fax:+49 30 5550002
item1.TEL:+49 30 5550003
item1.X-ABLabel:Boat
EMAIL;TYPE=home;PREF=1:check@example.com
EMAIL;TYPE=work:check.work@example.com
ADR;TYPE=home:;;12 Sample Street;Berlin;Berlin;10115;Germany
ADR;TYPE=work:P.O. Box 7;;;Hannover;;30159;Germany
URL:https://example.com/cards?page=1
IMPP:xmpp:check@example.com
BDAY:19850505
ANNIVERSARY:20100612
RELATED;TYPE=friend:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af
NOTE:First line\\nSecond line\\, with a comma\\; a semicolon, 🎉
CATEGORIES:Friends,Fairs\\, and shows
GEO:geo:52.52,13.405
TZ:+0100
X-CHECK-LONG:This line is longer than the 75 bytes that a line of a card
  may have\\, so it is folded\\, and it has to come back as one line\\,
  without one blank more or less\\, whatever was made of it on the way.
X-CHECK-SCRIPTS:Ζωή Müller\\, 山田太郎\\, مريم العربية
X-CHECK-UNKNOWN:Kept as it is\\, or not
X-CHECK-PARAMETERS;X-LEVEL=3;X-FROM=fair:With parameters
X-CARDWEAVE-TIER:B
X-CARDWEAVE-CADENCE:P3W
X-CARDWEAVE-LAST-CONTACT:20260105
X-CARDWEAVE-LOG;ID=check-1;DATE=20260105;KIND=call;MINUTES=15;COST=12.50 EU
 R;BY=anna:Talked about\\, well\\, the check
X-CARDWEAVE-PROMISE;ID=check-2;DUE=20260301;STATUS=open:Send the minutes
X-CARDWEAVE-MET;ID=check-3;DATE=20251110;PLACE=Hannover:Check fair
X-CARDWEAVE-GOAL:Check goal
X-CARDWEAVE-GOAL-BY:20261231
X-CARDWEAVE-GOAL-TARGET:10 checks
X-CARDWEAVE-GOAL-STATUS:open
X-CARDWEAVE-DISTINCT:cardweave-nobody
X-CARDWEAVE-PROPOSAL;ID=check-4;BY=anna;DATE=20260106:TITLE:Head of Tests
PHOTO:data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAA
 AJElEQVR42mMQsemBo/89DHCES5xhEGogRhGy+GDUMBoPg0IDAD4pM5BWKnO1AAAAAElFTkSuQ
 mCC
END:VCARD
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::second_opinion;
    use crate::check::{SUBJECTS, bare_with, without};

    fn names(card: &Card) -> Vec<String> {
        let fields = card.fields();
        fields.iter().map(|field| field.name().to_owned()).collect()
    }

    #[test]
    fn the_card_has_every_subject_and_nothing_that_has_no_words() {
        let card = scratch("cardweave-check-1", Version::V4_0, true);
        assert!(card.oddities().is_empty(), "{:?}", card.oddities());
        let names = names(&card);
        for subject in SUBJECTS {
            for name in subject.names {
                assert!(names.iter().any(|has| has == name), "{name}");
            }
        }
        for name in &names {
            let known = SUBJECTS
                .iter()
                .any(|subject| subject.names.contains(&name.as_str()));
            assert!(known, "{name}");
        }
    }

    #[test]
    fn no_line_of_the_card_is_longer_than_75_bytes_and_other_readers_take_it() {
        for version in [Version::V3_0, Version::V4_0] {
            let card = scratch("cardweave-check-1", version, true);
            let text = String::from_utf8(card.bytes().to_vec()).unwrap();
            for line in text.lines() {
                assert!(line.len() <= 75, "{line}");
            }
        }
        let card = scratch("cardweave-check-1", Version::V4_0, true);
        assert!(second_opinion(&card, &[]).is_ok());
    }

    #[test]
    fn each_version_gets_what_cardweave_would_write_in_it() {
        let three = scratch("cardweave-check-1", Version::V3_0, false);
        assert_eq!(three.version(), Version::V3_0);
        let count = |card: &Card, name: &str| names(card).iter().filter(|has| *has == name).count();
        assert_eq!((count(&three, "FN"), count(&three, "PHOTO")), (1, 1));
        let four = scratch("cardweave-check-1", Version::V4_0, false);
        assert_eq!((count(&four, "FN"), count(&four, "PHOTO")), (2, 0));
        for card in [three, four] {
            let other = without_year(&card);
            assert_eq!(count(&other, "BDAY"), 1);
            assert!(!other.same_meaning(&card));
            let text = String::from_utf8_lossy(other.bytes()).into_owned();
            assert!(
                text.contains("BDAY:--0505") || text.contains("=1604:1604-05-05"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_scratch_card_is_known_by_its_uid_or_its_name_and_others_are_not() {
        let card = scratch(&mark(7, 1), Version::V3_0, false);
        assert!(is_scratch(&card));
        assert!(is_scratch(&card.with_uid("given-by-the-server")));
        let person = "BEGIN:VCARD\nVERSION:3.0\nUID:check-cardweave-check-1\nFN:Ada\nEND:VCARD\n";
        assert!(!is_scratch(&Card::parse(person.as_bytes()).unwrap()));
        assert_ne!(mark(7, 1), mark(8, 1));
        assert_ne!(mark(7, 1), mark(7, 2));
        assert!(is_scratch_address(&format!("{}.vcf", mark(7, 1))));
        assert!(!is_scratch_address("ada.vcf"));
    }

    #[test]
    fn parts_can_be_taken_out_and_put_alone() {
        let card = scratch("cardweave-check-1", Version::V4_0, true);
        let phones = SUBJECTS
            .iter()
            .find(|subject| subject.names == ["TEL"])
            .unwrap();
        assert!(!names(&without(&card, &[*phones])).contains(&"TEL".to_owned()));
        let bare = bare_with(&card, phones);
        let mut names = names(&bare);
        names.dedup();
        assert_eq!(names, ["FN", "N", "TEL"]);
        assert!(is_scratch(&bare));
    }
}
