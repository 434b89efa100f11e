//! gRPC: request → command → reply. Nothing is decided here.

mod days;
mod delegation;
mod local_award;

use access::{Act, Denied, Principal};
use host::{Call, Engine, Fault, Unit, paging::Page, principal, replica};
use journal::{Key, Row, Sql, Value};
use law::{Agencies, Agency};
use machine::Machine as _;
use proto::directory::v1::{self, directory_service_server::DirectoryService};
use tonic::{Request, Response, Status};

use crate::{
    machine::{Input, Listing},
    views,
};

/// A code is a word of a bus subject, and stays readable in a URL.
const CODE_CHARS_MAX: usize = 64;
/// Names are shown in lists and printed on decisions.
const NAME_CHARS_MAX: usize = 256;

/// The directory's API.
pub(crate) struct Api(pub(crate) Engine);

fn allowed(who: &Principal, act: Act) -> Result<(), Fault> {
    access::decide(&access::Request {
        who,
        act,
        agencies: &[],
        candidate_person: None,
    })?;
    Ok(())
}

/// The act on what an agency lays down itself: by that agency, or by whoever acts in its place today.
fn allowed_for(unit: &mut Unit, who: &Principal, act: Act, agency: &str) -> Result<(), Fault> {
    let today = unit.today();
    let mut acting = vec![agency.to_owned()];
    while let Some(listing) = unit.get::<Listing>(&acting[acting.len() - 1])? {
        let ended = listing
            .data
            .agency
            .as_ref()
            .filter(|agency| agency.to.is_some_and(|to| to <= today));
        match ended.and_then(|agency| agency.successor.clone()) {
            Some(successor) if !acting.contains(&successor) => acting.push(successor),
            _ => break,
        }
    }
    let agencies: Vec<&str> = acting.iter().map(String::as_str).collect();
    access::decide(&access::Request {
        who,
        act,
        agencies: &agencies,
        candidate_person: None,
    })?;
    known(unit, "agency", Some(&agency.to_owned()))
}

fn key(code: &str) -> Key {
    Key::new(Listing::NAME, code)
}

/// The agency that a field names must be in the directory.
fn known(unit: &mut Unit, field: &str, code: Option<&String>) -> Result<(), Fault> {
    match code {
        Some(code) if unit.get::<Listing>(code)?.is_none() => Err(Fault::field(
            "UNKNOWN_AGENCY",
            field,
            format!("the directory has no agency {code}"),
        )),
        _ => Ok(()),
    }
}

/// What does not depend on any state: the texts themselves.
fn well_formed(agency: &Agency) -> Result<(), Fault> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let code_fits = !agency.code.is_empty() && agency.code.len() <= CODE_CHARS_MAX && agency.code.chars().all(is_word);
    if !code_fits {
        let what = format!("1 to {CODE_CHARS_MAX} of a-z, 0-9 and - are required");
        return Err(Fault::field("INVALID_REQUEST", "agency.agency", what));
    }
    if agency.name.trim().is_empty() || agency.name.chars().count() > NAME_CHARS_MAX {
        let what = format!("1 to {NAME_CHARS_MAX} characters are required");
        return Err(Fault::field("INVALID_REQUEST", "agency.name", what));
    }
    Ok(())
}

/// The agency as this unit leaves it.
fn reply(unit: &mut Unit, code: &str) -> Result<v1::Agency, Fault> {
    let etag = unit.version::<Listing>(code)?.to_string();
    let listing = unit.get::<Listing>(code)?;
    let agency = listing
        .as_ref()
        .and_then(|at| at.data.agency.as_ref())
        .ok_or(Denied::absent())?;
    Ok(replica::to_proto(agency, etag))
}

impl Api {
    async fn rows(&self, sql: Sql, args: &[Value]) -> Result<Vec<(Agency, String)>, Fault> {
        let rows = self.0.journal().store().query(sql, args).await?;
        rows.iter().map(|row: &Row| views::read(row)).collect()
    }

