//! Who may act on what, and the checks of a request's own form.

use std::{collections::BTreeSet, sync::Arc};

use access::{Act, Principal, Role};
use host::{Fault, Unit};
use law::Agencies;
use machine::Snapshot;

use crate::machine::{Docket, Item, Review, Session};

/// How many members a council has at most.
pub(crate) const MEMBERS_MAX: usize = 200;
/// How many dossiers one session takes up at most.
pub(crate) const AGENDA_MAX: usize = 2_000;
/// Characters of a subject or an id.
const TEXT_MAX: usize = 200;
/// Characters of a text for people.
const PROSE_MAX: usize = 2_000;

/// An agency and whoever acts for it today.
pub(crate) fn acting<'a>(agencies: &'a Agencies, code: &'a str, today: time::Date) -> Vec<&'a str> {
    let mut all = vec![code];
    all.extend(agencies.acting_on(code, today).map(|agency| agency.code.as_str()));
    all
}

/// Lets `who` do `act` for the council of an agency, on dossiers of these candidates. The candidate of one of them may
/// not act on any; the people of a closed agency read and do no more.
pub(crate) fn admit<'a>(
    unit: &Unit,
    who: &Principal,
    act: Act,
    councils: &[&str],
    candidates: impl IntoIterator<Item = Option<&'a str>>,
) -> Result<(), Fault> {
    let (directory, today) = (Arc::clone(unit.agencies()), unit.today());
    let agencies: Vec<&str> = councils
        .iter()
        .flat_map(|code| acting(&directory, code, today))
        .collect();
    for candidate_person in std::iter::once(None).chain(candidates) {
        access::decide(&access::Request {
            who,
            act,
            agencies: &agencies,
            candidate_person,
        })?;
    }
    let bound = !matches!(who.role, Role::Auditor | Role::Operator | Role::Service | Role::Nominee);
    if bound && act != Act::ReadSession && !directory.exists_on(&who.agency, today) {
        return Err(Fault::refused("AGENCY_CLOSED", who.agency.clone()));
    }
    Ok(())
}

/// Runs `look` for each, all of them even if one needs loading: what is missing is then loaded at once. The body runs again
/// from the start then, so `look` may step too.
pub(crate) fn gather<T, R>(
    all: impl IntoIterator<Item = T>,
    mut look: impl FnMut(T) -> Result<R, Fault>,
) -> Result<Vec<R>, Fault> {
    let mut found = Vec::new();
    let mut needs = false;
    for one in all {
        match look(one) {
            Ok(one) => found.push(one),
            Err(Fault::Need) => needs = true,
            Err(fault) => return Err(fault),
        }
    }
    if needs { Err(Fault::Need) } else { Ok(found) }
}

/// A review on a session's agenda.
pub(crate) struct Sitting {
    /// Its id.
    pub(crate) id: String,
    /// Which dossier before which council.
    pub(crate) item: Item,
    /// As it stands.
    pub(crate) review: Arc<Snapshot<Review>>,
}

/// The standing body of a council: who appraises at its station.
pub(crate) fn standing(unit: &mut Unit, agenda: &[Sitting]) -> Result<Vec<String>, Fault> {
    let found = gather(agenda, |sitting| {
        let docket = unit.get::<Docket>(&sitting.item.dossier)?;
        let seats = docket.map(|docket| docket.data.seats.clone()).unwrap_or_default();
        let station = sitting.review.data.opening.as_ref().map(|opening| opening.station);
        Ok(seats
            .into_iter()
            .find(|seat| Some(seat.station) == station)
            .map(|seat| seat.appraiser))
    })?;
    let bodies: BTreeSet<String> = found.into_iter().flatten().collect();
    Ok(bodies.into_iter().collect())
}

impl Sitting {
    /// Whether the session still has it: its dossier may have been withdrawn or returned since.
    pub(crate) fn sits(&self, session: &str) -> bool {
        self.review.state.in_session() && self.review.data.round.session == session
    }
}

pub(crate) fn invalid(field: &str, what: impl Into<String>) -> Fault {
    Fault::field("INVALID_REQUEST", field, what)
}

/// A list of ids or subjects: clean, of a bounded length, each once.
pub(crate) fn distinct(field: &str, all: &[String], max: usize) -> Result<(), Fault> {
    if all.len() > max {
        return Err(invalid(field, format!("{} entries; at most {max}", all.len())));
    }
    let mut seen = BTreeSet::new();
    for (at, one) in all.iter().enumerate() {
        let field = format!("{field}[{at}]");
        if one.trim().is_empty() || one.chars().count() > TEXT_MAX || !host::is_clean(one) {
            return Err(invalid(
                &field,
                format!("must be 1 to {TEXT_MAX} characters, NFC, without control characters"),
            ));
        }
        if !seen.insert(one) {
            return Err(invalid(&field, "stands here twice"));
        }
    }
    Ok(())
}

/// As [`distinct`], with at least one entry.
pub(crate) fn filled(field: &str, all: &[String], max: usize) -> Result<(), Fault> {
    if all.is_empty() {
        return Err(invalid(field, "at least one entry is required"));
    }
    distinct(field, all, max)
}

/// A text for people: clean, of a bounded length.
pub(crate) fn prose(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > PROSE_MAX || text.lines().any(|line| !host::is_clean(line)) {
        return Err(invalid(
            field,
            format!("must be at most {PROSE_MAX} characters, NFC, without control characters"),
        ));
    }
    Ok(())
}

/// Attendance names members only, and each of them once.
pub(crate) fn attendance(session: &Session, present: &[String], writing: &[String]) -> Result<(), Fault> {
    distinct("present", present, MEMBERS_MAX)?;
    distinct("writing", writing, MEMBERS_MAX)?;
    for (field, all) in [("present", present), ("writing", writing)] {
        if let Some(at) = all.iter().position(|one| !session.is_member(one)) {
            return Err(invalid(&format!("{field}[{at}]"), "is no member of this session"));
        }
    }
    match writing.iter().position(|one| present.contains(one)) {
        Some(at) => Err(invalid(&format!("writing[{at}]"), "is present too")),
        None => Ok(()),
    }
}
