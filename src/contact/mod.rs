//! What we keep in a card: tier, cadence, log, promises, occasions, goals, as X- properties.
//!
//! Everything here is read from and written to single lines of a card, so that two devices that
//! write at once write different lines. [`Relationship`] is a card read whole; each kind of line
//! has its own file, which says what the line looks like.

mod archive;
mod bridge;
mod cadence;
mod day;
mod due;
mod folding;
mod frm;
mod goal;
mod group;
mod interaction;
mod kept;
mod money;
mod occasion;
mod progress;
mod promise;
mod property;
mod relationship;
mod results;
mod tier;

#[cfg(test)]
mod laws;

pub use archive::{Sum, yearly_sums};
pub use bridge::{Bridging, Edited, bridge, is_group, member_of, name_of_group, stands_for_goal};
pub use cadence::{Cadence, NotACadence};
pub use day::{Lean, NotADay, day, day_of_card, on_card};
pub use due::{
    Due, DueAnniversary, DueGoal, DuePerson, DuePromise, InBook, Rhythm, Said, Suggestion, Who,
    Window, due, in_year, is_snoozed,
};
pub use folding::{Foldable, dropped};
pub use frm::FromFrm;
pub use goal::{Goal, GoalStatus, NotATarget, Target};
pub use group::group_card;
pub use interaction::{Balance, Interaction, InteractionKind, folds};
pub use kept::{log_of_kept, log_to_keep};
pub use money::{Money, NotMoney};
pub use occasion::Occasion;
pub use progress::{Progress, days_left, progress, same_name};
pub use promise::{Promise, PromiseStatus, Settled, Side};
pub use property::{
    CADENCE, CATEGORIES, GOAL, GOAL_BY, GOAL_STATUS, GOAL_TARGET, LAST_CONTACT, LOG, MET, PROMISE,
    SNOOZE, TIER, in_one_line, one, one_or_none,
};
pub use relationship::{
    Acquaintance, Anniversary, AnniversaryKind, Gist, Kind, Relationship, TierStep, uid_of_member,
};
pub use results::{Outcome, same_unit};
pub use tier::{NotATier, Tier, tier_of_category};
