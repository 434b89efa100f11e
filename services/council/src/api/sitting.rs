//! While a session sits: who is there, who does not vote on what, ballots, a break, the end of voting.

use access::{Act, Denied, Principal};
use host::{Call, Fault, Unit, clock};
use journal::Key;
use machine::Machine as _;
use proto::council::v1::{
    self as v1, AdjournSessionRequest, CastBallotRequest, CastBallotResponse, CloseSessionRequest,
    DeclareInterestRequest, RecordAttendanceRequest, RecuseMemberRequest,
};

use super::{Api, open, reply, session_key, tabled};
use crate::{
    admission::{self, admit, invalid, prose},
    ballot::{self, Ballot},
    constitution::ground,
    machine::{Docket, Review, ReviewInput, Session, SessionInput, Standing},
    pages, views,
};

/// A session and the docket of one dossier: what a vote reads.
fn vote_keys(session: &str, dossier: &str) -> Vec<Key> {
    vec![Key::new(Session::NAME, session), Key::new(Docket::NAME, dossier)]
}

impl Api {
    pub(super) async fn attend(&self, who: Principal, request: RecordAttendanceRequest) -> Result<v1::Session, Fault> {
        let call = Call::new(who.clone(), "council/RecordAttendance", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = open(unit, &who, Act::Attend, id)?;
            admission::attendance(&at.data, &request.present, &request.writing)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let (present, writing) = (request.present.clone(), request.writing.clone());
            unit.step::<Session>(id, SessionInput::Attend { present, writing })?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }

    pub(super) async fn adjourn(&self, who: Principal, request: AdjournSessionRequest) -> Result<v1::Session, Fault> {
        prose("reason", &request.reason)?;
        let until = host::replica::date("until", &request.until)?;
        let until = until.ok_or_else(|| invalid("until", "a day is required"))?;
        let call = Call::new(who.clone(), "council/AdjournSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            open(unit, &who, Act::Close, id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            let input = SessionInput::Adjourn {
                until,
                not_before: clock::start_of(until),
                reason: request.reason.clone(),
            };
            unit.step::<Session>(id, input)?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }

    pub(super) async fn recuse(&self, who: Principal, request: RecuseMemberRequest) -> Result<v1::Session, Fault> {
        let ground = ground(&request.ground)?;
        let call = Call::new(who.clone(), "council/RecuseMember", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = open(unit, &who, Act::Recuse, id)?;
            if !at.data.is_member(&request.member) {
                return Err(invalid("member", "is no member of this session"));
            }
            let (review, _) = tabled(unit, id, &at.data, &request.dossier)?;
            let member = request.member.clone();
            unit.step::<Review>(&review, ReviewInput::Recuse { member, ground })?;
            reply(unit, id)
        };
        self.0.act(&call, vote_keys(id, &request.dossier), body).await
    }

    pub(super) async fn declare(&self, who: Principal, request: DeclareInterestRequest) -> Result<v1::Review, Fault> {
        let ground = ground(&request.ground)?;
        let call = Call::new(who.clone(), "council/DeclareInterest", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = unit.get::<Session>(id)?.ok_or_else(Denied::absent)?;
            // The candidate of it may declare just that: no one is denied for it.
            admit(unit, &who, Act::Declare, &[&at.data.called.council], [])?;
            if !at.data.is_member(&who.subject) {
                return Err(Denied::absent().into());
            }
            let (review, _) = tabled(unit, id, &at.data, &request.dossier)?;
            let member = who.subject.clone();
            let after = unit.step::<Review>(&review, ReviewInput::Recuse { member, ground })?;
            let version = unit.version::<Review>(&review)?;
            Ok(views::show(&after, version))
        };
        self.0.act(&call, vote_keys(id, &request.dossier), body).await
    }

    pub(super) async fn cast(&self, who: Principal, request: CastBallotRequest) -> Result<CastBallotResponse, Fault> {
        let choice = ballot::choice(request.choice)?;
        ballot::slip(&request.slip)?;
        // A digest over three possible choices would tell which one it was: the stored request covers none.
        let covered = CastBallotRequest {
            choice: 0,
            slip: String::new(),
            ..request.clone()
        };
        let call = Call::new(who.clone(), "council/CastBallot", &request.request_id, &covered)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            let at = unit.get::<Session>(id)?.ok_or_else(Denied::absent)?;
            admit(unit, &who, Act::Vote, &[&at.data.called.council], [])?;
            let standing = at.data.standing(&at.state, &who.subject);
            if standing == Standing::Outsider {
                return Err(Denied::absent().into());
            }
            let (review, on) = tabled(unit, id, &at.data, &request.dossier)?;
            let candidate = on.data.candidate_person();
            admit(unit, &who, Act::Vote, &[&at.data.called.council], [candidate])?;
            let cast = Ballot {
                session: id,
                member: &who.subject,
                standing,
                choice,
                slip: &request.slip,
            };
            let ballots = ballot::cast(unit, &review, &on.data, &cast)?;
            if !at.data.voted.contains(&who.subject) {
                let member = who.subject.clone();
                unit.step::<Session>(id, SessionInput::Voted { member })?;
            }
            Ok(CastBallotResponse { ballots })
        };
        self.0.act(&call, vote_keys(id, &request.dossier), body).await
    }

    pub(super) async fn close(&self, who: Principal, request: CloseSessionRequest) -> Result<v1::Session, Fault> {
        let call = Call::new(who.clone(), "council/CloseSession", &request.request_id, &request)?;
        let id = &request.session;
        let body = |unit: &mut Unit| {
            open(unit, &who, Act::Close, id)?;
            unit.check_etag::<Session>(id, &request.etag)?;
            unit.step::<Session>(id, SessionInput::Close)?;
            pages::go_on(unit, id)?;
            reply(unit, id)
        };
        self.0.act(&call, session_key(id), body).await
    }
}
