//! Councils: constituted, dissolved, read.

use access::{Act, Principal};
use host::{Call, Fault, Unit, paging::Page};
use journal::Key;
use machine::Machine as _;
use proto::council::v1::{
    self as v1, DissolveCouncilRequest, GetCouncilRequest, ListCouncilsRequest, ListCouncilsResponse, SetCouncilRequest,
};
use time::Date;

use super::Api;
use crate::{
    admission::{admit, gather, invalid, prose},
    constitution::{self, charter, id, kind},
    machine::{Council, CouncilInput},
    views,
};

/// Councils on one page: each carries its charters.
const COUNCILS_MAX: i32 = 50;

/// A council as `who` may see it: personal numbers are for those who lay it down.
fn shown(unit: &mut Unit, who: &Principal, id: &str, on: Date) -> Result<v1::Council, Fault> {
    let at = unit.get::<Council>(id)?.ok_or_else(access::Denied::absent)?;
    let version = unit.version::<Council>(id)?;
    let mut council = constitution::show(&at, version, on);
    if !access::permits(who.role, Act::Regulate) {
        let seats = council.charters.iter_mut().flat_map(|charter| &mut charter.seats);
        for holder in seats.flat_map(|seat| &mut seat.holders) {
            holder.person.clear();
        }
    }
    Ok(council)
}

impl Api {
    pub(super) async fn set(&self, who: Principal, request: SetCouncilRequest) -> Result<v1::Council, Fault> {
        let kind = kind(&request.kind)?;
        let charter = charter(request.charter.as_ref())?;
        let call = Call::new(who.clone(), "council/SetCouncil", &request.request_id, &request)?;
        let id = id(&request.agency, kind);
        let body = |unit: &mut Unit| {
            admit(unit, &who, Act::Regulate, &[&request.agency], [])?;
            if !charter.standing_body.is_empty() && unit.agencies().get(&charter.standing_body).is_none() {
                return Err(Fault::field(
                    "UNKNOWN_AGENCY",
                    "charter.standing_body",
                    "is not in the directory",
                ));
            }
            unit.check_etag::<Council>(&id, &request.etag)?;
            let input = CouncilInput::Set {
                agency: request.agency.clone(),
                kind,
                charter: charter.clone(),
            };
            unit.step::<Council>(&id, input)?;
            let today = unit.today();
            shown(unit, &who, &id, today)
        };
        self.0.act(&call, vec![Key::new(Council::NAME, &id)], body).await
    }

    pub(super) async fn dissolve(&self, who: Principal, request: DissolveCouncilRequest) -> Result<v1::Council, Fault> {
        let kind = kind(&request.kind)?;
        prose("document", &request.document)?;
        let on = host::replica::date("on", &request.on)?.ok_or_else(|| invalid("on", "a day is required"))?;
        let call = Call::new(who.clone(), "council/DissolveCouncil", &request.request_id, &request)?;
        let id = id(&request.agency, kind);
        let body = |unit: &mut Unit| {
            admit(unit, &who, Act::Regulate, &[&request.agency], [])?;
            unit.check_etag::<Council>(&id, &request.etag)?;
            let document = request.document.clone();
            unit.step::<Council>(&id, CouncilInput::Dissolve { on, document })?;
            let today = unit.today();
            shown(unit, &who, &id, today)
        };
        self.0.act(&call, vec![Key::new(Council::NAME, &id)], body).await
    }

    pub(super) async fn council(&self, who: Principal, request: GetCouncilRequest) -> Result<v1::Council, Fault> {
        let id = id(&request.agency, kind(&request.kind)?);
        let on = host::replica::date("on", &request.on)?;
        let body = |unit: &mut Unit| {
            admit(unit, &who, Act::ReadSession, &[&request.agency], [])?;
            let on = on.unwrap_or(unit.today());
            shown(unit, &who, &id, on)
        };
        self.0.read(&who, vec![Key::new(Council::NAME, &id)], body).await
    }

    pub(super) async fn councils(
        &self,
        who: Principal,
        request: ListCouncilsRequest,
    ) -> Result<ListCouncilsResponse, Fault> {
        let agency = super::reading::council_filter(&who, &request.agency);
        if !request.kind.is_empty() {
            kind(&request.kind)?;
        }
        let query = format!("councils {agency} {}", request.kind);
        let page = Page::read(request.page_size.min(COUNCILS_MAX), &request.page_token, &query)?;
        let allowed = |unit: &mut Unit| admit(unit, &who, Act::ReadSession, &[agency], []);
        self.0.read(&who, Vec::new(), allowed).await?;
        let store = self.0.journal().store();
        let (ids, next_page_token) = views::councils(store.as_ref(), agency, &request.kind, &page).await?;
        let hint = ids.iter().map(|id| Key::new(Council::NAME, id)).collect();
        let body = |unit: &mut Unit| {
            let today = unit.today();
            gather(&ids, |id| shown(unit, &who, id, today))
        };
        let councils = self.0.read(&who, hint, body).await?;
        Ok(ListCouncilsResponse {
            councils,
            next_page_token,
        })
    }
}
