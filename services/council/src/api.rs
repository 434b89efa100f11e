//! gRPC: request → command → reply. Nothing is decided here: who may act is the policy's matter, what may happen the
//! machines'. One act on several aggregates is one unit: all of it or none.

use std::collections::BTreeSet;

use access::{Act, Principal, Role};
use host::{Call, Engine, Fault, Unit, paging::Page, principal};
use journal::Key;
use machine::Machine as _;
use proto::council::v1::{
    self as v1, CastBallotRequest, CastBallotResponse, CloseSessionRequest, ConveneSessionRequest, GetSessionRequest,
    ListReviewsRequest, ListReviewsResponse, ListSessionsRequest, ListSessionsResponse, MinuteSessionRequest,
    RecordAttendanceRequest, RecuseMemberRequest,
    council_service_server::{CouncilService, CouncilServiceServer},
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    admission::{self, AGENDA_MAX, MEMBERS_MAX, Sitting, admit, gather},
    ballot,
    machine::{Docket, Item, Review, ReviewInput, Session, SessionInput, SessionState},
    minutes, views,
};

/// Sessions on one page: each carries its reviews.
const SESSIONS_MAX: i32 = 50;

/// The calls of one engine.
pub(crate) struct Api(pub(crate) Engine);

pub(crate) fn routes(engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(CouncilServiceServer::new(Api(engine.clone())));
}

fn session_key(id: &str) -> Vec<Key> {
    vec![Key::new(Session::NAME, id)]
}

