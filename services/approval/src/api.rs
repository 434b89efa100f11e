//! gRPC: request → command → reply. Who may act is decided on the version that the commit checks.

mod act;
mod acts;
mod field;
mod register;
mod tasks;

use std::{pin::Pin, sync::Arc};

use access::{Act, Principal, Role};
use futures::Stream;
use host::{Engine, Fault, Unit, paging::Page, principal};
use journal::Key;
use law::Agencies;
use machine::{Actor, Machine as _, Snapshot};
use proto::approval::v1::{
    self as v1, ActResponse,
    approval_service_server::{ApprovalService, ApprovalServiceServer},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    machine::{Course, State},
    opinions,
    views::{self, Filter},
};

struct Api(Engine);

pub(crate) fn routes(engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(ApprovalServiceServer::new(Api(engine.clone())));
}

/// Codes of the agencies that may do `act` on a course as it stands.
fn holders(at: &Snapshot<Course>, act: Act) -> Vec<&str> {
    let course = &at.data;
    let Some((opening, station)) = course.opening.as_ref().zip(course.at()) else {
        return Vec::new();
    };
    let signer = station.signer.as_deref();
    let decider = station.decider.as_deref();
    match act {
        Act::Withdraw => vec![&opening.submitting_agency],
        Act::Recall if course.station == 0 => vec![&opening.submitting_agency],
        Act::Recall => {
            let sender = &opening.route.stations[course.station - 1];
            vec![sender.signer.as_deref().unwrap_or(&sender.appraiser)]
        }
        Act::Sign => vec![signer.or(decider).unwrap_or(&station.appraiser)],
        Act::Decide | Act::Return | Act::Present => [Some(station.appraiser.as_str()), signer, decider]
            .into_iter()
            .flatten()
            .collect(),
        Act::Consult => {
            let step = match &at.state {
                State::Consulting { at } => at,
                here => here,
            };
            let own = match step {
                State::Signing => signer,
                State::Deciding => decider,
                _ => None,
            };
            std::iter::once(station.appraiser.as_str()).chain(own).collect()
        }
        Act::RecordDeath => vec![&opening.submitting_agency, &station.appraiser],
        Act::Reply => course.consultations.iter().map(|one| one.agency.as_str()).collect(),
        Act::Correct | Act::Revoke | Act::Restore => vec![&opening.route.deciding_agency],
        Act::Assign => match &at.state {
            State::Consulting { .. } => course.consulted().map(|one| one.agency.as_str()).into_iter().collect(),
            State::Returned { .. } => vec![&opening.submitting_agency],
            State::Signing => vec![signer.unwrap_or(&station.appraiser)],
            State::Deciding => vec![decider.unwrap_or(&station.appraiser)],
            _ => std::iter::once(station.appraiser.as_str())
                .chain(signer)
                .chain(decider)
                .collect(),
        },
        _ => vec![&station.appraiser],
    }
}

