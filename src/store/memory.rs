//! A store in memory, for tests and benchmarks of everything that only needs the promise.
