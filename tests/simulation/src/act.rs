//! What an official does: one act is one call of the public API.

use access::{Principal, Role};
use prost::Message;
use proto::{
    approval::v1::{self as approval, approval_service_client::ApprovalServiceClient},
    council::v1::{self as council, Choice, council_service_client::CouncilServiceClient},
    directory::v1::{self as directory, directory_service_client::DirectoryServiceClient},
    intake::v1::{self as intake, intake_service_client::IntakeServiceClient},
};
use tonic::Status;

use crate::line::Line;

/// What somebody does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Drafts a dossier.
    Create { content: String },
    /// Submits it.
    Submit,
    /// The office has it.
    Receive,
    /// Finds that it meets the criteria.
    Appraise,
    /// Publishes the names.
    Publish { days: u32 },
    /// Calls a session on it.
    Convene { council: String, members: Vec<String> },
    /// Who is there.
    Attend { present: Vec<String> },
    /// One member votes.
    Ballot(Choice),
    /// Counts.
    Close,
    /// The minutes.
    Minute,
    /// Signs the letter to the next level.
    Sign { letter: String },
    /// Awards.
    Award { number: String },
    /// Registers an agency.
    Register { agency: String },
}

/// Which service an act is a call of.
pub fn service_of(act: &Act) -> &'static str {
    match act {
        Act::Create { .. } | Act::Submit => "intake",
        Act::Convene { .. } | Act::Attend { .. } | Act::Ballot(_) | Act::Close | Act::Minute => "council",
        Act::Register { .. } => "directory",
        _ => "approval",
    }
}

/// The ids that the services gave to a case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The dossier.
    pub dossier: String,
    /// Its session.
    pub session: String,
}

/// An answer: its bytes, and what the case learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// As it came over the line.
    pub encoded: Vec<u8>,
    /// A dossier, or empty.
    pub dossier: String,
    /// A session, or empty.
    pub session: String,
}

impl Reply {
    fn of(message: &impl Message) -> Self {
        Self {
            encoded: message.encode_to_vec(),
            dossier: String::new(),
            session: String::new(),
        }
    }
}

/// Somebody in a role at an agency.
pub fn somebody(name: &str, role: Role, agency: &str) -> Principal {
    Principal {
        subject: format!("{name}@{agency}"),
        role,
        agency: agency.to_owned(),
        person: None,
    }
}

