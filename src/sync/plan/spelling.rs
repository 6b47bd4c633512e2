//! UIDs belong to stores: who the members of group cards are, whatever each store calls them.
//!
//! An agreed group card names its members by their agreed UIDs. What a store holds is read in that
//! spelling, so that a copy that is merely spelled in the store's own UIDs is nobody's edit, and
//! what goes there is written in the store's.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{ContactId, Known, StoreId};
use crate::card::{Card, Change, Field, FieldKey};
use crate::contact::{is_group, member_of, uid_of_member};

const MEMBER: &str = "MEMBER";

/// Under which UIDs contacts are known, where.
#[derive(Debug, Default)]
pub struct Uids {
    agreed: BTreeMap<ContactId, String>,
    whose: BTreeMap<String, ContactId>,
    /// UIDs of copies, in any store: weaker, because two stores may mean two contacts by one.
    anywhere: BTreeMap<String, ContactId>,
    stores: BTreeMap<StoreId, Own>,
    /// The UIDs, in lower case, of those who have become another contact in this run.
    gone_uids: BTreeSet<String>,
}

/// What one store calls them.
#[derive(Debug, Default)]
struct Own {
    whose: BTreeMap<String, ContactId>,
    uids: BTreeMap<ContactId, String>,
}

impl Uids {
    /// The UIDs of these contacts; of none where no group card is among them.
    pub fn of(contacts: &[Known]) -> Uids {
        let mut uids = Uids::default();
        if contacts.iter().any(|known| is_group(&known.agreed)) {
            for known in contacts {
                let copies = known.stores.iter().map(|(store, held)| (store, &held.held));
                uids.note(&known.id, &known.agreed, copies);
            }
        }
        uids
    }

