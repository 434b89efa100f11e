//! The register of awards: lookups, and entries of paper awards.

use std::sync::Arc;

use access::{Act, Role};
use host::{Call, Fault, Unit, paging::Page, principal, replica::date};
use journal::Key;
use machine::Machine as _;
use proto::approval::v1::{self as v1, AwardEntry};
use tonic::{Request, Status};

use super::{
    Api, allow_worklist,
    field::{ground, line, number, required},
};
use crate::{
    machine::{Amendment, AmendmentKind, Decision, DecisionInput, Paper, PaperAward, PaperAwardInput, Recorded},
    register::{self, Of},
    views,
};

impl Api {
    pub(super) async fn awards(
        &self,
        request: Request<v1::ListAwardsRequest>,
    ) -> Result<v1::ListAwardsResponse, Status> {
        let who = principal(&request)?;
        allow_worklist(&who)?;
        let r = request.into_inner();
        date("decided_on", &r.decided_on)?;
        if !["", "in-force", "corrected", "revoked"].contains(&r.status.as_str()) {
            return Err(Fault::field("INVALID_REQUEST", "status", "in-force, corrected or revoked").into());
        }
        let query = v1::ListAwardsRequest {
            page_size: 0,
            page_token: String::new(),
            ..r.clone()
        };
        let page = Page::read(r.page_size, &r.page_token, &format!("awards/{}/{query:?}", who.agency))?;
        let (agencies, today) = self.standing(&who).await?;
        let places = views::places(&agencies, &who.agency, today);
        let of = if !r.person.is_empty() {
            Of::Person(&r.person)
        } else if !r.decision_number.is_empty() {
            Of::Decision(&r.decision_number)
        } else if who.role == Role::Auditor {
            Of::All
        } else {
            Of::Agencies(&places)
        };
        let store = self.0.journal().store();
        let (awards, next_page_token) = register::awards(store.as_ref(), of, &r, &page).await?;
        Ok(v1::ListAwardsResponse {
            awards,
            next_page_token,
        })
    }

    pub(super) async fn record(&self, request: Request<v1::RecordAwardRequest>) -> Result<AwardEntry, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "approval/RecordAward", &request.request_id, &request)?;
        let reply = self.0.act(&call, Vec::new(), |unit| {
            let agencies = [who.agency.as_str()];
            let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
            access::decide(&access::Request {
                who: &who,
                act: Act::RecordAward,
                agencies: &agencies,
                candidate_person: person,
            })?;
            let id = unit.fresh_id();
            let recorded = Recorded {
                entry: id.clone(),
                ..recorded(unit, &request)?
            };
            unit.assume_new::<PaperAward>(&id);
            let entered = unit.step::<PaperAward>(&id, PaperAwardInput::Record { recorded })?;
            Ok(register::paper(&id, &entered))
        });
        Ok(reply.await?)
    }
}

