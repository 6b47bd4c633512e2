//! Shows on stderr how far each store is: cards and requests, while the run goes on.

use std::cell::RefCell;
use std::collections::BTreeMap;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::UnicodeWidthStr;

use super::text::{clean, fit};
use crate::book::StoreId;
use crate::sync::Watch;

/// The lines at the lower end of the terminal that bars and log lines share.
///
/// Hidden with `quiet` and where stderr is no terminal.
pub fn screen(quiet: bool) -> MultiProgress {
    screen_on(ProgressDrawTarget::stderr(), quiet)
}

fn screen_on(terminal: ProgressDrawTarget, quiet: bool) -> MultiProgress {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        terminal
    };
    MultiProgress::with_draw_target(target)
}

/// One bar for each store, in the order in which the stores began.
pub struct Bars {
    screen: MultiProgress,
    lines: RefCell<BTreeMap<StoreId, Line>>,
}

struct Line {
    bar: ProgressBar,
    doing: &'static str,
    requests: usize,
}

/// Cells for the name of a store.
const NAME_WIDTH: usize = 16;

impl Bars {
    pub fn new(screen: MultiProgress) -> Self {
        Self {
            screen,
            lines: RefCell::default(),
        }
    }

    fn update(&self, store: &StoreId, change: impl FnOnce(&mut Line)) {
        let mut lines = self.lines.borrow_mut();
        let line = lines.entry(store.clone()).or_insert_with(|| Line {
            bar: self
                .screen
                .add(ProgressBar::no_length().with_prefix(name(store)))
                .with_style(style("{prefix} {msg}")),
            doing: "",
            requests: 0,
        });
        change(line);
        line.bar.set_message(message(line.doing, line.requests));
    }

    fn count(&self, store: &StoreId, doing: &'static str, done: usize, total: usize) {
        self.update(store, |line| {
            if line.doing != doing {
                line.doing = doing;
                line.bar.set_message(message(doing, line.requests));
                line.bar
                    .set_style(style("{prefix} {bar:24} {pos}/{len} {msg}"));
            }
            line.bar.set_length(total as u64);
            line.bar.set_position(done as u64);
        });
    }
}

impl Watch for Bars {
    fn listing(&self, store: &StoreId) {
        self.update(store, |line| {
            line.doing = "listing";
            line.bar.set_style(style("{prefix} {msg}"));
        });
    }

    fn reading(&self, store: &StoreId, done: usize, total: usize) {
        self.count(store, "reading", done, total);
    }

    fn writing(&self, store: &StoreId, done: usize, total: usize) {
        self.count(store, "writing", done, total);
    }

    fn requests(&self, store: &StoreId, made: usize) {
        self.update(store, |line| line.requests = made);
    }

    fn finish(&self, store: &StoreId, text: &str) {
        self.update(store, |line| line.bar.set_style(style("{prefix} {msg}")));
        if let Some(line) = self.lines.borrow_mut().remove(store) {
            line.bar.finish_with_message(clean(text).into_owned());
        }
    }
}

fn style(template: &'static str) -> ProgressStyle {
    // The templates are literals of this file, and each is drawn in the tests.
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    style.progress_chars("=> ")
}

fn name(store: &StoreId) -> String {
    let cleaned = clean(store.as_str());
    let fitted = fit(&cleaned, NAME_WIDTH);
    let rest = NAME_WIDTH.saturating_sub(fitted.width());
    format!("{fitted}{}", " ".repeat(rest))
}

fn message(doing: &str, requests: usize) -> String {
    match requests {
        0 => doing.to_owned(),
        1 => format!("{doing}, 1 request"),
        many => format!("{doing}, {many} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};

    /// A terminal of 80 cells that keeps all that was ever written to it.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl indicatif::TermLike for Paper {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)?;
            self.write_str("\n")
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn drawn(run: impl FnOnce(&dyn Watch)) -> String {
        let paper = Paper::default();
        // A high rate, so that no step is skipped because it came too soon.
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
        let bars = Bars::new(MultiProgress::with_draw_target(target));
        run(&bars);
        drop(bars);
        paper.0.lock().unwrap().clone()
    }

    #[test]
    fn a_run_is_shown_from_listing_to_its_end() {
        let store = StoreId::new("phone");
        let text = drawn(|progress| {
            progress.listing(&store);
            progress.requests(&store, 1);
            progress.reading(&store, 3, 12);
            progress.writing(&store, 1, 2);
            progress.finish(&store, "12 cards read, 2 written");
        });
        assert!(
            text.contains("phone            12 cards read, 2 written"),
            "{text}"
        );
        assert!(text.contains("listing"), "{text}");
    }

    #[test]
    fn what_a_store_says_cannot_act_on_the_terminal() {
        let store = StoreId::new("a\u{9b}2J");
        let text = drawn(|progress| progress.finish(&store, "gone\u{1b}]0;x\u{7}"));
        assert!(
            !text.contains(['\u{9b}', '\u{7}']) && !text.contains("\u{1b}]"),
            "{text:?}"
        );
        assert!(text.contains("\\u{9b}"), "{text:?}");
    }

    #[test]
    fn quiet_is_silent() {
        let paper = || ProgressDrawTarget::term_like(Box::new(Paper::default()));
        assert!(screen_on(paper(), true).is_hidden());
        assert!(!screen_on(paper(), false).is_hidden());
    }

    #[test]
    fn every_template_is_well_formed() {
        drawn(|progress| {
            let store = StoreId::new("s");
            progress.reading(&store, 0, 0);
            progress.finish(&store, "");
        });
    }

    #[test]
    fn requests_are_counted_in_words() {
        assert_eq!(message("reading", 0), "reading");
        assert_eq!(message("reading", 1), "reading, 1 request");
        assert_eq!(message("reading", 2), "reading, 2 requests");
    }

    #[test]
    fn names_take_the_same_room() {
        for id in ["a", "山田", "a-name-that-is-much-too-long-for-its-room"] {
            assert_eq!(name(&StoreId::new(id)).width(), NAME_WIDTH);
        }
    }
}
