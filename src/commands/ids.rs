//! Finds the line that somebody means by the beginning of its id.

use crate::ui::text::clean;

use super::Trouble;

/// How many candidates a message names.
const NAMED: usize = 8;

/// A line of a card, as it is offered to choose from.
pub struct Choice<T> {
    pub id: String,
    /// What it says, in a few words.
    pub told: String,
    pub line: T,
}

/// The one among `choices` whose id is, or begins with, `wanted`. `kind` is what they are: `open
/// promise`.
///
/// # Errors
/// None or several, with those that may be meant, in the order given. Nothing was changed.
pub fn find<T>(choices: Vec<Choice<T>>, wanted: &str, kind: &str) -> Result<Choice<T>, Trouble> {
    let wanted = wanted.trim().to_lowercase();
    let is = |choice: &Choice<T>| choice.id.to_lowercase() == wanted;
    let begins =
        |choice: &Choice<T>| !wanted.is_empty() && choice.id.to_lowercase().starts_with(&wanted);
    let exact = choices.iter().filter(|choice| is(choice)).count();
    let (mut found, others): (Vec<_>, Vec<_>) = choices.into_iter().partition(|choice| {
        if exact > 0 {
            is(choice)
        } else {
            begins(choice)
        }
    });
    match found.pop() {
        Some(one) if found.is_empty() => Ok(one),
        Some(last) => {
            found.push(last);
            Err(Trouble::Asked(format!(
                "Several ids begin with \"{}\". Nothing was changed. Say more of the one that is \
                 meant:\n{}",
                clean(&wanted),
                listed(&found)
            )))
        }
        None if others.is_empty() => Err(Trouble::Asked(format!(
            "There is no {kind}. Nothing was changed."
        ))),
        None => Err(Trouble::Asked(format!(
            "No {kind} has an id that begins with \"{}\". Nothing was changed. There are:\n{}",
            clean(&wanted),
            listed(&others)
        ))),
    }
}

fn listed<T>(choices: &[Choice<T>]) -> String {
    let mut lines: Vec<String> = choices
        .iter()
        .take(NAMED)
        .map(|choice| format!("  {}  {}", clean(&choice.id), clean(&choice.told)))
        .collect();
    if choices.len() > NAMED {
        lines.push(format!("  and {} more", choices.len() - NAMED));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(wanted: &str) -> String {
        let ids = ["ab12", "ab34", "ab"];
        let choices = ids.map(|id| Choice {
            id: id.to_owned(),
            told: format!("of {id}"),
            line: (),
        });
        match find(choices.into(), wanted, "entry") {
            Ok(choice) => choice.id,
            Err(trouble) => trouble.to_string(),
        }
    }

    #[test]
    fn the_beginning_of_an_id_is_enough_where_it_is_the_only_one() {
        assert_eq!(found("ab3"), "ab34");
        assert_eq!(found("AB1"), "ab12");
        assert_eq!(
            found("ab"),
            "ab",
            "an id that is meant whole is no beginning"
        );
        assert!(found("a").starts_with("Several ids begin"));
        assert!(found("c").contains("  ab34  of ab34"));
        assert!(found("").starts_with("No entry"));
    }
}
