//! Folds content lines at 75 octets (RFC 5545 section 3.1).

/// Without the line break, and with the blank that a further line begins with.
const MOST_OCTETS: usize = 75;

/// The same lines, none of them longer than they should be. `icalendar` does not count the blank
/// at the beginning of a last line.
pub(super) fn folded(text: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let mut folded = String::with_capacity(text.len());
    for line in unfolded.split_terminator("\r\n") {
        let mut room = MOST_OCTETS;
        for character in line.chars() {
            let octets = character.len_utf8();
            if octets > room {
                folded.push_str("\r\n ");
                room = MOST_OCTETS - 1;
            }
            folded.push(character);
            room -= octets;
        }
        folded.push_str("\r\n");
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(lines in prop::collection::vec("[a-z é山👩]{0,200}", 1..4)) {
            let text: String = lines.iter().map(|line| format!("X:{line}\r\n")).collect();
            let folded = folded(&text);
            for line in folded.split("\r\n") {
                prop_assert!(line.len() <= MOST_OCTETS, "{line}");
            }
            prop_assert_eq!(folded.replace("\r\n ", ""), text);
        }
    }
}