impl Api {
    pub(super) async fn amend_recorded(
        &self,
        request: Request<v1::AmendRecordedAwardRequest>,
    ) -> Result<AwardEntry, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let (act, kind) = match request.kind.as_str() {
            "correct" => (Act::Correct, AmendmentKind::Correct),
            "revoke" => (Act::Revoke, AmendmentKind::Revoke),
            "restore" => (Act::Restore, AmendmentKind::Restore),
            "reissue" => (Act::Reissue, AmendmentKind::Reissue),
            _ => return Err(Fault::field("INVALID_REQUEST", "kind", "correct, revoke, restore or reissue").into()),
        };
        ground(&request.ground)?;
        number("number", &request.number)?;
        for (field, text, max) in [("holder", &request.holder, 300), ("person", &request.person, 64)] {
            line(field, text, max)?;
        }
        let call = Call::new(
            who.clone(),
            "approval/AmendRecordedAward",
            &request.request_id,
            &request,
        )?;
        let id = &request.entry;
        let reply = self.0.act(&call, vec![Key::new(PaperAward::NAME, id)], |unit| {
            let at = unit.get::<PaperAward>(id)?.ok_or_else(access::Denied::absent)?;
            let recorded = at.data.recorded.clone().ok_or_else(access::Denied::absent)?;
            let (agencies, today) = (Arc::clone(unit.agencies()), unit.today());
            let acting = views::acting(&agencies, &recorded.deciding_agency, today);
            host::grants::decide(
                unit,
                &access::Request {
                    who: &who,
                    act,
                    agencies: &acting,
                    candidate_person: Some(recorded.person.as_str()).filter(|person| !person.is_empty()),
                },
            )?;
            if !agencies.exists_on(&who.agency, today) {
                return Err(Fault::refused("AGENCY_CLOSED", who.agency.clone()));
            }
            let corrected = (kind == AmendmentKind::Correct).then(|| corrected(recorded, &request));
            let amendment = Amendment {
                kind,
                number: request.number.clone(),
                on: today,
                ground: request.ground.clone(),
                agency: who.agency.clone(),
            };
            let next = unit.step::<PaperAward>(id, PaperAwardInput::Amend { amendment, corrected })?;
            let paper = Paper {
                agency: who.agency.clone(),
                year: today.year(),
                number: request.number.clone(),
                dossiers: vec![id.clone()],
            };
            let decision = unit.fresh_id();
            unit.assume_new::<Decision>(&decision);
            unit.step::<Decision>(&decision, DecisionInput::Issue { paper })?;
            Ok(register::paper(id, &next))
        });
        Ok(reply.await?)
    }
}

/// The entry as it is corrected: what is empty stays.
fn corrected(recorded: Recorded, r: &v1::AmendRecordedAwardRequest) -> Recorded {
    let or = |text: &String, before: String| if text.is_empty() { before } else { text.clone() };
    Recorded {
        holder: or(&r.holder, recorded.holder),
        person: or(&r.person, recorded.person),
        candidate_agency: or(&r.candidate_agency, recorded.candidate_agency),
        year: if r.year == 0 { recorded.year } else { r.year },
        ..recorded
    }
}

/// What is entered: of this agency, or of one whose place it takes.
fn recorded(unit: &Unit, r: &v1::RecordAwardRequest) -> Result<Recorded, Fault> {
    let (agencies, today) = (unit.agencies(), unit.today());
    let deciding_agency = unit.by().agency.clone();
    if !agencies.exists_on(&deciding_agency, today) {
        return Err(Fault::refused("AGENCY_CLOSED", deciding_agency));
    }
    number("decision_number", &r.decision_number)?;
    required("holder", &r.holder)?;
    line("holder", &r.holder, 300)?;
    line("person", &r.person, 64)?;
    required("source", &r.source)?;
    let day = date("decided_on", &r.decided_on)?;
    let Some(decided_on) = day else {
        return Err(Fault::field("INVALID_REQUEST", "decided_on", "is required"));
    };
    if decided_on > today {
        return Err(Fault::field("DATE_IN_FUTURE", "decided_on", r.decided_on.clone()));
    }
    if !["individual", "collective", "household"].contains(&r.holder_kind.as_str()) {
        let what = "individual, collective or household";
        return Err(Fault::field("INVALID_REQUEST", "holder_kind", what));
    }
    let known = |set: &law::RuleSet| unit.law().award_in(&r.award, &set.id).is_some();
    let known = match r.award.split_once('/') {
        None => unit.law().rule_sets().iter().any(known),
        Some(_) => agencies.local_award(&r.award, decided_on).is_some(),
    };
    if !known {
        return Err(Fault::field("UNKNOWN_AWARD", "award", r.award.clone()));
    }
    if !r.candidate_agency.is_empty() && agencies.get(&r.candidate_agency).is_none() {
        return Err(Fault::field(
            "UNKNOWN_AGENCY",
            "candidate_agency",
            r.candidate_agency.clone(),
        ));
    }
    Ok(Recorded {
        entry: String::new(),
        award: r.award.clone(),
        holder: r.holder.clone(),
        holder_kind: r.holder_kind.clone(),
        person: r.person.clone(),
        candidate_agency: r.candidate_agency.clone(),
        deciding_agency,
        decision_number: r.decision_number.clone(),
        decided_on,
        year: if r.year == 0 { decided_on.year() } else { r.year },
        source: r.source.clone(),
    })
}
