//! The acts of officials as logged calls of the public API.

use access::Role;
use checker::{ClientLog, Operation};
use proto::{
    approval::v1::{self as approval, Target},
    council::v1::{self as council, Choice},
    intake::v1 as intake,
    notification::v1 as notification,
};
use tonic::Status;
use vinhdanh::client::Client;

use crate::clock::Clock;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Official {
    /// One of several of that role.
    pub name: String,
    /// In which role.
    pub role: Role,
    /// Of which agency.
    pub agency: String,
}

impl Official {
    /// The one whose name is the role's own word.
    pub fn of(role: Role, agency: &str) -> Self {
        Self::named(role.as_str(), role, agency)
    }

    /// One of several.
    pub fn named(name: &str, role: Role, agency: &str) -> Self {
        Self {
            name: name.to_owned(),
            role,
            agency: agency.to_owned(),
        }
    }

    /// Stable id of the person.
    pub fn subject(&self) -> String {
        format!("{}@{}", self.name, self.agency)
    }
}

/// What an official does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Subscribes, by webhook or e-mail.
    Subscribe(notification::Channel, String),
    /// Drafts a dossier.
    Create(String),
    /// Submits it.
    Submit,
    /// The office has it.
    Receive,
    /// The appraisal.
    Appraise,
    /// Publishes the names for so many working days.
    Publish(u32),
    /// Halts.
    Suspend,
    /// Goes on.
    Resume,
    /// Calls a session on it.
    Convene(String, Vec<String>),
    /// All are there.
    Attend(Vec<String>),
    /// One member's ballot.
    Ballot,
    /// Counts.
    Close,
    /// The minutes.
    Minute,
    /// Signs it on to the next level.
    Sign(String),
    /// Awards.
    Award(String),
}

/// The ids that the services gave.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The dossier.
    pub dossier: String,
    /// The session that has it.
    pub session: String,
}

/// With what an act is done.
pub struct Desk<'a> {
    /// Channels as whoever acts.
    pub client: &'a Client,
    /// Where it is logged.
    pub log: &'a ClientLog,
    /// What time it is.
    pub clock: &'a Clock,
}

impl Act {
    /// The method, as the services name it.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Subscribe(..) => "notification/CreateSubscription",
            Self::Create(_) => "intake/CreateDossier",
            Self::Submit => "intake/SubmitDossiers",
            Self::Receive => "approval/ReceiveDossiers",
            Self::Appraise => "approval/AppraiseDossiers",
            Self::Publish(_) => "approval/PublishDossiers",
            Self::Suspend => "approval/SuspendDossiers",
            Self::Resume => "approval/ResumeDossiers",
            Self::Convene(..) => "council/ConveneSession",
            Self::Attend(_) => "council/RecordAttendance",
            Self::Ballot => "council/CastBallot",
            Self::Close => "council/CloseSession",
            Self::Minute => "council/MinuteSession",
            Self::Sign(_) => "approval/SignLetter",
            Self::Award(_) => "approval/DecideDossiers",
        }
    }

    /// Whether two officials may try it at once, of whom one comes too late.
    pub fn may_be_raced(&self) -> bool {
        matches!(
            self,
            Self::Receive | Self::Appraise | Self::Suspend | Self::Resume | Self::Award(_)
        )
    }

    /// One attempt; the case as it then is.
    pub async fn call(&self, desk: &Desk<'_>, op: &Operation, id: &str, case: &Case) -> Result<Case, Status> {
        /// One logged call.
        macro_rules! ask {
            ($service:ident . $method:ident, $request:expr) => {{
                let (request, mut client) = ($request, desk.client.$service());
                let call = client.$method(request.clone());
                desk.log.call(op, &request, || desk.clock.now(), call).await?
            }};
        }
        let mut case = case.clone();
        let (request_id, session, etag) = (id.to_owned(), case.session.clone(), String::new());
        let dossiers = vec![Target {
            dossier: case.dossier.clone(),
            etag: String::new(),
        }];
        match self.clone() {
            Self::Subscribe(channel, endpoint) => {
                let request = notification::CreateSubscriptionRequest {
                    request_id,
                    channel: channel.into(),
                    endpoint,
                    ..Default::default()
                };
                ask!(notification.create_subscription, request);
            }
            Self::Create(content) => {
                let request = intake::CreateDossierRequest { request_id, content };
                case.dossier = ask!(intake.create_dossier, request).dossier;
            }
            Self::Submit => {
                let request = intake::SubmitDossiersRequest {
                    request_id,
                    dossiers: vec![case.dossier.clone()],
                    letter_number: String::new(),
                };
                ask!(intake.submit_dossiers, request);
            }
            Self::Receive => {
                ask!(
                    approval.receive_dossiers,
                    approval::ReceiveDossiersRequest { request_id, dossiers }
                );
            }
            Self::Appraise => {
                let request = approval::AppraiseDossiersRequest {
                    request_id,
                    dossiers,
                    opinion: approval::Opinion::Meets.into(),
                    text: String::new(),
                };
                ask!(approval.appraise_dossiers, request);
            }
            Self::Publish(days) => {
                let request = approval::PublishDossiersRequest {
                    request_id,
                    dossiers,
                    days,
                };
                ask!(approval.publish_dossiers, request);
            }
            Self::Suspend => {
                let request = approval::SuspendDossiersRequest {
                    request_id,
                    dossiers,
                    because: "đang thanh tra".to_owned(),
                };
                ask!(approval.suspend_dossiers, request);
            }
            Self::Resume => {
                ask!(
                    approval.resume_dossiers,
                    approval::ResumeDossiersRequest { request_id, dossiers }
                );
            }
            Self::Convene(council, members) => {
                let request = council::ConveneSessionRequest {
                    request_id,
                    council,
                    members,
                    agenda: vec![case.dossier.clone()],
                    kind: String::new(),
                };
                case.session = ask!(council.convene_session, request).session;
            }
            Self::Attend(present) => {
                let request = council::RecordAttendanceRequest {
                    request_id,
                    session,
                    present,
                    writing: Vec::new(),
                    etag,
                };
                ask!(council.record_attendance, request);
            }
            Self::Ballot => {
                let request = council::CastBallotRequest {
                    request_id,
                    session,
                    dossier: case.dossier.clone(),
                    choice: Choice::Yes.into(),
                    slip: String::new(),
                };
                ask!(council.cast_ballot, request);
            }
            Self::Close => {
                let request = council::CloseSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                ask!(council.close_session, request);
            }
            Self::Minute => {
                let request = council::MinuteSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                ask!(council.minute_session, request);
            }
            Self::Sign(letter_number) => {
                let request = approval::SignLetterRequest {
                    request_id,
                    dossiers,
                    letter_number,
                };
                ask!(approval.sign_letter, request);
            }
            Self::Award(decision_number) => {
                let request = approval::DecideDossiersRequest {
                    request_id,
                    dossiers,
                    outcome: approval::Outcome::Award.into(),
                    decision_number,
                    reason: String::new(),
                };
                ask!(approval.decide_dossiers, request);
            }
        }
        Ok(case)
    }
}
