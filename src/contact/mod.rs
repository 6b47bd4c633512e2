//! What we keep in a card: tier, cadence, log, promises, occasions, goals, as X- properties.
//!
//! Everything here is read from and written to single lines of a card, so that two devices that
//! write at once write different lines. [`Relationship`] is a card read whole; each kind of line
//! has its own file, which says what the line looks like.

mod bridge;
mod cadence;
mod day;
mod goal;
mod interaction;
mod money;
mod occasion;
mod progress;
mod promise;
mod property;
mod relationship;
mod results;
mod tier;

pub use bridge::{Edited, bridge};
pub use cadence::{Cadence, NotACadence};
pub use day::{Lean, NotADay, day, day_of_card, on_card};
pub use goal::{Goal, GoalStatus, NotATarget, Target};
pub use interaction::{Balance, Interaction, InteractionKind, folds};
pub use money::{Money, NotMoney};
pub use occasion::Occasion;
pub use progress::{Progress, days_left, progress, same_name};
pub use promise::{Promise, PromiseStatus, Side};
pub use property::{
    CADENCE, CATEGORIES, GOAL, GOAL_BY, GOAL_STATUS, GOAL_TARGET, LAST_CONTACT, LOG, MET, PROMISE,
    SNOOZE, TIER, one, one_or_none,
};
pub use relationship::{
    Acquaintance, Anniversary, AnniversaryKind, Kind, READ, Relationship, uid_of_member,
};
pub use results::{Outcome, same_unit};
pub use tier::{NotATier, Tier, tier_of_category};
