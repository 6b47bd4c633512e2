//! The page of a report in a real browser: how it looks, and that it holds nothing but itself.

#[path = "../support/install.rs"]
mod install;

mod browser;
mod layout;
mod year;
