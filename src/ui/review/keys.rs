//! Tells keys from the bytes that a terminal sends.

use super::session::Key;

/// What stands at the beginning of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Key(Key),
    /// The beginning of a key, of which more may come.
    Partial,
    Nothing,
}

/// The bytes that came and were not used yet.
#[derive(Debug, Default)]
pub struct Bytes {
    waiting: Vec<u8>,
}

const ESCAPE: u8 = 0x1b;

impl Bytes {
    pub fn add(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    /// Takes the next key, of a terminal that sends each one at once.
    pub fn key(&mut self) -> Taken {
        let Some(&first) = self.waiting.first() else {
            return Taken::Nothing;
        };
        let (length, key) = match first {
            // Ctrl-C and Ctrl-D.
            0x03 | 0x04 => (1, Key::Stop),
            b'\r' | b'\n' => (1, Key::Enter),
            ESCAPE => match escape_length(&self.waiting) {
                Some(length) => (length, Key::Other),
                None => return Taken::Partial,
            },
            0x00..0x20 | 0x7f => (1, Key::Other),
            _ => match character(&self.waiting) {
                Some((length, Some(character))) => (length, Key::Char(character)),
                Some((length, None)) => (length, Key::Other),
                None => return Taken::Partial,
            },
        };
        self.waiting.drain(..length);
        Taken::Key(key)
    }

    /// Takes what is there as a key that means nothing: the rest of it did not come.
    pub fn give_up(&mut self) -> Key {
        self.waiting.clear();
        Key::Other
    }

    /// Takes the next line, of a terminal that sends whole lines: nothing is Enter, one character
    /// is its key.
    pub fn line(&mut self) -> Option<Key> {
        let end = self.waiting.iter().position(|&byte| byte == b'\n')?;
        let line: Vec<u8> = self.waiting.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line);
        let mut characters = line.trim().chars();
        Some(match (characters.next(), characters.next()) {
            (None, _) => Key::Enter,
            (Some(character), None) => Key::Char(character),
            _ => Key::Other,
        })
    }
}

/// How long the escape sequence is that stands at the beginning (ECMA-48 section 5.4, and the keys
/// that a terminal sends as `ESC O` and a letter).
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'[' => {
            let end = bytes[2..]
                .iter()
                .position(|byte| (0x40..=0x7e).contains(byte))?;
            Some(2 + end + 1)
        }
        b'O' => bytes.get(2).map(|_| 3),
        _ => Some(2),
    }
}

/// The character at the beginning and its length; no character where the bytes are no UTF-8, and
/// nothing where they may become some.
fn character(bytes: &[u8]) -> Option<(usize, Option<char>)> {
    let start = &bytes[..bytes.len().min(4)];
    match std::str::from_utf8(start) {
        Ok(text) => text
            .chars()
            .next()
            .map(|first| (first.len_utf8(), Some(first))),
        Err(error) if error.valid_up_to() > 0 => {
            let text = std::str::from_utf8(&start[..error.valid_up_to()]).ok()?;
            text.chars()
                .next()
                .map(|first| (first.len_utf8(), Some(first)))
        }
        Err(error) => error.error_len().map(|length| (length, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Taken> {
        let mut all = Bytes::default();
        all.add(bytes);
        let mut keys = Vec::new();
        loop {
            match all.key() {
                Taken::Nothing => return keys,
                Taken::Partial => {
                    keys.push(Taken::Partial);
                    return keys;
                }
                key => keys.push(key),
            }
        }
    }

    #[test]
    fn keys_that_came_together_are_told_apart() {
        assert_eq!(
            keys("mü\r\u{3}".as_bytes()),
            [Key::Char('m'), Key::Char('ü'), Key::Enter, Key::Stop].map(Taken::Key)
        );
    }

    #[test]
    fn an_arrow_or_a_function_key_is_one_key_that_means_nothing() {
        for sequence in ["\u{1b}[A", "\u{1b}OP", "\u{1b}[15;2~", "\u{1b}m"] {
            let bytes = [sequence.as_bytes(), b"k"].concat();
            let expected = [Key::Other, Key::Char('k')].map(Taken::Key);
            assert_eq!(keys(&bytes), expected, "{sequence:?}");
        }
    }

    #[test]
    fn half_a_key_waits_for_the_rest() {
        for half in [&b"\x1b"[..], b"\x1b[1", b"\xc3"] {
            assert_eq!(keys(half), [Taken::Partial], "{half:?}");
        }
        let mut bytes = Bytes::default();
        bytes.add(b"\x1b");
        assert_eq!((bytes.give_up(), bytes.key()), (Key::Other, Taken::Nothing));
    }

    #[test]
    fn bytes_that_are_no_text_mean_nothing() {
        assert_eq!(keys(b"\xff\x00"), [Key::Other; 2].map(Taken::Key));
    }

    #[test]
    fn a_line_is_its_only_character() {
        let mut bytes = Bytes::default();
        bytes.add(b"m\n\n  K \r\nmerge\nrest");
        let lines: Vec<Key> = std::iter::from_fn(|| bytes.line()).collect();
        assert_eq!(
            lines,
            [Key::Char('m'), Key::Enter, Key::Char('K'), Key::Other]
        );
    }
}
