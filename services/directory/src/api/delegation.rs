//! Who acts for whom: given and ended by leaders, read by their agency.

use access::{Act, Denied, Mandate, Principal, Role, Substitute};
use host::{Call, Fault, Unit, grants::post, is_clean, paging::Page, replica::date};
use journal::{Key, Value};
use machine::Machine as _;
use proto::directory::v1;

use super::{Api, allowed, allowed_for};
use crate::{
    machine::delegation::{Delegation, Input},
    views::delegation as views,
};

/// The number and date of a paper.
const TEXT_CHARS_MAX: usize = 500;

fn short(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > TEXT_CHARS_MAX || !is_clean(text) {
        let what = format!("at most {TEXT_CHARS_MAX} characters, in Unicode form NFC, without control characters");
        return Err(Fault::field("INVALID_REQUEST", field, what));
    }
    Ok(())
}

fn day(field: &str, text: &str) -> Result<time::Date, Fault> {
    date(field, text)?.ok_or_else(|| Fault::field("INVALID_REQUEST", field, "a day is required"))
}

/// The delegation as this unit leaves it.
fn reply(unit: &mut Unit, id: &str) -> Result<v1::Delegation, Fault> {
    let etag = unit.version::<Delegation>(id)?.to_string();
    let at = unit.get::<Delegation>(id)?.ok_or(Denied::absent())?;
    let given = at.data.given.as_ref().ok_or(Denied::absent())?;
    Ok(views::show(given, etag))
}

impl Api {
    pub(super) async fn delegate(&self, who: Principal, request: v1::DelegateRequest) -> Result<v1::Delegation, Fault> {
        allowed_role(&who)?;
        let call = Call::new(who.clone(), "directory/Delegate", &request.request_id, &request)?;
        let to = post("substitute", request.substitute.as_ref())?;
        short("document", &request.document)?;
        short("substitute.subject", &to.subject)?;
        let acts = request.acts.iter().map(|act| {
            act.parse()
                .map_err(|e: access::UnknownWord| Fault::field("INVALID_REQUEST", "acts", e.to_string()))
        });
        let acts = acts.collect::<Result<_, _>>()?;
        let mandate = Mandate {
            id: String::new(),
            from: who.clone(),
            to: Substitute {
                subject: to.subject,
                role: to.role,
            },
            acts,
            first: day("from", &request.from)?,
            last: day("to", &request.to)?,
        };
        let body = |unit: &mut Unit| {
            allowed_for(unit, &who, Act::Delegate, &who.agency)?;
            let id = unit.fresh_id();
            unit.assume_new::<Delegation>(&id);
            let input = Input::Grant {
                mandate: Box::new(Mandate {
                    id: id.clone(),
                    ..mandate.clone()
                }),
                agency: to.agency.clone(),
                beyond: mandate.beyond().map(|act| act.as_str().to_owned()),
                document: request.document.clone(),
                today: unit.today(),
            };
            unit.step::<Delegation>(&id, input)?;
            reply(unit, &id)
        };
        self.0.act(&call, Vec::new(), body).await
    }

    pub(super) async fn end_delegation(
        &self,
        who: Principal,
        request: v1::EndDelegationRequest,
    ) -> Result<v1::Delegation, Fault> {
        let call = Call::new(who.clone(), "directory/EndDelegation", &request.request_id, &request)?;
        let id = &request.delegation;
        let body = |unit: &mut Unit| {
            let at = unit.get::<Delegation>(id)?.ok_or(Denied::absent())?;
            let given = at.data.given.as_ref().ok_or(Denied::absent())?;
            allowed_for(unit, &who, Act::Delegate, &given.mandate.from.agency)?;
            unit.check_etag::<Delegation>(id, &request.etag)?;
            let today = unit.today();
            unit.step::<Delegation>(id, Input::End { today })?;
            reply(unit, id)
        };
        self.0.act(&call, vec![Key::new(Delegation::NAME, id)], body).await
    }

    pub(super) async fn list_delegations(
        &self,
        who: &Principal,
        request: v1::ListDelegationsRequest,
    ) -> Result<v1::ListDelegationsResponse, Fault> {
        let agency = if request.agency.is_empty() {
            &who.agency
        } else {
            &request.agency
        };
        if !matches!(who.role, Role::Auditor | Role::Operator) {
            allowed(who, Act::ReadDirectory)?;
            access::decide(&access::Request {
                who,
                act: Act::ReadWorklist,
                agencies: &[agency],
                candidate_person: None,
            })?;
        }
        let on = date("on", &request.on)?.map(|day| day.to_string()).unwrap_or_default();
        let page = Page::read(
            request.page_size,
            &request.page_token,
            &format!("delegations/{agency}/{on}"),
        )?;
        let args = [
            Value::Text(agency.clone()),
            Value::Text(page.after.clone()),
            Value::Text(on),
            Value::Int(page.limit()),
        ];
        let rows = self.0.journal().store().query(views::LIST, &args).await?;
        let mut delegations = rows.iter().map(views::read).collect::<Result<Vec<_>, _>>()?;
        let next_page_token = page.cut(&mut delegations, |one| one.delegation.clone());
        Ok(v1::ListDelegationsResponse {
            delegations,
            next_page_token,
        })
    }
}

/// Whoever may never delegate learns nothing from how the rest of the request reads.
fn allowed_role(who: &Principal) -> Result<(), Fault> {
    access::decide(&access::Request {
        who,
        act: Act::Delegate,
        agencies: &[who.agency.as_str()],
        candidate_person: None,
    })?;
    Ok(())
}
