//! How long a server is waited for: Retry-After, back-off, and when to give up for this run.

use std::cell::Cell;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// The wait that a `Retry-After` header asks for, in its two forms: seconds or a date
/// (RFC 9110 section 10.2.3). `None` if it is neither.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(header)
        .ok()?;
    Some(
        date.duration_since(now)
            .try_into()
            .unwrap_or(Duration::ZERO),
    )
}

/// The pause before a read-only request is sent for the `tries`-th time again (1, 2, ...).
pub(super) fn back_off(tries: u32) -> Duration {
    Duration::from_millis(400 * 4u64.pow(tries.saturating_sub(1).min(3)))
}

/// The pause before a write is sent again that met a lock for the `met`-th time (0, 1, ...). Such a
/// lock lasts as long as another write.
pub(super) fn lock_pause(met: u32) -> Duration {
    Duration::from_millis(100 << met.min(5))
}

/// What is left of the time that a run spends on waiting for one server.
///
/// One for all requests of a store: when the server asks one of them to wait, it means all.
pub(super) struct Patience {
    not_before: Cell<Option<Instant>>,
    left: Cell<Duration>,
}

impl Patience {
    pub(super) fn new(total: Duration) -> Self {
        Self {
            not_before: Cell::new(None),
            left: Cell::new(total),
        }
    }

    /// Waits until the server may be asked again.
    pub(super) async fn wait(&self) {
        if let Some(instant) = self.not_before.get() {
            tokio::time::sleep_until(instant).await;
        }
    }

    /// Notes that the server wants to be left alone for `wait`.
    ///
    /// # Errors
    /// The wait itself, when it is longer than what is left of the patience.
    pub(super) fn asked_to_wait(&self, wait: Duration, now: Instant) -> Result<(), Duration> {
        // A server that says "0 seconds" over and over must not keep us busy for ever.
        let wait = wait.max(Duration::from_secs(1));
        let already = self.not_before.get().filter(|instant| *instant > now);
        // Checked: a server may ask for a wait beyond the end of time.
        let more = match already {
            Some(instant) => wait.saturating_sub(instant - now),
            None => wait,
        };
        let Some(left) = self.left.get().checked_sub(more) else {
            return Err(wait);
        };
        self.left.set(left);
        self.not_before.set(Some(already.unwrap_or(now) + more));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("7", now()), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Mon, 23 Nov 2026 12:00:30 GMT", now()),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            retry_after("Mon, 23 Nov 2026 11:00:00 GMT", now()),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now()), None);
        assert_eq!(retry_after("-1", now()), None);
        assert_eq!(retry_after("99999999999999999999999", now()), None);
    }

    #[test]
    fn waiting_is_counted_once_for_all_requests_and_ends() {
        let patience = Patience::new(Duration::from_secs(60));
        let start = Instant::now();
        let seconds = Duration::from_secs;
        // Four requests are told the same at the same time: one wait of 30 s.
        for _ in 0..4 {
            assert_eq!(patience.asked_to_wait(seconds(30), start), Ok(()));
        }
        assert_eq!(
            patience.asked_to_wait(seconds(30), start + seconds(30)),
            Ok(())
        );
        assert_eq!(
            patience.asked_to_wait(seconds(5), start + seconds(60)),
            Err(seconds(5))
        );
        assert_eq!(
            patience.asked_to_wait(Duration::MAX, start),
            Err(Duration::MAX)
        );
    }

    #[test]
    fn waiting_zero_seconds_uses_up_patience_too() {
        let patience = Patience::new(Duration::from_secs(3));
        let mut now = Instant::now();
        for _ in 0..3 {
            assert_eq!(patience.asked_to_wait(Duration::ZERO, now), Ok(()));
            now += Duration::from_secs(2);
        }
        assert!(patience.asked_to_wait(Duration::ZERO, now).is_err());
    }

    #[test]
    fn back_off_grows() {
        assert!(back_off(1) < back_off(2));
    }
}
