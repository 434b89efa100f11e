//! Who may do what with a course, as it stands.

use std::sync::Arc;

use access::{Act, Principal, Role};
use host::{Fault, Unit};
use machine::Snapshot;

use super::tasks;
use crate::{
    machine::{Course, State},
    views,
};

/// Codes of the agencies that may do `act` on a course as it stands.
fn holders(at: &Snapshot<Course>, act: Act) -> Vec<&str> {
    let course = &at.data;
    let Some((opening, station)) = course.opening.as_ref().zip(course.at()) else {
        return Vec::new();
    };
    let signer = station.signer.as_deref();
    let decider = station.decider.as_deref();
    match act {
        Act::Withdraw => vec![&opening.submitting_agency],
        Act::Recall if course.station == 0 => vec![&opening.submitting_agency],
        Act::Recall => {
            let sender = &opening.route.stations[course.station - 1];
            vec![sender.signer.as_deref().unwrap_or(&sender.appraiser)]
        }
        Act::Sign => vec![signer.or(decider).unwrap_or(&station.appraiser)],
        Act::Decide | Act::Return | Act::Present | Act::Suspend | Act::Resume => {
            [Some(station.appraiser.as_str()), signer, decider]
                .into_iter()
                .flatten()
                .collect()
        }
        // What was awarded is made public by whoever awarded it, too.
        Act::Publish if at.state == State::Issued => {
            std::iter::once(station.appraiser.as_str()).chain(decider).collect()
        }
        Act::Consult => {
            let step = match &at.state {
                State::Consulting { at } => at,
                here => here,
            };
            let own = match step {
                State::Signing => signer,
                State::Deciding => decider,
                _ => None,
            };
            std::iter::once(station.appraiser.as_str()).chain(own).collect()
        }
        Act::RecordDeath | Act::RecordMove => vec![&opening.submitting_agency, &station.appraiser],
        Act::Reply => course.consultations.iter().map(|one| one.agency.as_str()).collect(),
        Act::Correct | Act::Revoke | Act::Restore | Act::Reissue => vec![&opening.route.deciding_agency],
        Act::Assign => match &at.state {
            State::Consulting { .. } => course.consulted().map(|one| one.agency.as_str()).into_iter().collect(),
            State::Returned { .. } => vec![&opening.submitting_agency],
            State::Signing => vec![signer.unwrap_or(&station.appraiser)],
            State::Deciding => vec![decider.unwrap_or(&station.appraiser)],
            _ => std::iter::once(station.appraiser.as_str())
                .chain(signer)
                .chain(decider)
                .collect(),
        },
        _ => vec![&station.appraiser],
    }
}

/// The course, if `who` may do `act` on it. "Not there" and "not yours" look the same.
pub(super) fn admit(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<Arc<Snapshot<Course>>, Fault> {
    let course = unit.get::<Course>(id)?.ok_or_else(access::Denied::absent)?;
    let (agencies, today) = (Arc::clone(unit.agencies()), unit.today());
    let readers;
    let mut codes = if act == Act::ReadDossier || act == Act::ReadHistory {
        let asked = course.data.consultations.iter().filter(|one| one.is_open());
        let asked = asked.map(|one| one.agency.clone());
        readers = views::readers(&course.data)
            .into_iter()
            .chain(asked)
            .collect::<Vec<_>>();
        readers.iter().map(String::as_str).collect()
    } else {
        holders(&course, act)
    };
    codes = codes
        .into_iter()
        .flat_map(|code| views::acting(&agencies, code, today))
        .collect();
    let person = course
        .data
        .opening
        .as_ref()
        .map(|opening| opening.candidate_person.as_str());
    let candidate_person = person.filter(|person| !person.is_empty());
    let asked = access::Request {
        who,
        act,
        agencies: &codes,
        candidate_person,
    };
    let under = host::grants::decide(unit, &asked)?;
    let acts_for_an_agency = !matches!(who.role, Role::Auditor | Role::Operator | Role::Service | Role::Nominee);
    if acts_for_an_agency && act != Act::ReadDossier && !agencies.exists_on(&who.agency, today) {
        return Err(Fault::refused("AGENCY_CLOSED", who.agency.clone()));
    }
    tasks::in_hand(unit, &course, who, act, under.as_ref())?;
    Ok(course)
}

pub(super) fn allow_worklist(who: &Principal) -> Result<(), Fault> {
    let agencies = [who.agency.as_str()];
    access::decide(&access::Request {
        who,
        act: Act::ReadWorklist,
        agencies: &agencies,
        candidate_person: None,
    })?;
    Ok(())
}