/// The course, if `who` may do `act` on it. "Not there" and "not yours" look the same.
fn admit(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<Arc<Snapshot<Course>>, Fault> {
    let course = unit.get::<Course>(id)?.ok_or_else(access::Denied::absent)?;
    let (agencies, today) = (Arc::clone(unit.agencies()), unit.today());
    let readers;
    let mut codes = if act == Act::ReadDossier || act == Act::ReadHistory {
        let asked = course.data.consultations.iter().filter(|one| one.is_open());
        let asked = asked.map(|one| one.agency.clone());
        readers = views::readers(&course.data)
            .into_iter()
            .chain(asked)
            .collect::<Vec<_>>();
        readers.iter().map(String::as_str).collect()
    } else {
        holders(&course, act)
    };
    codes = codes
        .into_iter()
        .flat_map(|code| views::acting(&agencies, code, today))
        .collect();
    let person = course
        .data
        .opening
        .as_ref()
        .map(|opening| opening.candidate_person.as_str());
    let candidate_person = person.filter(|person| !person.is_empty());
    let asked = access::Request {
        who,
        act,
        agencies: &codes,
        candidate_person,
    };
    let under = host::grants::decide(unit, &asked)?;
    let acts_for_an_agency = !matches!(who.role, Role::Auditor | Role::Operator | Role::Service | Role::Nominee);
    if acts_for_an_agency && act != Act::ReadDossier && !agencies.exists_on(&who.agency, today) {
        return Err(Fault::refused("AGENCY_CLOSED", who.agency.clone()));
    }
    tasks::in_hand(unit, &course, who, act, under.as_ref())?;
    Ok(course)
}

impl Api {
    async fn read_course(&self, who: &Principal, act: Act, dossier: &str) -> Result<v1::Course, Fault> {
        let hint = vec![Key::new(Course::NAME, dossier)];
        let read = self.0.read(who, hint, |unit| {
            let course = admit(unit, who, act, dossier)?;
            let version = unit.version::<Course>(dossier)?;
            let shown = v1::Course {
                consultations: opinions::of_dossier(unit, dossier)?,
                ..views::show(dossier, version, &course, unit.now())
            };
            Ok(views::today(shown, unit.agencies(), unit.today()))
        });
        read.await
    }

    /// The directory and the day, for lists.
    async fn standing(&self, who: &Principal) -> Result<(Arc<Agencies>, time::Date), Fault> {
        let read = self
            .0
            .read(who, Vec::new(), |unit| Ok((Arc::clone(unit.agencies()), unit.today())));
        read.await
    }
}

#[tonic::async_trait]
impl ApprovalService for Api {
    async fn receive_dossiers(
        &self,
        request: Request<v1::ReceiveDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn return_dossiers(
        &self,
        request: Request<v1::ReturnDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn appraise_dossiers(
        &self,
        request: Request<v1::AppraiseDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn publish_dossiers(
        &self,
        request: Request<v1::PublishDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn comment_on_dossier(
        &self,
        request: Request<v1::CommentOnDossierRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn sign_letter(&self, request: Request<v1::SignLetterRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn decide_dossiers(
        &self,
        request: Request<v1::DecideDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn suspend_dossiers(
        &self,
        request: Request<v1::SuspendDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn resume_dossiers(
        &self,
        request: Request<v1::ResumeDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn withdraw_dossiers(
        &self,
        request: Request<v1::WithdrawDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn recall_dossiers(
        &self,
        request: Request<v1::RecallDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn present_dossiers(
        &self,
        request: Request<v1::PresentDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn consult_dossiers(
        &self,
        request: Request<v1::ConsultDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn reply_to_consultation(
        &self,
        request: Request<v1::ReplyToConsultationRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn correct_awards(
        &self,
        request: Request<v1::CorrectAwardsRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn revoke_awards(&self, request: Request<v1::RevokeAwardsRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn restore_awards(
        &self,
        request: Request<v1::RestoreAwardsRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn record_death(&self, request: Request<v1::RecordDeathRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn preview_act(
        &self,
        request: Request<v1::PreviewActRequest>,
    ) -> Result<Response<v1::PreviewActResponse>, Status> {
        self.preview(request).await
    }

    async fn list_awards(
        &self,
        request: Request<v1::ListAwardsRequest>,
    ) -> Result<Response<v1::ListAwardsResponse>, Status> {
        Ok(Response::new(self.awards(request).await?))
    }

    async fn record_award(&self, request: Request<v1::RecordAwardRequest>) -> Result<Response<v1::AwardEntry>, Status> {
        Ok(Response::new(self.record(request).await?))
    }

    async fn get_course(&self, request: Request<v1::GetCourseRequest>) -> Result<Response<v1::Course>, Status> {
        let who = principal(&request)?;
        Ok(Response::new(
            self.read_course(&who, Act::ReadDossier, &request.get_ref().dossier)
                .await?,
        ))
    }

    async fn list_courses(
        &self,
        request: Request<v1::ListCoursesRequest>,
    ) -> Result<Response<v1::ListCoursesResponse>, Status> {
        let who = principal(&request)?;
        allow_worklist(&who)?;
        let r = request.into_inner();
        let agency = (who.role != Role::Auditor).then_some(who.agency.as_str());
        let query = format!("courses/{agency:?}/{}/{}/{}", r.status, r.level, r.award);
        let page = Page::read(r.page_size, &r.page_token, &query)?;
        let filter = Filter {
            status: &r.status,
            level: &r.level,
            award: &r.award,
        };
        let (agencies, today) = self.standing(&who).await?;
        let places = agency.map(|agency| views::places(&agencies, agency, today));
        let (courses, next_page_token) =
            views::courses(self.0.journal().store().as_ref(), places.as_deref(), &filter, &page).await?;
        let courses = courses.into_iter().map(|one| views::today(one, &agencies, today));
        Ok(Response::new(v1::ListCoursesResponse {
            courses: courses.collect(),
            next_page_token,
        }))
    }

    async fn assign_tasks(&self, request: Request<v1::AssignTasksRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn claim_tasks(&self, request: Request<v1::ClaimTasksRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn release_tasks(&self, request: Request<v1::ReleaseTasksRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn list_tasks(
        &self,
        request: Request<v1::ListTasksRequest>,
    ) -> Result<Response<v1::ListTasksResponse>, Status> {
        self.tasks(request).await
    }

    async fn list_history(
        &self,
        request: Request<v1::ListHistoryRequest>,
    ) -> Result<Response<v1::ListHistoryResponse>, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        self.read_course(&who, Act::ReadHistory, &r.dossier).await?;
        let page = Page::read(r.page_size, &r.page_token, &format!("history/{}", r.dossier))?;
        let after = page.after.parse().unwrap_or(0);
        let key = Key::new(Course::NAME, &r.dossier);
        let rows = self
            .0
            .journal()
            .store()
            .history(&key, after, page.limit() as u32)
            .await
            .map_err(Fault::from)?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows {
            let actor: Actor = serde_json::from_str(&row.entry.actor)
                .map_err(|e| Fault::Internal(format!("actor of {key} version {}: {e}", row.version)))?;
            let input: serde_json::Value = serde_json::from_slice(&row.entry.input)
                .map_err(|e| Fault::Internal(format!("input of {key} version {}: {e}", row.version)))?;
            let (on_behalf_of, delegation) = actor
                .on_behalf
                .map(|giver| (giver.id, giver.mandate))
                .unwrap_or_default();
            let name = machine::variant_name(&input);
            let assigned_to = input["to"].as_str().filter(|_| name == "assign");
            steps.push(v1::HistoryStep {
                version: row.version,
                assigned_to: assigned_to.unwrap_or_default().to_owned(),
                on_behalf_of,
                delegation,
                input: name,
                state: row.entry.state,
                actor: actor.id,
                role: actor.role,
                agency: actor.agency,
                at: row.entry.at,
                cause: row.entry.cause,
            });
        }
        let next_page_token = page.cut(&mut steps, |step| step.version.to_string());
        Ok(Response::new(v1::ListHistoryResponse { steps, next_page_token }))
    }

    type WatchCourseStream = Pin<Box<dyn Stream<Item = Result<v1::Course, Status>> + Send>>;

    async fn watch_course(
        &self,
        request: Request<v1::WatchCourseRequest>,
    ) -> Result<Response<Self::WatchCourseStream>, Status> {
        let who = principal(&request)?;
        let dossier = request.into_inner().dossier;
        let first = self.read_course(&who, Act::ReadDossier, &dossier).await?;
        let (send, receive) = tokio::sync::mpsc::channel(8);
        let api = Self(self.0.clone());
        tokio::spawn(async move {
            let mut head = api.0.journal().watch();
            let mut etag = first.etag.clone();
            if send.send(Ok(first)).await.is_err() {
                return;
            }
            loop {
                let woken = tokio::time::timeout(std::time::Duration::from_secs(5), head.changed());
                tokio::select! { woken = woken => if matches!(woken, Ok(Err(_))) { return }, () = send.closed() => return }
                // Rights are looked at again with every change.
                match api.read_course(&who, Act::ReadDossier, &dossier).await {
                    Ok(course) if course.etag == etag => {}
                    Ok(course) => {
                        etag.clone_from(&course.etag);
                        if send.send(Ok(course)).await.is_err() {
                            return;
                        }
                    }
                    Err(fault) => {
                        let _ = send.send(Err(fault.into())).await;
                        return;
                    }
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receive))))
    }
}

fn allow_worklist(who: &Principal) -> Result<(), Fault> {
    let agencies = [who.agency.as_str()];
    access::decide(&access::Request {
        who,
        act: Act::ReadWorklist,
        agencies: &agencies,
        candidate_person: None,
    })?;
    Ok(())
}
