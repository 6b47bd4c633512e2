//! Writes the line of a crontab that starts `sync`, and puts it among the lines of others.

use super::{Interval, Job, Moments, NotExact, Unfit};

/// Vixie cron and its heirs read a command of fewer than 1000 signs.
pub const MOST_SIGNS: usize = 990;

const BEGIN: &[u8] = b"# >>> cardweave >>>";
const END: &[u8] = b"# <<< cardweave <<<";

/// Shows what a run said only where it did not end well: cron mails whatever is printed, and
/// questions that stay open (3) would come by mail every time.
const REPORTER: &str = r#"said=$("$@" 2>&1); case $? in 0|3) ;; *) echo "$said";; esac"#;

/// Why there is no line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoLine {
    #[error("cron cannot start anything every {every}; it can every {nearest}")]
    NotExact { every: Interval, nearest: NotExact },
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// A crontab in which our block is not whole, so that nobody knows where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "its lines \"# >>> cardweave >>>\" and \"# <<< cardweave <<<\" are not one pair. \
     Put them right, or delete them with what they enclose: crontab -e"
)]
pub struct Damaged;

/// The block for a crontab: three lines, two of which mark where it begins and ends.
///
/// The environment is part of the command, because a setting in a crontab is for all lines below
/// it; and the words pass through `sh` whatever shell the crontab names.
///
/// # Errors
/// Cron cannot express the interval, or take a path.
pub fn block(job: &Job) -> Result<String, NoLine> {
    let moments = job
        .every
        .moments(job.spread)
        .map_err(|nearest| NoLine::NotExact {
            every: job.every,
            nearest,
        })?;
    let runtime = format!("/run/user/{}", job.user);
    let mut words = ["/bin/sh", "-c", REPORTER, "cardweave", "/usr/bin/env"]
        .map(str::to_owned)
        .to_vec();
    // Cron starts programs outside of the session, where nothing tells them the way to the keyring.
    words.push(format!("XDG_RUNTIME_DIR={runtime}"));
    words.push(format!("DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus"));
    if let Some(path) = &job.search_path {
        words.push(format!("PATH={path}"));
    }
    words.extend(job.words.iter().cloned());
    let words: Result<Vec<String>, Unfit> = words.iter().map(|word| quote(word)).collect();
    let command = words?.join(" ");
    if command.len() > MOST_SIGNS {
        return Err(Unfit::TooLong(command.len()).into());
    }
    Ok(format!(
        "{}\n{} {command}\n{}\n",
        String::from_utf8_lossy(BEGIN),
        times(&moments),
        String::from_utf8_lossy(END)
    ))
}

/// The crontab with this block: in the place of the old one, else at the end.
///
/// # Errors
/// The marks in it are not one pair.
pub fn with_block(crontab: &[u8], block: &str) -> Result<Vec<u8>, Damaged> {
    let (before, after) = match around(crontab)? {
        Some(parts) => parts,
        None => (crontab, &b""[..]),
    };
    let mut text = before.to_vec();
    // Else our first line would become the end of theirs; no cron takes a last line without one.
    if !text.is_empty() && !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text.extend_from_slice(block.as_bytes());
    text.extend_from_slice(after);
    Ok(text)
}

/// The crontab without our block; `None` where there is none.
///
/// # Errors
/// The marks in it are not one pair.
pub fn without_block(crontab: &[u8]) -> Result<Option<Vec<u8>>, Damaged> {
    Ok(around(crontab)?.map(|(before, after)| [before, after].concat()))
}

/// The bytes before our block, and those after it.
type Around<'c> = (&'c [u8], &'c [u8]);

/// What stands before and after our block.
fn around(crontab: &[u8]) -> Result<Option<Around<'_>>, Damaged> {
    let mut begins = Vec::new();
    let mut ends = Vec::new();
    let mut at = 0;
    for line in crontab.split_inclusive(|byte| *byte == b'\n') {
        match line.trim_ascii() {
            BEGIN => begins.push(at),
            END => ends.push(at + line.len()),
            _ => {}
        }
        at += line.len();
    }
    match (begins.as_slice(), ends.as_slice()) {
        ([], []) => Ok(None),
        ([begin], [end]) if begin < end => Ok(Some((&crontab[..*begin], &crontab[*end..]))),
        _ => Err(Damaged),
    }
}

/// The five fields of time, in lists: not every cron knows steps.
fn times(moments: &Moments) -> String {
    let list = |numbers: &[u32]| {
        let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
        numbers.join(",")
    };
    let hours = moments.hours.as_deref().map_or("*".to_owned(), list);
    let weekday = moments
        .weekday
        .map_or("*".to_owned(), |day| day.to_string());
    format!("{} {hours} * * {weekday}", list(&moments.minutes))
}

