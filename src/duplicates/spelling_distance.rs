//! How many slips of the keyboard lie between two words.

/// Longer words are not compared letter by letter.
const LONGEST: usize = 48;

/// The number of letters to insert, leave out, exchange, or turn round with their neighbour, to
/// make one word of the other; `None` where it is more than `most`.
pub(super) fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    if a.len().abs_diff(b.len()) > most || a.len().max(b.len()) > LONGEST {
        return None;
    }
    let mut before_last = [0usize; LONGEST + 1];
    let mut last = [0usize; LONGEST + 1];
    let mut now = [0usize; LONGEST + 1];
    for (at, cost) in last.iter_mut().enumerate().take(b.len() + 1) {
        *cost = at;
    }
    for i in 1..=a.len() {
        now[0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let exchanged = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut cost = exchanged.min(last[j] + 1).min(now[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before_last[j - 2] + 1);
            }
            now[j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        (before_last, last) = (last, now);
    }
    Some(last[b.len()]).filter(|&distance| distance <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(a: &str, b: &str, most: usize) -> Option<usize> {
        distance(a.as_bytes(), b.as_bytes(), most)
    }

    #[test]
    fn each_slip_counts_once() {
        for (a, b, slips) in [
            ("anna", "anna", 0),
            ("anna", "ana", 1),
            ("anna", "annna", 1),
            ("anna", "anan", 1),
            ("anna", "enna", 1),
            ("mueller", "meuler", 2),
        ] {
            assert_eq!(between(a, b, 2), Some(slips), "{a} {b}");
        }
        assert_eq!(between("anna", "bernd", 2), None);
        assert_eq!(between("", "abc", 2), None);
    }

    proptest! {
        #[test]
        fn the_way_back_is_as_long(a in "[a-c]{0,8}", b in "[a-c]{0,8}") {
            prop_assert_eq!(between(&a, &b, 3), between(&b, &a, 3));
            let jump = strsim::osa_distance(&a, &b);
            prop_assert_eq!(between(&a, &b, 3), Some(jump).filter(|&jump| jump <= 3));
        }
    }
}
