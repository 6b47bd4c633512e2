//! Whole reviews on a screen that plays keys.
