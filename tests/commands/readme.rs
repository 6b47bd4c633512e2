//! What the README shows can be typed.

use std::path::Path;

use crate::desk::Desk;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The first code block of this language.
fn block(text: &str, language: &str) -> String {
    let rest = text
        .split(&format!("```{language}\n"))
        .nth(1)
        .expect("there is such a block");
    rest.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_config_of_the_readme_is_understood() {
    let desk = Desk::new();
    let readme = text("README.md");
    let blocks: Vec<&str> = readme
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() >= 2, "{blocks:?}");
    desk.configure(&blocks.concat());
    let ran = desk.run(&["status"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("phone") && ran.stdout.contains("laptop"),
        "{ran:?}"
    );
}

#[test]
fn the_readme_names_every_command_and_exit_code() {
    let readme = text("README.md");
    let help = Desk::new().run(&["--help"]).stdout;
    let mut lines = help.lines();
    let commands = lines
        .by_ref()
        .skip_while(|line| *line != "Commands:")
        .skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        // A description that goes on in the next line is indented further.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 10, "{help}");
    for command in commands {
        let shown = [format!("`{command}`"), format!("`{command} ")];
        assert!(
            shown.iter().any(|shown| readme.contains(shown)),
            "{command}"
        );
    }
    for line in help
        .lines()
        .skip_while(|line| *line != "Exit codes:")
        .skip(1)
    {
        let Some((code, meaning)) = line.trim().split_once("  ") else {
            break;
        };
        let row = format!("| {code} | {meaning} |");
        assert!(readme.contains(&row), "{row}");
    }
}

#[test]
fn the_script_that_checks_everything_runs_the_command_of_the_readme() {
    let readme = text("README.md");
    let work = readme
        .split("## Work on it")
        .nth(1)
        .expect("there is such a part");
    let command = block(work, "sh");
    let script = text(".ci/run");
    assert!(
        script.lines().any(|line| line.ends_with(command.trim())),
        "{command}"
    );
}

#[test]
fn the_card_of_the_readme_says_what_the_readme_says() {
    use cardweave::card::{Card, second_opinion};
    use cardweave::contact::{Balance, InteractionKind, Relationship, Tier};

    let shown = block(&text("README.md"), "vcf").replace('\n', "\r\n");
    let card = Card::parse(shown.as_bytes()).expect("it is a card");
    assert_eq!(card.oddities(), []);
    assert_eq!(second_opinion(&card, &[]), Ok(()));
    let ada = Relationship::of(&card);
    assert_eq!(ada.tier, Some(Tier::A));
    assert_eq!(ada.cadence.expect("it says one").to_string(), "6w");
    let lunch = ada.last_said().expect("something was said");
    assert_eq!(lunch.text, "lunch, wants an offer");
    assert_eq!((lunch.minutes, lunch.kind), (60, InteractionKind::Meeting));
    assert_eq!(lunch.costs[0].to_string(), "12.50 EUR");
    assert_eq!(lunch.balance, Some(Balance::Gave));
    assert_eq!(lunch.occasion.as_deref(), Some("Hannover Messe"));
    let step = ada.log.iter().find_map(|line| line.as_tier_step());
    assert_eq!(step, Some((Some(Tier::B), Some(Tier::A))));
    assert_eq!(ada.promises[0].text, "send the offer");
    assert_eq!(ada.met[0].event, "Hannover Messe");
    // Each line as we would write it ourselves.
    for field in [lunch.field(), ada.promises[0].field(), ada.met[0].field()] {
        assert!(card.fields().contains(&field), "{field:?}");
    }
}
