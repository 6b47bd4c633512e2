//! Recognises a server that answers with the cards of other addresses.

use crate::sync::Now;

use super::look::Looked;

/// Leaves alone the entries of a store that came with each other's cards: a server that mixes up
/// its answers shows in UIDs that are known at other addresses. A UID that only changes is an edit.
pub(super) fn doubt_swapped(looked: &mut Looked) {
    for (id, stock) in &mut looked.stock {
        let read = looked.touched.iter().filter_map(|touched| {
            let known = touched.known.stores.get(id)?.held.uid()?;
            match touched.now.get(id)? {
                Now::Entry(entry) => Some((known, entry.card.uid()?)),
                Now::Gone | Now::Unsure => None,
            }
        });
        let strayed: Vec<(String, String)> = read.filter(|(known, now)| known != now).collect();
        let was_known = |uid: &str| strayed.iter().any(|(known, _)| known == uid);
        let arrivals: Vec<String> = stock.new.iter().filter_map(|new| new.card.uid()).collect();
        let is_swapped = |known: &str, now: &str| {
            let is_elsewhere = strayed.iter().any(|(_, other)| other == known)
                || arrivals.iter().any(|other| other == known);
            known != now && (was_known(now) || is_elsewhere)
        };
        let mut doubtful = Vec::new();
        for touched in &mut looked.touched {
            if let Some(held) = touched.known.stores.get(id)
                && let Some(Now::Entry(entry)) = touched.now.get(id)
                && let (Some(known), Some(now)) = (held.held.uid(), entry.card.uid())
                && is_swapped(&known, &now)
            {
                doubtful.push(entry.href.clone());
                touched.now.insert(id.clone(), Now::Unsure);
            }
        }
        stock.new.retain(|new| {
            let is_sound = !new.card.uid().is_some_and(|uid| was_known(&uid));
            if !is_sound {
                doubtful.push(new.href.clone());
            }
            is_sound
        });
        for href in doubtful {
            let reason = "the server gave it the card of another address".to_owned();
            stock.set_aside(id, &href, None, reason);
        }
    }
}
