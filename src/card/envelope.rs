//! Bytes to cards: what is exactly one card, what is several, and what is none.

use super::lines::{Line, LineKind, Lines};
use super::{Card, NotACard};

/// Larger than this is not read. The largest photos seen in the wild take 7 MB.
const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Cards inside cards (`AGENT` of vCard 2.1).
const MAX_DEPTH: usize = 32;

/// Reads exactly one card; see [`Card::parse`].
pub(super) fn parse(bytes: &[u8]) -> Result<Card, NotACard> {
    let refuse = |line: usize, reason: String| Err(NotACard { line, reason });
    if bytes.len() > MAX_BYTES {
        let megabytes = bytes.len() / (1024 * 1024);
        return refuse(
            1,
            format!("{megabytes} MB are more than a card may have (20 MB)"),
        );
    }
    if let Some(reason) = not_text(bytes) {
        return refuse(1, reason.to_owned());
    }
    let lines = Lines::of(bytes);
    let mut depth = 0;
    let mut cards = 0;
    let mut begin = 1;
    for &line in &lines.list {
        match line.kind {
            LineKind::Begin => {
                if depth == 0 {
                    cards += 1;
                    begin = line.number;
                }
                depth += 1;
                if depth > MAX_DEPTH {
                    let reason = format!("more than {MAX_DEPTH} cards inside each other");
                    return refuse(line.number, reason);
                }
            }
            LineKind::End if depth == 0 => {
                return refuse(
                    line.number,
                    "END:VCARD without BEGIN:VCARD before it".to_owned(),
                );
            }
            LineKind::End => depth -= 1,
            LineKind::Content if depth == 0 && !is_junk(lines.raw(line)) => {
                let place = if cards == 0 {
                    "before BEGIN:VCARD"
                } else {
                    "after END:VCARD"
                };
                return refuse(line.number, format!("text {place}"));
            }
            LineKind::Content | LineKind::Blank => {}
        }
    }
    if cards == 0 {
        return refuse(1, "no BEGIN:VCARD".to_owned());
    }
    if depth > 0 {
        let reason = format!("torn: the card that begins in line {begin} has no END:VCARD");
        return refuse(lines.list.last().map_or(1, |line| line.number), reason);
    }
    if cards > 1 {
        return refuse(
            begin,
            format!("{cards} cards here, where one card per file or resource is wanted"),
        );
    }
    Ok(Card::of(bytes))
}

/// Reads every card of a text; see [`Card::parse_all`].
pub(super) fn parse_all(bytes: &[u8]) -> Vec<Result<Card, NotACard>> {
    if bytes.is_empty() || not_text(bytes).is_some() {
        return vec![parse(bytes)];
    }
    let lines = Lines::of(bytes);
    let mut found = Vec::new();
    let mut open: Option<Line> = None;
    let mut depth = 0;
    let mut deepest = 0;
    let mut after_agent = false;
    let torn = |begin: Line| NotACard {
        line: begin.number,
        reason: "torn: the card that begins here has no END:VCARD".to_owned(),
    };
    for &line in &lines.list {
        match (line.kind, open) {
            (LineKind::Begin, Some(begin)) if !after_agent => {
                // A card inside a card follows AGENT; anything else is a card that was cut short.
                found.push(Err(torn(begin)));
                (open, depth, deepest) = (Some(line), 1, 1);
            }
            (LineKind::Begin, Some(_)) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (LineKind::Begin, None) => (open, depth, deepest) = (Some(line), 1, 1),
            (LineKind::End, Some(begin)) => {
                depth -= 1;
                if depth == 0 {
                    let card = &bytes[begin.start..line.end];
                    let card = match deepest <= MAX_DEPTH && card.len() <= MAX_BYTES {
                        // Its lines were all seen here, and there is nothing else to refuse.
                        true => Ok(Card::of(card)),
                        false => parse(card),
                    };
                    found.push(card.map_err(|error| NotACard {
                        line: error.line + begin.number - 1,
                        ..error
                    }));
                    open = None;
                }
            }
            (LineKind::End, None) => found.push(Err(NotACard {
                line: line.number,
                reason: "END:VCARD without BEGIN:VCARD before it".to_owned(),
            })),
            (LineKind::Content, None) if !is_junk(lines.raw(line)) => found.push(Err(NotACard {
                line: line.number,
                reason: "text outside of a card".to_owned(),
            })),
            (LineKind::Content | LineKind::Blank, _) => {}
        }
        if line.kind != LineKind::Blank {
            // The last sign may be a soft break behind the colon.
            let last = lines.raw(line).trim_ascii_end().last();
            after_agent = line.kind == LineKind::Content
                && last.is_some_and(|sign| b":=".contains(sign))
                && is_agent(&lines.logical(line));
        }
    }
    if let Some(begin) = open {
        found.push(Err(torn(begin)));
    }
    if found.is_empty() {
        found.push(parse(bytes));
    }
    found
}

