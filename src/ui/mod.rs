//! The edge to the person: text made harmless, tables, progress, output, logs.

pub mod text;
