//! Writes results to stdout: text for people or one JSON document, never both.

use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use crate::cli::Color;
use crate::ui::text::needs_escape;

/// Who reads what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Human,
    Json,
}

/// The sheet that text for people is laid out on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub style: Style,
    /// Terminal cells per line; `None` where it is no terminal and lines may be as long as they
    /// are.
    pub width: Option<usize>,
}

/// Colours, or none. Everything reads as well without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colored,
}

/// Stdout, or what stands for it.
pub struct Output {
    target: Box<dyn Write>,
    form: Form,
    page: Page,
    closed: bool,
    presented: bool,
}

impl Style {
    pub fn is_colored(self) -> bool {
        self == Self::Colored
    }

    pub fn strong(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub fn warning(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Wraps the text in one SGR sequence (ECMA-48 section 8.3.117).
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colored => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

impl Output {
    /// Stdout of this process.
    pub fn stdout(form: Form, color: Color) -> Self {
        let terminal = io::stdout().is_terminal();
        let colored = color.resolve(terminal, std::env::var_os("NO_COLOR").as_deref());
        let style = if colored {
            Style::Colored
        } else {
            Style::Plain
        };
        let width = if terminal { columns() } else { None };
        Self::to(Box::new(io::stdout()), form, Page { style, width })
    }

    /// Any other place, for tests and files.
    pub fn to(target: Box<dyn Write>, form: Form, page: Page) -> Self {
        Self {
            target,
            form,
            page,
            closed: false,
            presented: false,
        }
    }

    pub fn page(&self) -> Page {
        self.page
    }

    pub fn form(&self) -> Form {
        self.form
    }

    /// Writes the result of a command: the value as JSON, or what `human` makes of it.
    ///
    /// # Errors
    /// The target cannot take it (a full disk). A reader that went away is none.
    ///
    /// # Panics
    /// On a second result in the JSON form: a reader expects one document.
    pub fn present<T: Serialize>(
        &mut self,
        value: &T,
        human: impl FnOnce(&T, &Page) -> String,
    ) -> io::Result<()> {
        match self.form {
            Form::Human => {
                let text = human(value, &self.page);
                self.write(&text)
            }
            Form::Json => {
                assert!(!self.presented, "a command presents one document");
                self.presented = true;
                let document = json(value)?;
                self.write(&document)
            }
        }
    }

    /// Writes what is the document itself in both forms: a schema, a completion script.
    ///
    /// # Errors
    /// As [`Output::present`].
    pub fn document(&mut self, text: &str) -> io::Result<()> {
        self.write(text)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed || text.is_empty() {
            return Ok(());
        }
        let end = if text.ends_with('\n') { "" } else { "\n" };
        let written = self
            .target
            .write_all(text.as_bytes())
            .and_then(|()| self.target.write_all(end.as_bytes()))
            .and_then(|()| self.target.flush());
        match written {
            // The reader has seen enough, as `head` does: that is a success.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// The value as a JSON text (RFC 8259) that a terminal can be shown: what [`needs_escape`] is
/// escaped as `\uXXXX`, which a reader turns back into the same characters.
fn json<T: Serialize>(value: &T) -> io::Result<String> {
    // Outside of strings the text holds no such character but the newlines of its layout.
    Ok(harmless(serde_json::to_string_pretty(value)?))
}

/// The value as one line of JSON, with the same escapes and without a line end.
///
/// # Errors
/// The value has no form in JSON.
pub fn json_line<T: Serialize>(value: &T) -> io::Result<String> {
    Ok(harmless(serde_json::to_string(value)?))
}

fn harmless(text: String) -> String {
    if text.bytes().all(|byte| byte.is_ascii() && byte != 0x7f) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character == '\n' || !needs_escape(character) {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    const PLAIN: Page = Page {
        style: Style::Plain,
        width: None,
    };

    /// Keeps what is written, until it is told to fail.
    #[derive(Clone, Default)]
    struct Sheet {
        written: Rc<RefCell<Vec<u8>>>,
        fails: Option<ErrorKind>,
    }

    impl Write for Sheet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(kind) = self.fails {
                return Err(kind.into());
            }
            self.written.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn shown(form: Form, value: &str) -> String {
        let sheet = Sheet::default();
        let mut output = Output::to(Box::new(sheet.clone()), form, PLAIN);
        output
            .present(&[value], |values, _| format!("for people: {}", values[0]))
            .unwrap();
        String::from_utf8(sheet.written.take()).unwrap()
    }

    #[test]
    fn a_result_is_text_or_json_and_never_both() {
        assert_eq!(shown(Form::Human, "Ada"), "for people: Ada\n");
        assert_eq!(shown(Form::Json, "Ada"), "[\n  \"Ada\"\n]\n");
    }

    #[test]
    fn json_is_harmless_on_a_terminal_and_exact_for_a_reader() {
        let hostile = "a\u{9b}2J\u{202e}\u{1b}[m\u{7f}\u{e0041} Zoë 山\n";
        let text = shown(Form::Json, hostile);
        assert!(
            !text.chars().any(|c| c != '\n' && needs_escape(c)),
            "{text}"
        );
        let read: Vec<String> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, [hostile]);
    }

    #[test]
    #[should_panic(expected = "one document")]
    fn a_second_json_document_is_a_bug() {
        let mut output = Output::to(Box::new(io::sink()), Form::Json, PLAIN);
        output.present(&1, |_, _| String::new()).unwrap();
        output.present(&2, |_, _| String::new()).unwrap();
    }

    #[test]
    fn a_reader_that_went_away_is_no_error_and_a_full_disk_is() {
        let fails = |kind| {
            let sheet = Sheet {
                fails: Some(kind),
                ..Sheet::default()
            };
            let mut output = Output::to(Box::new(sheet), Form::Human, PLAIN);
            output
                .document("text")
                .and_then(|()| output.document("more"))
        };
        assert!(fails(ErrorKind::BrokenPipe).is_ok());
        assert!(fails(ErrorKind::StorageFull).is_err());
    }

    #[test]
    fn without_colour_nothing_is_added() {
        assert_eq!(Style::Plain.bad("x"), "x");
        assert_eq!(Style::Colored.bad("x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
