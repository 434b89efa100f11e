//! `vinhdanh task`: what waits on whom, and the acts of the chain of levels.

pub(super) mod bulk;
mod list;
pub(super) mod preview;
pub(super) mod verbs;

use proto::approval::v1::*;

use super::{Desk, Verb};
use verbs::Amend;
pub use verbs::{Targets, TaskVerb};

impl From<Targets> for Vec<Target> {
    fn from(targets: Targets) -> Self {
        targets.dossiers.into_iter().map(target).collect()
    }
}

fn target(dossier: String) -> Target {
    Target {
        dossier,
        etag: String::new(),
    }
}

/// Calls one act of approval and shows where the dossiers stand after it.
macro_rules! act {
    ($desk:ident, $how:expr => $act:ident, $method:ident, $request:expr) => {{
        use $crate::commands::task::{bulk, preview, verbs::How};
        let how = $how;
        let request = $request;
        let act = || proto::approval::v1::preview_act_request::Act::$act(request.clone());
        match how {
            How::Preview => return preview::preview($desk, act()).await,
            How::Bulk => return bulk::start($desk, act()).await,
            How::Now => act!($desk, $method, request),
        }
    }};
    ($desk:ident, $method:ident, $request:expr) => {{
        let request = $request;
        let done = $desk
            .call(async |client| client.approval().$method(request.clone()).await)
            .await?;
        $desk.output.many(&done.courses);
        Ok(0)
    }};
}
pub(super) use act;

