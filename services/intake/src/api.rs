//! gRPC: request → command → reply.

mod attachments;
mod drafts;
mod shares;
mod verdicts;

use std::{collections::BTreeMap, sync::Arc};

use access::{Act, Principal, Role};
use host::{Call, Engine, Fault, Unit, paging::Page, principal, replica::date};
use journal::Key;
use law::DossierFile;
use machine::{Machine as _, Snapshot};
use proto::intake::v1::{
    self as v1, Status as DossierStatus,
    intake_service_server::{IntakeService, IntakeServiceServer},
};
use tonic::{Request, Response, Status, Streaming, service::RoutesBuilder};

use self::drafts::{draft, step_and_keep, submission};
use crate::{
    Intake,
    judge::{self, Ground},
    machine::{Dossier, Head, Input, Occasion, State},
    relied,
    views::{self, Filter},
};

/// Bytes of one dossier file.
const CONTENT_MAX: usize = 1 << 20;
/// How many dossiers one submission takes.
const DOSSIERS_MAX: usize = 2_000;

struct Api {
    service: Intake,
    engine: Engine,
}

pub(crate) fn routes(service: Intake, engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(IntakeServiceServer::new(Api {
        service,
        engine: engine.clone(),
    }));
}

/// Whether `who` may do `act` for an agency; an agency that is gone acts no more.
fn allow(unit: &Unit, who: &Principal, act: Act, agencies: &[&str], person: Option<&str>) -> Result<(), Fault> {
    let directory = Arc::clone(unit.agencies());
    let mut codes = agencies.to_vec();
    for code in agencies {
        codes.extend(
            directory
                .acting_on(code, unit.today())
                .map(|agency| agency.code.as_str()),
        );
    }
    let candidate_person = person.filter(|person| !person.is_empty());
    access::decide(&access::Request {
        who,
        act,
        agencies: &codes,
        candidate_person,
    })?;
    let bound = !matches!(who.role, Role::Auditor | Role::Operator | Role::Service | Role::Nominee);
    if bound && act != Act::ReadDossier && !directory.exists_on(&who.agency, unit.today()) {
        return Err(match directory.get(&who.agency) {
            Some(_) => Fault::refused("AGENCY_CLOSED", who.agency.clone()),
            None => Fault::field("UNKNOWN_AGENCY", "agency", who.agency.clone()),
        });
    }
    Ok(())
}