    /// Takes in a contact: the UID of its agreed card, and those of its copies.
    pub(super) fn note<'c>(
        &mut self,
        id: &ContactId,
        agreed: &Card,
        copies: impl Iterator<Item = (&'c StoreId, &'c Card)>,
    ) {
        if let Some(uid) = agreed.uid() {
            self.whose.insert(uid.to_lowercase(), id.clone());
            self.agreed.insert(id.clone(), uid);
        }
        for (store, card) in copies {
            let Some(uid) = card.uid() else { continue };
            let own = self.stores.entry(store.clone()).or_default();
            let lower = uid.to_lowercase();
            own.whose.entry(lower.clone()).or_insert_with(|| id.clone());
            own.uids.insert(id.clone(), uid);
            self.anywhere.entry(lower).or_insert_with(|| id.clone());
        }
    }

    /// Lets the UIDs of one contact stand for another one, which goes on with its values.
    pub(super) fn succeed(&mut self, gone: &ContactId, heir: &ContactId) {
        self.agreed.remove(gone);
        let whose = self.whose.iter().chain(&self.anywhere);
        let theirs = whose.filter(|(_, id)| *id == gone);
        self.gone_uids.extend(theirs.map(|(uid, _)| uid.clone()));
        let all = self.whose.values_mut().chain(self.anywhere.values_mut());
        let owns = self.stores.values_mut();
        for id in all.chain(owns.flat_map(|own| own.whose.values_mut())) {
            if id == gone {
                *id = heir.clone();
            }
        }
    }

    /// The members of a card of this store who are named by the UID of a contact that has become
    /// another one, and shall be named otherwise: as the agreed card names them, and as they stand
    /// there.
    pub(super) fn outlived(&self, store: &StoreId, card: &Card) -> Vec<(Field, Field)> {
        if self.gone_uids.is_empty() {
            return Vec::new();
        }
        let is_gone = |member: &Field| {
            let uid = uid_of_member(member.value()).to_lowercase();
            let own = self.stores.get(store);
            let id = self.whose(Some(store), member);
            let goes_on = id.and_then(|id| own?.uids.get(id));
            self.gone_uids.contains(&uid)
                && goes_on.is_none_or(|goes_on| !goes_on.eq_ignore_ascii_case(&uid))
        };
        let members = card.fields_named(&[MEMBER]).into_iter();
        members
            .filter(is_gone)
            .map(|member| (self.agreed_member(Some(store), &member), member))
            .collect()
    }

    /// Every UID that is known, in lower case, the weaker ones where no stronger one is.
    pub(super) fn all(&self) -> BTreeMap<String, ContactId> {
        let mut all = self.anywhere.clone();
        all.extend(self.whose.clone());
        all
    }

    fn whose(&self, store: Option<&StoreId>, member: &Field) -> Option<&ContactId> {
        let uid = uid_of_member(member.value()).to_lowercase();
        let own = store.and_then(|store| self.stores.get(store));
        own.and_then(|own| own.whose.get(&uid))
            .or_else(|| self.whose.get(&uid))
            .or_else(|| self.anywhere.get(&uid))
    }

    /// The member as the agreed card names it; itself where nobody knows who it is.
    fn agreed_member(&self, store: Option<&StoreId>, member: &Field) -> Field {
        let agreed = self.whose(store, member).and_then(|id| self.agreed.get(id));
        agreed.map_or_else(|| member.clone(), |uid| member_of(uid))
    }

    /// The fields of a card of this store as the agreed card would have them.
    pub(super) fn agreed_fields(
        &self,
        store: Option<&StoreId>,
        mut fields: Vec<Field>,
    ) -> Vec<Field> {
        if self.agreed.is_empty() {
            return fields;
        }
        let mut named: BTreeSet<FieldKey> = BTreeSet::new();
        fields.retain_mut(|field| {
            if field.name() != MEMBER {
                return true;
            }
            *field = self.agreed_member(store, field);
            named.insert(field.key().clone())
        });
        fields
    }

    /// The card with its members named as the agreed card would.
    pub fn agreed_card(&self, store: Option<&StoreId>, card: &Card) -> Card {
        self.spelled(card, |member| self.agreed_member(store, member))
    }

    /// The card as this store would name its members.
    pub(super) fn card_for(&self, store: &StoreId, card: &Card) -> Card {
        let own = self.stores.get(store);
        self.spelled(card, |member| {
            let id = self.whose(Some(store), member);
            let uid = id.and_then(|id| own?.uids.get(id).or_else(|| self.agreed.get(id)));
            match uid {
                Some(uid) if uid_of_member(member.value()).eq_ignore_ascii_case(uid) => {
                    member.clone()
                }
                Some(uid) => member_of(uid),
                None => member.clone(),
            }
        })
    }

    fn spelled(&self, card: &Card, spell: impl Fn(&Field) -> Field) -> Card {
        if self.agreed.is_empty() {
            return card.clone();
        }
        let members = card.fields_named(&[MEMBER]);
        let mut named: BTreeSet<FieldKey> =
            members.iter().map(|member| member.key().clone()).collect();
        let mut changes = Vec::new();
        for member in &members {
            let wanted = spell(member);
            if wanted.key() == member.key() {
                continue;
            }
            changes.push(match named.insert(wanted.key().clone()) {
                true => Change::Replace(member.key().clone(), wanted),
                false => Change::Remove(member.key().clone()),
            });
        }
        card.apply(&changes)
    }

    /// Changes of a card of this store, told in agreed UIDs, as changes of its own lines.
    pub(super) fn changes_for(
        &self,
        store: &StoreId,
        now: &Card,
        changes: Vec<Change>,
    ) -> Vec<Change> {
        let is_member = |change: &Change| match change {
            Change::Add(field) => field.name() == MEMBER,
            Change::Remove(key) | Change::Replace(key, _) => key.name == MEMBER,
        };
        if self.agreed.is_empty() || !changes.iter().any(is_member) {
            return changes;
        }
        let mut lines: BTreeMap<FieldKey, Vec<FieldKey>> = BTreeMap::new();
        for member in now.fields_named(&[MEMBER]) {
            let agreed = self.agreed_member(Some(store), &member);
            let lines = lines.entry(agreed.key().clone()).or_default();
            lines.push(member.key().clone());
        }
        let mut own = Vec::new();
        for change in changes {
            match change {
                Change::Remove(key) if key.name == MEMBER => {
                    let lines = lines.get(&key).cloned().unwrap_or_default();
                    own.extend(lines.into_iter().map(Change::Remove));
                }
                Change::Replace(key, field) if key.name == MEMBER => {
                    let lines = lines.get(&key).cloned().unwrap_or_default();
                    own.extend(lines.into_iter().map(Change::Remove));
                    own.push(Change::Add(field));
                }
                other => own.push(other),
            }
        }
        own
    }
}