/// A word for the shell, in a line of a crontab.
fn quote(word: &str) -> Result<String, Unfit> {
    // Crons differ in which backslashes they take away.
    if word.contains('\\') {
        return Err(Unfit::Sign {
            text: word.to_owned(),
            what: "a backslash",
            scheduler: "cron",
        });
    }
    let harmless = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return Ok(word.to_owned());
    }
    let quoted = format!("'{}'", word.replace('\'', r#"'"'"'"#));
    // A bare percent sign ends the command, in quotes too (crontab(5)).
    Ok(quoted.replace('%', "\\%"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn job(program: &str, every: &str) -> Job {
        let every = every.parse().unwrap();
        let job = Job::new(Path::new(program), None, None, every, 1000).unwrap();
        job.spread_by("laptop")
    }

    #[test]
    fn the_line_brings_its_environment_and_says_nothing_when_all_is_well() {
        let text = block(&job("/usr/local/bin/cardweave", "30m")).unwrap();
        insta::assert_snapshot!(text, @r#"
# >>> cardweave >>>
1,31 * * * * /bin/sh -c 'said=$("$@" 2>&1); case $? in 0|3) ;; *) echo "$said";; esac' cardweave /usr/bin/env XDG_RUNTIME_DIR=/run/user/1000 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus /usr/local/bin/cardweave --quiet sync
# <<< cardweave <<<
"#);
    }

    #[test]
    fn what_was_named_is_named_again_and_nothing_acts_in_shell_or_cron() {
        let every = "1d".parse().unwrap();
        let odd = Path::new("/home/an na/50% $HOME `id`/it's.toml");
        let state = Some(Path::new("/srv/state"));
        let job = Job::new(Path::new("/opt/cardweave"), Some(odd), state, every, 7).unwrap();
        let text = block(&job.looking_in("/opt/my tools:/bin").spread_by("desk")).unwrap();
        insta::assert_snapshot!(text, @r#"
# >>> cardweave >>>
15 9 * * * /bin/sh -c 'said=$("$@" 2>&1); case $? in 0|3) ;; *) echo "$said";; esac' cardweave /usr/bin/env XDG_RUNTIME_DIR=/run/user/7 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/7/bus 'PATH=/opt/my tools:/bin' /opt/cardweave --config '/home/an na/50\% $HOME `id`/it'"'"'s.toml' --state /srv/state --quiet sync
# <<< cardweave <<<
"#);
    }

    #[test]
    fn the_times_are_lists() {
        for (every, spread, line) in [
            ("5m", 7, "2,7,12,17,22,27,32,37,42,47,52,57 * * * *"),
            ("1h", 61, "1 * * * *"),
            ("6h", 61, "1 1,7,13,19 * * *"),
            ("1d", 0, "0 9 * * *"),
            ("1w", 8 * 60, "0 9 * * 2"),
        ] {
            let every: Interval = every.parse().unwrap();
            assert_eq!(times(&every.moments(spread).unwrap()), line);
        }
    }

    #[test]
    fn an_interval_that_cron_does_not_have_is_refused_with_the_nearest_ones() {
        let said = block(&job("/bin/cardweave", "90m"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            said,
            "cron cannot start anything every 90m; it can every 1h or 2h"
        );
    }

    #[test]
    fn what_cron_would_misread_is_refused() {
        let said = block(&job(r"/a\b/cardweave", "30m"))
            .unwrap_err()
            .to_string();
        assert!(said.contains("backslash"), "{said}");
        let long = format!("/{}/cardweave", "a".repeat(1000));
        let said = block(&job(&long, "30m")).unwrap_err().to_string();
        assert!(said.contains("no more than 990"), "{said}");
    }

    #[test]
    fn a_crontab_keeps_every_other_byte() {
        let theirs = b"# mine\n\tMAILTO=\"\"\n5 4 * * * caf\xe9 \\% # >>> cardweave >>> no\n\n";
        let first = block(&job("/a/cardweave", "30m")).unwrap();
        let second = block(&job("/b/cardweave", "1h")).unwrap();
        let one = with_block(theirs, &first).unwrap();
        assert_eq!(one, [&theirs[..], first.as_bytes()].concat());
        assert_eq!(with_block(&one, &first).unwrap(), one);
        let more = [&one[..], b"9 9 * * * later\n"].concat();
        let other = with_block(&more, &second).unwrap();
        let wanted = [&theirs[..], second.as_bytes(), b"9 9 * * * later\n"].concat();
        assert_eq!(other, wanted);
        let gone = without_block(&other).unwrap().unwrap();
        assert_eq!(gone, [&theirs[..], b"9 9 * * * later\n"].concat());
        assert_eq!(without_block(&gone), Ok(None));
    }

    #[test]
    fn a_last_line_without_an_end_does_not_swallow_ours() {
        let text = with_block(b"5 4 * * * x", "B\n").unwrap();
        assert_eq!(text, b"5 4 * * * x\nB\n");
        assert_eq!(with_block(b"", "B\n").unwrap(), b"B\n");
    }

    #[test]
    fn a_block_that_is_not_whole_is_left_alone() {
        let (begin, end) = ("# >>> cardweave >>>\n", "# <<< cardweave <<<\n");
        for text in [
            begin.to_owned(),
            end.to_owned(),
            format!("{end}{begin}"),
            format!("{begin}{end}{begin}{end}"),
            format!("{begin}{begin}{end}"),
        ] {
            assert_eq!(with_block(text.as_bytes(), "B\n"), Err(Damaged), "{text}");
            assert_eq!(without_block(text.as_bytes()), Err(Damaged), "{text}");
        }
    }
}
