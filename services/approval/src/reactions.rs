//! Bus events and timers → inputs of a course.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use law::Route;
use machine::Machine as _;
use prost::Message;
use proto::{council, intake};

use crate::{
    limits,
    machine::{Course, Input, Opening, State},
    recount,
};

pub(crate) fn decode<M: Message + Default>(event: &Envelope) -> Result<M, Fault> {
    M::decode(event.body.as_slice()).map_err(|e| {
        Fault::refused(
            "INVALID_REQUEST",
            format!("event {} of {}: {e}", event.id, event.producer),
        )
    })
}

/// `intake.dossier/<dossier>` or `council.review/<dossier>@<council>`.
fn dossier_of(event: &Envelope) -> &str {
    let id = event.aggregate.split_once('/').map_or("", |(_, id)| id);
    id.split_once('@').map_or(id, |(dossier, _)| dossier)
}

pub(crate) fn touches(event: &Envelope) -> Vec<Key> {
    vec![Key::new(Course::NAME, dossier_of(event))]
}

pub(crate) fn react(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    match event.producer.as_str() {
        "intake" => follow_intake(&decode(event)?, unit),
        "council" => follow_council(&decode(event)?, unit),
        _ => Ok(()),
    }
}

fn follow_intake(event: &intake::v1::Event, unit: &mut Unit) -> Result<(), Fault> {
    use intake::v1::event::Fact;
    let id = event.dossier.as_str();
    match &event.fact {
        Some(Fact::Submitted(submitted)) => {
            let route: Route = serde_json::from_str(&submitted.route)
                .map_err(|e| Fault::refused("INVALID_REQUEST", format!("route of {id}: {e}")))?;
            let opening = Opening {
                dossier: id.to_owned(),
                round: submitted.round,
                award: event.award.clone(),
                basis: event.basis.clone(),
                candidate_kind: submitted.candidate_kind.clone(),
                candidate_name: submitted.candidate_name.clone(),
                candidate_person: submitted.candidate_person.clone(),
                candidate_agency: event.candidate_agency.clone(),
                submitting_agency: event.submitting_agency.clone(),
                verdict: submitted.verdict.clone(),
                letter: submitted.letter_number.clone(),
                route,
            };
            unit.step::<Course>(id, Input::Open(Box::new(opening)))?;
        }
        Some(Fact::Supplemented(supplemented)) => {
            let Some(course) = unit.get::<Course>(id)? else {
                return Ok(());
            };
            let deadline = limits::goes_on(unit, &course.data)?;
            let verdict = supplemented.verdict.clone();
            late(
                unit.step::<Course>(id, Input::Resubmit { verdict, deadline })
                    .map(|_| ()),
            )?;
        }
        None => {}
    }
    Ok(())
}

fn follow_council(event: &council::v1::Event, unit: &mut Unit) -> Result<(), Fault> {
    use council::v1::event::Fact;
    let input = match &event.fact {
        Some(Fact::Tabled(_)) => Input::Tabled,
        Some(Fact::Concluded(concluded)) => Input::Concluded {
            passed: concluded.passed,
        },
        None => return Ok(()),
    };
    late(unit.step::<Course>(&event.dossier, input).map(|_| ()))
}

/// What comes too late (the dossier was withdrawn, the council's result is for an earlier round) changes nothing.
fn late(outcome: Result<(), Fault>) -> Result<(), Fault> {
    match outcome {
        Err(Fault::Refused { reason, .. }) => {
            tracing::info!(reason, "an event came too late for the course");
            Ok(())
        }
        outcome => outcome,
    }
}

pub(crate) fn fire(key: &Key, timer: &str, unit: &mut Unit) -> Result<(), Fault> {
    if timer == "recount" {
        return recount::fire(key, unit);
    }
    let Some(course) = unit.get::<Course>(&key.id)? else {
        return Ok(());
    };
    let input = match timer {
        "publication" => Input::PublicationOver,
        _ => Input::LimitOver,
    };
    if course.state == State::New {
        return Ok(());
    }
    unit.step::<Course>(&key.id, input)?;
    Ok(())
}
