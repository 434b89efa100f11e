//! Officials who act at the same time, and what they were answered. Each call's request id, and how far the disk's log
//! reached when it was made and when it was acknowledged, are kept.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use proto::{
    approval::v1::{self as approval, Target},
    council::v1 as council,
    directory::v1 as directory,
    intake::v1 as intake,
    notification::v1 as notification,
};
use tests::{id, sample};
use tonic::{Code, Status};
use vinhdanh::{client::Client, installation::Installation};

use crate::rig::Rig;

const AGENCY: &str = "so-noi-vu-hung-yen";
const SAMPLE: &str = "hung-yen-2025-huan-chuong-lao-dong-hang-ba";
/// Everybody who acts.
const OFFICIALS: [&str; 5] = [
    "clerk@so-noi-vu-hung-yen",
    "officer@so-noi-vu-hung-yen",
    "operator@vinhdanh",
    "subscriber@so-noi-vu-hung-yen",
    "auditor@vinhdanh",
];
const PAUSE: Duration = Duration::from_millis(10);

/// A write of one official.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Intake: a new draft.
    Create(intake::CreateDossierRequest),
    /// Intake.
    Submit(intake::SubmitDossiersRequest),
    /// Approval.
    Receive(approval::ReceiveDossiersRequest),
    /// Approval.
    Appraise(approval::AppraiseDossiersRequest),
    /// Council.
    Convene(council::ConveneSessionRequest),
    /// Directory.
    Register(directory::RegisterAgencyRequest),
    /// Notification.
    Subscribe(notification::CreateSubscriptionRequest),
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Of intake.
    Dossier(Box<intake::Dossier>),
    /// Of intake, to a submission.
    Submitted(intake::SubmitDossiersResponse),
    /// Of approval.
    Act(approval::ActResponse),
    /// Of council.
    Session(Box<council::Session>),
    /// Of directory.
    Agency(Box<directory::Agency>),
    /// Of notification.
    Subscription(Box<notification::Subscription>),
}

impl Request {
    /// Who makes it.
    fn official(&self) -> &'static str {
        match self {
            Self::Create(_) | Self::Submit(_) => OFFICIALS[0],
            Self::Receive(_) | Self::Appraise(_) | Self::Convene(_) => OFFICIALS[1],
            Self::Register(_) => OFFICIALS[2],
            Self::Subscribe(_) => OFFICIALS[3],
        }
    }

    /// The service that decides it.
    pub fn service(&self) -> &'static str {
        match self {
            Self::Create(_) | Self::Submit(_) => "intake",
            Self::Receive(_) | Self::Appraise(_) => "approval",
            Self::Convene(_) => "council",
            Self::Register(_) => "directory",
            Self::Subscribe(_) => "notification",
        }
    }

    /// Its request id.
    pub fn id(&self) -> &str {
        match self {
            Self::Create(request) => &request.request_id,
            Self::Submit(request) => &request.request_id,
            Self::Receive(request) => &request.request_id,
            Self::Appraise(request) => &request.request_id,
            Self::Convene(request) => &request.request_id,
            Self::Register(request) => &request.request_id,
            Self::Subscribe(request) => &request.request_id,
        }
    }

    /// Makes the call once.
    async fn send(&self, client: &Client) -> Result<Answer, Status> {
        Ok(match self.clone() {
            Self::Create(request) => {
                let dossier = client.intake().create_dossier(request).await?;
                Answer::Dossier(Box::new(dossier.into_inner()))
            }
            Self::Submit(request) => Answer::Submitted(client.intake().submit_dossiers(request).await?.into_inner()),
            Self::Receive(request) => Answer::Act(client.approval().receive_dossiers(request).await?.into_inner()),
            Self::Appraise(request) => Answer::Act(client.approval().appraise_dossiers(request).await?.into_inner()),
            Self::Convene(request) => {
                let session = client.council().convene_session(request).await?;
                Answer::Session(Box::new(session.into_inner()))
            }
            Self::Register(request) => {
                let agency = client.directory().register_agency(request).await?;
                Answer::Agency(Box::new(agency.into_inner()))
            }
            Self::Subscribe(request) => {
                let subscription = client.notification().create_subscription(request).await?;
                Answer::Subscription(Box::new(subscription.into_inner()))
            }
        })
    }
}

/// One call that was made.
#[derive(Clone, Debug)]
pub struct Call {
    /// What was asked.
    pub request: Request,
    /// Once acknowledged: how far the log reached then, and the answer.
    pub acknowledged: Option<(u64, Answer)>,
    /// What the attempts before were refused with.
    pub refusals: Vec<Code>,
}

/// All officials, as clients of one installation.
pub struct Officials(BTreeMap<&'static str, Client>);

impl Officials {
    /// With their tokens signed.
    pub fn of(installation: &Installation) -> Self {
        Self(OFFICIALS.map(|who| (who, tests::acting(installation, who))).into())
    }

    /// The one who may see everything.
    pub fn auditor(&self) -> &Client {
        &self.0[OFFICIALS[4]]
    }

    /// Makes a call once.
    pub async fn make(&self, request: &Request) -> Result<Answer, Status> {
        request.send(&self.0[request.official()]).await
    }
}

/// When work ends, and what it may meet.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Dossiers in all.
    pub dossiers: u32,
    /// At the same time.
    pub at_once: u32,
    /// How long one call is repeated until it is acknowledged.
    pub patience: Duration,
    /// Tells the names of this work from those of earlier work on the same installation.
    pub round: u64,
}

