//! What can be typed, and what every command's help shows.

use super::*;
use clap::CommandFactory;
use std::ffi::OsStr;

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_shows_an_example() {
    for command in Cli::command().get_subcommands() {
        let help = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let line = format!("\n  cardweave {}", command.get_name());
        assert!(help.contains(&line), "{}", command.get_name());
    }
}

#[test]
fn every_example_can_be_typed() {
    for command in Cli::command().get_subcommands() {
        let help = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let line = help.lines().last().unwrap_or_default();
        let line = line.split(" > ").next().unwrap_or_default();
        let words = line.split_whitespace().map(|word| word.trim_matches('"'));
        // A quoted name of two words would need a shell; one word is as good.
        let words: Vec<&str> = words.filter(|word| *word != "Lovelace").collect();
        assert!(Cli::try_parse_from(&words).is_ok(), "{words:?}");
    }
}

#[test]
fn global_flags_stand_on_either_side_of_the_command() {
    for line in [
        ["cardweave", "-vv", "--json", "sync", "people"],
        ["cardweave", "sync", "people", "-vv", "--json"],
    ] {
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!((cli.globals.verbose, cli.globals.json), (2, true));
        let Command::Sync(sync) = cli.command else {
            panic!("{line:?}")
        };
        assert_eq!(sync.books, ["people"]);
        assert!(!sync.dry_run && !sync.accept_deletes);
    }
}

#[test]
fn quiet_is_about_progress_and_verbose_about_the_log() {
    for line in ["cardweave -q -v status", "cardweave -v status -q"] {
        let globals = Cli::try_parse_from(line.split(' ')).unwrap().globals;
        assert_eq!((globals.quiet, globals.verbose), (true, 1), "{line}");
    }
}

#[test]
fn a_wrong_command_line_ends_with_code_2() {
    for line in [
        &["cardweave", "sink"][..],
        &["cardweave", "undo", "0"],
        &["cardweave"],
    ] {
        assert_eq!(
            Cli::try_parse_from(line).unwrap_err().exit_code(),
            2,
            "{line:?}"
        );
    }
}

#[test]
fn colour_follows_the_flag_then_no_color_then_the_terminal() {
    let set = Some(OsStr::new("1"));
    assert!(Color::Auto.resolve(true, None));
    assert!(Color::Auto.resolve(true, Some(OsStr::new(""))));
    assert!(!Color::Auto.resolve(true, set));
    assert!(!Color::Auto.resolve(false, None));
    assert!(Color::Always.resolve(false, set));
    assert!(!Color::Never.resolve(true, None));
}
