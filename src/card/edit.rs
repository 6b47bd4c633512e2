//! Changes of fields to changes of lines: only the lines of these fields are written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::field::Field;
use super::names::{self, Class};
use super::property::Encoding;
use super::sheet::{Entry, Owned, Role, Sheet};
use super::write::{self, Style};
use super::{Card, Change, FieldKey};

/// Applies changes in order; see [`Card::apply`].
pub(super) fn apply(card: &Card, changes: &[Change]) -> Card {
    if changes.is_empty() {
        return card.clone();
    }
    let sheet = Sheet::of(card);
    let mut wish = Wish::of(sheet.owned());
    for change in changes {
        match change {
            Change::Add(field) => wish.add(field),
            Change::Remove(key) => wish.remove(key),
            Change::Replace(key, field) => wish.replace(key, field),
        }
    }
    if wish.is_idle() {
        return card.clone();
    }
    let bytes = Edit::of(&sheet).carry_out(card, wish);
    Card::of(&bytes)
}

/// What the fields of a card shall become.
struct Wish {
    owned: Vec<Owned>,
    /// Per field of the card, what becomes of it.
    fates: Vec<Fate>,
    by_key: HashMap<FieldKey, usize>,
    /// In the order they came; `None` where one was taken back.
    added: Vec<Option<Field>>,
    added_at: HashMap<FieldKey, usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Stays,
    Goes,
    Becomes(Box<Field>),
}

impl Wish {
    fn of(owned: Vec<Owned>) -> Wish {
        let by_key = owned
            .iter()
            .enumerate()
            .map(|(at, owned)| (owned.field.key().clone(), at))
            .collect();
        Wish {
            fates: vec![Fate::Stays; owned.len()],
            owned,
            by_key,
            added: Vec::new(),
            added_at: HashMap::new(),
        }
    }

    fn is_idle(&self) -> bool {
        self.added_at.is_empty() && self.fates.iter().all(|fate| *fate == Fate::Stays)
    }

    fn add(&mut self, field: &Field) {
        if let Some(&at) = self.by_key.get(field.key()) {
            self.settle(at, field);
            return;
        }
        match self.added_at.get(field.key()) {
            Some(&at) => self.added[at] = Some(field.clone()),
            None => {
                self.added_at.insert(field.key().clone(), self.added.len());
                self.added.push(Some(field.clone()));
            }
        }
    }

    fn remove(&mut self, key: &FieldKey) {
        match self.by_key.get(key) {
            Some(&at) => self.fates[at] = Fate::Goes,
            None => {
                if let Some(at) = self.added_at.remove(key) {
                    self.added[at] = None;
                }
            }
        }
    }

    fn replace(&mut self, key: &FieldKey, field: &Field) {
        let here = self
            .by_key
            .get(key)
            .copied()
            .filter(|&at| self.fates[at] != Fate::Goes);
        let elsewhere = field.key() != key
            && (self.by_key.contains_key(field.key()) || self.added_at.contains_key(field.key()));
        match here {
            Some(at) if !elsewhere && field.key() == key => self.settle(at, field),
            Some(at) if !elsewhere => {
                self.fates[at] = Fate::Becomes(Box::new(field.clone()));
                // From now on the line answers to its new key, and the old one is free again.
                self.by_key.remove(key);
                self.by_key.insert(field.key().clone(), at);
            }
            _ => {
                if field.key() != key {
                    self.remove(key);
                }
                self.add(field);
            }
        }
    }

    /// A line that says it already stays as it is.
    fn settle(&mut self, at: usize, field: &Field) {
        let stays = self.owned[at].field == *field;
        self.fates[at] = if stays {
            Fate::Stays
        } else {
            Fate::Becomes(Box::new(field.clone()))
        };
    }
}

/// What becomes of each entry of a sheet.
struct Edit<'a> {
    sheet: &'a Sheet<'a>,
    style: Style,
    /// Entries written anew (or dropped, where empty). All others are copied.
    written: BTreeMap<usize, Vec<u8>>,
    appended: Vec<u8>,
    groups: HashMap<String, Group>,
    /// Per entry of an address, the `LABEL` lines that print it.
    printed: HashMap<usize, Vec<usize>>,
}

