//! Arguments, run, print, exit code.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;

use cardweave::cli::Cli;
use cardweave::commands::{Exit, Surroundings, execute};
use cardweave::config::Directories;
use cardweave::secret::harden_process;
use cardweave::ui::out::{Form, Output};
use cardweave::ui::{log, progress};

fn main() -> ExitCode {
    harden_process();
    log::calm_panics();
    let Cli { globals, command } = Cli::parse();
    let screen = progress::screen(globals.quiet);
    log::start(globals.verbose, &screen);
    let form = if globals.json {
        Form::Json
    } else {
        Form::Human
    };
    let surroundings = Surroundings {
        output: Output::stdout(form, globals.color),
        directories: Directories::of_this_user(),
        may_ask: !globals.quiet
            && !globals.json
            && io::stdin().is_terminal()
            && io::stderr().is_terminal(),
        globals,
        screen,
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cardweave could not start: {error}. Nothing was changed.");
            return Exit::Failed.into();
        }
    };
    match runtime.block_on(execute(command, surroundings)) {
        Ok(exit) => exit.into(),
        Err(trouble) => {
            eprintln!("cardweave: {}", trouble.text());
            trouble.exit().into()
        }
    }
}
