//! Bulk acts: started, paused, let go on, ended and looked at by whoever does such acts at an agency.

use access::{Denied, Principal, Role};
use host::{Call, Fault, Unit, paging::Page, principal};
use journal::Key;
use machine::{Machine as _, Snapshot};
use prost::Message as _;
use proto::approval::v1::{self as v1, PreviewActRequest};
use tonic::{Request, Status};

use super::{Api, act};
use crate::{
    bulk,
    machine::{Bulk, BulkAct, BulkInput, Owner},
};

/// A job, if it is `who`'s or a colleague's of theirs; an auditor may look at any.
fn admit(unit: &mut Unit, who: &Principal, id: &str, to_look: bool) -> Result<std::sync::Arc<Snapshot<Bulk>>, Fault> {
    let at = unit.get::<Bulk>(id)?.ok_or_else(Denied::absent)?;
    let owner = &at.data.owner;
    let theirs = owner.role == who.role.as_str() && owner.agency == who.agency;
    if theirs || to_look && who.role == Role::Auditor {
        Ok(at)
    } else {
        Err(Denied::absent().into())
    }
}

impl Api {
    pub(super) async fn start_bulk(&self, request: Request<v1::StartBulkRequest>) -> Result<v1::Bulk, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "approval/StartBulk", &request.request_id, &request)?;
        let Some(asked) = request.act.and_then(|act| act.act) else {
            return Err(Fault::field("INVALID_REQUEST", "act", "is required").into());
        };
        if !access::permits(who.role, act::act_of(&asked)) {
            return Err(Fault::Denied(Denied::absent()).into());
        }
        let reply = self.0.act(&call, Vec::new(), |unit| {
            let (name, targets, paper) = act::taken_apart(&asked, unit, &who)?;
            let bare = PreviewActRequest {
                act: Some(act::bare(asked.clone())),
            };
            let id = unit.fresh_id();
            unit.assume_new::<Bulk>(&id);
            let input = BulkInput::Start {
                act: BulkAct {
                    name: name.to_owned(),
                    request: hex::encode(bare.encode_to_vec()),
                },
                owner: Owner::from(&who),
                paper,
                total: targets.len() as u32,
            };
            let started = unit.step::<Bulk>(&id, input)?;
            for row in bulk::waiting(&id, &targets) {
                unit.write(row);
            }
            Ok(bulk::show(&id, 1, &started))
        });
        Ok(reply.await?)
    }

    pub(super) async fn tell_bulk(
        &self,
        request: Request<v1::BulkRequest>,
        method: &'static str,
        input: impl Fn(Owner) -> BulkInput + Send + Sync,
    ) -> Result<v1::Bulk, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), method, &request.request_id, &request)?;
        let id = &request.bulk;
        let reply = self.0.act(&call, vec![Key::new(Bulk::NAME, id)], |unit| {
            admit(unit, &who, id, false)?;
            let next = unit.step::<Bulk>(id, input(Owner::from(&who)))?;
            Ok(bulk::show(id, unit.version::<Bulk>(id)?, &next))
        });
        Ok(reply.await?)
    }

    async fn look_at_bulk(&self, who: &Principal, id: &str) -> Result<v1::Bulk, Fault> {
        let read = self.0.read(who, vec![Key::new(Bulk::NAME, id)], |unit| {
            let at = admit(unit, who, id, true)?;
            Ok(bulk::show(id, unit.version::<Bulk>(id)?, &at))
        });
        read.await
    }

    pub(super) async fn bulk(&self, request: Request<v1::GetBulkRequest>) -> Result<v1::Bulk, Status> {
        let who = principal(&request)?;
        Ok(self.look_at_bulk(&who, &request.get_ref().bulk).await?)
    }

    pub(super) async fn bulks(&self, request: Request<v1::ListBulksRequest>) -> Result<v1::ListBulksResponse, Status> {
        let who = principal(&request)?;
        super::allow_worklist(&who)?;
        let r = request.into_inner();
        let page = Page::read(r.page_size, &r.page_token, &format!("bulks/{}", who.agency))?;
        let store = self.0.journal().store();
        let (ids, next_page_token) = bulk::of_agency(store.as_ref(), &who.agency, &page).await?;
        let mut bulks = Vec::with_capacity(ids.len());
        for id in ids {
            match self.look_at_bulk(&who, &id).await {
                Ok(bulk) => bulks.push(bulk),
                // Another role's of the same agency.
                Err(Fault::Denied(_)) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(v1::ListBulksResponse { bulks, next_page_token })
    }

    pub(super) async fn bulk_results(
        &self,
        request: Request<v1::ListBulkResultsRequest>,
    ) -> Result<v1::ListBulkResultsResponse, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        if !["", "done", "refused", "waiting"].contains(&r.outcome.as_str()) {
            return Err(Fault::field("INVALID_REQUEST", "outcome", "done, refused or waiting").into());
        }
        self.look_at_bulk(&who, &r.bulk).await?;
        let page = Page::read(r.page_size, &r.page_token, &format!("bulk/{}/{}", r.bulk, r.outcome))?;
        let store = self.0.journal().store();
        let (results, next_page_token) = bulk::results(store.as_ref(), &r.bulk, &r.outcome, &page).await?;
        Ok(v1::ListBulkResultsResponse {
            results,
            next_page_token,
        })
    }
}
