//! Bus event → input of the reviews of its dossier.

use bus::Envelope;
use host::{Fault, Unit};
use journal::Key;
use law::Route;
use machine::Machine as _;
use prost::Message as _;
use proto::approval::v1::{Event, Opened, event::Fact};

use crate::{
    ballot::{BallotBox as _, Slips},
    machine::{Docket, DocketInput, Item, Opening, Review, ReviewInput, ReviewState, Seat},
};

fn invalid(what: &str, event: &Envelope, error: impl std::fmt::Display) -> Fault {
    Fault::refused(
        "INVALID_REQUEST",
        format!("{what} of event {} of {}: {error}", event.id, event.producer),
    )
}

/// The docket of an `approval.course/<dossier>`.
pub(crate) fn touches(event: &Envelope) -> Vec<Key> {
    let dossier = event.aggregate.split_once('/').map_or("", |(_, id)| id);
    vec![Key::new(Docket::NAME, dossier)]
}

pub(crate) fn react(envelope: &Envelope, unit: &mut Unit) -> Result<(), Fault> {
    // Letters and decisions are approval's own.
    if envelope.producer != "approval" || !envelope.aggregate.starts_with("approval.course/") {
        return Ok(());
    }
    let event = Event::decode(envelope.body.as_slice()).map_err(|error| invalid("body", envelope, error))?;
    if let Some(Fact::Opened(opened)) = &event.fact {
        return open(envelope, &event, opened, unit);
    }
    let Some(docket) = unit.get::<Docket>(&event.dossier)? else {
        return Ok(());
    };
    let seat = docket.data.at(event.station);
    let input = match &event.fact {
        Some(Fact::Received(_)) => ReviewInput::Receive,
        Some(Fact::Appraised(appraised)) => ReviewInput::Appraise {
            publication: appraised.publication_required,
        },
        Some(Fact::Published(_)) => ReviewInput::Publish,
        Some(Fact::PublicationEnded(_)) => ReviewInput::PublicationOver,
        Some(Fact::CouncilDue(due)) => ReviewInput::Due {
            award: event.award.clone(),
            rule: serde_json::from_str(&due.rule).map_err(|error| invalid("council rule", envelope, error))?,
        },
        Some(Fact::Returned(_)) => ReviewInput::Leave,
        Some(Fact::Resubmitted(_)) => ReviewInput::Regain,
        Some(Fact::Suspended(_) | Fact::ConsultationAsked(_)) => ReviewInput::Suspend,
        // The halt is over, the opinions are still waited for.
        Some(Fact::Resumed(_)) if event.step == "consulting" => return Ok(()),
        // A supplement that came during the halt shows only in who holds the dossier now.
        Some(Fact::Resumed(_) | Fact::ConsultationEnded(_)) => ReviewInput::Resume {
            here: seat.is_some_and(|seat| seat.appraiser == event.agency),
        },
        // Signed for the authority of the same station: the dossier stays where it is.
        Some(Fact::Forwarded(_)) if event.step != "receiving" => return Ok(()),
        Some(Fact::Forwarded(_)) => {
            let before = event.station.checked_sub(1).and_then(|station| docket.data.at(station));
            follow(unit, &event.dossier, before, ReviewInput::Leave)?;
            ReviewInput::Arrive
        }
        // The stations from there on have to vote anew; the earlier one has it complete.
        Some(Fact::SentBack(back)) => {
            for station in event.station + 1..=back.from_station {
                follow(unit, &event.dossier, docket.data.at(station), ReviewInput::Leave)?;
            }
            follow(unit, &event.dossier, seat, ReviewInput::Arrive)?;
            ReviewInput::Receive
        }
        Some(Fact::Recalled(recalled)) if !recalled.to_draft => {
            follow(
                unit,
                &event.dossier,
                docket.data.at(event.station + 1),
                ReviewInput::Leave,
            )?;
            ReviewInput::Regain
        }
        Some(Fact::Recalled(_) | Fact::Withdrawn(_) | Fact::Awarded(_) | Fact::Refused(_)) => {
            return docket
                .data
                .seats
                .iter()
                .try_for_each(|seat| follow(unit, &event.dossier, Some(seat), ReviewInput::End));
        }
        Some(
            Fact::Opened(_)
            | Fact::CouncilConcluded(_)
            | Fact::Presented(_)
            // The council that is due for it is told apart.
            | Fact::Lowered(_)
            | Fact::DueSoon(_)
            | Fact::DecisionPublished(_)
            | Fact::CandidateMoved(_)
            | Fact::TakenOver(_)
            | Fact::RecordedAwardRevoked(_)
            | Fact::RecordedAwardRestored(_)
            | Fact::Overdue(_)
            | Fact::Escalated(_)
            | Fact::Commented(_)
            | Fact::DeadlineMoved(_)
            | Fact::Replied(_)
            | Fact::ConsultationLapsed(_)
            | Fact::CandidateDied(_)
            | Fact::Corrected(_)
            | Fact::Revoked(_)
            | Fact::Restored(_)
            | Fact::Reissued(_),
        )
        | None => return Ok(()),
    };
    follow(unit, &event.dossier, seat, input)
}

/// A docket of the councils on the way, and a review for each.
fn open(envelope: &Envelope, event: &Event, opened: &Opened, unit: &mut Unit) -> Result<(), Fault> {
    let route: Route = serde_json::from_str(&opened.route).map_err(|error| invalid("route", envelope, error))?;
    let mut seats: Vec<Seat> = Vec::new();
    let mut without: Vec<String> = Vec::new();
    for (station, at) in route.stations.iter().enumerate() {
        let Some(rule) = at.council.clone() else {
            without.push(at.appraiser.clone());
            without.extend(at.decider.clone());
            continue;
        };
        seats.push(Seat {
            station: station as u32,
            appraiser: at.appraiser.clone(),
            rule,
        });
    }
    let candidate_person = opened.candidate_person.clone();
    for seat in seats.iter().rev() {
        // Two stations of one agency share a review; the earlier one begins it.
        let opening = Opening {
            dossier: event.dossier.clone(),
            award: event.award.clone(),
            candidate_agency: event.candidate_agency.clone(),
            candidate_person: candidate_person.clone(),
            station: seat.station,
            rule: seat.rule.clone(),
            here: seat.station == event.station,
        };
        follow(unit, &event.dossier, Some(seat), ReviewInput::Open(opening))?;
    }
    unit.step::<Docket>(
        &event.dossier,
        DocketInput::Open {
            candidate_person,
            seats,
            without,
        },
    )?;
    Ok(())
}

/// Steps the review of a seat. Ballots of a vote that breaks off are destroyed unopened.
fn follow(unit: &mut Unit, dossier: &str, seat: Option<&Seat>, input: ReviewInput) -> Result<(), Fault> {
    let Some(seat) = seat else { return Ok(()) };
    let id = Item::new(dossier, &seat.rule.agency).to_string();
    let voting = |state: &ReviewState| *state == ReviewState::Voting;
    let was_voting = unit.get::<Review>(&id)?.is_some_and(|review| voting(&review.state));
    let after = unit.step::<Review>(&id, input)?;
    if was_voting && !voting(&after.state) {
        Slips.close(unit, &id);
    }
    Ok(())
}
