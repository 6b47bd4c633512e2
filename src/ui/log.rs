//! Sends warnings and, when asked for, requests and decisions to stderr, each line cleaned.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::io::{self, Write};
use std::panic::Location;
use std::time::Instant;

use indicatif::MultiProgress;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

use super::text::clean;

/// Starts logging to stderr, above the progress bars of `screen`.
///
/// `verbose` is how often `-v` was given: 0 warnings, 1 every request, 2 or more every decision.
/// Crates of others are never asked for more than warnings: what they print of a request is not
/// in our hands.
///
/// # Panics
/// When logging was started before.
pub fn start(verbose: u8, screen: &MultiProgress) {
    let writer = AboveBars {
        screen: screen.clone(),
    };
    tracing::subscriber::set_global_default(subscriber(verbose, writer))
        .expect("logging is started once, in main");
}

/// Makes a bug end in a short calm text that holds none of the data at hand: the message of a
/// panic may quote a card, its place in our source never does.
pub fn calm_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic_text(panic.location(), &Backtrace::capture());
        // Nobody is left to be told that stderr is gone.
        let _ = io::stderr().write_all(text.as_bytes());
    }));
}

fn panic_text(location: Option<&Location>, backtrace: &Backtrace) -> String {
    let place = location.map_or("an unknown place".to_owned(), ToString::to_string);
    let mut text = format!(
        "cardweave {} stopped because of a mistake of its own, at {place}.\n\
         What was finished is recorded, and the next run goes on from there. Please report the \
         line above.\n",
        env!("CARGO_PKG_VERSION")
    );
    match backtrace.status() {
        BacktraceStatus::Captured => text.push_str(&format!("{backtrace}\n")),
        _ => text.push_str("With RUST_BACKTRACE=1 it also shows the way there.\n"),
    }
    text
}

fn subscriber<W>(verbose: u8, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = match verbose {
        0 => Targets::new(),
        1 => Targets::new().with_target("cardweave::store", LevelFilter::DEBUG),
        _ => Targets::new().with_target("cardweave", LevelFilter::DEBUG),
    };
    let lines = tracing_subscriber::fmt::layer()
        .event_format(Line {
            started: (verbose > 0).then(Instant::now),
        })
        .with_ansi(false)
        .with_writer(writer);
    tracing_subscriber::registry()
        .with(ours.with_default(LevelFilter::WARN))
        .with(lines)
}

/// One event as one line.
struct Line {
    /// Puts the seconds since then in front, for those who look how long things take.
    started: Option<Instant>,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut text = String::new();
        context.format_fields(Writer::new(&mut text), event)?;
        if let Some(started) = self.started {
            write!(writer, "{:.3} s ", started.elapsed().as_secs_f64())?;
        }
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "note",
            Level::DEBUG | Level::TRACE => "debug",
        };
        writeln!(writer, "{level}: {}", clean(&text))
    }
}

/// Stderr, with the bars out of the way for a moment.
struct AboveBars {
    screen: MultiProgress,
}

impl<'w> MakeWriter<'w> for AboveBars {
    type Writer = &'w AboveBars;

    fn make_writer(&'w self) -> &'w AboveBars {
        self
    }
}

impl Write for &AboveBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.screen.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sheet(Arc<Mutex<Vec<u8>>>);

    impl<'w> MakeWriter<'w> for Sheet {
        type Writer = Sheet;

        fn make_writer(&'w self) -> Sheet {
            self.clone()
        }
    }

    impl Write for Sheet {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(verbose: u8, run: impl FnOnce()) -> String {
        let sheet = Sheet::default();
        tracing::subscriber::with_default(subscriber(verbose, sheet.clone()), run);
        let bytes = sheet.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn everything() {
        tracing::warn!(target: "cardweave::run", "a warning");
        tracing::debug!(target: "cardweave::store::carddav", "a request");
        tracing::debug!(target: "cardweave::sync", "a decision");
        tracing::debug!(target: "hyper::proto", "Authorization: hunter2");
    }

    #[test]
    fn each_v_shows_more_of_ours_and_nothing_of_others() {
        let warnings = logged(0, everything);
        assert_eq!(warnings, "warning: a warning\n");
        let requests = logged(1, everything);
        assert!(
            requests.contains("a request") && !requests.contains("a decision"),
            "{requests}"
        );
        let decisions = logged(2, everything);
        assert!(decisions.contains("a request") && decisions.contains("a decision"));
        assert!(!logged(9, everything).contains("hunter2"));
    }

    #[test]
    fn a_log_of_requests_tells_the_time_since_the_start() {
        let text = logged(1, || {
            std::thread::sleep(std::time::Duration::from_millis(5));
            tracing::warn!(target: "cardweave::run", "late");
        });
        let (seconds, rest) = text.split_once(' ').unwrap();
        assert!(seconds.parse::<f64>().unwrap() >= 0.005, "{text}");
        assert_eq!(rest, "s warning: late\n");
    }

    #[test]
    fn a_logged_name_cannot_forge_a_line_or_act_on_the_terminal() {
        let name = "Ada\u{1b}[2J\u{9b}\u{202e}\nerror: all lost";
        let text = logged(
            0,
            || tracing::warn!(target: "cardweave::run", name, "{name}"),
        );
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
    }

    #[test]
    fn a_panic_names_its_place_and_what_to_do() {
        let text = panic_text(Some(Location::caller()), &Backtrace::disabled());
        assert!(
            text.contains("src/ui/log.rs:") && text.contains("RUST_BACKTRACE=1"),
            "{text}"
        );
    }
}
