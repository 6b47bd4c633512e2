//! Asks a person on the terminal; where there is none, says so instead of waiting.

use std::io::{self, IsTerminal};

use inquire::ui::RenderConfig;
use inquire::{Confirm, InquireError, MultiSelect, Password, PasswordDisplayMode, Select, Text};
use secrecy::SecretString;

use super::text::clean;

/// Somebody who can be asked. All texts are cleaned before they are shown.
pub trait Person {
    /// Whether anybody is there at all.
    fn is_there(&self) -> bool;

    /// Tells something between two questions, on stderr.
    fn tell(&mut self, text: &str);

    /// A line of text; an empty answer means `default`, where there is one.
    ///
    /// # Errors
    /// As all questions: nobody is there, or they want to stop.
    fn text(&mut self, question: &str, default: Option<&str>) -> Result<String, NoAnswer>;

    /// A password, typed unseen.
    ///
    /// # Errors
    /// As [`Person::text`].
    fn secret(&mut self, question: &str) -> Result<SecretString, NoAnswer>;

    /// Yes or no.
    ///
    /// # Errors
    /// As [`Person::text`].
    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, NoAnswer>;

    /// One of these, by its index; the first is the default.
    ///
    /// # Errors
    /// As [`Person::text`].
    fn choose(&mut self, question: &str, options: &[String]) -> Result<usize, NoAnswer>;

    /// Any number of these, by their indices in rising order; `chosen` are the default.
    ///
    /// # Errors
    /// As [`Person::text`].
    fn choose_many(
        &mut self,
        question: &str,
        options: &[String],
        chosen: &[usize],
    ) -> Result<Vec<usize>, NoAnswer>;
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Neither on a terminal: nothing was shown, and nothing waits.
    #[error("there is no terminal to ask on")]
    NoTerminal,
    /// Ctrl-C, Ctrl-D or Esc.
    #[error("it was stopped")]
    Stopped,
    #[error("the terminal cannot be used: {0}")]
    Terminal(io::Error),
}

/// The person at this process's terminal, if there is one.
pub struct Terminal {
    is_there: bool,
    style: RenderConfig<'static>,
}

impl Terminal {
    /// Looks whether input and stderr are a terminal; without `is_colored` the prompts are plain.
    pub fn of_this_process(is_colored: bool) -> Self {
        Self {
            is_there: io::stdin().is_terminal() && io::stderr().is_terminal(),
            style: if is_colored {
                RenderConfig::default_colored()
            } else {
                RenderConfig::empty()
            },
        }
    }

    fn there(&self) -> Result<(), NoAnswer> {
        if self.is_there {
            Ok(())
        } else {
            Err(NoAnswer::NoTerminal)
        }
    }
}

impl Person for Terminal {
    fn is_there(&self) -> bool {
        self.is_there
    }

    fn tell(&mut self, text: &str) {
        for line in text.lines() {
            eprintln!("{}", clean(line));
        }
    }

    fn text(&mut self, question: &str, default: Option<&str>) -> Result<String, NoAnswer> {
        self.there()?;
        let question = clean(question);
        let default = default.map(clean);
        let mut prompt = Text::new(&question).with_render_config(self.style);
        if let Some(default) = &default {
            prompt = prompt.with_default(default);
        }
        Ok(prompt.prompt()?.trim().to_owned())
    }

    fn secret(&mut self, question: &str) -> Result<SecretString, NoAnswer> {
        self.there()?;
        let question = clean(question);
        let prompt = Password::new(&question)
            .with_render_config(self.style)
            .with_display_mode(PasswordDisplayMode::Hidden)
            .without_confirmation();
        Ok(SecretString::from(prompt.prompt()?))
    }

    fn confirm(&mut self, question: &str, default: bool) -> Result<bool, NoAnswer> {
        self.there()?;
        let question = clean(question);
        let prompt = Confirm::new(&question)
            .with_render_config(self.style)
            .with_default(default);
        Ok(prompt.prompt()?)
    }

    fn choose(&mut self, question: &str, options: &[String]) -> Result<usize, NoAnswer> {
        self.there()?;
        let question = clean(question);
        let prompt = Select::new(&question, cleaned(options)).with_render_config(self.style);
        Ok(prompt.raw_prompt()?.index)
    }

    fn choose_many(
        &mut self,
        question: &str,
        options: &[String],
        chosen: &[usize],
    ) -> Result<Vec<usize>, NoAnswer> {
        self.there()?;
        let question = clean(question);
        let prompt = MultiSelect::new(&question, cleaned(options))
            .with_render_config(self.style)
            .with_default(chosen);
        let answers = prompt.raw_prompt()?;
        Ok(answers.into_iter().map(|answer| answer.index).collect())
    }
}

fn cleaned(options: &[String]) -> Vec<String> {
    options
        .iter()
        .map(|option| clean(option).into_owned())
        .collect()
}

impl From<InquireError> for NoAnswer {
    fn from(error: InquireError) -> Self {
        match error {
            InquireError::NotTTY => Self::NoTerminal,
            InquireError::OperationCanceled | InquireError::OperationInterrupted => Self::Stopped,
            InquireError::IO(error) => Self::Terminal(error),
            other => Self::Terminal(io::Error::other(other.to_string())),
        }
    }
}