/// The entries of a group, by what they are for.
#[derive(Default)]
struct Group {
    main: Vec<usize>,
    companions: Vec<usize>,
}

impl<'a> Edit<'a> {
    fn of(sheet: &'a Sheet<'a>) -> Edit<'a> {
        let mut groups: HashMap<String, Group> = HashMap::new();
        let mut printed: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, entry) in sheet.entries.iter().enumerate() {
            if let Role::PrintedAddress(address) = entry.role {
                printed.entry(address).or_default().push(at);
            }
            if let Some(group) = entry.group() {
                let group = groups.entry(group).or_default();
                match entry.role {
                    Role::Main => group.main.push(at),
                    Role::Companion => group.companions.push(at),
                    Role::Begin | Role::End | Role::Meta | Role::PrintedAddress(_) => {}
                }
            }
        }
        let style = Style {
            version: sheet.version,
            eol: sheet.lines.eol(),
        };
        Edit {
            sheet,
            style,
            written: BTreeMap::new(),
            appended: Vec::new(),
            groups,
            printed,
        }
    }

    fn carry_out(mut self, card: &Card, wish: Wish) -> Vec<u8> {
        // Lines of items are shared by several fields and come last, when all fates are known.
        let mut lists: BTreeMap<usize, Vec<Field>> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        let mut homeless = Vec::new();
        for (owned, fate) in wish.owned.into_iter().zip(wish.fates) {
            if names::class(owned.field.name()) != Class::Items {
                match fate {
                    Fate::Stays => {}
                    Fate::Goes => self.drop_lines(&owned),
                    Fate::Becomes(field) => self.rewrite(&owned, &field),
                }
                continue;
            }
            if fate != Fate::Stays {
                touched.extend(owned.entries.iter().copied());
            }
            let item = match fate {
                Fate::Stays => owned.field,
                Fate::Goes => continue,
                Fate::Becomes(field) if field.same_attributes(&owned.field) => *field,
                Fate::Becomes(field) => {
                    homeless.push(*field);
                    continue;
                }
            };
            for at in owned.entries {
                lists.entry(at).or_default().push(item.clone());
            }
        }
        let (items, others): (Vec<Field>, Vec<Field>) = wish
            .added
            .into_iter()
            .flatten()
            .partition(|field| names::class(field.name()) == Class::Items);
        for item in homeless.into_iter().chain(items) {
            let home = lists.iter_mut().rev().find(|(_, there)| {
                there.first().is_some_and(|first| {
                    first.name() == item.name() && first.same_attributes(&item)
                })
            });
            match home {
                Some((&at, there)) => {
                    touched.insert(at);
                    there.push(item);
                }
                None => {
                    // The next item of the same kind finds this line: entries end where these begin.
                    let at = self.sheet.entries.len() + lists.len();
                    touched.insert(at);
                    lists.insert(at, vec![item]);
                }
            }
        }
        for at in touched {
            let fields: Vec<&Field> = lists.get(&at).into_iter().flatten().collect();
            self.rewrite_items(at, &fields);
        }
        for field in &others {
            self.append(field);
        }
        self.drop_lonely_companions();
        self.text(card)
    }

    fn drop_lines(&mut self, owned: &Owned) {
        for &at in &owned.entries {
            self.written.insert(at, Vec::new());
            for &label in self.printed.get(&at).into_iter().flatten() {
                self.written.insert(label, Vec::new());
            }
        }
    }

    /// Writes a field over its first line, and drops the others that said the same.
    fn rewrite(&mut self, owned: &Owned, field: &Field) {
        let at = owned.entries[0];
        self.drop_lines(owned);
        let group = self.sheet.entries[at]
            .property
            .as_ref()
            .ok()
            .and_then(|property| property.group.clone());
        // With several lines the label may be of one of those that go.
        let says_the_same = owned.entries.len() == 1
            && owned.field.label() == field.label()
            && write::companions(&owned.field, "g", self.style)
                == write::companions(field, "g", self.style);
        let (group, companions) = match group {
            // The label lines of this group go on saying what they say.
            Some(group) if says_the_same => (Some(group), Vec::new()),
            Some(group) if !self.is_shared(&group, at) => {
                self.drop_companions(&group);
                let companions = write::companions(field, &group, self.style);
                (Some(group), companions)
            }
            _ if write::needs_group(field) => {
                let group = self.fresh_group();
                let companions = write::companions(field, &group, self.style);
                (Some(group), companions)
            }
            _ => (None, Vec::new()),
        };
        let mut bytes = write::field(field, group.as_deref(), self.style);
        bytes.extend(companions);
        self.written.insert(at, bytes);
    }

    fn rewrite_items(&mut self, at: usize, fields: &[&Field]) {
        match self.sheet.entries.get(at) {
            Some(entry) => {
                let group = entry
                    .property
                    .as_ref()
                    .ok()
                    .and_then(|property| property.group.as_deref());
                let bytes = write::items(fields, group, self.style);
                self.written.insert(at, bytes);
            }
            None => {
                let group = fields
                    .first()
                    .filter(|first| write::needs_group(first))
                    .map(|_| self.fresh_group());
                self.appended
                    .extend(write::items(fields, group.as_deref(), self.style));
                if let (Some(group), Some(first)) = (&group, fields.first()) {
                    self.appended
                        .extend(write::companions(first, group, self.style));
                }
            }
        }
    }

    fn append(&mut self, field: &Field) {
        let group = write::needs_group(field).then(|| self.fresh_group());
        self.appended
            .extend(write::field(field, group.as_deref(), self.style));
        if let Some(group) = group {
            self.appended
                .extend(write::companions(field, &group, self.style));
        }
    }

    fn fresh_group(&mut self) -> String {
        let mut number = self.groups.len() + 1;
        while self.groups.contains_key(&format!("item{number}")) {
            number += 1;
        }
        let group = format!("item{number}");
        self.groups.insert(group.clone(), Group::default());
        group
    }

    /// Whether the group has another line than `at` that its companions are about.
    fn is_shared(&self, group: &str, at: usize) -> bool {
        let group = self.groups.get(&group.to_ascii_lowercase());
        group.is_some_and(|group| group.main.iter().any(|&other| other != at))
    }

    fn drop_companions(&mut self, group: &str) {
        if let Some(group) = self.groups.get(&group.to_ascii_lowercase()) {
            self.written
                .extend(group.companions.iter().map(|&at| (at, Vec::new())));
        }
    }

    /// A label goes with the last line that it was about.
    fn drop_lonely_companions(&mut self) {
        let lonely: Vec<usize> = self
            .groups
            .values()
            .filter(|group| {
                !group
                    .main
                    .iter()
                    .any(|&at| self.keeps_group(at, &self.sheet.entries[at]))
            })
            .flat_map(|group| group.companions.iter().copied())
            .collect();
        self.written
            .extend(lonely.into_iter().map(|at| (at, Vec::new())));
    }

    /// Whether an entry is still in its group after the edit.
    fn keeps_group(&self, at: usize, entry: &Entry) -> bool {
        match (self.written.get(&at), entry.group()) {
            (None, _) => true,
            (Some(bytes), Some(group)) => {
                let start = format!("{group}.");
                bytes
                    .get(..start.len())
                    .is_some_and(|there| there.eq_ignore_ascii_case(start.as_bytes()))
            }
            (Some(_), None) => false,
        }
    }

    fn text(&self, card: &Card) -> Vec<u8> {
        let bytes = card.bytes();
        let mut text = Vec::with_capacity(bytes.len() + self.appended.len() + 256);
        let mut at = 0;
        for (number, entry) in self.sheet.entries.iter().enumerate() {
            text.extend_from_slice(&bytes[at..entry.start]);
            at = entry.end;
            if entry.role == Role::End && !self.appended.is_empty() {
                self.close_soft_break(&mut text, number);
                text.extend_from_slice(&self.appended);
            }
            match self.written.get(&number) {
                Some(line) => text.extend_from_slice(line),
                None => text.extend_from_slice(&bytes[entry.start..entry.end]),
            }
        }
        text.extend_from_slice(&bytes[at..]);
        text
    }

    /// A line that ends in a dangling soft break would swallow what is appended after it; a blank
    /// line in between ends it.
    fn close_soft_break(&self, text: &mut Vec<u8>, end: usize) {
        let dangles = self.sheet.entries[..end].last().is_some_and(|last| {
            let encoding = last
                .property
                .as_ref()
                .map(|property| property.attributes.encoding);
            encoding == Ok(Encoding::QuotedPrintable)
        });
        if dangles && text.trim_ascii_end().ends_with(b"=") {
            text.extend_from_slice(self.style.eol);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(version: &str, body: &str) -> Card {
        Card::parse(format!("BEGIN:VCARD\nVERSION:{version}\n{body}END:VCARD\n").as_bytes())
            .unwrap()
    }

    /// The lines between VERSION and END.
    fn body(card: &Card) -> String {
        let text = String::from_utf8_lossy(card.bytes()).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[2..lines.len() - 1].join("|")
    }

    fn key(name: &str, value: &str) -> FieldKey {
        FieldKey {
            name: name.into(),
            value: value.into(),
        }
    }

    fn add(text: &str, field: Field) -> String {
        body(&card("3.0", text).apply(&[Change::Add(field)]))
    }

    fn remove(text: &str, name: &str, value: &str) -> String {
        body(&card("3.0", text).apply(&[Change::Remove(key(name, value))]))
    }

    #[test]
    fn one_change_touches_one_line() {
        let before = card(
            "3.0",
            "X-odd ;\nitem1.fn:a\n\nTEL;type=CELL:1 2\nNOTE:x\n  y\n",
        );
        let after = before.apply(&[Change::Replace(key("TEL", "12"), Field::new("TEL", "13"))]);
        assert_eq!(body(&after), "X-odd ;|item1.fn:a||TEL:13|NOTE:x|  y");
    }

    #[test]
    fn a_replaced_line_keeps_its_group_and_label() {
        let before = card("3.0", "item1.TEL:1\nitem1.X-ABLabel:Boat\n");
        let field = before.field(&key("TEL", "1")).unwrap();
        let moved = Field::new("TEL", "2").with_label(field.label().map(str::to_owned));
        assert_eq!(
            body(&before.apply(&[Change::Replace(key("TEL", "1"), moved)])),
            "item1.TEL:2|item1.X-ABLabel:Boat"
        );
        let bare = before.apply(&[Change::Replace(key("TEL", "1"), Field::new("TEL", "2"))]);
        assert_eq!(body(&bare), "item1.TEL:2");
    }

    #[test]
    fn a_line_that_loses_the_label_of_a_shared_group_leaves_the_group() {
        let before = card("3.0", "item1.TEL:1\nitem1.URL:x:y\nitem1.X-ABLabel:Boat\n");
        let field = before.field(&key("TEL", "1")).unwrap().with_label(None);
        let after = before.apply(&[Change::Replace(key("TEL", "1"), field)]);
        assert_eq!(body(&after), "TEL:1|item1.URL:x:y|item1.X-ABLabel:Boat");
    }

    #[test]
    fn a_label_of_a_repeated_line_is_not_lost_with_it() {
        let before = card("3.0", "item1.TEL:1\nitem2.TEL:1\nitem2.X-ABLabel:Boat\n");
        let field = before.field(&key("TEL", "1")).unwrap().with_pref(Some(1));
        let after = before.apply(&[Change::Replace(key("TEL", "1"), field.clone())]);
        assert_eq!(after.fields(), [field]);
    }

    #[test]
    fn a_removed_line_takes_its_label_unless_others_need_it() {
        assert_eq!(
            remove("item1.TEL:1\nitem1.X-ABLabel:Boat\n", "TEL", "1"),
            ""
        );
        let shared = "item1.TEL:1\nITEM1.EMAIL:a@b\nitem1.X-ABLabel:Boat\n";
        assert_eq!(
            remove(shared, "TEL", "1"),
            "ITEM1.EMAIL:a@b|item1.X-ABLabel:Boat"
        );
        assert_eq!(remove("TEL:1\nTEL;HOME:1\nFN:a\n", "TEL", "1"), "FN:a");
        assert_eq!(
            remove("ADR;TYPE=HOME:;;S\nLABEL;TYPE=HOME:S\nFN:a\n", "ADR", ";;s"),
            "FN:a"
        );
        assert_eq!(remove("FN:a\n", "TEL", "1"), "FN:a");
    }

    #[test]
    fn an_added_field_takes_its_own_text_and_a_group_nobody_has() {
        let from = card("3.0", "item1.TEL;type=Cell:1 2\nitem1.X-ABLabel:Boat\n");
        let field = from.field(&key("TEL", "12")).unwrap();
        let text = add("item2.URL:x:y\nitem2.X-ABLabel:z\n", field);
        assert_eq!(
            text,
            "item2.URL:x:y|item2.X-ABLabel:z|item3.TEL;type=Cell:1 2|item3.X-ABLabel:Boat"
        );
    }

    #[test]
    fn items_share_a_line_and_leave_it() {
        assert_eq!(
            add("CATEGORIES:a,b\n", Field::new("CATEGORIES", "c,d")),
            "CATEGORIES:a,b,c\\,d"
        );
        assert_eq!(
            add("FN:a\n", Field::new("CATEGORIES", "c")),
            "FN:a|CATEGORIES:c"
        );
        assert_eq!(
            remove("CATEGORIES:a,b\n", "CATEGORIES", "a"),
            "CATEGORIES:b"
        );
        assert_eq!(remove("CATEGORIES:a\nFN:x\n", "CATEGORIES", "a"), "FN:x");
        let two = [
            Change::Add(Field::new("CATEGORIES", "x")),
            Change::Add(Field::new("CATEGORIES", "y")),
        ];
        assert_eq!(body(&card("3.0", "").apply(&two)), "CATEGORIES:x,y");
        let swap = [Change::Replace(
            key("CATEGORIES", "a"),
            Field::new("CATEGORIES", "z"),
        )];
        assert_eq!(
            body(&card("3.0", "CATEGORIES:a,b\n").apply(&swap)),
            "CATEGORIES:z,b"
        );
    }

    #[test]
    fn adding_what_is_there_changes_its_attributes_only_where_they_differ() {
        assert_eq!(
            add(
                "TEL;type=home:+1 2\n",
                Field::new("TEL", "+12").with_types(["HOME".into()].into())
            ),
            "TEL;type=home:+1 2"
        );
        assert_eq!(
            add(
                "TEL:+1 2\n",
                Field::new("TEL", "+12").with_types(["HOME".into()].into())
            ),
            "TEL;TYPE=HOME:+12"
        );
    }

    #[test]
    fn what_is_appended_is_not_swallowed_by_a_dangling_soft_break() {
        let before = card("2.1", "NOTE;QUOTED-PRINTABLE:a=\n");
        let after = before.apply(&[Change::Add(Field::new("TEL", "1"))]);
        assert_eq!(
            after.fields().len(),
            2,
            "{}",
            String::from_utf8_lossy(after.bytes())
        );
    }

    #[test]
    fn changes_in_one_batch_see_each_other() {
        let changes = [
            Change::Add(Field::new("TEL", "1")),
            Change::Replace(key("TEL", "1"), Field::new("TEL", "2")),
            Change::Remove(key("FN", "")),
            Change::Replace(key("NOTE", ""), Field::new("NOTE", "n")),
        ];
        assert_eq!(body(&card("4.0", "FN:a\n").apply(&changes)), "TEL:2|NOTE:n");
        let moved = [
            Change::Replace(key("TEL", "1"), Field::new("TEL", "2")),
            Change::Add(Field::new("TEL", "1")),
        ];
        assert_eq!(
            body(&card("4.0", "TEL:1\nFN:a\n").apply(&moved)),
            "TEL:2|FN:a|TEL:1"
        );
    }
}
