//! Reads the lists, and finds a word in them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// What is known by key. Nobody walks through it, so its order never shows.
pub(super) type Known<V> = HashMap<Box<str>, V, BuildHasherDefault<ShortText>>;

/// The ideas of a list: its lines without comments and blank lines.
pub(super) fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
}

/// The words of a line, which commas part.
pub(super) fn words(line: &'static str) -> impl Iterator<Item = &'static str> {
    line.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// FNV-1a, which is quick for texts as short as names.
pub(super) struct ShortText(u64);

impl Default for ShortText {
    fn default() -> Self {
        ShortText(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for ShortText {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        // The table reads the upper bits, which a short text hardly reaches.
        self.0 ^ self.0.rotate_left(32)
    }
}
