//! Keeps a card of ten thousand numbers from filling the screen: some values of a kind are shown,
//! the others counted.

/// How many values of one kind are shown.
const OF_A_KIND: usize = 10;

/// How many values are shown in all.
const IN_ALL: usize = 60;

/// A value that is shown, or how many are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folded<T> {
    Shown(T),
    /// So many more of this label; of several labels where it is empty.
    More(String, Vec<T>),
}

/// Folds values that stand in the order of their labels. Where some have to go, those stay for
/// which `counts` says so, in their order.
pub fn fold<T>(
    values: Vec<T>,
    label: impl Fn(&T) -> &str,
    counts: impl Fn(&T) -> bool,
) -> Vec<Folded<T>> {
    let mut folded = Vec::new();
    let mut values = values.into_iter().peekable();
    let mut left = IN_ALL;
    while let Some(first) = values.next() {
        if left == 0 {
            let hidden = std::iter::once(first).chain(values).collect();
            folded.push(Folded::More(String::new(), hidden));
            break;
        }
        let name = label(&first).to_owned();
        let mut kind = vec![first];
        while let Some(next) = values.next_if(|next| label(next) == name) {
            kind.push(next);
        }
        let most = OF_A_KIND.min(left);
        if kind.len() > most {
            kind.sort_by_key(|value| !counts(value));
        }
        let hidden = kind.split_off(kind.len().min(most));
        left -= kind.len();
        folded.extend(kind.into_iter().map(Folded::Shown));
        if !hidden.is_empty() {
            folded.push(Folded::More(name, hidden));
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(values: Vec<(&'static str, bool)>) -> (usize, Vec<(String, usize)>) {
        let folded = fold(values, |value| value.0, |value| value.1);
        let mut shown = 0;
        let mut more = Vec::new();
        for fold in folded {
            match fold {
                Folded::Shown(_) => shown += 1,
                Folded::More(label, hidden) => more.push((label, hidden.len())),
            }
        }
        (shown, more)
    }

    #[test]
    fn a_usual_card_is_shown_whole() {
        assert_eq!(folded(vec![("name", true), ("phone", true)]), (2, vec![]));
    }

    #[test]
    fn many_of_a_kind_are_counted() {
        let mut values = vec![("phone", true); 10_000];
        values.push(("note", true));
        assert_eq!(folded(values), (11, vec![("phone".to_owned(), 9_990)]));
    }

    #[test]
    fn many_kinds_are_counted_together() {
        let labels: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
        let folded = fold(labels, |label| label, |_| true);
        assert_eq!(folded.len(), IN_ALL + 1);
        assert!(matches!(&folded[IN_ALL], Folded::More(label, hidden)
            if label.is_empty() && hidden.len() == 1_000 - IN_ALL));
    }

    #[test]
    fn what_counts_is_not_hidden_behind_what_does_not() {
        let mut values = vec![("phone", false); 20];
        values.push(("phone", true));
        let folded = fold(values, |value| value.0, |value| value.1);
        assert_eq!(folded[0], Folded::Shown(("phone", true)));
    }
}