fn admit(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<Arc<Snapshot<Dossier>>, Fault> {
    let dossier = unit.get::<Dossier>(id)?.ok_or_else(access::Denied::absent)?;
    let mut agencies = vec![dossier.data.head.submitting_agency.as_str()];
    if act == Act::ReadDossier {
        let asked = dossier.data.way.iter().chain(&dossier.data.asked);
        agencies.extend(asked.map(String::as_str));
    }
    allow(unit, who, act, &agencies, Some(&dossier.data.head.candidate_person))?;
    Ok(dossier)
}

/// The acting agency replaces the file's: nobody submits for another.
fn read_as(unit: &Unit, who: &Principal, content: &str) -> Result<DossierFile, Fault> {
    if content.len() > CONTENT_MAX {
        return Err(Fault::Exhausted("MESSAGE_TOO_LARGE"));
    }
    let mut file = judge::parse(content)?;
    file.submitting_agency.clone_from(&who.agency);
    judge::validate(unit, &file)?;
    Ok(file)
}

impl Api {
    /// The contents of dossiers as they stand, to look at before the decision.
    async fn contents(&self, who: &Principal, dossiers: &[String]) -> Result<Vec<String>, Fault> {
        let hint = dossiers.iter().map(|id| Key::new(Dossier::NAME, id)).collect();
        let read = self.engine.read(who, hint, |unit| {
            dossiers
                .iter()
                .map(|id| Ok(admit(unit, who, Act::Submit, id)?.data.content.clone()))
                .collect()
        });
        read.await
    }
}

#[tonic::async_trait]
impl IntakeService for Api {
    async fn create_dossier(
        &self,
        request: Request<v1::CreateDossierRequest>,
    ) -> Result<Response<v1::Dossier>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "intake/CreateDossier", &request.request_id, &request)?;
        let reply = self.engine.act(&call, Vec::new(), |unit| {
            allow(unit, &who, Act::EditDraft, &[&who.agency], None)?;
            let file = read_as(unit, &who, &request.content)?;
            let id = unit.fresh_id();
            unit.assume_new::<Dossier>(&id);
            draft(unit, &id, &file, None)
        });
        Ok(Response::new(reply.await?))
    }

    async fn update_dossier(
        &self,
        request: Request<v1::UpdateDossierRequest>,
    ) -> Result<Response<v1::Dossier>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "intake/UpdateDossier", &request.request_id, &request)?;
        let id = request.dossier.as_str();
        let reply = self.engine.act(&call, vec![Key::new(Dossier::NAME, id)], |unit| {
            let before = admit(unit, &who, Act::EditDraft, id)?;
            unit.check_etag::<Dossier>(id, &request.etag)?;
            let file = read_as(unit, &who, &request.content)?;
            draft(unit, id, &file, Some(&before))
        });
        Ok(Response::new(reply.await?))
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<v1::UploadAttachmentRequest>>,
    ) -> Result<Response<v1::Attachment>, Status> {
        Ok(Response::new(self.upload(request).await?))
    }

    async fn check_dossier(
        &self,
        request: Request<v1::CheckDossierRequest>,
    ) -> Result<Response<v1::CheckDossierResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let on = date("on", &request.on)?;
        let check = self.engine.read(&who, Vec::new(), |unit| {
            allow(unit, &who, Act::Check, &[&who.agency], None)?;
            let file = judge::parse(&request.content)?;
            // What is judged as of a day may be dated up to that day.
            let as_of = on.or(file.received_on).unwrap_or(file.letter.date).max(unit.today());
            judge::validate_as_of(unit, &file, as_of)?;
            let check = unit.law().check(&file, unit.agencies(), on).map_err(judge::invalid)?;
            serde_json::to_string(&check).map_err(|e| Fault::Internal(e.to_string()))
        });
        Ok(Response::new(v1::CheckDossierResponse { check: check.await? }))
    }

    async fn submit_dossiers(
        &self,
        request: Request<v1::SubmitDossiersRequest>,
    ) -> Result<Response<v1::SubmitDossiersResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        if request.dossiers.is_empty() || request.dossiers.len() > DOSSIERS_MAX {
            return Err(Fault::field("INVALID_REQUEST", "dossiers", format!("between 1 and {DOSSIERS_MAX}")).into());
        }
        if request.letter_number.chars().count() > 64 || !host::is_clean(&request.letter_number) {
            return Err(Fault::field("INVALID_REQUEST", "letter_number", "at most 64 characters, in NFC").into());
        }
        let call = Call::new(who.clone(), "intake/SubmitDossiers", &request.request_id, &request)?;
        for content in self.contents(&who, &request.dossiers).await? {
            self.attached(&content).await?;
        }
        let hint = request.dossiers.iter().map(|id| Key::new(Dossier::NAME, id)).collect();
        let reply = self.engine.act(&call, hint, |unit| {
            let mut drafts = Vec::with_capacity(request.dossiers.len());
            let mut together: BTreeMap<(String, i32), u64> = BTreeMap::new();
            for id in &request.dossiers {
                let dossier = admit(unit, &who, Act::Submit, id)?;
                if dossier.state != State::Drafting {
                    return Err(Fault::refused("NOT_ALLOWED_NOW", format!("{id} is not a draft")));
                }
                let head = &dossier.data.head;
                *together.entry((head.award.clone(), head.award_year)).or_default() += 1;
                drafts.push(dossier);
            }
            let mut dossiers = Vec::with_capacity(drafts.len());
            for (id, draft) in request.dossiers.iter().zip(&drafts) {
                let Head { award, award_year, .. } = &draft.data.head;
                let together = together.get(&(award.clone(), *award_year)).copied().unwrap_or(1);
                let (input, extract) = submission(unit, &who, &draft.data, &request.letter_number, together)?;
                let submitted = step_and_keep(unit, id, input, extract)?;
                dossiers.push(relied::submitted(unit, id)?.unwrap_or(submitted));
            }
            Ok(v1::SubmitDossiersResponse { dossiers })
        });
        Ok(Response::new(reply.await?))
    }

    async fn supplement_dossier(
        &self,
        request: Request<v1::SupplementDossierRequest>,
    ) -> Result<Response<v1::Dossier>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "intake/SupplementDossier", &request.request_id, &request)?;
        for document in request.documents.iter().filter(|document| !document.sha256.is_empty()) {
            self.uploaded(&document.sha256).await?;
        }
        let id = request.dossier.as_str();
        let reply = self.engine.act(&call, vec![Key::new(Dossier::NAME, id)], |unit| {
            let dossier = admit(unit, &who, Act::Supplement, id)?;
            unit.check_etag::<Dossier>(id, &request.etag)?;
            let mut file = judge::parse(&dossier.data.content)?;
            for document in &request.documents {
                file.documents.push(judge::paper(document));
            }
            judge::validate(unit, &file)?;
            let judgement = judge::judge(unit, &file, Ground::of(&dossier.data, Occasion::Supplement))?;
            let input = Input::Supplement {
                content: judgement.content,
                judged: judgement.judged,
                documents: request.documents.iter().map(|document| document.kind.clone()).collect(),
            };
            step_and_keep(unit, id, input, judgement.extract)
        });
        Ok(Response::new(reply.await?))
    }

    async fn discard_dossier(
        &self,
        request: Request<v1::DiscardDossierRequest>,
    ) -> Result<Response<v1::Dossier>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let call = Call::new(who.clone(), "intake/DiscardDossier", &request.request_id, &request)?;
        let id = request.dossier.as_str();
        let reply = self.engine.act(&call, vec![Key::new(Dossier::NAME, id)], |unit| {
            admit(unit, &who, Act::EditDraft, id)?;
            unit.check_etag::<Dossier>(id, &request.etag)?;
            let next = unit.step::<Dossier>(id, Input::Discard)?;
            Ok(views::answer(unit.version::<Dossier>(id)?, &next, unit.now()))
        });
        Ok(Response::new(reply.await?))
    }

    async fn get_dossier(&self, request: Request<v1::GetDossierRequest>) -> Result<Response<v1::Dossier>, Status> {
        Ok(Response::new(self.get(request).await?))
    }

    async fn list_dossiers(
        &self,
        request: Request<v1::ListDossiersRequest>,
    ) -> Result<Response<v1::ListDossiersResponse>, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        let agencies = [who.agency.as_str()];
        access::decide(&access::Request {
            who: &who,
            act: Act::ReadWorklist,
            agencies: &agencies,
            candidate_person: None,
        })
        .map_err(Fault::from)?;
        let submitting_agency = if who.role == Role::Auditor {
            ""
        } else {
            who.agency.as_str()
        };
        let status = DossierStatus::try_from(r.status)
            .map_err(|_| Fault::field("INVALID_REQUEST", "status", "no such status"))?;
        let query = format!("dossiers/{submitting_agency}/{}/{}/{}", r.status, r.award, r.candidate);
        let page = Page::read(r.page_size, &r.page_token, &query)?;
        let filter = Filter {
            submitting_agency,
            status,
            award: &r.award,
            candidate: &r.candidate,
        };
        let (dossiers, next_page_token) = views::list(self.engine.journal().store().as_ref(), &filter, &page).await?;
        Ok(Response::new(v1::ListDossiersResponse {
            dossiers,
            next_page_token,
        }))
    }

    async fn choose_rule_set(
        &self,
        request: Request<v1::ChooseRuleSetRequest>,
    ) -> Result<Response<v1::Dossier>, Status> {
        Ok(Response::new(self.choose(request).await?))
    }

    async fn list_verdicts(
        &self,
        request: Request<v1::ListVerdictsRequest>,
    ) -> Result<Response<v1::ListVerdictsResponse>, Status> {
        Ok(Response::new(self.verdicts(request).await?))
    }

    async fn replay_verdict(
        &self,
        request: Request<v1::ReplayVerdictRequest>,
    ) -> Result<Response<v1::ReplayVerdictResponse>, Status> {
        Ok(Response::new(self.replay(request).await?))
    }

    async fn get_share(&self, request: Request<v1::GetShareRequest>) -> Result<Response<v1::Share>, Status> {
        Ok(Response::new(self.share(request).await?))
    }

    async fn list_shares(
        &self,
        request: Request<v1::ListSharesRequest>,
    ) -> Result<Response<v1::ListSharesResponse>, Status> {
        Ok(Response::new(self.shares(request).await?))
    }

    async fn declare_base(&self, request: Request<v1::DeclareBaseRequest>) -> Result<Response<v1::Share>, Status> {
        Ok(Response::new(self.declare(request).await?))
    }
}