    async fn one(&self, code: &str) -> Result<v1::Agency, Fault> {
        let rows = self.rows(views::ONE, &[Value::Text(code.to_owned())]).await?;
        let (agency, etag) = rows.first().ok_or(Denied::absent())?;
        Ok(replica::to_proto(agency, etag.clone()))
    }

    async fn acting(&self, code: &str, on: law::Date) -> Result<v1::Agency, Fault> {
        let mut agencies = Agencies::embedded();
        for (agency, _) in self.rows(views::ALL, &[]).await? {
            agencies.insert(agency);
        }
        let acting = agencies.acting_on(code, on).ok_or(Denied::absent())?.code.clone();
        self.one(&acting).await
    }

    async fn list(&self, request: v1::ListAgenciesRequest) -> Result<v1::ListAgenciesResponse, Fault> {
        let on = replica::date("on", &request.on)?
            .map(|day| day.to_string())
            .unwrap_or_default();
        if !request.level.is_empty() && request.level.parse::<law::Level>().is_err() {
            return Err(Fault::field(
                "INVALID_REQUEST",
                "level",
                format!("no such level: {}", request.level),
            ));
        }
        let query = format!("agencies/{on}/{}", request.level);
        let page = Page::read(request.page_size, &request.page_token, &query)?;
        let args = [
            Value::Text(page.after.clone()),
            Value::Text(on),
            Value::Text(request.level),
            Value::Int(page.limit()),
        ];
        let mut rows = self.rows(views::LIST, &args).await?;
        let next_page_token = page.cut(&mut rows, |(agency, _)| agency.code.clone());
        let agencies = rows
            .into_iter()
            .map(|(agency, etag)| replica::to_proto(&agency, etag))
            .collect();
        Ok(v1::ListAgenciesResponse {
            agencies,
            next_page_token,
        })
    }

    async fn register(&self, who: Principal, request: v1::RegisterAgencyRequest) -> Result<v1::Agency, Fault> {
        allowed(&who, Act::ManageDirectory)?;
        let call = Call::new(who, "directory/RegisterAgency", &request.request_id, &request)?;
        let message = request
            .agency
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "agency", "an agency is required"))?;
        let agency = replica::from_proto(&message)?;
        well_formed(&agency)?;
        let touched = [
            Some(&agency.code),
            agency.parent.as_ref(),
            agency.second_parent.as_ref(),
            agency.successor.as_ref(),
        ];
        let hint = touched.into_iter().flatten().map(|code| key(code)).collect();
        self.0
            .act(&call, hint, |unit| {
                let code = agency.code.clone();
                if unit.get::<Listing>(&code)?.is_none() {
                    known(unit, "agency.parent", agency.parent.as_ref())?;
                    known(unit, "agency.second_parent", agency.second_parent.as_ref())?;
                    known(unit, "agency.successor", agency.successor.as_ref())?;
                }
                unit.step::<Listing>(&code, Input::Register { agency: agency.clone() })?;
                reply(unit, &code)
            })
            .await
    }

    async fn close(&self, who: Principal, request: v1::CloseAgencyRequest) -> Result<v1::Agency, Fault> {
        allowed(&who, Act::ManageDirectory)?;
        let call = Call::new(who, "directory/CloseAgency", &request.request_id, &request)?;
        let to = replica::date("to", &request.to)?
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "to", "the first day without the agency is required"))?;
        let successor = (!request.successor.is_empty()).then_some(request.successor);
        let hint = std::iter::once(&request.agency)
            .chain(&successor)
            .map(|code| key(code))
            .collect();
        self.0
            .act(&call, hint, |unit| {
                if unit.get::<Listing>(&request.agency)?.is_none() {
                    return Err(Denied::absent().into());
                }
                unit.check_etag::<Listing>(&request.agency, &request.etag)?;
                known(unit, "successor", successor.as_ref())?;
                unit.step::<Listing>(
                    &request.agency,
                    Input::Close {
                        to,
                        successor: successor.clone(),
                    },
                )?;
                reply(unit, &request.agency)
            })
            .await
    }
}

