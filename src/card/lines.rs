//! Bytes to content lines: where each line starts and ends, however it was folded.
//!
//! The extents are found here and not by a parser library, because a card in the wild has what no
//! grammar takes: a byte order mark, bare CR line ends, base64 blocks without indentation, a
//! quoted-printable line whose soft break would swallow `END:VCARD`.

use std::borrow::Cow;

/// One content line or one blank line of a text, as a byte range that includes its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
    /// 1-based physical line.
    pub number: usize,
    pub kind: LineKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Blank,
    Begin,
    End,
    Content,
}

/// A text and its lines. Bytes outside of every line are a byte order mark.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    line_break: LineBreak,
    pub list: Vec<Line>,
}

/// What ends a physical line. A bare CR does so only in a text that has no LF at all (old Mac
/// files); anywhere else it is a control character inside a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    Lf,
    Cr,
}

/// Longer lines are never part of the envelope, and photos are long.
const ENVELOPE_OCTETS: usize = 256;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<'a> Lines<'a> {
    /// Finds the lines of `bytes` in linear time (RFC 6350 section 3.2, and vCard 2.1 soft breaks).
    pub fn of(bytes: &'a [u8]) -> Lines<'a> {
        let mut lines = Lines::unread(bytes);
        lines.list = lines.scan().collect();
        lines
    }

    /// A text whose lines are to be found one by one, by whoever hopes to stop early.
    pub fn unread(bytes: &'a [u8]) -> Lines<'a> {
        let line_break = match bytes.contains(&b'\n') || !bytes.contains(&b'\r') {
            true => LineBreak::Lf,
            false => LineBreak::Cr,
        };
        Lines {
            bytes,
            line_break,
            list: Vec::new(),
        }
    }

    pub fn scan(&self) -> impl Iterator<Item = Line> + '_ {
        let mut at = if self.bytes.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let mut number = 1;
        std::iter::from_fn(move || {
            if at >= self.bytes.len() {
                return None;
            }
            let (end, physical) = self.extent(at);
            let raw = &self.bytes[at..end];
            let kind = match raw.len() {
                0..=ENVELOPE_OCTETS if may_be_envelope(raw) => {
                    kind_of(&unfold(raw, self.line_break))
                }
                _ => LineKind::Content,
            };
            let line = Line {
                start: at,
                end,
                number,
                kind,
            };
            at = end;
            number += physical;
            Some(line)
        })
    }

    pub fn raw(&self, line: Line) -> &'a [u8] {
        &self.bytes[line.start..line.end]
    }

    /// The line without its line end, folds and soft breaks.
    pub fn logical(&self, line: Line) -> Cow<'a, [u8]> {
        unfold(self.raw(line), self.line_break)
    }

    /// The line end that the text uses first; CRLF where it has none.
    pub fn eol(&self) -> &'static [u8] {
        match self.line_break {
            LineBreak::Cr => b"\r",
            LineBreak::Lf => match self.bytes.iter().position(|&byte| byte == b'\n') {
                Some(at) if at > 0 && self.bytes[at - 1] == b'\r' => b"\r\n",
                Some(_) => b"\n",
                None => b"\r\n",
            },
        }
    }

    /// Where the content line that starts at `start` ends, and how many physical lines it takes.
    fn extent(&self, start: usize) -> (usize, usize) {
        let (first, mut end) = physical(self.bytes, start, self.line_break);
        let mut physical_lines = 1;
        if first
            .iter()
            .all(|&byte| byte == b' ' || byte == b'\t' || byte == b'\r')
        {
            return (end, physical_lines);
        }
        let mut head = Head::default();
        head.extend(first);
        let mut last = first;
        while end < self.bytes.len() {
            let (next, next_end) = physical(self.bytes, end, self.line_break);
            let soft_break = head.quoted_printable && last.ends_with(b"=");
            let continues = if soft_break {
                // A dangling soft break must not swallow the end of the card.
                kind_of(next) != LineKind::End && kind_of(next) != LineKind::Begin
            } else {
                next.starts_with(b" ") || next.starts_with(b"\t") || head.base64 && is_base64(next)
            };
            if !continues {
                // The blank line that ends a base64 block of vCard 2.1 belongs to it.
                if head.base64 && physical_lines > 1 && next.is_empty() {
                    return (next_end, physical_lines + 1);
                }
                break;
            }
            head.extend(
                next.strip_prefix(b" ")
                    .or(next.strip_prefix(b"\t"))
                    .unwrap_or(next),
            );
            last = next;
            end = next_end;
            physical_lines += 1;
        }
        (end, physical_lines)
    }
}

/// What the name and the parameters of a line say about how its value continues.
#[derive(Default)]
struct Head {
    text: Vec<u8>,
    complete: bool,
    quoted_printable: bool,
    base64: bool,
}

impl Head {
    fn extend(&mut self, piece: &[u8]) {
        if self.complete {
            return;
        }
        self.complete = piece.contains(&b':');
        if self.complete && self.text.is_empty() {
            // Nearly always: the head is not folded, and nothing needs to be kept of it.
            self.read(piece);
            return;
        }
        self.text.extend_from_slice(piece);
        if self.complete {
            let text = std::mem::take(&mut self.text);
            self.read(&text);
        }
    }

