//! Manual pages and completion scripts, read by the programs that they are for.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::desk::Desk;
use crate::install::install;

fn commands(desk: &Desk) -> Vec<String> {
    let help = desk.run(&["--help"]).stdout;
    let lines = help.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<String> = lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert!(commands.len() >= 15, "{help}");
    commands
}

fn pages(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.path().join("share/man/man1");
    let ran = desk.run(&["man", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let printed: Vec<PathBuf> = ran.stdout.lines().map(PathBuf::from).collect();
    let there = fs::read_dir(folder).unwrap().count();
    assert_eq!(there, printed.len());
    printed
}

#[test]
fn every_command_has_a_manual_page_which_is_printed() {
    let desk = Desk::new();
    let pages = pages(&desk);
    let names: Vec<String> = pages
        .iter()
        .map(|page| page.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for command in commands(&desk) {
        let name = format!("cardweave-{command}.1");
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(names.contains(&"cardweave.1".to_owned()));
}

#[test]
fn a_second_time_the_same_pages_replace_the_first() {
    let desk = Desk::new();
    let read = |pages: Vec<PathBuf>| pages.iter().map(|page| fs::read(page).unwrap()).collect();
    let first: Vec<Vec<u8>> = read(pages(&desk));
    let second: Vec<Vec<u8>> = read(pages(&desk));
    assert_eq!(first, second);
}

#[test]
fn a_folder_that_cannot_take_pages_is_named() {
    let desk = Desk::new();
    fs::write(desk.path().join("file"), "").unwrap();
    let below = desk.path().join("file/man1");
    let ran = desk.run(&["man", below.to_str().unwrap()]);
    assert!(ran.code == 1 && ran.stderr.contains("file/man1"), "{ran:?}");
    assert_eq!(fs::read(desk.path().join("file")).unwrap(), b"");
}

#[test]
fn groff_reads_the_pages_without_a_warning() {
    install(&["groff"]);
    let desk = Desk::new();
    for page in pages(&desk) {
        let output = Command::new("groff")
            .args(["-man", "-ww", "-Tutf8", "-P-cbou"])
            .arg(&page)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && said.is_empty(),
            "{page:?}: {said}"
        );
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        for part in [
            "EXIT STATUS",
            "3      in step, but questions are open",
            "EXAMPLES\n",
        ] {
            assert!(shown.contains(part), "{page:?} lacks {part}:\n{shown}");
        }
    }
}

#[test]
fn every_shell_gets_a_script_that_names_every_command() {
    let desk = Desk::new();
    let commands = commands(&desk);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = desk.run(&["completions", shell]);
        assert!(ran.code == 0 && ran.stderr.is_empty(), "{shell}");
        for command in &commands {
            assert!(ran.stdout.contains(command.as_str()), "{shell}: {command}");
        }
    }
}

#[test]
fn bash_completes_commands_flags_and_schedulers() {
    let desk = Desk::new();
    let script = desk.path().join("completions");
    fs::write(&script, desk.run(&["completions", "bash"]).stdout).unwrap();
    for (typed, wanted) in [
        ("cardweave sche", "schedule schema"),
        ("cardweave schedu", "schedule"),
        ("cardweave schedule sys", "systemd"),
        ("cardweave schedule cron --ins", "--install"),
        ("cardweave complet", "completions"),
    ] {
        let ask = r#"source "$1"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _cardweave cardweave "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            echo "${COMPREPLY[@]}" | tr ' ' '\n' | sort | xargs"#;
        let output = Command::new("bash")
            .args(["--norc", "-c", ask, "bash"])
            .arg(&script)
            .arg(typed)
            .output()
            .expect("there is bash");
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(shown.trim(), wanted, "{typed}: {output:?}");
    }
}
