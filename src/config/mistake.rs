//! Says what is wrong in a config: the place, the line, and what to write instead.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use crate::ui::text::{clean, fit};

/// Why there is no config to work with. Nothing was read or written elsewhere.
#[derive(Debug)]
pub enum ConfigError {
    /// There is no file where one was looked for.
    Missing { path: PathBuf },
    /// Neither `--config` nor a home directory says where to look.
    NoHome,
    /// The file is there but cannot be read.
    Unreadable { path: PathBuf, reason: io::Error },
    /// Everything that is wrong in the file, in its order; at least one.
    Mistakes {
        path: PathBuf,
        mistakes: Vec<Mistake>,
    },
}

/// One thing wrong in the file. Holds no value that could be a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// A sentence: what is wrong, and what to write instead.
    pub what: String,
    /// The line as far as it may be shown, and where in it the mistake is (cells: start, width).
    shown: String,
    mark: (usize, usize),
}

/// Lines longer than this are cut when they are shown.
const SHOWN_WIDTH: usize = 100;

/// What quotes a value is cut here; our own sentences are shorter.
const WHAT_WIDTH: usize = 400;

/// The keys whose values are never secret. Every other line is shown without its value: under a
/// misspelt key may well stand a password.
const OPEN_KEYS: &[&str] = &[
    "access",
    "account",
    "address",
    "addressbook",
    "auth",
    "authorize-url",
    "ca-file",
    "client-certificate",
    "conflicts",
    "device-url",
    "duplicates",
    "email",
    "folder",
    "id",
    "mirror-tiers",
    "name",
    "omit",
    "organisation",
    "pinned-certificate",
    "plain-http",
    "provider",
    "region",
    "scopes",
    "token-url",
    "trusted-hosts",
    "username",
    "A",
    "B",
    "C",
    "D",
];

impl Mistake {
    /// A mistake at a byte range of the file.
    pub(super) fn at(text: &str, span: Range<usize>, what: String) -> Self {
        let start = text.floor_char_boundary(span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find(['\n', '\r'])
            .map_or(text.len(), |end| start + end);
        let end = text.floor_char_boundary(span.end.clamp(start, line_end.max(start)));
        let line = &text[line_start..line_end.max(line_start)];

        let open = showable(line);
        let lead = clean(&text[line_start..start]).width();
        let shown = fit(&clean(open), SHOWN_WIDTH).into_owned();
        let mark = if lead < shown.width() {
            let width = clean(&text[start..end]).width().max(1);
            (lead, width.min(shown.width() - lead))
        } else {
            (shown.width(), 1)
        };
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            what: fit(&clean(&what), WHAT_WIDTH).into_owned(),
            shown: if open.len() < line.trim_end().len() {
                format!("{shown} …")
            } else {
                shown
            },
            mark,
        }
    }
}

/// The part of a line that may be shown: all of it, or what stands before the value.
fn showable(line: &str) -> &str {
    let line = line.trim_end();
    if line.trim_start().starts_with('[') && !line.contains(['=', '"', '\'']) {
        return line;
    }
    let Some((key, value)) = line.split_once('=') else {
        let word = line.split_whitespace().next().unwrap_or("");
        return if OPEN_KEYS.contains(&word) { line } else { "" };
    };
    let list = matches!(key.trim(), "omit" | "scopes" | "trusted-hosts");
    let hidden = value.contains("password")
        || value.contains('{')
        || value.contains('[') && !list
        || value.contains("://") && value.contains('@');
    if OPEN_KEYS.contains(&key.trim()) && !hidden {
        line
    } else {
        &line[..key.len() + 1]
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let (start, width) = self.mark;
        writeln!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.what
        )?;
        writeln!(f, "  {number} | {}", self.shown)?;
        write!(
            f,
            "  {:pad$} | {:start$}{:^<width$}",
            "",
            "",
            "",
            pad = number.len()
        )
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(
                f,
                "There is no config at {}. Nothing was done.\nCopy config.example.toml there and \
                 change it to your accounts and folders, or name another file with --config.",
                clean(&path.to_string_lossy())
            ),
            Self::NoHome => write!(
                f,
                "No home directory is known (HOME is not set), so the config cannot be found. \
                 Nothing was done.\nName the file with --config FILE."
            ),
            Self::Unreadable { path, reason } => write!(
                f,
                "Could not read the config {}: {reason}. Nothing was done.\nMake it readable for \
                 this user, or name another file with --config.",
                clean(&path.to_string_lossy())
            ),
            Self::Mistakes { path, mistakes } => {
                let count = match mistakes.len() {
                    1 => "one mistake".to_owned(),
                    count => format!("{count} mistakes"),
                };
                let path = path.to_string_lossy();
                write!(
                    f,
                    "The config {} has {count}. Nothing was done.",
                    clean(&path)
                )?;
                for mistake in mistakes {
                    write!(f, "\n\n{mistake}")?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_word_also_behind_wide_letters() {
        let text = "\nname = \"山田\" x\n";
        let at = text.find('x').unwrap();
        let shown = Mistake::at(text, at..at + 1, "why".into()).to_string();
        assert_eq!(
            shown,
            "line 2, column 13: why\n  2 | name = \"山田\" x\n    |               ^"
        );
    }

    #[test]
    fn values_that_may_be_secret_are_not_shown() {
        for line in [
            "password = \"hunter2\"",
            "pasword = \"hunter2\"",
            "password = { command = [\"echo\", \"hunter2\"] }",
            "account = [{ name = \"x\", password = \"hunter2\" }]",
            "address = \"https://anna:hunter2@example.com\"",
            "  \"hunter2\", ",
            "hunter2\"\"\"",
            "[account.\"hunter2\"]",
            "name = { x = \"hunter2\" }",
        ] {
            let mistake = Mistake::at(line, 0..line.len(), "why".into());
            assert!(
                !format!("{mistake} {mistake:?}").contains("hunter2"),
                "{mistake}"
            );
        }
    }

    #[test]
    fn the_end_of_the_file_is_a_place_too() {
        assert_eq!(Mistake::at("a = 1\n", 6..6, "why".into()).line, 2);
        assert_eq!(Mistake::at("", 9..12, "why".into()).line, 1);
    }
}