/// A session and its agenda, if `who` may do `act` there: "not there" and "not yours" look the same.
fn open(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<(Session, Vec<Sitting>), Fault> {
    let session = unit
        .get::<Session>(id)?
        .ok_or_else(access::Denied::absent)?
        .data
        .clone();
    let agenda = admission::agenda(unit, &session)?;
    // Reading is no acting: a candidate's colleague on the council may read the session's list.
    let candidates: Vec<_> = match act {
        Act::ReadSession => Vec::new(),
        _ => agenda
            .iter()
            .map(|sitting| sitting.review.data.candidate_person())
            .collect(),
    };
    admit(unit, who, act, &session.run_by(), candidates)?;
    Ok((session, agenda))
}

/// The session as it now stands, with the reviews of its agenda.
fn reply(unit: &mut Unit, id: &str) -> Result<v1::Session, Fault> {
    let at = unit.get::<Session>(id)?.ok_or_else(access::Denied::absent)?;
    let reviews = gather(&at.data.agenda, |item| {
        let review = item.to_string();
        let version = unit.version::<Review>(&review)?;
        Ok(unit.get::<Review>(&review)?.map(|at| views::show(&at, version)))
    })?;
    let version = unit.version::<Session>(id)?;
    Ok(views::show_session(
        id,
        &at,
        version,
        reviews.into_iter().flatten().collect(),
    ))
}

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

#[tonic::async_trait]
impl CouncilService for Api {
    async fn convene_session(&self, request: Request<ConveneSessionRequest>) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        admission::filled("council", std::slice::from_ref(&request.council), 1)?;
        admission::filled("members", &request.members, MEMBERS_MAX)?;
        admission::filled("agenda", &request.agenda, AGENDA_MAX)?;
        let call = Call::new(who.clone(), "council/ConveneSession", &request.request_id, &request)?;
        let hint = request
            .agenda
            .iter()
            .map(|dossier| Key::new(Docket::NAME, dossier))
            .collect();
        let body = |unit: &mut Unit| {
            let agenda = gather(&request.agenda, |dossier| before(unit, &who, dossier, &request.council))?;
            let candidates = agenda.iter().map(|sitting| sitting.review.data.candidate_person());
            let standing = admission::standing(unit, &agenda)?;
            let mut run_by = vec![request.council.as_str()];
            run_by.extend(standing.iter().map(String::as_str));
            admit(unit, &who, Act::Convene, &run_by, candidates)?;
            let members = request.members.len() as u32;
            let rules = agenda.iter().filter_map(|sitting| sitting.review.data.rule());
            let input = SessionInput::Convene {
                council: request.council.clone(),
                standing: standing
                    .iter()
                    .filter(|body| **body != request.council)
                    .cloned()
                    .collect(),
                members: request.members.clone(),
                quorum: rules.map(|rule| rule.quorum_of(members)).max().unwrap_or(members),
                agenda: agenda.iter().map(|sitting| sitting.item.clone()).collect(),
            };
            let id = unit.fresh_id();
            unit.assume_new::<Session>(&id);
            unit.step::<Session>(&id, input)?;
            for sitting in agenda {
                let input = ReviewInput::Table {
                    session: id.clone(),
                    meeting: request.council.clone(),
                };
                unit.step::<Review>(&sitting.id, input)?;
            }
            reply(unit, &id)
        };
        Ok(Response::new(self.0.act(&call, hint, body).await?))
    }

    async fn record_attendance(
        &self,
        request: Request<RecordAttendanceRequest>,
    ) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "council/RecordAttendance", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let (session, agenda) = open(unit, &who, Act::Attend, id)?;
            admission::attendance(&session, &request.present, &request.writing)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let (present, writing) = (request.present.clone(), request.writing.clone());
            let attending: BTreeSet<String> = present.iter().chain(&writing).cloned().collect();
            let after = unit.step::<Session>(id, SessionInput::Attend { present, writing })?;
            for sitting in agenda.iter().filter(|sitting| sitting.sits(id)) {
                let input = ReviewInput::Attend {
                    members: session.members.len() as u32,
                    attending: attending.clone(),
                    quorate: after.state == SessionState::Quorate,
                };
                unit.step::<Review>(&sitting.id, input)?;
            }
            reply(unit, id)
        };
        Ok(Response::new(self.0.act(&call, session_key(id), body).await?))
    }

    async fn recuse_member(&self, request: Request<RecuseMemberRequest>) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "council/RecuseMember", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let (session, agenda) = open(unit, &who, Act::Recuse, id)?;
            let sitting = agenda.iter().find(|sitting| sitting.item.dossier == request.dossier);
            let sitting = sitting.ok_or_else(access::Denied::absent)?;
            if !session.members.contains(&request.member) {
                return Err(Fault::field(
                    "INVALID_REQUEST",
                    "member",
                    "is no member of this session",
                ));
            }
            if !sitting.sits(id) {
                return Err(Fault::refused("VOTING_CLOSED", request.dossier.clone()));
            }
            unit.step::<Review>(
                &sitting.id,
                ReviewInput::Recuse {
                    member: request.member.clone(),
                },
            )?;
            reply(unit, id)
        };
        Ok(Response::new(self.0.act(&call, session_key(id), body).await?))
    }

    async fn cast_ballot(&self, request: Request<CastBallotRequest>) -> Result<Response<CastBallotResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let choice = ballot::choice(request.choice)?;
        // A digest over three possible choices would tell which one it was: the stored request covers none.
        let covered = CastBallotRequest {
            choice: 0,
            ..request.clone()
        };
        let call = Call::new(who.clone(), "council/CastBallot", &request.request_id, &covered)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let session = unit.get::<Session>(id)?.ok_or_else(access::Denied::absent)?;
            let item = session.data.agenda.iter().find(|item| item.dossier == request.dossier);
            let review = item.ok_or_else(access::Denied::absent)?.to_string();
            let at = unit.get::<Review>(&review)?.ok_or_else(access::Denied::absent)?;
            admit(
                unit,
                &who,
                Act::Vote,
                &[&session.data.council],
                [at.data.candidate_person()],
            )?;
            if !session.data.members.contains(&who.subject) {
                return Err(access::Denied::absent().into());
            }
            let ballots = ballot::cast(unit, &review, &at.data, id, &who.subject, choice)?;
            Ok(CastBallotResponse { ballots })
        };
        Ok(Response::new(self.0.act(&call, session_key(id), body).await?))
    }

    async fn close_session(&self, request: Request<CloseSessionRequest>) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "council/CloseSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let (_, agenda) = open(unit, &who, Act::Close, id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let sitting: Vec<_> = agenda.iter().filter(|sitting| sitting.sits(id)).collect();
            let tallies = gather(&sitting, |sitting| ballot::count(unit, &sitting.id, &sitting.review))?;
            unit.step::<Session>(id, SessionInput::Close)?;
            for (sitting, tally) in sitting.into_iter().zip(tallies) {
                unit.step::<Review>(&sitting.id, tally)?;
                unit.destroy_box::<Review>(&sitting.id);
            }
            reply(unit, id)
        };
        Ok(Response::new(self.0.act(&call, session_key(id), body).await?))
    }

    async fn minute_session(&self, request: Request<MinuteSessionRequest>) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "council/MinuteSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let (session, agenda) = open(unit, &who, Act::Minute, id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let minutes = minutes::write(id, &session, &agenda, &who.subject, unit.now())
                .map_err(|error| Fault::Internal(format!("minutes of {id}: {error}")))?;
            unit.step::<Session>(id, SessionInput::Minute { minutes })?;
            for sitting in agenda.iter().filter(|sitting| sitting.sits(id)) {
                unit.step::<Review>(&sitting.id, ReviewInput::Conclude)?;
            }
            reply(unit, id)
        };
        Ok(Response::new(self.0.act(&call, session_key(id), body).await?))
    }

    async fn get_session(&self, request: Request<GetSessionRequest>) -> Result<Response<v1::Session>, Status> {
        let who = principal(&request)?;
        let id = request.into_inner().session;
        let body = |unit: &mut Unit| {
            open(unit, &who, Act::ReadSession, &id)?;
            reply(unit, &id)
        };
        Ok(Response::new(self.0.read(&who, session_key(&id), body).await?))
    }

    async fn list_sessions(
        &self,
        request: Request<ListSessionsRequest>,
    ) -> Result<Response<ListSessionsResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let council = council_filter(&who, &request.council);
        let page = Page::read(
            request.page_size.min(SESSIONS_MAX),
            &request.page_token,
            &format!("sessions {council}"),
        )?;
        let allowed = |unit: &mut Unit| admit(unit, &who, Act::ReadSession, &[council], []);
        self.0.read(&who, Vec::new(), allowed).await?;
        let (ids, next_page_token) = views::sessions(self.0.journal().store().as_ref(), council, &page).await?;
        let hint = ids.iter().flat_map(|id| session_key(id)).collect();
        let sessions = self
            .0
            .read(&who, hint, |unit| gather(&ids, |id| reply(unit, id)))
            .await?;
        Ok(Response::new(ListSessionsResponse {
            sessions,
            next_page_token,
        }))
    }

    async fn list_reviews(
        &self,
        request: Request<ListReviewsRequest>,
    ) -> Result<Response<ListReviewsResponse>, Status> {
        let who = principal(&request)?;
        let ListReviewsRequest {
            page_size,
            page_token,
            dossier,
            council,
        } = request.into_inner();
        let council = if dossier.is_empty() {
            council_filter(&who, &council)
        } else {
            &council
        };
        let page = Page::read(page_size, &page_token, &format!("reviews {council} {dossier}"))?;
        // A dossier's votes are for the councils of its way; a council's for its own people.
        let allowed = |unit: &mut Unit| {
            if dossier.is_empty() {
                return admit(unit, &who, Act::ReadSession, &[council], []);
            }
            let docket = unit.get::<Docket>(&dossier)?;
            let docket = docket.as_ref().map(|docket| &docket.data);
            let seats = docket.iter().flat_map(|docket| &docket.seats);
            let councils: Vec<&str> = seats.map(|seat| seat.rule.agency.as_str()).collect();
            let person = docket
                .map(|docket| docket.candidate_person.as_str())
                .filter(|person| !person.is_empty());
            admit(unit, &who, Act::ReadSession, &councils, [person])
        };
        self.0
            .read(&who, vec![Key::new(Docket::NAME, &dossier)], allowed)
            .await?;
        let (reviews, next_page_token) =
            views::reviews(self.0.journal().store().as_ref(), &dossier, council, &page).await?;
        Ok(Response::new(ListReviewsResponse {
            reviews,
            next_page_token,
        }))
    }
}

/// The council that a list is about: who is bound to an agency sees that one's unless another is named.
fn council_filter<'a>(who: &'a Principal, asked: &'a str) -> &'a str {
    if asked.is_empty() && !matches!(who.role, Role::Auditor | Role::Operator) {
        &who.agency
    } else {
        asked
    }
}
