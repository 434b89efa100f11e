//! gRPC: request → command → reply. Who may act is decided on the version that the commit checks.

use std::{pin::Pin, sync::Arc};

use access::{Act, Principal, Role};
use futures::Stream;
use host::{Call, Engine, Fault, Unit, paging::Page, principal, replica::date};
use journal::Key;
use law::Agencies;
use machine::{Actor, Machine as _, Snapshot};
use prost::Message;
use proto::approval::v1::{
    self as v1, ActResponse, Opinion, Outcome, Target,
    approval_service_server::{ApprovalService, ApprovalServiceServer},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, service::RoutesBuilder};

use crate::{
    bonus, limits,
    machine::{Course, Decided, Decision, DecisionInput, Input, Letter, LetterInput, OfficeCalendar, Paper},
    views::{self, Filter},
};

/// How many dossiers one act takes.
const TARGETS_MAX: usize = 2_000;
/// Characters of a free text.
const TEXT_MAX: usize = 20_000;

struct Api(Engine);

pub(crate) fn routes(engine: &Engine, routes: &mut RoutesBuilder) {
    routes.add_service(ApprovalServiceServer::new(Api(engine.clone())));
}

/// Codes of the agencies that may do `act` on a course as it stands.
fn holders(course: &Course, act: Act) -> Vec<&str> {
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
        _ => vec![&station.appraiser],
    }
}

/// The course, if `who` may do `act` on it. "Not there" and "not yours" look the same.
fn admit(unit: &mut Unit, who: &Principal, act: Act, id: &str) -> Result<Arc<Snapshot<Course>>, Fault> {
    let course = unit.get::<Course>(id)?.ok_or_else(access::Denied::absent)?;
    let (agencies, today) = (Arc::clone(unit.agencies()), unit.today());
    let readers;
    let mut codes = if act == Act::ReadDossier || act == Act::ReadHistory {
        readers = views::readers(&course.data);
        readers.iter().map(String::as_str).collect()
    } else {
        holders(&course.data, act)
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
    access::decide(&access::Request {
        who,
        act,
        agencies: &codes,
        candidate_person,
    })?;
    let acts_for_an_agency = !matches!(who.role, Role::Auditor | Role::Operator | Role::Service | Role::Nominee);
    if acts_for_an_agency && act != Act::ReadDossier && !agencies.exists_on(&who.agency, today) {
        return Err(Fault::refused("AGENCY_CLOSED", who.agency.clone()));
    }
    Ok(course)
}

/// Whether a deadline begins, stops or goes on with it: the calendar is loaded with the dossiers.
fn lives_by_days(act: Act) -> bool {
    matches!(
        act,
        Act::Receive | Act::Return | Act::Publish | Act::Suspend | Act::Resume
    )
}

fn bounded(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > TEXT_MAX {
        return Err(Fault::field(
            "INVALID_REQUEST",
            field,
            format!("longer than {TEXT_MAX} characters"),
        ));
    }
    if !host::is_clean(text) {
        return Err(Fault::field(
            "INVALID_REQUEST",
            field,
            "not NFC, or with control characters",
        ));
    }
    Ok(())
}

fn required(field: &str, text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::field("INVALID_REQUEST", field, "is required"));
    }
    bounded(field, text)
}

/// A number of a paper: required, one line, at most 64 characters.
fn number(field: &str, text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::field("NUMBER_REQUIRED", field, "is required"));
    }
    if text.chars().count() > 64 {
        return Err(Fault::field("INVALID_REQUEST", field, "longer than 64 characters"));
    }
    bounded(field, text)
}

impl Api {
    /// One act on one or many dossiers: all of them or none. `input` gives each course's input.
    async fn each<R: Message>(
        &self,
        request: Request<R>,
        method: &'static str,
        act: Act,
        parts: impl Fn(&R) -> (&str, &[Target]),
        input: impl Fn(&R, &mut Unit, &Snapshot<Course>) -> Result<Input, Fault> + Send + Sync,
        finish: impl Fn(&R, &mut Unit, &Principal) -> Result<(), Fault> + Send + Sync,
    ) -> Result<Response<ActResponse>, Status> {
        let who = principal(&request)?;
        let request = request.into_inner();
        let (request_id, targets) = parts(&request);
        let targets = targets.to_vec();
        if targets.is_empty() || targets.len() > TARGETS_MAX {
            return Err(Fault::field("INVALID_REQUEST", "dossiers", format!("between 1 and {TARGETS_MAX}")).into());
        }
        let call = Call::new(who.clone(), method, request_id, &request)?;
        let hint = targets
            .iter()
            .map(|target| Key::new(Course::NAME, &target.dossier))
            .chain(lives_by_days(act).then(|| Key::new(OfficeCalendar::NAME, limits::CALENDAR)))
            .collect();
        let reply = self.0.act(&call, hint, |unit| {
            let mut courses = Vec::with_capacity(targets.len());
            for Target { dossier, etag } in &targets {
                let course = admit(unit, &who, act, dossier)?;
                unit.check_etag::<Course>(dossier, etag)?;
                let input = input(&request, unit, &course)?;
                let next = unit.step::<Course>(dossier, input)?;
                let version = unit.version::<Course>(dossier)?;
                // An answer is kept for repeats: what never changes is read with GetCourse.
                let route = String::new();
                let shown = v1::Course {
                    route,
                    ..views::show(dossier, version, &next, unit.now())
                };
                courses.push(views::today(shown, unit.agencies(), unit.today()));
            }
            finish(&request, unit, &who)?;
            Ok(ActResponse { courses })
        });
        Ok(Response::new(reply.await?))
    }

