//! Bus events and timers → inputs of a course.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use law::Route;
use machine::{Machine as _, Snapshot};
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
                award_year: submitted.award_year,
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
        Some(Fact::AwardInQuestion(_) | Fact::AwardOutOfQuestion(_)) | None => {}
    }
    Ok(())
}

fn follow_council(event: &council::v1::Event, unit: &mut Unit) -> Result<(), Fault> {
    use council::v1::event::Fact;
    let input = match &event.fact {
        Some(Fact::Tabled(_)) => Input::Tabled,
        Some(Fact::Released(_)) => Input::Released,
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
        "consultation" => Input::ConsultationOver {
            after: limits::after_consultation(unit, &course.data)?,
        },
        "reminder" => Input::Remind,
        "escalation" => match above(unit, &course) {
            Some((to, more)) => Input::Escalate { to, more },
            None => return Ok(()),
        },
        _ => Input::LimitOver,
    };
    if course.state == State::New {
        return Ok(());
    }
    unit.step::<Course>(&key.id, input)?;
    Ok(())
}

/// Who is told next that a dossier is late, and whether there is another above them: the leader of whoever is waited for,
/// then of the agency above, and so on.
fn above(unit: &Unit, course: &Snapshot<Course>) -> Option<(String, bool)> {
    let (agencies, today) = (unit.agencies(), unit.today());
    let task = course.data.task(&course.state)?;
    let mut chain = Vec::new();
    let mut next = agencies
        .acting_on(&task.agency, today)
        .map(|agency| agency.code.clone());
    while let Some(code) = next.filter(|code| !chain.contains(code)) {
        let parent = agencies.get(&code).and_then(|agency| agency.parent.as_deref());
        next = parent
            .and_then(|parent| agencies.acting_on(parent, today))
            .map(|agency| agency.code.clone());
        chain.push(code);
    }
    // A leader who is late is not told of it: it is theirs that waits.
    let skip = usize::from(task.role == "leader");
    let told = course.data.late.as_ref().map_or(0, |late| late.told as usize);
    let mut rest = chain.into_iter().skip(skip + told);
    rest.next()
        .map(|agency| (format!("leader@{agency}"), rest.next().is_some()))
}
