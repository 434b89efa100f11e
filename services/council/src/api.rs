//! gRPC: request → command → reply. Nothing is decided here: who may act is the policy's matter, what may happen the
//! machines'. One act on several aggregates is one unit: all of it or none.

mod calling;
mod constituting;
mod minuting;
mod reading;
mod sitting;

use std::{pin::Pin, sync::Arc};

use access::{Act, Principal};
use futures::Stream;
use host::{Engine, Fault, Unit, principal};
use journal::Key;
use machine::{Machine as _, Snapshot};
use proto::council::v1::{
    self as v1,
    council_service_server::{CouncilService, CouncilServiceServer},
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    admission::{admit, gather},
    machine::{Docket, Item, Line, Review, Session, SessionState},
    minutes, pages, views,
};

/// The calls of one engine.
pub(crate) struct Api(pub(crate) Engine);

pub(crate) fn routes(engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(CouncilServiceServer::new(Api(engine.clone())));
}

fn session_key(id: &str) -> Vec<Key> {
    vec![Key::new(Session::NAME, id)]
}

/// A session, if `who` may do `act` there: "not there" and "not yours" look the same.
fn open(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<Arc<Snapshot<Session>>, Fault> {
    let session = unit.get::<Session>(id)?.ok_or_else(access::Denied::absent)?;
    // Reading is no acting: a candidate's colleague on the council may read the session's list.
    let lines: Vec<Line> = match act {
        Act::ReadSession => Vec::new(),
        _ => pages::lines(unit, id, &session.data)?,
    };
    let candidates = lines
        .iter()
        .map(|line| Some(line.candidate.as_str()).filter(|candidate| !candidate.is_empty()));
    admit(unit, who, act, &session.data.run_by(), candidates)?;
    Ok(session)
}

/// The session as it now stands, with the first page of its agenda and its minutes.
fn reply(unit: &mut Unit, id: &str) -> Result<v1::Session, Fault> {
    let at = unit.get::<Session>(id)?.ok_or_else(access::Denied::absent)?;
    let page = pages::page(unit, id, 0)?;
    let reviews = gather(&page.data.lines, |line| {
        let review = line.item.to_string();
        let version = unit.version::<Review>(&review)?;
        Ok(unit.get::<Review>(&review)?.map(|at| views::show(&at, version)))
    })?;
    let version = unit.version::<Session>(id)?;
    let mut shown = views::show_session(id, &at, version);
    shown.reviews = reviews.into_iter().flatten().collect();
    let signed = matches!(
        at.state,
        SessionState::Drafted | SessionState::Concluding | SessionState::Minuted
    );
    if signed && let Some(minutes) = minutes::of(unit, id, &at)? {
        shown.minutes =
            serde_json::to_string(&minutes).map_err(|error| Fault::Internal(format!("minutes of {id}: {error}")))?;
    }
    Ok(shown)
}

/// The review of a dossier that a session has on its agenda. Found by the dossier's own docket, not by the agenda, so that a
/// vote does not grow with it. `VOTING_CLOSED` if it has left the session since.
fn tabled(
    unit: &mut Unit,
    session: &str,
    at: &Session,
    dossier: &str,
) -> Result<(String, Arc<Snapshot<Review>>), Fault> {
    let docket = unit.get::<Docket>(dossier)?.ok_or_else(access::Denied::absent)?;
    let found = gather(&docket.data.seats, |seat| {
        let id = Item::new(dossier, &seat.rule.agency).to_string();
        Ok(unit.get::<Review>(&id)?.map(|review| (id, review)))
    })?;
    let here = |(_, review): &(String, Arc<Snapshot<Review>>)| review.data.round.session == session;
    if let Some(found) = found.into_iter().flatten().find(here) {
        return Ok(found);
    }
    let lines = pages::lines(unit, session, at)?;
    if lines.iter().any(|line| line.item.dossier == dossier) {
        Err(Fault::refused("VOTING_CLOSED", dossier))
    } else {
        Err(access::Denied::absent().into())
    }
}

macro_rules! calls {
    ($($call:ident = $inner:ident($request:ident) -> $answer:ident;)*) => {
        #[tonic::async_trait]
        impl CouncilService for Api {
            $(
                async fn $call(&self, request: Request<v1::$request>) -> Result<Response<v1::$answer>, Status> {
                    let who = principal(&request)?;
                    Ok(Response::new(self.$inner(who, request.into_inner()).await?))
                }
            )*

            type ExportMinutesStream =
                Pin<Box<dyn Stream<Item = Result<v1::ExportMinutesResponse, Status>> + Send>>;

            async fn export_minutes(
                &self,
                request: Request<v1::ExportMinutesRequest>,
            ) -> Result<Response<Self::ExportMinutesStream>, Status> {
                let who = principal(&request)?;
                let parts = self.export(who, request.into_inner()).await?;
                Ok(Response::new(Box::pin(futures::stream::iter(parts.into_iter().map(Ok)))))
            }
        }
    };
}

calls! {
    set_council = set(SetCouncilRequest) -> Council;
    dissolve_council = dissolve(DissolveCouncilRequest) -> Council;
    get_council = council(GetCouncilRequest) -> Council;
    list_councils = councils(ListCouncilsRequest) -> ListCouncilsResponse;
    convene_session = convene(ConveneSessionRequest) -> Session;
    add_items = add(AddItemsRequest) -> Session;
    invite_members = invite(InviteMembersRequest) -> Session;
    record_attendance = attend(RecordAttendanceRequest) -> Session;
    adjourn_session = adjourn(AdjournSessionRequest) -> Session;
    cancel_session = cancel(CancelSessionRequest) -> Session;
    recuse_member = recuse(RecuseMemberRequest) -> Session;
    declare_interest = declare(DeclareInterestRequest) -> Review;
    cast_ballot = cast(CastBallotRequest) -> CastBallotResponse;
    close_session = close(CloseSessionRequest) -> Session;
    minute_session = minute(MinuteSessionRequest) -> Session;
    sign_minutes = sign(SignMinutesRequest) -> Session;
    get_session = session(GetSessionRequest) -> Session;
    list_sessions = sessions(ListSessionsRequest) -> ListSessionsResponse;
    list_reviews = reviews(ListReviewsRequest) -> ListReviewsResponse;
}
