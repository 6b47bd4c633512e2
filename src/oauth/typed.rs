//! Reads lines that a person types while something else is waited for.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

/// Longer lines are no address of a browser.
const LONGEST_LINE: usize = 16 << 10;

/// A terminal, asked from time to time whether a line is there: a thread that waits for one could
/// not be called back, and would take the answer to the next question.
pub(super) struct Typed {
    input: Option<File>,
    line: Zeroizing<Vec<u8>>,
}

impl Typed {
    pub(super) fn on(input: Option<OwnedFd>) -> Self {
        Self {
            input: input.map(File::from),
            line: Zeroizing::new(Vec::new()),
        }
    }

    /// The next line; never ready where nobody can type. May be dropped and called again.
    pub(super) async fn line(&mut self) -> Zeroizing<String> {
        loop {
            if let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
                let rest = self.line.split_off(end + 1);
                let line = std::mem::replace(&mut *self.line, rest);
                let line = Zeroizing::new(line);
                return Zeroizing::new(String::from_utf8_lossy(&line).into_owned());
            }
            self.read_what_is_there();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn read_what_is_there(&mut self) {
        let Some(input) = &mut self.input else {
            return;
        };
        if !rustix::io::ioctl_fionread(&*input).is_ok_and(|waiting| waiting > 0) {
            return;
        }
        let mut part = Zeroizing::new([0; 4096]);
        match input.read(&mut *part) {
            Ok(count) if count > 0 && self.line.len() + count <= LONGEST_LINE => {
                self.line.extend_from_slice(&part[..count]);
            }
            _ => self.input = None,
        }
    }
}
