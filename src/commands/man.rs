//! `man`: writes the manual pages, one for each command.

use std::io;
use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::roff::{Roff, bold, italic, roman};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::{Cli, Man};
use crate::ui::out::Page;
use crate::ui::text::clean;

use super::put::put;
use super::{Exit, Surroundings, Trouble};

/// What `man --json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ManReport {
    /// The pages that were written.
    pub pages: Vec<PathBuf>,
}

pub fn execute(typed: &Man, at: &mut Surroundings) -> Result<Exit, Trouble> {
    // All of them first, so that a folder gets either none or the pages of one version.
    let pages = pages().map_err(Trouble::Output)?;
    let mut written = Vec::new();
    for (name, text) in pages {
        let path = typed.directory.join(name);
        put(&path, &text).map_err(|reason| {
            Trouble::Failed(format!(
                "Could not write the manual page {}: {reason}. {} pages were written before it, \
                 and nothing else was changed. Name a folder that you can write to",
                path.display(),
                written.len()
            ))
        })?;
        written.push(path);
    }
    at.output
        .present(&ManReport { pages: written }, |report, _: &Page| {
            let pages = report.pages.iter();
            let lines: Vec<String> = pages
                .map(|path| clean(&path.to_string_lossy()).into_owned())
                .collect();
            lines.join("\n")
        })?;
    Ok(Exit::InStep)
}

/// The file name and the text of each page: of the whole, and of each command.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = Cli::command();
    whole.build();
    let codes = Codes::of(&whole);
    let mut pages = vec![page(&whole, &codes)?];
    for command in whole.get_subcommands() {
        if !command.is_hide_set() {
            pages.push(page(command, &codes)?);
        }
    }
    Ok(pages)
}

/// The exit codes and their meanings, as the help shows them.
struct Codes(Vec<(String, String)>);

impl Codes {
    fn of(whole: &clap::Command) -> Self {
        let help = after_help(whole);
        let lines = help.lines().filter_map(|line| {
            let (code, meaning) = line.trim().split_once("  ")?;
            code.parse::<u8>().ok()?;
            Some((code.to_owned(), meaning.to_owned()))
        });
        Self(lines.collect())
    }
}

fn page(command: &clap::Command, codes: &Codes) -> io::Result<(String, Vec<u8>)> {
    let is_whole = command.has_subcommands();
    let page = clap_mangen::Man::new(command.clone())
        .source(concat!("cardweave ", env!("CARGO_PKG_VERSION")))
        .manual("cardweave manual");
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if is_whole {
        page.render_subcommands_section(&mut text)?;
    }
    let mut more = Roff::new();
    exit_status(&mut more, command, codes);
    if is_whole {
        files(&mut more);
        environment(&mut more);
    }
    examples(&mut more, command);
    if !is_whole {
        more.control("SH", ["SEE ALSO"]);
        more.text([bold("cardweave"), roman("(1)")]);
    }
    more.to_writer(&mut text)?;
    Ok((page.get_filename(), text))
}

fn exit_status(roff: &mut Roff, command: &clap::Command, codes: &Codes) {
    roff.control("SH", ["EXIT STATUS"]);
    let help = after_help(command);
    // What a code means for this command alone stands in its help as one line.
    for line in help.lines().filter(|line| line.starts_with("Exit code ")) {
        roff.text([roman(line)]);
    }
    for (code, meaning) in &codes.0 {
        entry(roff, bold(code.as_str()), meaning);
    }
}

fn files(roff: &mut Roff) {
    roff.control("SH", ["FILES"]);
    for (name, text) in [
        (
            "$XDG_CONFIG_HOME/cardweave/config.toml",
            "The config: accounts, books and their stores. Without XDG_CONFIG_HOME in ~/.config.",
        ),
        (
            "$XDG_STATE_HOME/cardweave/state.sqlite",
            "What each store held after the last run, the decisions and the history. Without \
             XDG_STATE_HOME in ~/.local/state.",
        ),
        (
            "$XDG_CONFIG_HOME/systemd/user/cardweave.service, cardweave.timer",
            "What cardweave schedule systemd --install puts in place.",
        ),
    ] {
        entry(roff, italic(name), text);
    }
}

fn environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, text) in [
        (
            "HOME, XDG_CONFIG_HOME, XDG_STATE_HOME",
            "Where the files are.",
        ),
        (
            "DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR",
            "The way to the keyring.",
        ),
        (
            "PATH",
            "Where the password programs of the config are looked for.",
        ),
        (
            "NO_COLOR",
            "When set and not empty: no colour, unless --color says otherwise.",
        ),
        (
            "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY",
            "The proxy to reach servers through, and which ones without.",
        ),
        (
            "RUST_BACKTRACE",
            "With 1, a mistake of cardweave itself shows the way to its place.",
        ),
    ] {
        entry(roff, bold(name), text);
    }
}

fn examples(roff: &mut Roff, command: &clap::Command) {
    let help = after_help(command);
    let lines = help.lines().filter_map(|line| line.strip_prefix("  "));
    let lines: Vec<&str> = lines
        .filter(|line| line.starts_with("cardweave "))
        .collect();
    if lines.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}

fn entry(roff: &mut Roff, name: clap_mangen::roff::Inline, text: &str) {
    roff.control("TP", []);
    roff.text([name]);
    roff.text([roman(text)]);
}

fn after_help(command: &clap::Command) -> String {
    command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_codes_and_examples() {
        let pages = pages().unwrap();
        assert_eq!(pages.len(), 1 + Cli::command().get_subcommands().count());
        for (name, text) in pages {
            let text = String::from_utf8(text).unwrap();
            assert!(
                name.starts_with("cardweave") && name.ends_with(".1"),
                "{name}"
            );
            for part in ["\n.SH \"EXIT STATUS\"\n", "\n.SH EXAMPLES\n"] {
                assert!(text.contains(part), "{name} lacks {part}:\n{text}");
            }
            for code in 0..=5 {
                assert!(text.contains(&format!("\\fB{code}\\fR")), "{name} {code}");
            }
        }
    }
}