impl Act {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Submit => "submit",
            Self::Receive => "receive",
            Self::Appraise => "appraise",
            Self::Publish { .. } => "publish",
            Self::Convene { .. } => "convene",
            Self::Attend { .. } => "attend",
            Self::Ballot(_) => "ballot",
            Self::Close => "close",
            Self::Minute => "minute",
            Self::Sign { .. } => "sign",
            Self::Award { .. } => "award",
            Self::Register { .. } => "register",
        }
    }

    /// Does it.
    pub async fn call(&self, line: Line, request_id: &str, case: &Case) -> Result<Reply, Status> {
        let request_id = request_id.to_owned();
        match service_of(self) {
            "intake" => self.at_intake(IntakeServiceClient::new(line), request_id, case).await,
            "council" => self.at_council(CouncilServiceClient::new(line), request_id, case).await,
            "directory" => self.at_directory(DirectoryServiceClient::new(line), request_id).await,
            _ => {
                self.at_approval(ApprovalServiceClient::new(line), request_id, case)
                    .await
            }
        }
    }

    async fn at_intake(
        &self,
        mut service: IntakeServiceClient<Line>,
        request_id: String,
        case: &Case,
    ) -> Result<Reply, Status> {
        if let Self::Create { content } = self {
            let content = content.clone();
            let request = intake::CreateDossierRequest { request_id, content };
            let made = service.create_dossier(request).await?.into_inner();
            return Ok(Reply {
                dossier: made.dossier.clone(),
                ..Reply::of(&made)
            });
        }
        let request = intake::SubmitDossiersRequest {
            request_id,
            dossiers: vec![case.dossier.clone()],
            letter_number: String::new(),
        };
        Ok(Reply::of(&service.submit_dossiers(request).await?.into_inner()))
    }

    async fn at_council(
        &self,
        mut service: CouncilServiceClient<Line>,
        request_id: String,
        case: &Case,
    ) -> Result<Reply, Status> {
        let (session, etag) = (case.session.clone(), String::new());
        let answer = match self {
            Self::Convene { council, members } => {
                let request = council::ConveneSessionRequest {
                    request_id,
                    council: council.clone(),
                    members: members.clone(),
                    agenda: vec![case.dossier.clone()],
                    kind: String::new(),
                };
                service.convene_session(request).await?
            }
            Self::Attend { present } => {
                let request = council::RecordAttendanceRequest {
                    request_id,
                    session,
                    present: present.clone(),
                    writing: Vec::new(),
                    etag,
                };
                service.record_attendance(request).await?
            }
            Self::Ballot(choice) => {
                let request = council::CastBallotRequest {
                    request_id,
                    session,
                    dossier: case.dossier.clone(),
                    choice: (*choice).into(),
                    slip: String::new(),
                };
                return Ok(Reply::of(&service.cast_ballot(request).await?.into_inner()));
            }
            Self::Close => {
                let request = council::CloseSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                service.close_session(request).await?
            }
            _ => {
                let request = council::MinuteSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                service.minute_session(request).await?
            }
        };
        let session = answer.into_inner();
        Ok(Reply {
            session: session.session.clone(),
            ..Reply::of(&session)
        })
    }

    async fn at_approval(
        &self,
        mut service: ApprovalServiceClient<Line>,
        request_id: String,
        case: &Case,
    ) -> Result<Reply, Status> {
        let dossiers = vec![approval::Target {
            dossier: case.dossier.clone(),
            etag: String::new(),
        }];
        let answer = match self {
            Self::Receive => {
                let request = approval::ReceiveDossiersRequest { request_id, dossiers };
                service.receive_dossiers(request).await?
            }
            Self::Appraise => {
                let request = approval::AppraiseDossiersRequest {
                    request_id,
                    dossiers,
                    opinion: approval::Opinion::Meets.into(),
                    text: String::new(),
                };
                service.appraise_dossiers(request).await?
            }
            Self::Publish { days } => {
                let request = approval::PublishDossiersRequest {
                    request_id,
                    dossiers,
                    days: *days,
                };
                service.publish_dossiers(request).await?
            }
            Self::Sign { letter } => {
                let request = approval::SignLetterRequest {
                    request_id,
                    dossiers,
                    letter_number: letter.clone(),
                };
                service.sign_letter(request).await?
            }
            Self::Award { number } => {
                let request = approval::DecideDossiersRequest {
                    request_id,
                    dossiers,
                    outcome: approval::Outcome::Award.into(),
                    decision_number: number.clone(),
                    reason: String::new(),
                };
                service.decide_dossiers(request).await?
            }
            other => return Err(Status::internal(format!("{} is not done at approval", other.word()))),
        };
        Ok(Reply::of(&answer.into_inner()))
    }

    async fn at_directory(
        &self,
        mut service: DirectoryServiceClient<Line>,
        request_id: String,
    ) -> Result<Reply, Status> {
        let Self::Register { agency } = self else {
            return Err(Status::internal(format!(
                "{} is not done at the directory",
                self.word()
            )));
        };
        let request = directory::RegisterAgencyRequest {
            request_id,
            agency: Some(directory::Agency {
                agency: agency.clone(),
                name: format!("Cơ quan {agency}"),
                level: "unit".to_owned(),
                kind: "unit".to_owned(),
                parent: "thanh-pho-ha-noi".to_owned(),
                ..directory::Agency::default()
            }),
        };
        Ok(Reply::of(&service.register_agency(request).await?.into_inner()))
    }
}
