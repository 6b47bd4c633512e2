//! Writes the service and the timer with which systemd starts `sync` for one user.

use super::{Job, Moments, Unfit};

/// The names of the unit files.
pub const SERVICE: &str = "cardweave.service";
pub const TIMER: &str = "cardweave.timer";

/// The first line of every unit file that is ours.
const MARK: &str = "# Written by `cardweave schedule systemd`, which replaces and removes it.";

/// Whether a unit file was written by us, so that we may replace it.
pub fn is_ours(text: &str) -> bool {
    text.lines().next() == Some(MARK)
}

/// The service: one run.
///
/// What it locks away needs no namespace of its own. `PrivateTmp`, `ProtectHome` and their kin do:
/// they would hide folders of vCards and the sockets of agents that password programs talk to,
/// and many systems forbid them to users altogether.
///
/// # Errors
/// systemd cannot take the path of the program.
pub fn service(job: &Job) -> Result<String, Unfit> {
    let mut words = job.words.iter();
    let program = words.next().map_or("", String::as_str);
    // systemd refuses these in the name of a program, however they are quoted.
    if program.contains(['"', '\'', '\\']) {
        return Err(Unfit::Sign {
            text: program.to_owned(),
            what: "a quotation mark or a backslash",
            scheduler: "systemd",
        });
    }
    // Variables are put into arguments alone, so that only there a dollar sign is doubled.
    let mut command = quote(program);
    for word in words {
        command.push(' ');
        command.push_str(&quote(word).replace('$', "$$"));
    }
    let environment = job.search_path.as_ref().map(|path| {
        format!(
            "# Where the password programs of the config are looked for.\nEnvironment={}\n",
            quote(&format!("PATH={path}"))
        )
    });
    Ok(format!(
        "{MARK}\n\
         [Unit]\n\
         Description=Bring the contacts of all stores in step\n\
         # A user's systemd has no network-online.target to wait for: a run without a network\n\
         # changes nothing, fails, and the next one makes up for it.\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart={command}\n\
         {}\
         # 3: in step, but questions are open. As failures count 1: the run failed; 2: the config\n\
         # is wrong; 4: stopped by a guard before the first write, or another run is at work;\n\
         # 5: some stores or cards failed.\n\
         SuccessExitStatus=3\n\
         # A run that hangs would hold up all later ones.\n\
         TimeoutStartSec=1h\n\
         Nice=10\n\
         # No run and no password program gets more rights than this user has.\n\
         NoNewPrivileges=yes\n\
         LockPersonality=yes\n\
         RestrictRealtime=yes\n\
         # Passwords stay out of core files.\n\
         LimitCORE=0\n",
        environment.unwrap_or_default()
    ))
}

/// The timer: when the runs are.
///
/// An interval that no calendar has counts from the last run, which a clock of the machine's own
/// does; only calendar times are made up for after the machine was off (`Persistent`).
pub fn timer(job: &Job) -> String {
    let when = match job.every.moments(job.spread) {
        Ok(moments) => format!(
            "# At moments of this machine's own, so that a server is not asked by all at once.\n\
             OnCalendar={}\n\
             RandomizedDelaySec=1min\n\
             # A run that was missed while the machine was off follows at once.\n\
             Persistent=true\n",
            calendar(&moments)
        ),
        Err(_) => format!(
            "OnActiveSec=2min\n\
             OnUnitActiveSec={}min\n\
             RandomizedDelaySec=1min\n",
            job.every.minutes()
        ),
    };
    format!(
        "{MARK}\n\
         [Unit]\n\
         Description=Bring the contacts of all stores in step every {}\n\
         \n\
         [Timer]\n\
         {when}\
         \n\
         [Install]\n\
         WantedBy=timers.target\n",
        job.every
    )
}

/// The moments as systemd.time(7) writes them.
fn calendar(moments: &Moments) -> String {
    let list = |numbers: &[u32]| {
        let numbers: Vec<String> = numbers
            .iter()
            .map(|number| format!("{number:02}"))
            .collect();
        numbers.join(",")
    };
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri"];
    let weekday = moments
        .weekday
        .and_then(|day| names.get(day as usize - 1))
        .map_or(String::new(), |name| format!("{name} "));
    let hours = moments.hours.as_deref().map_or("*".to_owned(), list);
    format!("{weekday}*-*-* {hours}:{}:00", list(&moments.minutes))
}

