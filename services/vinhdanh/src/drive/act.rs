//! One act of an official as one call, and what is known of a case between calls.

use access::Role;
use proto::{
    approval::v1::{self as approval, Course, Target},
    council::v1::{self as council, Choice, Session},
    intake::v1::{self as intake, Dossier},
};
use tonic::Status;

use crate::{client::Client, rehearse::scenario::Actor};

/// What an official does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Drafts a dossier from a file (JSON).
    Create { content: String },
    /// Submits it under a letter; empty: as the file says.
    Submit { letter: String },
    /// Hands in missing papers, by kind.
    Supplement { documents: Vec<String> },
    /// The office has the complete dossier.
    Receive,
    /// Back for supplement; without a day the law says by when.
    Return { reason: String },
    /// The appraisal.
    Appraise { meets: bool },
    /// Publishes the names for so many working days.
    Publish { days: u32 },
    /// Calls a session on this one dossier; the first member presides.
    Convene { council: String, members: Vec<String> },
    /// Who is there, and who writes.
    Attend { present: Vec<String>, writing: Vec<String> },
    /// One member's ballot.
    Ballot(Choice),
    /// Counts and concludes.
    Close,
    /// The minutes are signed.
    Minute,
    /// Signs the letter to the next level.
    Sign { letter: String },
    /// Awards.
    Award { number: String },
    /// Refuses.
    Refuse { reason: String },
    /// Halts for an inspection or the like.
    Suspend { because: String },
}

/// The ids that the services gave to a case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// The dossier, once created.
    pub dossier: String,
    /// The session that has it, once convened.
    pub session: String,
}

/// What a service answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Intake.
    Dossier(Box<Dossier>),
    /// Approval.
    Course(Box<Course>),
    /// Council.
    Session(Box<Session>),
    /// Council, to a member: the same for every choice.
    Ballot,
}

impl Case {
    /// Keeps the ids that a reply brings.
    pub fn learn(&mut self, reply: &Reply) {
        match reply {
            Reply::Dossier(dossier) => self.dossier.clone_from(&dossier.dossier),
            Reply::Session(session) => self.session.clone_from(&session.session),
            Reply::Course(_) | Reply::Ballot => {}
        }
    }

    fn targets(&self) -> Vec<Target> {
        vec![Target {
            dossier: self.dossier.clone(),
            etag: String::new(),
        }]
    }
}

