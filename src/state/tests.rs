//! Claims about the state as a whole.
