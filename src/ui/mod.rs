//! The edge to the person: text made harmless, tables, progress, output, logs.

pub mod text;

pub mod ask;
pub mod out;
pub mod review;
pub mod table;

pub mod log;
pub mod progress;
