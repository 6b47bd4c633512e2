//! Fields that wait for a decision: only stores that can hold them have a say.

use crate::groups::{edit, values};
use crate::world::{World, store_id};
use cardweave::card::{Change, Field};
use cardweave::run::Standing;
use cardweave::store::memory::Memory;

const TIER: &str = "X-CARDWEAVE-TIER";

fn set(world: &World, store: &str, tier: &str) {
    let field = Field::new(TIER, tier);
    let change = Change::Replace(field.key().clone(), field);
    edit(world, store, "Ada", &[change]);
}

#[test]
fn a_store_that_keeps_nothing_of_it_has_removed_nothing() {
    let strips = || {
        let office = Memory::new("office").stripping_x();
        World::of(vec![Memory::new("home"), Memory::new("phone"), office])
    };
    let omits = || {
        let mut world = World::new(&["home", "phone", "office"]);
        world.omit = [("office".to_owned(), vec![TIER.to_owned()])].into();
        world
    };
    for mut world in [strips(), omits()] {
        world.put("home", "Ada", "TEL:1\nX-CARDWEAVE-TIER:B");
        assert_eq!(world.run().standing, Standing::InStep);
        set(&world, "home", "A");
        set(&world, "phone", "C");
        for _ in 0..3 {
            let summary = world.run();
            assert_eq!(summary.standing, Standing::QuestionsOpen);
            let asked = summary.questions[0].conflict().expect("a conflict");
            let sides: Vec<_> = asked.sides.keys().cloned().collect();
            assert_eq!(sides, [store_id("home"), store_id("phone")]);
        }
        // Both are what they were again: that is what is agreed on, and nobody removed it.
        set(&world, "home", "B");
        set(&world, "phone", "B");
        assert_eq!(world.run().standing, Standing::InStep);
        for store in ["home", "phone"] {
            assert_eq!(values(&world, store, "Ada", TIER), ["B"], "{store}");
        }
    }
}
