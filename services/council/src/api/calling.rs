//! Calling a session: who is on it, what it is about, when and where it meets; and calling it off.

use access::{Act, Principal, Role};
use host::{Call as Request, Fault, Unit};
use journal::Key;
use machine::{Machine as _, Timestamp};
use proto::council::v1::{
    self as v1, AddItemsRequest, CancelSessionRequest, ConveneSessionRequest, InviteMembersRequest,
};

use super::{Api, open, reply, session_key};
use crate::{
    admission::{self, AGENDA_MAX, MEMBERS_MAX, Sitting, admit, gather, invalid, prose},
    constitution,
    machine::{
        Call, Council, Docket, Function, Invitation, Item, Kind, Member, Review, Session, SessionInput, SessionState,
    },
    pages,
};

/// Before which council of the dossier's way the council of `meeting` meets: its own, or one whose place it takes.
fn before(unit: &mut Unit, who: &Principal, dossier: &str, meeting: &str) -> Result<Sitting, Fault> {
    let docket = unit.get::<Docket>(dossier)?.ok_or_else(access::Denied::absent)?;
    let (directory, today) = (std::sync::Arc::clone(unit.agencies()), unit.today());
    let found = gather(&docket.data.seats, |seat| {
        let council = seat.rule.agency.as_str();
        if !admission::acting(&directory, council, today).contains(&meeting) {
            return Ok(None);
        }
        let item = Item::new(dossier, council);
        let id = item.to_string();
        Ok(unit.get::<Review>(&id)?.map(|review| Sitting { id, item, review }))
    })?;
    let here = found.into_iter().flatten().find(|sitting| sitting.review.data.here);
    if let Some(here) = here {
        return Ok(here);
    }
    let holds_none = |agency: &String| admission::acting(&directory, agency, today).contains(&meeting);
    if docket.data.without.iter().any(holds_none) {
        admit(unit, who, Act::Convene, &[meeting], [])?;
        return Err(Fault::refused("NO_COUNCIL", dossier));
    }
    Err(access::Denied::absent().into())
}

fn dockets(agenda: &[String]) -> Vec<Key> {
    agenda.iter().map(|dossier| Key::new(Docket::NAME, dossier)).collect()
}

/// Members that a call names: the first presides, and the others when they are not there.
fn given(subjects: &[String]) -> Vec<Member> {
    let member = |(at, subject): (usize, &String)| Member {
        subject: subject.clone(),
        function: if at == 0 { Function::Chair } else { Function::Member },
        ..Member::default()
    };
    subjects.iter().enumerate().map(member).collect()
}

/// Who is called: the members of the request, or of the council that the agency has constituted.
fn called(unit: &mut Unit, request: &ConveneSessionRequest, kind: Kind) -> Result<Call, Fault> {
    let call = Call {
        council: request.council.clone(),
        kind,
        ..Call::default()
    };
    if !request.members.is_empty() {
        let roster = given(&request.members);
        return Ok(Call { roster, ..call });
    }
    let council = unit.get::<Council>(&constitution::id(&request.council, kind))?;
    let today = unit.today();
    let charter = council.as_ref().and_then(|council| council.data.charter_on(today));
    let charter = charter.ok_or_else(|| {
        let what = "at least one entry is required: no council is constituted there for this day (council set)";
        invalid("members", what)
    })?;
    Ok(Call {
        roster: charter.roster_on(today),
        constituted: true,
        regulation: charter.regulation.clone(),
        standing: Some(charter.standing_body.clone())
            .filter(|body| !body.is_empty())
            .into_iter()
            .collect(),
        ..call
    })
}

/// The secretary adds to and invites to a session too, beside the standing body that prepared it.
fn preparing(who: &Principal) -> Act {
    match who.role {
        Role::Secretary => Act::Attend,
        _ => Act::Convene,
    }
}

