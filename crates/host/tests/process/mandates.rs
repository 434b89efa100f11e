//! A decision under a mandate hangs on it until it is committed.

use std::sync::atomic::{AtomicBool, Ordering};

use access::{Act, Mandate, Principal, Request, Role, Substitute};
use host::{
    Call, Engine, Fault, Unit, entropy,
    grants::{self, Grants, Input},
};
use journal::Key;
use machine::Machine as _;
use time::macros::date;

use crate::{
    toy::{File, FileInput},
    world::World,
};

fn person(subject: &str, role: Role) -> Principal {
    Principal {
        subject: subject.to_owned(),
        role,
        agency: "toy".to_owned(),
        person: None,
    }
}

async fn tell(engine: &Engine, input: Input) {
    let told = engine.work("told", Vec::new(), |unit| {
        unit.step::<Grants>("toy", input.clone()).map(|_| ())
    });
    told.await.expect("it is known");
}

fn mandate() -> Input {
    let mandate = Box::new(Mandate {
        id: "m".to_owned(),
        from: person("leader", Role::Leader),
        to: Substitute {
            subject: "deputy".to_owned(),
            role: Role::Officer,
        },
        acts: [Act::Sign].into(),
        first: date!(2023 - 11 - 15),
        last: date!(2023 - 11 - 17),
    });
    Input::Granted {
        mandate,
        today: date!(2023 - 11 - 15),
    }
}

fn ended() -> Input {
    Input::Ended {
        mandate: "m".to_owned(),
    }
}

/// The deputy signs a file; `meanwhile` runs between the first decision and its commit.
async fn sign(engine: &Engine, file: &str, meanwhile: impl Fn() + Send + Sync) -> Result<u64, Fault> {
    let deputy = person("deputy", Role::Officer);
    let call = Call::new(deputy.clone(), "desk/Sign", &entropy::fresh_id(), &file.to_owned()).expect("a UUID");
    let first = AtomicBool::new(true);
    let body = |unit: &mut Unit| {
        let asked = Request {
            who: &deputy,
            act: Act::Sign,
            agencies: &["toy"],
            candidate_person: None,
        };
        grants::decide(unit, &asked)?;
        unit.step::<File>(file, FileInput::Add { numbers: vec![1] })?;
        if first.swap(false, Ordering::SeqCst) {
            meanwhile();
        }
        unit.version::<File>(file)
    };
    engine.act(&call, vec![Key::new(File::NAME, file)], body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mandate_that_is_ended_meanwhile_makes_the_decision_be_made_anew() {
    let world = World::new().await;
    let engine = world.engine("desk");
    assert!(matches!(sign(engine, "a", || {}).await, Err(Fault::Denied(_))));

    tell(engine, mandate()).await;
    assert_eq!(sign(engine, "a", || {}).await.expect("under the mandate"), 1);

    let end_it = || tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(tell(engine, ended())));
    let denied = sign(engine, "a", end_it).await;
    assert!(matches!(denied, Err(Fault::Denied(_))), "{denied:?}");
    assert_eq!(world.file("a").await.numbers, [1], "nothing was done under it");
}

#[tokio::test]
async fn both_names_stand_in_the_record() {
    let world = World::new().await;
    let engine = world.engine("desk");
    tell(engine, mandate()).await;
    sign(engine, "a", || {}).await.expect("under the mandate");
    let key = Key::new(File::NAME, "a");
    let rows = engine.journal().store().history(&key, 0, 10).await.expect("a history");
    let actor: machine::Actor = serde_json::from_str(&rows[0].entry.actor).expect("an actor");
    assert_eq!(actor.id, "deputy");
    let giver = actor.on_behalf.expect("in another's place");
    assert_eq!(
        (giver.id.as_str(), giver.role.as_str(), giver.mandate.as_str()),
        ("leader", "leader", "m")
    );
}
