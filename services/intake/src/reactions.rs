//! What approval tells → inputs of a dossier.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use machine::{Machine as _, Timestamp};
use proto::approval::v1::{Event, event::Fact};

use crate::{
    judge::{self, Ground, Judgement},
    machine::{Dossier, Input, Judged, Occasion, State, Told},
    relied, verdicts,
};

/// `approval.course/<dossier>`.
fn dossier_of(event: &Envelope) -> &str {
    event.aggregate.split_once('/').map_or("", |(_, id)| id)
}

pub(crate) fn touches(event: &Envelope) -> Vec<Key> {
    vec![Key::new(Dossier::NAME, dossier_of(event))]
}

pub(crate) fn react(event: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    let body: Event = prost::Message::decode(event.body.as_slice())
        .map_err(|e| Fault::refused("INVALID_REQUEST", format!("event {} of approval: {e}", event.id)))?;
    match &body.fact {
        Some(Fact::RecordedAwardRevoked(revoked)) => return relied::recorded_revoked(unit, revoked),
        Some(Fact::RecordedAwardRestored(restored)) => {
            return relied::restored(unit, &restored.person, &restored.entry);
        }
        _ => {}
    }
    let id = body.dossier.as_str();
    let Some(dossier) = unit.get::<Dossier>(id)? else {
        return Ok(());
    };
    let told = match &body.fact {
        Some(Fact::Received(_)) => return receive(event, unit, &dossier.data),
        Some(Fact::Lowered(lowered)) => return lower(&lowered.award, unit, &dossier.data),
        Some(Fact::Opened(_)) => Told::Opened,
        Some(Fact::Returned(_)) => Told::Returned,
        Some(Fact::Suspended(_)) => Told::Suspended,
        Some(Fact::Resumed(_)) => match dossier.state {
            State::Suspended { returned: true } => Told::ResumedReturned,
            _ => Told::Resumed,
        },
        Some(Fact::Recalled(recalled)) if recalled.to_draft => Told::Recalled,
        Some(Fact::Withdrawn(_)) => Told::Withdrawn,
        Some(Fact::Awarded(_)) => Told::Awarded,
        Some(Fact::Refused(_)) => Told::Refused,
        Some(Fact::Revoked(revoked)) => {
            relied::revoked(unit, &dossier.data, revoked)?;
            Told::Revoked
        }
        Some(Fact::Restored(_)) => {
            relied::restored(unit, &dossier.data.head.candidate_person, id)?;
            Told::Restored
        }
        Some(Fact::CandidateMoved(moved)) => {
            let to = moved.to.clone();
            return late(unit.step::<Dossier>(id, Input::Moved { to }).map(|_| ()));
        }
        Some(Fact::ConsultationAsked(asked)) => return ask(unit, id, &asked.agencies, true),
        Some(Fact::Replied(replied)) => return ask(unit, id, std::slice::from_ref(&replied.agency), false),
        Some(Fact::ConsultationLapsed(lapsed)) => return ask(unit, id, std::slice::from_ref(&lapsed.agency), false),
        _ => return Ok(()),
    };
    late(unit.step::<Dossier>(id, Input::Follow { told }).map(|_| ()))
}

/// A draft that was thrown away, or an end that was told before, does not follow any more.
pub(crate) fn late(outcome: Result<(), Fault>) -> Result<(), Fault> {
    match outcome {
        Err(Fault::Refused { .. }) => Ok(()),
        outcome => outcome,
    }
}

/// Who is asked for an opinion sees the dossier while they are.
fn ask(unit: &mut Unit, id: &str, agencies: &[String], asked: bool) -> Result<(), Fault> {
    let agencies = agencies.to_vec();
    late(unit.step::<Dossier>(id, Input::Ask { agencies, asked }).map(|_| ()))
}

/// An office has the complete dossier: it is judged again, by the rule set that the day of the first receipt selects.
fn receive(event: &Envelope, unit: &mut Unit, dossier: &Dossier) -> Result<(), Fault> {
    let on = match dossier.received_on.as_str() {
        "" => host::clock::day(Timestamp(event.at)).to_string(),
        first => first.to_owned(),
    };
    let ground = Ground {
        received_on: &on,
        ..Ground::of(dossier, Occasion::Receipt)
    };
    let judgement = judge::parse(&dossier.content).and_then(|file| judge::judge(unit, &file, ground));
    let (judged, extract) = as_far_as_it_goes(dossier, judgement)?;
    let received = Input::Receive {
        on: on.clone(),
        judged: judged.clone(),
    };
    step_and_keep(unit, &dossier.id, received, judged, extract)
}

/// A lower award is proposed: the dossier is judged by what that one asks.
fn lower(award: &str, unit: &mut Unit, dossier: &Dossier) -> Result<(), Fault> {
    let mut file = judge::parse(&dossier.content)?;
    award.clone_into(&mut file.award);
    let content = judge::canonical(&file)?;
    let judgement = judge::judge(unit, &file, Ground::of(dossier, Occasion::Lower));
    let (judged, extract) = as_far_as_it_goes(dossier, judgement)?;
    let lower = Input::Lower {
        award: award.to_owned(),
        content,
        judged: judged.clone(),
    };
    step_and_keep(unit, &dossier.id, lower, judged, extract)
}

/// What was told is a fact, whatever the law says of the file by now: then the verdict before it stays in force.
fn as_far_as_it_goes(
    dossier: &Dossier,
    judgement: Result<Judgement, Fault>,
) -> Result<(Option<Judged>, String), Fault> {
    match judgement {
        Ok(judgement) => Ok((Some(judgement.judged), judgement.extract)),
        Err(fault @ (Fault::Refused { .. } | Fault::Invalid { .. })) => {
            tracing::warn!(dossier = dossier.id, reason = fault.reason(), "not judged again");
            Ok((None, String::new()))
        }
        Err(fault) => Err(fault),
    }
}

fn step_and_keep(
    unit: &mut Unit,
    id: &str,
    input: Input,
    judged: Option<Judged>,
    extract: String,
) -> Result<(), Fault> {
    match unit.step::<Dossier>(id, input) {
        Ok(_) => judged.map_or(Ok(()), |judged| verdicts::keep(unit, id, &judged, extract)),
        Err(fault) => late(Err(fault)),
    }
}