impl Api {
    pub(super) async fn convene(&self, who: Principal, request: ConveneSessionRequest) -> Result<v1::Session, Fault> {
        admission::filled("council", std::slice::from_ref(&request.council), 1)?;
        admission::distinct("members", &request.members, MEMBERS_MAX)?;
        admission::filled("agenda", &request.agenda, AGENDA_MAX)?;
        let kind = constitution::kind(&request.kind)?;
        let call = Request::new(who.clone(), "council/ConveneSession", &request.request_id, &request)?;
        let body = |unit: &mut Unit| {
            let mut called = called(unit, &request, kind)?;
            let agenda = gather(&request.agenda, |dossier| before(unit, &who, dossier, &request.council))?;
            let candidates = agenda.iter().map(|sitting| sitting.review.data.candidate_person());
            called.standing.extend(admission::standing(unit, &agenda)?);
            called.standing.sort();
            called.standing.dedup();
            called.standing.retain(|body| *body != request.council);
            let run_by: Vec<&str> = std::iter::once(&request.council)
                .chain(&called.standing)
                .map(String::as_str)
                .collect();
            admit(unit, &who, Act::Convene, &run_by, candidates)?;
            let votes = called
                .roster
                .iter()
                .filter(|member| member.function != Function::Secretary);
            let quorum = pages::quorum(&agenda, &called, votes.count() as u32);
            let id = unit.fresh_id();
            unit.assume_new::<Session>(&id);
            for page in 0..agenda.len().div_ceil(crate::machine::PAGE) as u32 {
                unit.assume_new::<crate::machine::Agenda>(&pages::id(&id, page));
            }
            let input = SessionInput::Convene {
                called: called.clone(),
                items: agenda.len() as u32,
                quorum,
            };
            unit.step::<Session>(&id, input)?;
            pages::table(unit, &id, &called, 0, &agenda)?;
            reply(unit, &id)
        };
        self.0.act(&call, dockets(&request.agenda), body).await
    }

    pub(super) async fn add(&self, who: Principal, request: AddItemsRequest) -> Result<v1::Session, Fault> {
        admission::filled("agenda", &request.agenda, AGENDA_MAX)?;
        let call = Request::new(who.clone(), "council/AddItems", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = open(unit, &who, preparing(&who), id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let called = &at.data.called;
            if at.data.items as usize + request.agenda.len() > AGENDA_MAX {
                return Err(invalid(
                    "agenda",
                    format!("an agenda holds at most {AGENDA_MAX} dossiers"),
                ));
            }
            let agenda = gather(&request.agenda, |dossier| before(unit, &who, dossier, &called.council))?;
            let candidates = agenda.iter().map(|sitting| sitting.review.data.candidate_person());
            admit(unit, &who, preparing(&who), &at.data.run_by(), candidates)?;
            let input = SessionInput::Add {
                items: agenda.len() as u32,
                quorum: pages::quorum(&agenda, called, at.data.members().count() as u32),
            };
            unit.step::<Session>(id, input)?;
            pages::table(unit, id, called, at.data.items, &agenda)?;
            reply(unit, id)
        };
        let mut hint = session_key(id);
        hint.extend(dockets(&request.agenda));
        self.0.act(&call, hint, body).await
    }

    pub(super) async fn invite(&self, who: Principal, request: InviteMembersRequest) -> Result<v1::Session, Fault> {
        prose("place", &request.place)?;
        prose("text", &request.text)?;
        if request.meets_at <= 0 {
            return Err(invalid("meets_at", "an instant is required"));
        }
        let call = Request::new(who.clone(), "council/InviteMembers", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            open(unit, &who, preparing(&who), id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let invitation = Invitation {
                meets_at: Timestamp(request.meets_at),
                place: request.place.clone(),
                text: request.text.clone(),
            };
            unit.step::<Session>(id, SessionInput::Invite(invitation))?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }

    pub(super) async fn cancel(&self, who: Principal, request: CancelSessionRequest) -> Result<v1::Session, Fault> {
        prose("reason", &request.reason)?;
        let call = Request::new(who.clone(), "council/CancelSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            open(unit, &who, preparing(&who), id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let reason = request.reason.clone();
            let after = unit.step::<Session>(id, SessionInput::Cancel { reason })?;
            debug_assert_eq!(after.state, SessionState::Freeing);
            pages::go_on(unit, id)?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }
}