    fn read(&mut self, line: &[u8]) {
        let colon = colon_of(line).unwrap_or(line.len());
        for param in line[..colon].split(|&byte| byte == b';').skip(1) {
            let value = match param.iter().position(|&byte| byte == b'=') {
                Some(at) if param[..at].eq_ignore_ascii_case(b"ENCODING") => &param[at + 1..],
                Some(_) => continue,
                None => param,
            };
            self.quoted_printable |= value.eq_ignore_ascii_case(b"QUOTED-PRINTABLE");
            self.base64 |= value.eq_ignore_ascii_case(b"BASE64");
        }
    }
}

/// The colon that ends the head: the first outside of quotes, or the first at all.
pub(super) fn colon_of(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    for (at, &byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(at),
            _ => {}
        }
    }
    line.iter().position(|&byte| byte == b':')
}

/// The content of the physical line at `start` without its line end, and where the next one starts.
fn physical(bytes: &[u8], start: usize, line_break: LineBreak) -> (&[u8], usize) {
    let rest = &bytes[start..];
    let mark = if line_break == LineBreak::Cr {
        b'\r'
    } else {
        b'\n'
    };
    let Some(at) = rest.iter().position(|&byte| byte == mark) else {
        return (rest, bytes.len());
    };
    let content = &rest[..at];
    (
        content.strip_suffix(b"\r").unwrap_or(content),
        start + at + 1,
    )
}

fn is_base64(line: &[u8]) -> bool {
    !line.is_empty()
        && line
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
}

/// Takes folds, soft breaks (also a dangling one) and the line end off one content line.
fn unfold(raw: &[u8], line_break: LineBreak) -> Cow<'_, [u8]> {
    let (first, mut at) = physical(raw, 0, line_break);
    let first = first.trim_ascii_start();
    let first = first.strip_suffix(b"\r").unwrap_or(first);
    let mut head = Head::default();
    head.extend(first);
    if at >= raw.len() {
        let mut line = first;
        while head.quoted_printable && line.ends_with(b"=") {
            line = &line[..line.len() - 1];
        }
        return Cow::Borrowed(line);
    }
    let mut logical = first.to_vec();
    while at < raw.len() {
        let (next, next_at) = physical(raw, at, line_break);
        if head.quoted_printable && logical.ends_with(b"=") {
            logical.pop();
            logical.extend_from_slice(next);
        } else {
            let piece = next
                .strip_prefix(b" ")
                .or(next.strip_prefix(b"\t"))
                .unwrap_or(next);
            head.extend(piece);
            logical.extend_from_slice(piece);
        }
        at = next_at;
    }
    // An equals sign of the text would be encoded.
    while head.quoted_printable && logical.ends_with(b"=") {
        logical.pop();
    }
    Cow::Owned(logical)
}

/// Whether a line can be blank, `BEGIN` or `END`, as far as its first letter tells.
fn may_be_envelope(raw: &[u8]) -> bool {
    let first = raw.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_none_or(|byte| b"BbEe".contains(byte))
}

fn kind_of(logical: &[u8]) -> LineKind {
    let text = logical.trim_ascii();
    if text.is_empty() {
        LineKind::Blank
    } else if text.eq_ignore_ascii_case(b"BEGIN:VCARD") {
        LineKind::Begin
    } else if text.eq_ignore_ascii_case(b"END:VCARD") {
        LineKind::End
    } else {
        LineKind::Content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logical(text: &str) -> Vec<String> {
        let lines = Lines::of(text.as_bytes());
        lines
            .list
            .iter()
            .map(|&line| String::from_utf8_lossy(&lines.logical(line)).into())
            .collect()
    }

    #[test]
    fn a_fold_is_undone_whatever_white_space_it_uses() {
        assert_eq!(logical("NOTE:a\r\n b\r\n\tc\r\nFN:x"), ["NOTE:abc", "FN:x"]);
    }

    #[test]
    fn a_fold_may_split_a_name_a_parameter_and_a_character() {
        let lines = Lines::of(b"NO\n TE;LANG\n UAGE=de:\xC3\n \xBC\n");
        assert_eq!(
            &*lines.logical(lines.list[0]),
            "NOTE;LANGUAGE=de:ü".as_bytes()
        );
    }

    #[test]
    fn a_soft_break_joins_and_a_dangling_one_leaves_the_end_of_the_card() {
        let text = "NOTE;QUOTED-PRINTABLE:a=\r\nb=\r\nEND:VCARD\r\n";
        assert_eq!(logical(text), ["NOTE;QUOTED-PRINTABLE:ab", "END:VCARD"]);
    }

    #[test]
    fn a_base64_block_ends_at_its_blank_line_indented_or_not() {
        let text = "PHOTO;BASE64:AAAA\nBBBB\n CCCC\n\nTEL:1\n";
        assert_eq!(logical(text), ["PHOTO;BASE64:AAAABBBBCCCC", "TEL:1"]);
    }

    #[test]
    fn a_bare_cr_ends_lines_only_where_no_lf_does() {
        assert_eq!(logical("FN:a\rTEL:1\r"), ["FN:a", "TEL:1"]);
        assert_eq!(logical("FN:a\rTEL:1\n"), ["FN:a\rTEL:1"]);
    }

    #[test]
    fn extents_cover_every_byte_and_count_physical_lines() {
        let text = "FN:a\n b\n\nTEL:1";
        let lines = Lines::of(text.as_bytes());
        let numbers: Vec<usize> = lines.list.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert_eq!(lines.list.last().map(|line| line.end), Some(text.len()));
    }
}