    async fn read_course(&self, who: &Principal, act: Act, dossier: &str) -> Result<v1::Course, Fault> {
        let hint = vec![Key::new(Course::NAME, dossier)];
        let read = self.0.read(who, hint, |unit| {
            let course = admit(unit, who, act, dossier)?;
            let version = unit.version::<Course>(dossier)?;
            let shown = views::show(dossier, version, &course, unit.now());
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

fn nothing<R>(_: &R, _: &mut Unit, _: &Principal) -> Result<(), Fault> {
    Ok(())
}

fn ids(targets: &[Target]) -> Vec<String> {
    targets.iter().map(|target| target.dossier.clone()).collect()
}

macro_rules! parts {
    () => {
        |r| (&r.request_id, &r.dossiers)
    };
}

#[tonic::async_trait]
impl ApprovalService for Api {
    async fn receive_dossiers(
        &self,
        request: Request<v1::ReceiveDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        let input = |_: &v1::ReceiveDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            Ok(Input::Receive {
                deadline: limits::begins(unit, &course.data)?,
            })
        };
        self.each(
            request,
            "approval/ReceiveDossiers",
            Act::Receive,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn return_dossiers(
        &self,
        request: Request<v1::ReturnDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        required("reason", &request.get_ref().reason)?;
        let due = date("due", &request.get_ref().due)?;
        let input = move |r: &v1::ReturnDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            Ok(Input::Return {
                reason: r.reason.clone(),
                due: limits::supplement(unit, &course.data, due)?,
                stopped: limits::stops(unit, &course.data)?,
            })
        };
        self.each(
            request,
            "approval/ReturnDossiers",
            Act::Return,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn appraise_dossiers(
        &self,
        request: Request<v1::AppraiseDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        bounded("text", &request.get_ref().text)?;
        let meets = match request.get_ref().opinion() {
            Opinion::Meets => true,
            Opinion::DoesNotMeet => false,
            Opinion::Unspecified => {
                return Err(Fault::field("INVALID_REQUEST", "opinion", "MEETS or DOES_NOT_MEET").into());
            }
        };
        let input = move |r: &v1::AppraiseDossiersRequest, _: &mut Unit, _: &Snapshot<Course>| {
            Ok(Input::Appraise {
                meets,
                text: r.text.clone(),
            })
        };
        self.each(
            request,
            "approval/AppraiseDossiers",
            Act::Appraise,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn publish_dossiers(
        &self,
        request: Request<v1::PublishDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        let input = |r: &v1::PublishDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            Ok(Input::Publish {
                days: r.days,
                until: limits::publication(unit, &course.data, r.days)?,
            })
        };
        self.each(
            request,
            "approval/PublishDossiers",
            Act::Publish,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn comment_on_dossier(
        &self,
        request: Request<v1::CommentOnDossierRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        required("text", &request.get_ref().text)?;
        let input = |r: &v1::CommentOnDossierRequest, _: &mut Unit, _: &Snapshot<Course>| {
            Ok(Input::Comment {
                text: r.text.clone(),
                signed: r.signed,
            })
        };
        self.each(
            request,
            "approval/CommentOnDossier",
            Act::Comment,
            |r| (&r.request_id, r.dossier.as_slice()),
            input,
            nothing,
        )
        .await
    }

    async fn sign_letter(&self, request: Request<v1::SignLetterRequest>) -> Result<Response<ActResponse>, Status> {
        number("letter_number", &request.get_ref().letter_number)?;
        let input = |r: &v1::SignLetterRequest, _: &mut Unit, _: &Snapshot<Course>| {
            Ok(Input::Sign {
                letter: r.letter_number.clone(),
            })
        };
        let finish = |r: &v1::SignLetterRequest, unit: &mut Unit, who: &Principal| {
            let paper = paper(unit, who, &r.letter_number, ids(&r.dossiers));
            let id = unit.fresh_id();
            unit.assume_new::<Letter>(&id);
            unit.step::<Letter>(&id, LetterInput::Sign { paper }).map(|_| ())
        };
        self.each(request, "approval/SignLetter", Act::Sign, parts!(), input, finish)
            .await
    }

    async fn decide_dossiers(
        &self,
        request: Request<v1::DecideDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        let r = request.get_ref();
        let award = match r.outcome() {
            Outcome::Award => true,
            Outcome::Refuse => false,
            Outcome::Unspecified => return Err(Fault::field("INVALID_REQUEST", "outcome", "AWARD or REFUSE").into()),
        };
        if award || !r.decision_number.is_empty() {
            number("decision_number", &r.decision_number)?;
        }
        bounded("reason", &r.reason)?;
        let input = move |r: &v1::DecideDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            let today = unit.today();
            let agencies = Arc::clone(unit.agencies());
            let decider = course
                .data
                .at()
                .and_then(|station| station.decider.clone())
                .unwrap_or_default();
            let power = views::acting(&agencies, &decider, today).contains(&unit.by().agency.as_str());
            let bonus = award.then(|| bonus::of(unit, &course.data, today)).flatten();
            let (number, reason) = (r.decision_number.clone(), r.reason.clone());
            Ok(Input::Decide {
                award,
                power,
                decided: Decided {
                    number,
                    on: today,
                    bonus_vnd: bonus.as_ref().map_or(0, |bonus| bonus.vnd),
                    bonus: bonus.map(bonus::reckoned),
                    reason,
                },
            })
        };
        let finish = |r: &v1::DecideDossiersRequest, unit: &mut Unit, who: &Principal| {
            if r.decision_number.is_empty() {
                return Ok(());
            }
            let paper = paper(unit, who, &r.decision_number, ids(&r.dossiers));
            let id = unit.fresh_id();
            unit.assume_new::<Decision>(&id);
            unit.step::<Decision>(&id, DecisionInput::Issue { paper }).map(|_| ())
        };
        self.each(request, "approval/DecideDossiers", Act::Decide, parts!(), input, finish)
            .await
    }

    async fn suspend_dossiers(
        &self,
        request: Request<v1::SuspendDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        required("because", &request.get_ref().because)?;
        let input = |r: &v1::SuspendDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            Ok(Input::Suspend {
                because: r.because.clone(),
                stopped: limits::stops(unit, &course.data)?,
            })
        };
        self.each(
            request,
            "approval/SuspendDossiers",
            Act::Suspend,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn resume_dossiers(
        &self,
        request: Request<v1::ResumeDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        let input = |_: &v1::ResumeDossiersRequest, unit: &mut Unit, course: &Snapshot<Course>| {
            Ok(Input::Resume {
                deadline: limits::goes_on(unit, &course.data)?,
            })
        };
        self.each(
            request,
            "approval/ResumeDossiers",
            Act::Resume,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn withdraw_dossiers(
        &self,
        request: Request<v1::WithdrawDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        bounded("reason", &request.get_ref().reason)?;
        let input = |r: &v1::WithdrawDossiersRequest, _: &mut Unit, _: &Snapshot<Course>| {
            Ok(Input::Withdraw {
                reason: r.reason.clone(),
            })
        };
        self.each(
            request,
            "approval/WithdrawDossiers",
            Act::Withdraw,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn recall_dossiers(
        &self,
        request: Request<v1::RecallDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        let input = |_: &v1::RecallDossiersRequest, _: &mut Unit, _: &Snapshot<Course>| Ok(Input::Recall);
        self.each(
            request,
            "approval/RecallDossiers",
            Act::Recall,
            parts!(),
            input,
            nothing,
        )
        .await
    }

    async fn present_dossiers(
        &self,
        request: Request<v1::PresentDossiersRequest>,
    ) -> Result<Response<ActResponse>, Status> {
        bounded("occasion", &request.get_ref().occasion)?;
        let input = |r: &v1::PresentDossiersRequest, _: &mut Unit, _: &Snapshot<Course>| {
            Ok(Input::Present {
                occasion: r.occasion.clone(),
            })
        };
        self.each(
            request,
            "approval/PresentDossiers",
            Act::Present,
            parts!(),
            input,
            nothing,
        )
        .await
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

    async fn list_tasks(
        &self,
        request: Request<v1::ListTasksRequest>,
    ) -> Result<Response<v1::ListTasksResponse>, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        allow_worklist(&who)?;
        let own = format!("{}@{}", who.role.as_str(), who.agency);
        let waiting_on = if r.waiting_on.is_empty() { own } else { r.waiting_on };
        let (role, agency) = waiting_on.split_once('@').unwrap_or_default();
        if agency != who.agency && who.role != Role::Auditor {
            return Err(Fault::Denied(access::Denied::absent()).into());
        }
        let page = Page::read(r.page_size, &r.page_token, &format!("tasks/{waiting_on}"))?;
        let (agencies, today) = self.standing(&who).await?;
        let places: Vec<String> = views::places(&agencies, agency, today)
            .iter()
            .map(|place| format!("{role}@{place}"))
            .collect();
        let (tasks, next_page_token, total) = views::tasks(self.0.journal().store().as_ref(), &places, &page).await?;
        let tasks = tasks.into_iter().map(|one| views::today(one, &agencies, today));
        Ok(Response::new(v1::ListTasksResponse {
            tasks: tasks.collect(),
            next_page_token,
            total,
        }))
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
            steps.push(v1::HistoryStep {
                version: row.version,
                input: machine::variant_name(&input),
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

fn paper(unit: &Unit, who: &Principal, number: &str, dossiers: Vec<String>) -> Paper {
    Paper {
        agency: who.agency.clone(),
        year: unit.today().year(),
        number: number.to_owned(),
        dossiers,
    }
}
