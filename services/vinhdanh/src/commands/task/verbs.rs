//! The verbs of `vinhdanh task`, and what each is told.

use clap::{ArgGroup, Args, Subcommand};

use super::super::{Limit, day_text, token::Actor};

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
    /// Việc hàng loạt. Bulk acts: progress, pause, resume, results.
    #[command(subcommand)]
    Bulk(BulkVerb),
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
        /// Nói rõ hơn. In full, for whoever may read the dossier.
        #[arg(long)]
        text: Option<String>,
        /// Hạn bổ sung. By when; as the law says if left out.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        due: Option<String>,
        /// Trả về cấp trước để thẩm định lại. To an earlier level of its way (unit, department, …), which appraises it anew.
        #[arg(long, value_name = "LEVEL", conflicts_with = "due")]
        to: Option<String>,
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
    /// Cấp đổi, cấp lại hiện vật. Issue the object of an award anew; the award stays as it is.
    Reissue(Amend),
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
    /// Ứng viên chuyển công tác. The candidate has moved to another agency; the dossier goes on where it was proposed.
    Moved {
        #[command(flatten)]
        targets: Targets,
        /// Đến cơ quan nào. To which agency.
        #[arg(long, value_name = "AGENCY")]
        to: String,
        /// Từ ngày. Since when.
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
        /// Số quyết định; {n} lấy số kế tiếp, ví dụ {n}/QĐ-UBND. The decision's number; the next one is drawn for {n}.
        #[arg(long, default_value = None)]
        number: Option<String>,
        /// Vì sao. Why.
        #[arg(long, default_value = None)]
        reason: Option<String>,
    },
    /// Họp lại cho mức khen thấp hơn sau khi Hội đồng không thông qua. After a failed vote: a new session for a lower award.
    Lower {
        #[command(flatten)]
        targets: Targets,
        /// Mã mức thấp hơn. The lower award's code.
        #[arg(long)]
        award: String,
        /// Vì sao. Why.
        #[arg(long)]
        reason: String,
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
    /// Làm hàng loạt ở chế độ nền: từng hồ sơ một, kết quả từng hồ sơ. As a job in the background: each dossier alone, with a
    /// result of its own; see `task bulk`.
    #[arg(long, conflicts_with = "preview")]
    pub bulk: bool,
}

/// How an act is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// All of the dossiers now, or none.
    Now,
    /// Not at all: it is only said what it would do.
    Preview,
    /// Each dossier alone, in the background.
    Bulk,
}

impl Targets {
    /// How the act is done to them.
    pub const fn how(&self) -> How {
        match (self.preview, self.bulk) {
            (true, _) => How::Preview,
            (false, true) => How::Bulk,
            (false, false) => How::Now,
        }
    }
}

/// Bulk acts: begun by `--bulk` beside an act.
#[derive(Debug, Subcommand)]
pub enum BulkVerb {
    /// Các việc hàng loạt của cơ quan. Jobs of your agency, newest first.
    List {
        #[command(flatten)]
        limit: Limit,
    },
    /// Tiến độ. How far a job is.
    Status(BulkId),
    /// Tạm dừng. Let it stand still.
    Pause(BulkId),
    /// Làm tiếp. Let it go on, for you.
    Resume(BulkId),
    /// Kết thúc; việc đã làm giữ nguyên. End it; what was done stays done.
    Stop(BulkId),
    /// Kết quả từng hồ sơ. What came of each dossier.
    Results {
        #[command(flatten)]
        job: BulkId,
        /// Chỉ hồ sơ không làm được. Only those that were refused.
        #[arg(long)]
        refused: bool,
        #[command(flatten)]
        limit: Limit,
    },
}

/// A job.
#[derive(Debug, Args)]
pub struct BulkId {
    /// Mã việc hàng loạt. The job.
    #[arg(value_name = "JOB")]
    pub bulk: String,
}

/// A decision after the decision.
#[derive(Debug, Args)]
pub struct Amend {
    #[command(flatten)]
    pub(super) targets: Targets,
    /// Căn cứ. The ground: for a revocation false-merit, false-papers, unlawful-procedure, violation or stripped, or words.
    #[arg(long)]
    pub(super) ground: String,
    /// Số quyết định. Its number.
    #[arg(long, value_name = "NUMBER")]
    pub(super) number: String,
}
