//! Puts our block into the user's crontab, and takes it out again.

use std::io::ErrorKind;

use crate::commands::Trouble;
use crate::schedule::cron::{with_block, without_block};

use super::run::run;

/// Puts the block in place.
///
/// # Errors
/// There is no crontab program, it fails, or our marks in the crontab are not one pair.
pub fn install(block: &str) -> Result<(), Trouble> {
    let crontab = read()?;
    let text = with_block(&crontab, block).map_err(damaged)?;
    if text == crontab {
        return Ok(());
    }
    write(&text)
}

/// Takes the block out; whether there was one.
///
/// # Errors
/// As [`install`].
pub fn remove() -> Result<bool, Trouble> {
    match without_block(&read()?).map_err(damaged)? {
        Some(text) => write(&text).map(|()| true),
        None => Ok(false),
    }
}

fn read() -> Result<Vec<u8>, Trouble> {
    let ran = run("crontab", &["-l"], b"").map_err(|error| no_crontab(&error))?;
    if ran.succeeded {
        return Ok(ran.output);
    }
    let complaint = ran.complaint();
    // Who has none yet is told so with an exit code of 1: in the first words by Vixie cron and
    // cronie, in the others by BusyBox. Anything else may be a crontab that could not be read, and
    // writing ours would put an end to it.
    let has_none = complaint.contains("no crontab for ")
        || complaint.contains("can't open") && complaint.contains("No such file");
    if ran.output.is_empty() && has_none {
        return Ok(Vec::new());
    }
    Err(Trouble::Failed(format!(
        "Could not read your crontab: {complaint}. It was left as it is. Try crontab -l, or ask \
         whoever runs this machine whether you may use cron"
    )))
}

fn write(text: &[u8]) -> Result<(), Trouble> {
    let ran = run("crontab", &["-"], text).map_err(|error| no_crontab(&error))?;
    if !ran.succeeded {
        return Err(Trouble::Failed(format!(
            "Your crontab was not taken: {}. It was left as it was. Print the lines with \
             cardweave schedule cron, and put them in with crontab -e",
            ran.complaint()
        )));
    }
    if read()? != text {
        return Err(Trouble::Failed(
            "Your crontab is another one than was just written: perhaps somebody changed it at \
             the same time. Look at it with crontab -l, and run this again"
                .to_owned(),
        ));
    }
    Ok(())
}

fn no_crontab(error: &std::io::Error) -> Trouble {
    let what = match error.kind() {
        ErrorKind::NotFound => "There is no crontab program on this machine".to_owned(),
        _ => format!("The crontab program could not be used: {error}"),
    };
    Trouble::Failed(format!(
        "{what}. Nothing was changed. Install cron, or use cardweave schedule systemd"
    ))
}

fn damaged(damaged: crate::schedule::cron::Damaged) -> Trouble {
    Trouble::Failed(format!("Your crontab was left as it is: {damaged}"))
}
