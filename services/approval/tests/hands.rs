//! In whose hand a dossier is, who may not have two hands on it, and who is told when nobody moves.

use approval::machine::{Assignment, Course, Deadline, Decided, Input, Opening, State};
use law::{Level, Procedure, Route, Station};
use machine::{Actor, Effect, OnBehalf, Snapshot, Stimulus, Timestamp, step};
use proto::approval::v1::event::Fact;
use time::macros::date;

const HOLDER: &str = "phuong-hoan-kiem";
const WEEK: i64 = 7 * 24 * 3_600 * 1_000_000;

fn actor(id: &str, role: &str) -> Actor {
    Actor {
        id: id.to_owned(),
        role: role.to_owned(),
        agency: HOLDER.to_owned(),
        on_behalf: None,
    }
}

fn opening() -> Input {
    let station = Station {
        level: Level::Unit,
        appraiser: HOLDER.to_owned(),
        signer: None,
        decider: Some(HOLDER.to_owned()),
        council: None,
        publication: None,
    };
    Input::Open(Box::new(Opening {
        dossier: "d".to_owned(),
        round: 1,
        award: "giay-khen".to_owned(),
        award_year: 2026,
        basis: "merit".to_owned(),
        candidate_kind: "individual".to_owned(),
        candidate_name: "N.V.A.".to_owned(),
        candidate_person: String::new(),
        candidate_agency: HOLDER.to_owned(),
        submitting_agency: HOLDER.to_owned(),
        verdict: "eligible".to_owned(),
        letter: "3/TTr".to_owned(),
        route: Route {
            rule_set: "decree-152-2025".to_owned(),
            procedure: Procedure::Simplified,
            stations: vec![station],
            deciding_agency: HOLDER.to_owned(),
            line: None,
        },
    }))
}

fn limit() -> Deadline {
    Deadline {
        day: date!(2026 - 03 - 16),
        over: Timestamp(1_000),
        began: date!(2026 - 03 - 02),
        agency: HOLDER.to_owned(),
        count: None,
        unconfirmed: Vec::new(),
        remind: None,
    }
}

fn receive() -> Input {
    Input::Receive {
        deadline: Some(limit()),
    }
}

fn appraise() -> Input {
    Input::Appraise {
        meets: true,
        text: String::new(),
    }
}

fn decide() -> Input {
    Input::Decide {
        award: true,
        power: true,
        decided: Decided {
            number: "5/QĐ".to_owned(),
            on: date!(2026 - 03 - 03),
            by_successor: String::new(),
            bonus_vnd: 0,
            bonus: None,
            reason: String::new(),
        },
    }
}

fn assign(to: &str) -> Input {
    Input::Assign {
        to: (!to.is_empty()).then(|| to.to_owned()),
    }
}

type Stepped = Result<(Snapshot<Course>, Vec<Effect<proto::approval::v1::Event>>), &'static str>;

fn by(at: &Snapshot<Course>, who: Actor, input: Input) -> Stepped {
    // The limit is over when its timer says so.
    let now = if matches!(input, Input::LimitOver) { 1_000 } else { 1 };
    let on = Stimulus {
        input,
        by: who,
        at: Timestamp(now),
    };
    step(at, &on)
        .map(|stepped| (stepped.next, stepped.effects))
        .map_err(|refusal| refusal.reason)
}

fn opened() -> Snapshot<Course> {
    by(&Snapshot::default(), actor("", "service"), opening())
        .expect("opened")
        .0
}

fn received() -> Snapshot<Course> {
    by(&opened(), actor("o", "officer"), receive()).expect("received").0
}

#[test]
fn a_task_that_moves_on_is_in_nobodys_hand() {
    let held = by(&opened(), actor("o", "officer"), assign("an")).expect("assigned").0;
    let expected = Assignment {
        to: "an".to_owned(),
        by: "o".to_owned(),
    };
    assert_eq!(held.data.assigned, Some(expected));
    let moved = by(&held, actor("an", "officer"), receive()).expect("received").0;
    assert_eq!(moved.data.assigned, None);
}

