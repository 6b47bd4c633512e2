//! The one fingerprint of bytes that is kept or compared anywhere.

use sha2::{Digest, Sha256};

/// Bytes of a whole SHA-256.
pub const WHOLE: usize = 32;

/// The first `bytes` bytes of the SHA-256, in hex; 32 at most.
pub fn digest(content: &[u8], bytes: usize) -> String {
    Sha256::digest(content)
        .iter()
        .take(bytes)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_beginning_of_what_others_make_of_the_same_bytes() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(digest(b"abc", 4), "ba7816bf");
        assert_eq!(digest(b"abc", WHOLE).len(), 64);
        assert!(digest(b"abc", WHOLE).ends_with("f20015ad"));
    }
}
