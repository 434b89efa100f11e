//! `vinhdanh task`: what waits on whom, and the acts of the chain of levels.

mod list;
pub(super) mod preview;

use super::{Desk, Limit, Verb, day_text, token::Actor};
use clap::{ArgGroup, Args, Subcommand};
use proto::approval::v1::*;
/// Tasks, and the acts that do them.
#[derive(Debug, Subcommand)]
pub enum TaskVerb {
    /// Việc đang chờ. What waits on you, or on another role of your agency.
    List {
        /// Chờ ai. On whom; yourself if left out.
        #[arg(long = "for", value_name = "ROLE@AGENCY")]
        waiting_on: Option<Actor>,
        /// Việc của tôi. Only what you have in hand.
        #[arg(long, conflicts_with_all = ["assigned_to", "unassigned"])]
        mine: bool,
        /// Việc của ai. Only what this person has in hand.
        #[arg(long, value_name = "[NAME=]ROLE@AGENCY", conflicts_with = "unassigned")]
        assigned_to: Option<Actor>,
        /// Việc chưa ai nhận. Only what nobody has in hand.
        #[arg(long)]
        unassigned: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Phân công. Hand tasks to a colleague; only they then do them.
    Assign {
        #[command(flatten)]
        targets: Targets,
        /// Cho ai. To whom; of the role and agency that they wait on.
        #[arg(long, value_name = "[NAME=]ROLE@AGENCY")]
        to: Actor,
    },
    /// Nhận việc. Take tasks of your role in hand.
    Claim(Targets),
    /// Trả lại việc. Give tasks back to all of the role.
    Release(Targets),
    /// Đường đi của các hồ sơ. The courses of dossiers.
    Courses {
        /// in-review, returned, suspended, awarded, refused, withdrawn.
        #[arg(long)]
        status: Option<String>,
        /// unit, district, department, ministry-or-province, state.
        #[arg(long)]
        level: Option<String>,
        /// Mã danh hiệu, hình thức. The award's code.
        #[arg(long)]
        award: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Tiếp nhận hồ sơ đầy đủ. Receive the complete dossiers: the legal clock starts.
    Receive(Targets),
    /// Trả lại để bổ sung. Return for supplement: the clock stops.
    Return {
        #[command(flatten)]
        targets: Targets,
        /// Vì sao. Why.
        #[arg(long)]
        reason: String,
        /// Hạn bổ sung. By when; as the law says if left out.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        due: Option<String>,
    },
    /// Thẩm định. Appraise.
    #[command(group(ArgGroup::new("opinion").required(true).args(["meets", "does_not_meet"])))]
    Appraise {
        #[command(flatten)]
        targets: Targets,
        /// Đủ điều kiện. They meet the criteria.
        #[arg(long)]
        meets: bool,
        /// Không đủ điều kiện. They do not.
        #[arg(long)]
        does_not_meet: bool,
        /// Ý kiến. The opinion in words.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Lấy ý kiến cơ quan khác (hiệp y). Ask other agencies for their opinion.
    Consult {
        #[command(flatten)]
        targets: Targets,
        /// Hỏi cơ quan nào. Whose opinion; may be given several times.
        #[arg(long = "agency", required = true, value_name = "AGENCY")]
        agencies: Vec<String>,
        /// Hạn trả lời. By when; as the law says if left out.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        due: Option<String>,
    },
    /// Trả lời hiệp y. Give the opinion that was asked for.
    #[command(group(ArgGroup::new("answer").required(true).args(["agree", "disagree"])))]
    Reply {
        #[command(flatten)]
        targets: Targets,
        /// Đồng ý. Agree.
        #[arg(long)]
        agree: bool,
        /// Không đồng ý. Disagree; it is recorded and shown, and stops nothing.
        #[arg(long)]
        disagree: bool,
        /// Ý kiến. The opinion in words.
        #[arg(long, default_value = "")]
        text: String,
    },
    /// Đính chính quyết định. Correct a slip in an issued decision.
    Correct(Amend),
    /// Hủy bỏ quyết định khen thưởng. Revoke an award: object and money are given back.
    Revoke(Amend),
    /// Khôi phục khen thưởng đã hủy bỏ. Restore a revoked award.
    Restore(Amend),
    /// Ứng viên đã mất: truy tặng. The candidate has died: a posthumous award.
    Died {
        #[command(flatten)]
        targets: Targets,
        /// Ngày mất. The day of death.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        on: String,
        /// Giấy tờ chứng minh. The paper that says so.
        #[arg(long)]
        source: String,
    },
    /// Công khai để lấy ý kiến. Publish the names for comment.
    Publish {
        #[command(flatten)]
        targets: Targets,
        /// Số ngày làm việc. Working days, the first day counted.
        #[arg(long)]
        days: u32,
    },
    /// Góp ý khi công khai. Comment on published names.
    Comment {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
        /// Góp ý gì. The comment.
        #[arg(long)]
        text: String,
        /// Có ký tên. It is signed; an unsigned one does not hold the dossier.
        #[arg(long)]
        signed: bool,
    },
    /// Ký tờ trình lên cấp trên. Sign the letter: forward to the next level.
    Sign {
        #[command(flatten)]
        targets: Targets,
        /// Số tờ trình. The letter's number.
        #[arg(long, value_name = "NUMBER")]
        letter: String,
    },
    /// Quyết định khen thưởng hoặc không. Award or refuse.
    #[command(group(ArgGroup::new("outcome").required(true).args(["award", "refuse"])))]
    Decide {
        #[command(flatten)]
        targets: Targets,
        /// Khen thưởng. Award; needs --number.
        #[arg(long, requires = "number")]
        award: bool,
        /// Không khen thưởng. Refuse; needs --reason.
        #[arg(long, requires = "reason")]
        refuse: bool,
        /// Số quyết định. The decision's number.
        #[arg(long, default_value = None)]
        number: Option<String>,
        /// Vì sao. Why.
        #[arg(long, default_value = None)]
        reason: Option<String>,
    },
    /// Tạm dừng vì có khiếu nại, thanh tra, điều tra. Suspend: a complaint, inspection or investigation is under way.
    Suspend {
        #[command(flatten)]
        targets: Targets,
        /// Vì việc gì. Because of what.
        #[arg(long)]
        because: String,
    },
    /// Tiếp tục đúng chỗ đã dừng. Resume exactly where it was suspended.
    Resume(Targets),
    /// Trao tặng. The award is handed over.
    Present {
        #[command(flatten)]
        targets: Targets,
        /// Vào dịp nào. At which occasion.
        #[arg(long)]
        occasion: String,
    },
}

/// The dossiers that an act is about: all of them or none.
#[derive(Debug, Args)]
pub struct Targets {
    /// Các hồ sơ: tất cả hoặc không hồ sơ nào. The dossiers: all of them or none.
    #[arg(required = true, value_name = "ID")]
    pub dossiers: Vec<String>,
    /// Xem trước: từng hồ sơ có làm được không, không làm gì. Only say of each whether it could be done, and why not.
    #[arg(long)]
    pub preview: bool,
}

/// A decision after the decision.
#[derive(Debug, Args)]
pub struct Amend {
    #[command(flatten)]
    targets: Targets,
    /// Căn cứ. The ground: for a revocation false-merit, false-papers, unlawful-procedure, violation or stripped, or words.
    #[arg(long)]
    ground: String,
    /// Số quyết định. Its number.
    #[arg(long, value_name = "NUMBER")]
    number: String,
}

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
    ($desk:ident, $preview:expr => $act:ident, $method:ident, $request:expr) => {{
        let preview = $preview;
        let request = $request;
        if preview {
            let act = proto::approval::v1::preview_act_request::Act::$act(request);
            return $crate::commands::task::preview::preview($desk, act).await;
        }
        act!($desk, $method, request)
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
            Self::Courses {
                status,
                level,
                award,
                limit,
            } => list::courses(desk, status, level, award, limit).await,
            Self::Receive(targets) => {
                act!(
                    desk,
                    targets.preview => Receive,
                    receive_dossiers,
                    ReceiveDossiersRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Return { targets, reason, due } => act!(
                desk,
                targets.preview => Return,
                return_dossiers,
                ReturnDossiersRequest {
                    request_id,
                    dossiers: targets.into(),
                    reason,
                    due: due.unwrap_or_default()
                }
            ),
            Self::Appraise {
                targets, meets, text, ..
            } => {
                let opinion = if meets { Opinion::Meets } else { Opinion::DoesNotMeet };
                act!(
                    desk,
                    targets.preview => Appraise,
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
                    targets.preview => Consult,
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
                    targets.preview => Reply,
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
                    targets.preview => Correct,
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
                    targets.preview => Revoke,
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
                    targets.preview => Restore,
                    restore_awards,
                    RestoreAwardsRequest {
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
                    targets.preview => Death,
                    record_death,
                    RecordDeathRequest {
                        request_id,
                        dossiers: targets.into(),
                        died_on: on,
                        source
                    }
                )
            }
            Self::Publish { targets, days } => {
                act!(
                    desk,
                    targets.preview => Publish,
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
                    targets.preview => Sign,
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
                    targets.preview => Decide,
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
            Self::Suspend { targets, because } => {
                act!(
                    desk,
                    targets.preview => Suspend,
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
                    targets.preview => Resume,
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
                    targets.preview => Present,
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