/// The work of all officials on one installation that runs on a watched disk.
pub struct Work<'a> {
    officials: &'a Officials,
    rig: &'a Rig,
    bounds: Bounds,
    calls: Mutex<Vec<Call>>,
    done: AtomicBool,
}

impl<'a> Work<'a> {
    /// Nothing is done yet.
    pub fn new(officials: &'a Officials, rig: &'a Rig, bounds: Bounds) -> Self {
        Self {
            officials,
            rig,
            bounds,
            calls: Mutex::default(),
            done: AtomicBool::default(),
        }
    }

    fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of it; a dossier goes on until a call on it is not acknowledged in time. Every call made comes back.
    pub async fn done(&self) -> Vec<Call> {
        let next = AtomicU32::new(0);
        let official = async || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.bounds.dossiers {
                    return;
                }
                let _ = self.dossier(number).await;
            }
        };
        futures::future::join_all((0..self.bounds.at_once).map(|_| official())).await;
        self.done.store(true, Ordering::Relaxed);
        self.calls().clone()
    }

    /// Whether all of it is behind.
    pub fn is_done(&self) -> bool {
        self.done.load(Ordering::Relaxed)
    }

    /// Calls acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        self.calls().iter().filter(|call| call.acknowledged.is_some()).count()
    }

    /// One dossier's way, and something else now and then, so that every service has something to keep.
    async fn dossier(&self, number: u32) -> Option<()> {
        let name = format!("N.V.A. {}-{number}", self.bounds.round);
        let create = intake::CreateDossierRequest {
            request_id: id(),
            content: sample(SAMPLE).replace("N.V.A.", &name),
        };
        let Answer::Dossier(dossier) = self.call(Request::Create(create)).await? else {
            return None;
        };
        let dossier = dossier.dossier;
        let dossiers = vec![dossier.clone()];
        let submit = intake::SubmitDossiersRequest {
            request_id: id(),
            dossiers: dossiers.clone(),
            letter_number: String::new(),
        };
        self.call(Request::Submit(submit)).await?;
        match number % 8 {
            3 => drop(self.call(Request::Register(self.agency(number))).await?),
            6 => drop(self.call(Request::Subscribe(subscription())).await?),
            _ => {}
        }
        let targets = vec![Target {
            dossier: dossier.clone(),
            etag: String::new(),
        }];
        let receive = approval::ReceiveDossiersRequest {
            request_id: id(),
            dossiers: targets.clone(),
        };
        self.call(Request::Receive(receive)).await?;
        let appraise = approval::AppraiseDossiersRequest {
            request_id: id(),
            dossiers: targets,
            opinion: approval::Opinion::Meets.into(),
            text: String::new(),
        };
        self.call(Request::Appraise(appraise)).await?;
        let convene = council::ConveneSessionRequest {
            request_id: id(),
            council: AGENCY.to_owned(),
            members: (1..=3).map(|n| format!("m{n}@{AGENCY}")).collect(),
            agenda: dossiers,
            kind: String::new(),
        };
        self.call(Request::Convene(convene)).await?;
        Some(())
    }

    fn agency(&self, number: u32) -> directory::RegisterAgencyRequest {
        let agency = directory::Agency {
            agency: format!("xa-moi-{}-{number}", self.bounds.round),
            name: format!("Ủy ban nhân dân xã mới {number}"),
            level: "unit".to_owned(),
            kind: "commune".to_owned(),
            parent: "tinh-hung-yen".to_owned(),
            ..Default::default()
        };
        directory::RegisterAgencyRequest {
            request_id: id(),
            agency: Some(agency),
        }
    }

    /// One call, repeated with its id while another service has not yet heard what allows it, or its own is away.
    async fn call(&self, request: Request) -> Option<Answer> {
        let at = {
            let mut calls = self.calls();
            calls.push(Call {
                request: request.clone(),
                acknowledged: None,
                refusals: Vec::new(),
            });
            calls.len() - 1
        };
        let repeating = async {
            loop {
                match self.officials.make(&request).await {
                    Ok(answer) => return answer,
                    Err(status) => self.calls()[at].refusals.push(status.code()),
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        let answer = tokio::time::timeout(self.bounds.patience, repeating).await.ok()?;
        let position = self.rig.position().ok()?;
        self.calls()[at].acknowledged = Some((position, answer.clone()));
        Some(answer)
    }
}

fn subscription() -> notification::CreateSubscriptionRequest {
    notification::CreateSubscriptionRequest {
        request_id: id(),
        filter: [("fact".to_owned(), "dossier.submitted".to_owned())].into(),
        channel: notification::Channel::Stream.into(),
        endpoint: String::new(),
    }
}