/// Why bytes cannot be a card before any line is looked at.
fn not_text(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii();
    if text.is_empty() {
        return Some("empty");
    }
    if text.iter().all(|&byte| byte == 0) {
        return Some("filled with NUL bytes: the file was not written to its end");
    }
    if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
        return Some("UTF-16 text, which no vCard version knows");
    }
    if text.starts_with(b"<") || text.starts_with(b"\xEF\xBB\xBF<") {
        return Some("a web page or XML, not a card");
    }
    None
}

/// What editors and old file systems leave behind the last line: NUL, Ctrl-Z.
fn is_junk(raw: &[u8]) -> bool {
    raw.iter()
        .all(|&byte| byte == 0 || byte == 0x1A || byte.is_ascii_whitespace())
}

/// Whether a line is the `AGENT:` that a card inside a card follows.
pub(super) fn is_agent(logical: &[u8]) -> bool {
    let text = logical.trim_ascii();
    text.ends_with(b":") && text.len() >= 6 && text[..5].eq_ignore_ascii_case(b"AGENT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        parse(text.as_bytes())
            .map(|_| ())
            .map_or_else(|error| error.to_string(), |()| "card".into())
    }

    #[test]
    fn what_is_no_card_is_refused_with_line_and_reason() {
        assert_eq!(reason(""), "line 1: empty");
        assert_eq!(reason("\r\n\r\n"), "line 1: empty");
        assert_eq!(reason("<html>"), "line 1: a web page or XML, not a card");
        assert_eq!(reason("FN:a\n"), "line 1: text before BEGIN:VCARD");
        assert!(reason("BEGIN:VCARD\nFN:a\n").starts_with("line 2: torn"));
        assert!(reason("\0\0\0").contains("NUL"));
        let two = "BEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n";
        assert!(reason(two).starts_with("line 3: 2 cards"));
        assert!(reason("BEGIN:VCARD\nEND:VCARD\nFN:x\n").contains("after END"));
    }

    #[test]
    fn cards_inside_cards_are_carried_to_a_depth_and_only_balanced() {
        let nested = |n: usize| "BEGIN:VCARD\n".repeat(n) + &"END:VCARD\n".repeat(n);
        assert_eq!(reason(&nested(32)), "card");
        assert!(reason(&nested(33)).contains("inside each other"));
        assert!(reason("BEGIN:VCARD\nBEGIN:VCARD\nEND:VCARD\n").contains("torn"));
    }

    #[test]
    fn too_large_is_refused() {
        let card = format!("BEGIN:VCARD\nNOTE:{}\nEND:VCARD\n", "x".repeat(MAX_BYTES));
        assert!(reason(&card).contains("20 MB"));
    }

    #[test]
    fn one_bad_card_does_not_spoil_the_others() {
        let text = "BEGIN:VCARD\nFN:a\nEND:VCARD\n\nBEGIN:VCARD\nFN:torn\nBEGIN:VCARD\nFN:b\nEND:VCARD\njunk\n";
        let found = parse_all(text.as_bytes());
        let told: Vec<String> = found
            .iter()
            .map(|card| {
                card.as_ref()
                    .map_or_else(|error| error.to_string(), Card::name)
            })
            .collect();
        assert_eq!(
            told,
            [
                "a",
                "line 5: torn: the card that begins here has no END:VCARD",
                "b",
                "line 10: text outside of a card"
            ]
        );
    }

    #[test]
    fn junk_after_the_end_is_carried() {
        assert_eq!(reason("BEGIN:VCARD\nFN:a\nEND:VCARD\n\0\0\x1A"), "card");
    }
}
