//! gRPC: request → command → reply. Who may act is decided on the version that the commit checks.

#[macro_use]
mod on_courses;

mod act;
mod acts;
mod admission;
mod afterwards;
mod bulk;
mod field;
mod history;
mod register;
mod tasks;
mod watch;

use std::sync::Arc;

use access::{Act, Principal, Role};
use host::{Engine, Fault, paging::Page, principal};
use journal::Key;
use law::Agencies;
use machine::Machine as _;
use proto::approval::v1::{
    self as v1, ActResponse,
    approval_service_server::{ApprovalService, ApprovalServiceServer},
};
use tonic::{Request, Response, Status, service::RoutesBuilder};

pub(crate) use act::apply;
use admission::{admit, allow_worklist};

use crate::{
    machine::{BulkInput, Course},
    opinions,
    views::{self, Filter},
};

/// The engine, and the turn of whoever draws a number.
struct Api(Engine, Arc<tokio::sync::Mutex<()>>);

pub(crate) fn routes(engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(ApprovalServiceServer::new(Api(engine.clone(), Arc::default())));
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

    async fn reissue_awards(
        &self,
        request: Request<v1::ReissueAwardsRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn record_death(&self, request: Request<v1::RecordDeathRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn record_move(&self, request: Request<v1::RecordMoveRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn amend_recorded_award(
        &self,
        request: Request<v1::AmendRecordedAwardRequest>,
    ) -> Result<Response<v1::AwardEntry>, Status> {
        Ok(Response::new(self.amend_recorded(request).await?))
    }

    async fn lower_awards(&self, request: Request<v1::LowerAwardsRequest>) -> Result<Response<ActResponse>, Status> {
        self.act(request).await
    }

    async fn start_bulk(&self, request: Request<v1::StartBulkRequest>) -> Result<Response<v1::Bulk>, Status> {
        Ok(Response::new(self.start_bulk(request).await?))
    }

    async fn pause_bulk(&self, request: Request<v1::BulkRequest>) -> Result<Response<v1::Bulk>, Status> {
        let told = self.tell_bulk(request, "approval/PauseBulk", |_| BulkInput::Pause);
        Ok(Response::new(told.await?))
    }

    async fn resume_bulk(&self, request: Request<v1::BulkRequest>) -> Result<Response<v1::Bulk>, Status> {
        let told = self.tell_bulk(request, "approval/ResumeBulk", |owner| BulkInput::Resume { owner });
        Ok(Response::new(told.await?))
    }

    async fn stop_bulk(&self, request: Request<v1::BulkRequest>) -> Result<Response<v1::Bulk>, Status> {
        let told = self.tell_bulk(request, "approval/StopBulk", |_| BulkInput::Stop);
        Ok(Response::new(told.await?))
    }

    async fn get_bulk(&self, request: Request<v1::GetBulkRequest>) -> Result<Response<v1::Bulk>, Status> {
        Ok(Response::new(self.bulk(request).await?))
    }

    async fn list_bulks(
        &self,
        request: Request<v1::ListBulksRequest>,
    ) -> Result<Response<v1::ListBulksResponse>, Status> {
        Ok(Response::new(self.bulks(request).await?))
    }

    async fn list_bulk_results(
        &self,
        request: Request<v1::ListBulkResultsRequest>,
    ) -> Result<Response<v1::ListBulkResultsResponse>, Status> {
        Ok(Response::new(self.bulk_results(request).await?))
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
        self.history(request).await
    }

    type WatchCourseStream = watch::Courses;

    async fn watch_course(
        &self,
        request: Request<v1::WatchCourseRequest>,
    ) -> Result<Response<Self::WatchCourseStream>, Status> {
        self.watch(request).await
    }
}