#[tonic::async_trait]
impl DirectoryService for Api {
    async fn get_agency(&self, request: Request<v1::GetAgencyRequest>) -> Result<Response<v1::Agency>, Status> {
        allowed(&principal(&request)?, Act::ReadDirectory)?;
        let request = request.into_inner();
        let agency = match replica::date("acting_on", &request.acting_on)? {
            Some(day) => self.acting(&request.agency, day).await?,
            None => self.one(&request.agency).await?,
        };
        Ok(Response::new(agency))
    }

    async fn list_agencies(
        &self,
        request: Request<v1::ListAgenciesRequest>,
    ) -> Result<Response<v1::ListAgenciesResponse>, Status> {
        allowed(&principal(&request)?, Act::ReadDirectory)?;
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn register_agency(
        &self,
        request: Request<v1::RegisterAgencyRequest>,
    ) -> Result<Response<v1::Agency>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.register(who, request.into_inner()).await?))
    }

    async fn close_agency(&self, request: Request<v1::CloseAgencyRequest>) -> Result<Response<v1::Agency>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(self.close(who, request.into_inner()).await?))
    }

    async fn define_local_award(
        &self,
        request: Request<v1::DefineLocalAwardRequest>,
    ) -> Result<Response<v1::LocalAward>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            Api::define_local_award(self, who, request.into_inner()).await?,
        ))
    }

    async fn end_local_award(
        &self,
        request: Request<v1::EndLocalAwardRequest>,
    ) -> Result<Response<v1::LocalAward>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            Api::end_local_award(self, who, request.into_inner()).await?,
        ))
    }

    async fn get_local_award(
        &self,
        request: Request<v1::GetLocalAwardRequest>,
    ) -> Result<Response<v1::LocalAward>, Status> {
        allowed(&principal(&request)?, Act::ReadDirectory)?;
        Ok(Response::new(
            Api::get_local_award(self, &request.into_inner().award).await?,
        ))
    }

    async fn list_local_awards(
        &self,
        request: Request<v1::ListLocalAwardsRequest>,
    ) -> Result<Response<v1::ListLocalAwardsResponse>, Status> {
        allowed(&principal(&request)?, Act::ReadDirectory)?;
        Ok(Response::new(Api::list_local_awards(self, request.into_inner()).await?))
    }

    async fn set_day(&self, request: Request<v1::SetDayRequest>) -> Result<Response<v1::Day>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(Api::set_day(self, who, request.into_inner()).await?))
    }

    async fn withdraw_day(&self, request: Request<v1::WithdrawDayRequest>) -> Result<Response<v1::Day>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(Api::withdraw_day(self, who, request.into_inner()).await?))
    }

    async fn list_days(&self, request: Request<v1::ListDaysRequest>) -> Result<Response<v1::ListDaysResponse>, Status> {
        allowed(&principal(&request)?, Act::ReadDirectory)?;
        Ok(Response::new(Api::list_days(self, request.into_inner()).await?))
    }

    async fn delegate(&self, request: Request<v1::DelegateRequest>) -> Result<Response<v1::Delegation>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(Api::delegate(self, who, request.into_inner()).await?))
    }

    async fn end_delegation(
        &self,
        request: Request<v1::EndDelegationRequest>,
    ) -> Result<Response<v1::Delegation>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            Api::end_delegation(self, who, request.into_inner()).await?,
        ))
    }

    async fn list_delegations(
        &self,
        request: Request<v1::ListDelegationsRequest>,
    ) -> Result<Response<v1::ListDelegationsResponse>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            Api::list_delegations(self, &who, request.into_inner()).await?,
        ))
    }
}
