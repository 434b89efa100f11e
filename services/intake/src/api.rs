//! gRPC: request → command → reply.

use std::sync::Arc;

use access::{Act, Principal, Role};
use host::{Call, Engine, Fault, Unit, paging::Page, principal, replica::date};
use journal::Key;
use law::DossierFile;
use machine::{Machine as _, Snapshot};
use proto::intake::v1::{
    self as v1, Status as DossierStatus,
    intake_service_server::{IntakeService, IntakeServiceServer},
    upload_attachment_request::Part,
};
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status, Streaming, service::RoutesBuilder};

use crate::{
    Intake, judge,
    machine::{Dossier, Input, State},
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
        agencies.extend(dossier.data.way.iter().map(String::as_str));
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

fn drafted(unit: &Unit, id: &str, file: &DossierFile) -> Result<Input, Fault> {
    let (_, judged) = judge::judge(unit, file)?;
    Ok(Input::Draft {
        id: id.to_owned(),
        content: judge::canonical(file)?,
        head: judge::head(file),
        judged,
    })
}

fn submission(unit: &mut Unit, who: &Principal, content: &str, letter: &str) -> Result<Input, Fault> {
    let mut file = judge::parse(content)?;
    file.submitting_agency.clone_from(&who.agency);
    if !letter.is_empty() {
        letter.clone_into(&mut file.letter.number);
    }
    judge::validate(unit, &file)?;
    let (_, judged) = judge::judge(unit, &file)?;
    let route = unit
        .law()
        .route(&file, unit.agencies(), unit.today())
        .map_err(|e| Fault::refused("LAW_UNDECIDED", e.to_string()))?;
    let mut way = vec![file.candidate.agency.clone(), route.deciding_agency.clone()];
    for station in &route.stations {
        way.push(station.appraiser.clone());
        way.extend(station.signer.iter().chain(&station.decider).cloned());
    }
    way.sort();
    way.dedup();
    Ok(Input::Submit {
        content: judge::canonical(&file)?,
        head: judge::head(&file),
        judged,
        deciding_agency: route.deciding_agency.clone(),
        route: serde_json::to_string(&route).map_err(|e| Fault::Internal(e.to_string()))?,
        way,
    })
}

impl Api {
    /// Attachments that a file names by digest must have been uploaded.
    async fn attached(&self, content: &str) -> Result<(), Fault> {
        let Ok(file) = DossierFile::parse(content) else {
            return Ok(());
        };
        for sha256 in file.documents.iter().filter_map(|document| document.sha256.as_deref()) {
            if self.engine.journal().store().blob_size(sha256).await?.is_none() {
                return Err(Fault::refused("ATTACHMENT_MISSING", sha256));
            }
        }
        Ok(())
    }

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
            let input = drafted(unit, &id, &file)?;
            let next = unit.step::<Dossier>(&id, input)?;
            Ok(views::answer(unit.version::<Dossier>(&id)?, &next, unit.now()))
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
            admit(unit, &who, Act::EditDraft, id)?;
            unit.check_etag::<Dossier>(id, &request.etag)?;
            let file = read_as(unit, &who, &request.content)?;
            let input = drafted(unit, id, &file)?;
            let next = unit.step::<Dossier>(id, input)?;
            Ok(views::answer(unit.version::<Dossier>(id)?, &next, unit.now()))
        });
        Ok(Response::new(reply.await?))
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<v1::UploadAttachmentRequest>>,
    ) -> Result<Response<v1::Attachment>, Status> {
        let who = principal(&request)?;
        self.engine
            .read(&who, Vec::new(), |unit| {
                allow(unit, &who, Act::Upload, &[&who.agency], None)
            })
            .await?;
        let mut parts = request.into_inner();
        let invalid = |what: &str| Fault::field("INVALID_REQUEST", "part", what);
        let Some(Part::Header(header)) = parts.message().await?.and_then(|first| first.part) else {
            return Err(invalid("the first part must be the header").into());
        };
        if header.sha256.len() != 64 || !header.sha256.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
            return Err(Fault::field("INVALID_REQUEST", "header.sha256", "64 lower-case hex digits").into());
        }
        if header.size > self.service.attachment_bytes_max {
            return Err(Fault::Exhausted("ATTACHMENT_TOO_LARGE").into());
        }
        let mut content = Vec::new();
        while let Some(part) = parts.message().await? {
            let Some(Part::Chunk(chunk)) = part.part else {
                return Err(invalid("only bytes after the header").into());
            };
            if content.len() as u64 + chunk.len() as u64 > header.size {
                return Err(Fault::field("ATTACHMENT_CORRUPT", "part", "more bytes than the header says").into());
            }
            content.extend_from_slice(&chunk);
        }
        if content.len() as u64 != header.size || hex::encode(Sha256::digest(&content)) != header.sha256 {
            return Err(Fault::field("ATTACHMENT_CORRUPT", "header", "digest or size do not match").into());
        }
        let now = self.engine.clock().now().0;
        self.engine
            .journal()
            .store()
            .put_blob(&header.sha256, &content, now)
            .await
            .map_err(Fault::from)?;
        Ok(Response::new(v1::Attachment {
            sha256: header.sha256,
            size: header.size,
        }))
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
            let mut dossiers = Vec::with_capacity(request.dossiers.len());
            for id in &request.dossiers {
                let dossier = admit(unit, &who, Act::Submit, id)?;
                if dossier.state != State::Drafting {
                    return Err(Fault::refused("NOT_ALLOWED_NOW", format!("{id} is not a draft")));
                }
                let input = submission(unit, &who, &dossier.data.content, &request.letter_number)?;
                let next = unit.step::<Dossier>(id, input)?;
                dossiers.push(views::answer(unit.version::<Dossier>(id)?, &next, unit.now()));
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
        for sha256 in request
            .documents
            .iter()
            .map(|d| d.sha256.as_str())
            .filter(|sha256| !sha256.is_empty())
        {
            if self
                .engine
                .journal()
                .store()
                .blob_size(sha256)
                .await
                .map_err(Fault::from)?
                .is_none()
            {
                return Err(Fault::refused("ATTACHMENT_MISSING", sha256).into());
            }
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
            let (_, judged) = judge::judge(unit, &file)?;
            let documents = request.documents.iter().map(|document| document.kind.clone()).collect();
            let content = judge::canonical(&file)?;
            let next = unit.step::<Dossier>(
                id,
                Input::Supplement {
                    content,
                    judged,
                    documents,
                },
            )?;
            Ok(views::answer(unit.version::<Dossier>(id)?, &next, unit.now()))
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
        let who = principal(&request)?;
        let id = request.into_inner().dossier;
        let read = self.engine.read(&who, vec![Key::new(Dossier::NAME, &id)], |unit| {
            let dossier = admit(unit, &who, Act::ReadDossier, &id)?;
            let mut shown = views::show(unit.version::<Dossier>(&id)?, &dossier, unit.now());
            // The tree is recomputed, not stored: the same file under the same rules gives the same tree.
            let file = judge::parse(&dossier.data.content).ok();
            let check = file.and_then(|file| unit.law().check(&file, unit.agencies(), None).ok());
            shown.check = check
                .and_then(|check| serde_json::to_string(&check).ok())
                .unwrap_or_default();
            Ok(shown)
        });
        Ok(Response::new(read.await?))
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
}