#[test]
fn only_its_holder_whoever_gave_it_or_a_leader_passes_a_task_on() {
    let held = by(&opened(), actor("o", "officer"), assign("an")).expect("assigned").0;
    assert_eq!(
        by(&held, actor("binh", "officer"), assign("binh")).unwrap_err(),
        "ASSIGNED_TO_ANOTHER"
    );
    assert_eq!(
        by(&held, actor("binh", "officer"), assign("")).unwrap_err(),
        "ASSIGNED_TO_ANOTHER"
    );
    for who in [actor("an", "officer"), actor("o", "officer"), actor("l", "leader")] {
        let released = by(&held, who, assign("")).expect("released").0;
        assert_eq!(released.data.assigned, None);
    }
}

#[test]
fn what_waits_on_nobody_is_nobodys_task() {
    let appraised = by(&received(), actor("o", "officer"), appraise()).expect("appraised").0;
    let issued = by(&appraised, actor("l", "leader"), decide()).expect("issued").0;
    assert!(by(&issued, actor("l", "leader"), assign("an")).is_err());
}

#[test]
fn whoever_appraised_it_does_not_decide_it_in_any_name() {
    let appraised = by(&received(), actor("an", "officer"), appraise())
        .expect("appraised")
        .0;
    assert_eq!(appraised.state, State::Deciding);
    let in_place_of = |giver: &str, who: Actor| Actor {
        on_behalf: Some(OnBehalf {
            id: giver.to_owned(),
            role: "leader".to_owned(),
            mandate: "m".to_owned(),
        }),
        ..who
    };
    for who in [
        actor("an", "leader"),
        in_place_of("l", actor("an", "officer")),
        in_place_of("an", actor("binh", "officer")),
    ] {
        assert_eq!(by(&appraised, who, decide()).unwrap_err(), "SEPARATION_OF_DUTIES");
    }
    assert!(by(&appraised, in_place_of("l", actor("binh", "officer")), decide()).is_ok());
}

fn timer(effects: &[Effect<proto::approval::v1::Event>]) -> Option<Timestamp> {
    effects.iter().find_map(|effect| match effect {
        Effect::SetTimer { name, due } if name == "escalation" => Some(*due),
        _ => None,
    })
}

fn cleared(effects: &[Effect<proto::approval::v1::Event>]) -> bool {
    let clears = |effect: &Effect<_>| matches!(effect, Effect::ClearTimer { name } if name == "escalation");
    effects.iter().any(clears)
}

fn tell(to: &str, more: bool) -> Input {
    Input::Escalate {
        to: to.to_owned(),
        more,
    }
}

#[test]
fn what_is_late_is_told_upwards_once_a_week_and_each_leader_once() {
    let service = || actor("approval", "service");
    assert!(
        by(&received(), service(), tell("leader@x", true)).is_err(),
        "nothing is late yet"
    );
    let (late, effects) = by(&received(), service(), Input::LimitOver).expect("over");
    assert_eq!(timer(&effects), Some(Timestamp(1_000 + WEEK)));
    let (told, effects) = by(&late, service(), tell("leader@phuong-hoan-kiem", true)).expect("told");
    assert_eq!(timer(&effects), Some(Timestamp(1_000 + 2 * WEEK)));
    let facts: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Publish(event) => event.fact.clone(),
            _ => None,
        })
        .collect();
    let [Fact::Escalated(fact)] = facts.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(
        (fact.to.as_str(), fact.waiting_on.as_str()),
        ("leader@phuong-hoan-kiem", "officer@phuong-hoan-kiem")
    );
    assert_eq!(fact.deadline, "2026-03-16");
    let (_, effects) = by(&told, service(), tell("leader@tp-ha-noi", false)).expect("told");
    assert_eq!(timer(&effects), None, "nobody is above them");
}

#[test]
fn a_halt_or_an_end_silences_it() {
    let service = || actor("approval", "service");
    let late = by(&received(), service(), Input::LimitOver).expect("over").0;
    let halt = Input::Suspend {
        because: "khiếu nại".to_owned(),
        stopped: None,
    };
    let (halted, effects) = by(&late, actor("o", "officer"), halt).expect("halted");
    assert!(cleared(&effects));
    assert!(by(&halted, service(), tell("leader@x", true)).is_err());
    // The limit is the station's: who takes the next step under it is late as well.
    let (next, effects) = by(&late, actor("o", "officer"), appraise()).expect("appraised");
    assert!(!cleared(&effects) && next.data.late.is_some());
    let (_, effects) = by(&next, actor("l", "leader"), decide()).expect("issued");
    assert!(cleared(&effects));
}