impl Verb for TaskVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        match self {
            Self::List {
                waiting_on,
                mine,
                assigned_to,
                unassigned,
                limit,
            } => {
                let base = ListTasksRequest {
                    waiting_on: waiting_on.map(|actor| actor.post()).unwrap_or_default(),
                    mine,
                    assigned_to: assigned_to
                        .map(|actor| actor.principal(None).subject)
                        .unwrap_or_default(),
                    unassigned,
                    ..ListTasksRequest::default()
                };
                list::tasks(desk, base, limit).await
            }
            Self::Assign { targets, to } => {
                let who = to.principal(None);
                let to = Post {
                    subject: who.subject,
                    role: who.role.to_string(),
                    agency: who.agency,
                };
                act!(
                    desk,
                    assign_tasks,
                    AssignTasksRequest {
                        request_id,
                        dossiers: targets.into(),
                        to: Some(to)
                    }
                )
            }
            Self::Claim(targets) => {
                act!(
                    desk,
                    claim_tasks,
                    ClaimTasksRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Release(targets) => {
                act!(
                    desk,
                    release_tasks,
                    ReleaseTasksRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Bulk(verb) => bulk::run(desk, verb).await,
            Self::Courses {
                status,
                level,
                award,
                limit,
            } => list::courses(desk, status, level, award, limit).await,
            Self::Receive(targets) => {
                act!(
                    desk,
                    targets.how() => Receive,
                    receive_dossiers,
                    ReceiveDossiersRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Return {
                targets,
                reason,
                text,
                due,
                to,
            } => act!(
                desk,
                targets.how() => Return,
                return_dossiers,
                ReturnDossiersRequest {
                    request_id,
                    dossiers: targets.into(),
                    reason,
                    due: due.unwrap_or_default(),
                    text: text.unwrap_or_default(),
                    to_level: to.unwrap_or_default()
                }
            ),
            Self::Appraise {
                targets, meets, text, ..
            } => {
                let opinion = if meets { Opinion::Meets } else { Opinion::DoesNotMeet };
                act!(
                    desk,
                    targets.how() => Appraise,
                    appraise_dossiers,
                    AppraiseDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        opinion: opinion.into(),
                        text
                    }
                )
            }
            Self::Consult { targets, agencies, due } => {
                act!(
                    desk,
                    targets.how() => Consult,
                    consult_dossiers,
                    ConsultDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        agencies,
                        due: due.unwrap_or_default()
                    }
                )
            }
            Self::Reply {
                targets, agree, text, ..
            } => {
                let opinion = if agree { Agreement::Agree } else { Agreement::Disagree };
                act!(
                    desk,
                    targets.how() => Reply,
                    reply_to_consultation,
                    ReplyToConsultationRequest {
                        request_id,
                        dossiers: targets.into(),
                        opinion: opinion.into(),
                        text
                    }
                )
            }
            Self::Correct(Amend {
                targets,
                ground,
                number,
            }) => {
                act!(
                    desk,
                    targets.how() => Correct,
                    correct_awards,
                    CorrectAwardsRequest {
                        request_id,
                        dossiers: targets.into(),
                        ground,
                        number
                    }
                )
            }
            Self::Revoke(Amend {
                targets,
                ground,
                number,
            }) => {
                act!(
                    desk,
                    targets.how() => Revoke,
                    revoke_awards,
                    RevokeAwardsRequest {
                        request_id,
                        dossiers: targets.into(),
                        ground,
                        number
                    }
                )
            }
            Self::Restore(Amend {
                targets,
                ground,
                number,
            }) => {
                act!(
                    desk,
                    targets.how() => Restore,
                    restore_awards,
                    RestoreAwardsRequest {
                        request_id,
                        dossiers: targets.into(),
                        ground,
                        number
                    }
                )
            }
            Self::Reissue(Amend {
                targets,
                ground,
                number,
            }) => {
                act!(
                    desk,
                    targets.how() => Reissue,
                    reissue_awards,
                    ReissueAwardsRequest {
                        request_id,
                        dossiers: targets.into(),
                        ground,
                        number
                    }
                )
            }
            Self::Died { targets, on, source } => {
                act!(
                    desk,
                    targets.how() => Death,
                    record_death,
                    RecordDeathRequest {
                        request_id,
                        dossiers: targets.into(),
                        died_on: on,
                        source
                    }
                )
            }
            Self::Moved {
                targets,
                to,
                on,
                source,
            } => {
                act!(
                    desk,
                    targets.how() => Move,
                    record_move,
                    RecordMoveRequest {
                        request_id,
                        dossiers: targets.into(),
                        to_agency: to,
                        moved_on: on,
                        source
                    }
                )
            }
            Self::Publish { targets, days } => {
                act!(
                    desk,
                    targets.how() => Publish,
                    publish_dossiers,
                    PublishDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        days
                    }
                )
            }
            Self::Comment { dossier, text, signed } => act!(
                desk,
                comment_on_dossier,
                CommentOnDossierRequest {
                    request_id,
                    dossier: Some(target(dossier)),
                    text,
                    signed
                }
            ),
            Self::Sign { targets, letter } => {
                act!(
                    desk,
                    targets.how() => Sign,
                    sign_letter,
                    SignLetterRequest {
                        request_id,
                        dossiers: targets.into(),
                        letter_number: letter
                    }
                )
            }
            Self::Decide {
                targets,
                award,
                number,
                reason,
                ..
            } => {
                let outcome = if award { Outcome::Award } else { Outcome::Refuse };
                act!(
                    desk,
                    targets.how() => Decide,
                    decide_dossiers,
                    DecideDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        outcome: outcome.into(),
                        decision_number: number.unwrap_or_default(),
                        reason: reason.unwrap_or_default(),
                    }
                )
            }
            Self::Lower { targets, award, reason } => {
                act!(
                    desk,
                    targets.how() => Lower,
                    lower_awards,
                    LowerAwardsRequest {
                        request_id,
                        dossiers: targets.into(),
                        award,
                        reason
                    }
                )
            }
            Self::Suspend { targets, because } => {
                act!(
                    desk,
                    targets.how() => Suspend,
                    suspend_dossiers,
                    SuspendDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        because
                    }
                )
            }
            Self::Resume(targets) => {
                act!(
                    desk,
                    targets.how() => Resume,
                    resume_dossiers,
                    ResumeDossiersRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Present { targets, occasion } => {
                act!(
                    desk,
                    targets.how() => Present,
                    present_dossiers,
                    PresentDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        occasion
                    }
                )
            }
        }
    }
}
