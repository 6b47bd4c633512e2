//! Laws of the room, on random and on odd cards.
