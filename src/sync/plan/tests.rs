//! Plans of whole books, told card by card.
