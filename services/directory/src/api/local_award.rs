//! Awards that agencies give on their own: who may lay them down, and how they are read.

use access::{Act, Denied, Principal};
use host::{
    Call, Fault, Unit,
    paging::Page,
    replica::{
        date,
        own::{award_from_proto, award_to_proto, regulation_from_proto},
    },
};
use journal::{Key, Value};
use law::{LocalAward, Problem};
use machine::Machine as _;
use proto::directory::v1;

use super::{Api, allowed_for};
use crate::{
    machine::{
        Listing,
        local_award::{Input, OwnAward},
    },
    views::local_award as views,
};

/// Every field that is wrong, with its own reason.
fn refuse(problems: Vec<Problem>) -> Result<(), Fault> {
    if problems.is_empty() {
        return Ok(());
    }
    let field = |p: Problem| (p.path, format!("{}: {} / {}", p.reason, p.vi, p.en));
    Err(Fault::Invalid {
        reason: "INVALID_LOCAL_AWARD",
        fields: problems.into_iter().map(field).collect(),
    })
}

/// The definition must be one that dossiers can be judged by; places are those of the request.
fn well_formed(unit: &Unit, award: &LocalAward) -> Result<(), Fault> {
    let mut problems = award.problems(unit.law());
    for problem in &mut problems {
        let field = if problem.path == "code" { "award" } else { &problem.path };
        problem.path = format!("award.{field}");
    }
    refuse(problems)
}

/// The award as this unit leaves it.
fn reply(unit: &mut Unit, code: &str) -> Result<v1::LocalAward, Fault> {
    let etag = unit.version::<OwnAward>(code)?.to_string();
    let known = unit.get::<OwnAward>(code)?;
    let award = known
        .as_ref()
        .and_then(|at| at.data.award.as_ref())
        .ok_or(Denied::absent())?;
    Ok(award_to_proto(award, etag))
}

impl Api {
    pub(super) async fn define_local_award(
        &self,
        who: Principal,
        request: v1::DefineLocalAwardRequest,
    ) -> Result<v1::LocalAward, Fault> {
        let call = Call::new(who, "directory/DefineLocalAward", &request.request_id, &request)?;
        let message = request
            .award
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "award", "an award is required"))?;
        let mut award = award_from_proto(&message)?;
        // Only an end has a document of its own.
        award.ended_by = None;
        let hint = vec![
            Key::new(OwnAward::NAME, &award.code),
            Key::new(Listing::NAME, &award.agency),
        ];
        self.0
            .act(&call, hint, |unit| {
                allowed_for(unit, &call.principal, Act::Regulate, &award.agency)?;
                well_formed(unit, &award)?;
                unit.check_etag::<OwnAward>(&award.code, &message.etag)?;
                let today = unit.today();
                unit.step::<OwnAward>(
                    &award.code,
                    Input::Define {
                        award: award.clone(),
                        today,
                    },
                )?;
                reply(unit, &award.code)
            })
            .await
    }

    pub(super) async fn end_local_award(
        &self,
        who: Principal,
        request: v1::EndLocalAwardRequest,
    ) -> Result<v1::LocalAward, Fault> {
        let call = Call::new(who, "directory/EndLocalAward", &request.request_id, &request)?;
        let to = date("to", &request.to)?
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "to", "the first day without the award is required"))?;
        let by = request
            .ended_by
            .as_ref()
            .map(|by| regulation_from_proto("ended_by", by))
            .transpose()?;
        refuse(by.iter().flat_map(|by| by.problems("ended_by")).collect())?;
        let code = request.award.as_str();
        self.0
            .act(&call, vec![Key::new(OwnAward::NAME, code)], |unit| {
                let known = unit.get::<OwnAward>(code)?.ok_or(Denied::absent())?;
                let award = known.data.award.as_ref().ok_or(Denied::absent())?;
                allowed_for(unit, &call.principal, Act::Regulate, &award.agency)?;
                unit.check_etag::<OwnAward>(code, &request.etag)?;
                let today = unit.today();
                unit.step::<OwnAward>(
                    code,
                    Input::End {
                        to,
                        by: by.clone(),
                        today,
                    },
                )?;
                reply(unit, code)
            })
            .await
    }

    pub(super) async fn get_local_award(&self, code: &str) -> Result<v1::LocalAward, Fault> {
        let args = [Value::Text(code.to_owned())];
        let rows = self.0.journal().store().query(views::ONE, &args).await?;
        let (award, etag) = views::read(rows.first().ok_or(Denied::absent())?)?;
        Ok(award_to_proto(&award, etag))
    }

    pub(super) async fn list_local_awards(
        &self,
        request: v1::ListLocalAwardsRequest,
    ) -> Result<v1::ListLocalAwardsResponse, Fault> {
        let on = date("on", &request.on)?.map(|day| day.to_string()).unwrap_or_default();
        let query = format!("local-awards/{}/{on}", request.agency);
        let page = Page::read(request.page_size, &request.page_token, &query)?;
        let args = [
            Value::Text(page.after.clone()),
            Value::Text(request.agency),
            Value::Text(on),
            Value::Int(page.limit()),
        ];
        let rows = self.0.journal().store().query(views::LIST, &args).await?;
        let mut awards = rows.iter().map(views::read).collect::<Result<Vec<_>, _>>()?;
        let next_page_token = page.cut(&mut awards, |(award, _)| award.code.clone());
        let awards = awards
            .into_iter()
            .map(|(award, etag)| award_to_proto(&award, etag))
            .collect();
        Ok(v1::ListLocalAwardsResponse {
            awards,
            next_page_token,
        })
    }
}
