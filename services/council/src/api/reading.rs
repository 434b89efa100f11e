//! Reading: one session, sessions, reviews.

use access::{Act, Principal, Role};
use host::{Fault, Unit, paging::Page};
use journal::Key;
use machine::Machine as _;
use proto::council::v1::{
    self as v1, GetSessionRequest, ListReviewsRequest, ListReviewsResponse, ListSessionsRequest, ListSessionsResponse,
};

use super::{Api, open, reply, session_key};
use crate::{
    admission::{admit, gather},
    machine::{Docket, Session},
    views,
};

impl Api {
    pub(super) async fn session(&self, who: Principal, request: GetSessionRequest) -> Result<v1::Session, Fault> {
        let id = request.session;
        let body = |unit: &mut Unit| {
            open(unit, &who, Act::ReadSession, &id)?;
            reply(unit, &id)
        };
        self.0.read(&who, session_key(&id), body).await
    }

    pub(super) async fn sessions(
        &self,
        who: Principal,
        request: ListSessionsRequest,
    ) -> Result<ListSessionsResponse, Fault> {
        let council = council_filter(&who, &request.council);
        let page = Page::read(request.page_size, &request.page_token, &format!("sessions {council}"))?;
        let allowed = |unit: &mut Unit| admit(unit, &who, Act::ReadSession, &[council], []);
        self.0.read(&who, Vec::new(), allowed).await?;
        let (ids, next_page_token) = views::sessions(self.0.journal().store().as_ref(), council, &page).await?;
        let hint = ids.iter().flat_map(|id| session_key(id)).collect();
        let shown = |unit: &mut Unit| {
            gather(&ids, |id| {
                let version = unit.version::<Session>(id)?;
                let at = unit.get::<Session>(id)?.ok_or_else(access::Denied::absent)?;
                Ok(views::show_session(id, &at, version))
            })
        };
        let sessions = self.0.read(&who, hint, shown).await?;
        Ok(ListSessionsResponse {
            sessions,
            next_page_token,
        })
    }

    pub(super) async fn reviews(
        &self,
        who: Principal,
        request: ListReviewsRequest,
    ) -> Result<ListReviewsResponse, Fault> {
        let ListReviewsRequest {
            page_size,
            page_token,
            dossier,
            council,
            session,
        } = request;
        let council = if dossier.is_empty() && session.is_empty() {
            council_filter(&who, &council)
        } else {
            &council
        };
        let page = Page::read(
            page_size,
            &page_token,
            &format!("reviews {council} {dossier} {session}"),
        )?;
        // A dossier's votes are for the councils of its way; a session's and a council's for its own people.
        let allowed = |unit: &mut Unit| {
            if dossier.is_empty() && !session.is_empty() {
                return open(unit, &who, Act::ReadSession, &session).map(|_| ());
            }
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
        let store = self.0.journal().store();
        let (reviews, next_page_token) = views::reviews(store.as_ref(), &dossier, &session, council, &page).await?;
        Ok(ListReviewsResponse {
            reviews,
            next_page_token,
        })
    }
}

/// The council that a list is about: who is bound to an agency sees that one's unless another is named.
pub(super) fn council_filter<'a>(who: &'a Principal, asked: &'a str) -> &'a str {
    if asked.is_empty() && !matches!(who.role, Role::Auditor | Role::Operator) {
        &who.agency
    } else {
        asked
    }
}