/// One word of a setting (systemd.syntax(7)), in which no specifier is expanded (systemd.unit(5)).
fn quote(word: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@".contains(c);
    if !word.is_empty() && word.chars().all(harmless) {
        return word.to_owned();
    }
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn job(every: &str) -> Job {
        let program = Path::new("/usr/local/bin/cardweave");
        let every = every.parse().unwrap();
        let job = Job::new(program, None, None, every, 1000).unwrap();
        job.spread_by("laptop")
    }

    #[test]
    fn the_service_is_one_run_that_may_leave_questions() {
        insta::assert_snapshot!(service(&job("30m")).unwrap(), @r#"
# Written by `cardweave schedule systemd`, which replaces and removes it.
[Unit]
Description=Bring the contacts of all stores in step
# A user's systemd has no network-online.target to wait for: a run without a network
# changes nothing, fails, and the next one makes up for it.

[Service]
Type=oneshot
ExecStart=/usr/local/bin/cardweave --quiet sync
# 3: in step, but questions are open. As failures count 1: the run failed; 2: the config
# is wrong; 4: stopped by a guard before the first write, or another run is at work;
# 5: some stores or cards failed.
SuccessExitStatus=3
# A run that hangs would hold up all later ones.
TimeoutStartSec=1h
Nice=10
# No run and no password program gets more rights than this user has.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
# Passwords stay out of core files.
LimitCORE=0
"#);
    }

    #[test]
    fn the_timer_makes_up_for_what_was_missed() {
        insta::assert_snapshot!(timer(&job("30m")), @r#"
# Written by `cardweave schedule systemd`, which replaces and removes it.
[Unit]
Description=Bring the contacts of all stores in step every 30m

[Timer]
# At moments of this machine's own, so that a server is not asked by all at once.
OnCalendar=*-*-* *:01,31:00
RandomizedDelaySec=1min
# A run that was missed while the machine was off follows at once.
Persistent=true

[Install]
WantedBy=timers.target
"#);
    }

    #[test]
    fn an_interval_of_no_calendar_counts_from_the_last_run() {
        insta::assert_snapshot!(timer(&job("90m")), @r#"
# Written by `cardweave schedule systemd`, which replaces and removes it.
[Unit]
Description=Bring the contacts of all stores in step every 90m

[Timer]
OnActiveSec=2min
OnUnitActiveSec=90min
RandomizedDelaySec=1min

[Install]
WantedBy=timers.target
"#);
    }

    #[test]
    fn no_sign_in_a_path_acts_in_a_unit() {
        let odd = Path::new(r#"/home/an na/100% $HOME "x" \n it's.toml"#);
        let program = Path::new("/opt/50% $X/cardweave");
        let every = "1h".parse().unwrap();
        let job = Job::new(program, Some(odd), None, every, 7).unwrap();
        let text = service(&job.looking_in("/opt/%h $X:/bin")).unwrap();
        let lines = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            line.unwrap_or_default().to_owned()
        };
        insta::assert_snapshot!(lines("ExecStart="), @r#"ExecStart="/opt/50%% $X/cardweave" --config "/home/an na/100%% $$HOME \"x\" \\n it's.toml" --quiet sync"#);
        insta::assert_snapshot!(lines("Environment="), @r#"Environment="PATH=/opt/%%h $X:/bin""#);
    }

    #[test]
    fn a_program_that_systemd_would_not_start_is_refused() {
        let program = Path::new("/opt/it's/cardweave");
        let every = "1h".parse().unwrap();
        let job = Job::new(program, None, None, every, 7).unwrap();
        let said = service(&job).unwrap_err().to_string();
        assert!(said.contains("quotation mark"), "{said}");
    }

    #[test]
    fn rare_runs_name_their_hour_and_day() {
        let calendar = |every: &str| {
            let every: super::super::Interval = every.parse().unwrap();
            calendar(&every.moments(8 * 60 + 5).unwrap())
        };
        assert_eq!(calendar("6h"), "*-*-* 02,08,14,20:05:00");
        assert_eq!(calendar("1d"), "*-*-* 09:05:00");
        assert_eq!(calendar("1w"), "Tue *-*-* 09:05:00");
    }

    #[test]
    fn our_units_are_known_by_their_first_line() {
        assert!(is_ours(&timer(&job("30m"))) && is_ours(&service(&job("30m")).unwrap()));
        assert!(!is_ours("") && !is_ours(&format!("[Unit]\n{MARK}\n")));
    }
}
