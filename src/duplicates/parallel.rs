//! Does work on all cores, with the same result as on one.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does pieces of work on all cores; the results stand in the order of the pieces.
pub fn in_parallel<T: Send>(pieces: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let piece = next.fetch_add(1, Ordering::Relaxed);
            if piece >= pieces {
                return done;
            }
            done.push((piece, work(piece)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores.min(pieces))
            .map(|_| scope.spawn(worker))
            .collect();
        let mut done = Vec::with_capacity(pieces);
        for worker in workers {
            match worker.join() {
                Ok(results) => done.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(piece, _)| *piece);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_their_pieces() {
        let squares = in_parallel(1000, |piece| piece * piece);
        assert!((0..1000).map(|piece| piece * piece).eq(squares));
        assert!(in_parallel(0, |piece| piece).is_empty());
    }
}
