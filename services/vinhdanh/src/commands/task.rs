//! `vinhdanh task`: what waits on whom, and the acts of the chain of levels.

use clap::{ArgGroup, Args, Subcommand};
use proto::approval::v1::*;
use serde_json::Value;

use super::{Desk, Limit, Verb, day_text, token::Actor};
use crate::{
    output::{Record, note, plain},
    words::word,
};

/// Tasks, and the acts that do them.
#[derive(Debug, Subcommand)]
pub enum TaskVerb {
    /// Việc đang chờ. What waits on you, or on another role of your agency.
    List {
        /// Chờ ai. On whom; yourself if left out.
        #[arg(long = "for", value_name = "ROLE@AGENCY")]
        waiting_on: Option<Actor>,
        #[command(flatten)]
        limit: Limit,
    },
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
            Self::List { waiting_on, limit } => list(desk, waiting_on, limit).await,
            Self::Courses {
                status,
                level,
                award,
                limit,
            } => courses(desk, status, level, award, limit).await,
            Self::Receive(targets) => {
                act!(
                    desk,
                    receive_dossiers,
                    ReceiveDossiersRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Return { targets, reason, due } => act!(
                desk,
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
                    appraise_dossiers,
                    AppraiseDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        opinion: opinion.into(),
                        text
                    }
                )
            }
            Self::Publish { targets, days } => {
                act!(
                    desk,
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
                let dossiers = targets.into();
                act!(
                    desk,
                    sign_letter,
                    SignLetterRequest {
                        request_id,
                        dossiers,
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

async fn list(desk: &Desk, waiting_on: Option<Actor>, limit: Limit) -> anyhow::Result<u8> {
    let waiting_on = waiting_on.map(|actor| actor.post()).unwrap_or_default();
    let total = std::cell::Cell::new(0);
    let page = async |client: &crate::client::Client, page_size, page_token| {
        let request = ListTasksRequest {
            page_size,
            page_token,
            waiting_on: waiting_on.clone(),
        };
        let page = client.approval().list_tasks(request).await?.into_inner();
        total.set(page.total);
        Ok((page.tasks, page.next_page_token))
    };
    let tasks = desk.pages(limit, page).await?;
    desk.output.many(&tasks);
    if (tasks.len() as i64) < total.get() {
        note(&format!("{} trong số / of {}", tasks.len(), total.get()));
    }
    Ok(0)
}

async fn courses(
    desk: &Desk,
    status: Option<String>,
    level: Option<String>,
    award: Option<String>,
    limit: Limit,
) -> anyhow::Result<u8> {
    let base = ListCoursesRequest {
        status: status.unwrap_or_default(),
        level: level.unwrap_or_default(),
        award: award.unwrap_or_default(),
        ..ListCoursesRequest::default()
    };
    let page = async |client: &crate::client::Client, page_size, page_token| {
        let request = ListCoursesRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let page = client.approval().list_courses(request).await?.into_inner();
        Ok((page.courses, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

impl Record for Course {
    const TABLE: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "level",
        "agency",
        "step",
        "deadline",
        "waiting_on",
    ];
    const DETAIL: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "level",
        "agency",
        "step",
        "deadline",
        "deadlines",
        "waiting_on",
        "waiting_for",
        "council",
        "submitting_agency",
        "letter_number",
        "rule_set",
        "verdict",
        "levels",
        "decision_number",
        "decided_on",
        "bonus_vnd",
        "bonus",
        "updated_at",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["step"] = word(self.step().as_str_name(), "STEP_").into();
        value
    }
}

impl Record for HistoryStep {
    const TABLE: &'static [&'static str] = &["version", "at", "input", "state", "actor", "role", "agency", "cause"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        plain(self)
    }
}