impl Act {
    /// Its word, e.g. for the ids of requests.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Submit { .. } => "submit",
            Self::Supplement { .. } => "supplement",
            Self::Receive => "receive",
            Self::Return { .. } => "return",
            Self::Appraise { .. } => "appraise",
            Self::Publish { .. } => "publish",
            Self::Convene { .. } => "convene",
            Self::Attend { .. } => "attend",
            Self::Ballot(_) => "ballot",
            Self::Close => "close",
            Self::Minute => "minute",
            Self::Sign { .. } => "sign",
            Self::Award { .. } => "award",
            Self::Refuse { .. } => "refuse",
            Self::Suspend { .. } => "suspend",
        }
    }

    /// Does it on a case as the official behind `client`.
    pub async fn call(&self, client: &Client, request_id: &str, case: &Case) -> Result<Reply, Status> {
        let request_id = request_id.to_owned();
        match self {
            Self::Create { .. } | Self::Submit { .. } | Self::Supplement { .. } => {
                self.at_intake(client, request_id, case).await
            }
            Self::Convene { .. } | Self::Attend { .. } | Self::Ballot(_) | Self::Close | Self::Minute => {
                self.at_council(client, request_id, case).await
            }
            _ => self.at_approval(client, request_id, case).await,
        }
    }

    async fn at_intake(&self, client: &Client, request_id: String, case: &Case) -> Result<Reply, Status> {
        let mut service = client.intake();
        let dossier = match self {
            Self::Create { content } => {
                let request = intake::CreateDossierRequest {
                    request_id,
                    content: content.clone(),
                };
                service.create_dossier(request).await?.into_inner()
            }
            Self::Submit { letter } => {
                let dossiers = vec![case.dossier.clone()];
                let request = intake::SubmitDossiersRequest {
                    request_id,
                    dossiers,
                    letter_number: letter.clone(),
                };
                let mut answer = service.submit_dossiers(request).await?.into_inner();
                answer
                    .dossiers
                    .pop()
                    .ok_or_else(|| Status::data_loss("a submission was answered without dossier"))?
            }
            Self::Supplement { documents } => {
                let document = |kind: &String| intake::Document {
                    kind: kind.clone(),
                    ..intake::Document::default()
                };
                let request = intake::SupplementDossierRequest {
                    request_id,
                    dossier: case.dossier.clone(),
                    documents: documents.iter().map(document).collect(),
                    etag: String::new(),
                };
                service.supplement_dossier(request).await?.into_inner()
            }
            other => return Err(elsewhere(other)),
        };
        Ok(Reply::Dossier(Box::new(dossier)))
    }

    async fn at_council(&self, client: &Client, request_id: String, case: &Case) -> Result<Reply, Status> {
        let mut service = client.council();
        let (session, etag) = (case.session.clone(), String::new());
        let answer = match self {
            Self::Convene { council, members } => {
                let (council, members, agenda) = (council.clone(), members.clone(), vec![case.dossier.clone()]);
                let request = council::ConveneSessionRequest {
                    request_id,
                    council,
                    members,
                    agenda,
                    kind: String::new(),
                };
                service.convene_session(request).await?
            }
            Self::Attend { present, writing } => {
                let (present, writing) = (present.clone(), writing.clone());
                let request = council::RecordAttendanceRequest {
                    request_id,
                    session,
                    present,
                    writing,
                    etag,
                };
                service.record_attendance(request).await?
            }
            Self::Ballot(choice) => {
                let (dossier, choice) = (case.dossier.clone(), (*choice).into());
                service
                    .cast_ballot(council::CastBallotRequest {
                        request_id,
                        session,
                        dossier,
                        choice,
                        slip: String::new(),
                    })
                    .await?;
                return Ok(Reply::Ballot);
            }
            Self::Close => {
                service
                    .close_session(council::CloseSessionRequest {
                        request_id,
                        session,
                        etag,
                    })
                    .await?
            }
            Self::Minute => {
                service
                    .minute_session(council::MinuteSessionRequest {
                        request_id,
                        session,
                        etag,
                    })
                    .await?
            }
            other => return Err(elsewhere(other)),
        };
        Ok(Reply::Session(Box::new(answer.into_inner())))
    }

    async fn at_approval(&self, client: &Client, request_id: String, case: &Case) -> Result<Reply, Status> {
        let mut service = client.approval();
        let dossiers = case.targets();
        let answer = match self {
            Self::Receive => {
                service
                    .receive_dossiers(approval::ReceiveDossiersRequest { request_id, dossiers })
                    .await
            }
            Self::Return { reason } => {
                let (reason, due) = (reason.clone(), String::new());
                service
                    .return_dossiers(approval::ReturnDossiersRequest {
                        request_id,
                        dossiers,
                        reason,
                        due,
                        ..Default::default()
                    })
                    .await
            }
            Self::Appraise { meets } => {
                let opinion = if *meets {
                    approval::Opinion::Meets
                } else {
                    approval::Opinion::DoesNotMeet
                };
                let (opinion, text) = (opinion.into(), String::new());
                service
                    .appraise_dossiers(approval::AppraiseDossiersRequest {
                        request_id,
                        dossiers,
                        opinion,
                        text,
                    })
                    .await
            }
            Self::Publish { days } => {
                let request = approval::PublishDossiersRequest {
                    request_id,
                    dossiers,
                    days: *days,
                };
                service.publish_dossiers(request).await
            }
            Self::Sign { letter } => {
                let request = approval::SignLetterRequest {
                    request_id,
                    dossiers,
                    letter_number: letter.clone(),
                };
                service.sign_letter(request).await
            }
            Self::Award { number } => {
                let request = approval::DecideDossiersRequest {
                    request_id,
                    dossiers,
                    outcome: approval::Outcome::Award.into(),
                    decision_number: number.clone(),
                    reason: String::new(),
                };
                service.decide_dossiers(request).await
            }
            Self::Refuse { reason } => {
                let request = approval::DecideDossiersRequest {
                    request_id,
                    dossiers,
                    outcome: approval::Outcome::Refuse.into(),
                    decision_number: String::new(),
                    reason: reason.clone(),
                };
                service.decide_dossiers(request).await
            }
            Self::Suspend { because } => {
                let request = approval::SuspendDossiersRequest {
                    request_id,
                    dossiers,
                    because: because.clone(),
                };
                service.suspend_dossiers(request).await
            }
            other => return Err(elsewhere(other)),
        };
        let course = answer?.into_inner().courses.pop();
        let course = course.ok_or_else(|| Status::data_loss("an act was answered without course"))?;
        Ok(Reply::Course(Box::new(course)))
    }
}

fn elsewhere(act: &Act) -> Status {
    Status::internal(format!("{} is not done at this service", act.word()))
}

/// The `number`-th member of an agency's council, from 1.
pub fn member(council: &str, number: u32) -> Actor {
    Actor {
        name: format!("m{number}"),
        role: Role::Member,
        agency: council.to_owned(),
    }
}

/// The subjects of a council of so many members.
pub fn members(council: &str, count: u32) -> Vec<String> {
    (1..=count).map(|number| member(council, number).subject()).collect()
}
