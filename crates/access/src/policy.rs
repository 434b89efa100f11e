//! What someone may do: one table, and one place that decides by it.
//!
//! Access says who may act at all. Whether an act is possible *now* is the machine's business (`FAILED_PRECONDITION`),
//! and the machine is asked only after this was passed.

use std::fmt;

use crate::principal::{Principal, Role};
use crate::words::words;

words! {
    /// Everything that can be done through the API.
    "act" Act {
        /// Hand a draft in, under a letter (trình).
        Submit = "submit",
        /// Create, change or discard a draft.
        EditDraft = "edit-draft",
        /// Attach a document to a draft or a supplement.
        Upload = "upload",
        /// Judge a dossier by the law, keeping nothing.
        Check = "check",
        /// Take the proposal back for good (rút hồ sơ).
        Withdraw = "withdraw",
        /// Take back what the next office has not taken up yet (thu hồi).
        Recall = "recall",
        /// Confirm that a complete dossier arrived: the legal clock starts (tiếp nhận).
        Receive = "receive",
        /// Send back for supplement, or after a failed vote (trả lại).
        Return = "return",
        /// Add the missing papers (bổ sung).
        Supplement = "supplement",
        /// Give the opinion of the standing body (thẩm định).
        Appraise = "appraise",
        /// Publish names for comment, or an issued decision (công khai).
        Publish = "publish",
        /// Comment on what is published (góp ý).
        Comment = "comment",
        /// Halt for a complaint, inspection or investigation (tạm dừng).
        Suspend = "suspend",
        /// Go on after the reason for a halt ended (tiếp tục).
        Resume = "resume",
        /// Sign the letter to the next level (ký tờ trình).
        Sign = "sign",
        /// Award or refuse (quyết định).
        Decide = "decide",
        /// Call a council's session (triệu tập).
        Convene = "convene",
        /// Record who is present and who writes (điểm danh).
        Attend = "attend",
        /// Take a member off the vote on one dossier (không tham gia biểu quyết).
        Recuse = "recuse",
        /// Cast a ballot (bỏ phiếu).
        Vote = "vote",
        /// Declare an interest of one's own in a dossier, and not vote on it (tự khai xung đột lợi ích).
        Declare = "declare",
        /// Close the ballot and count (kiểm phiếu).
        Close = "close",
        /// Write and sign the minutes (lập biên bản).
        Minute = "minute",
        /// Sign the minutes as whoever presided (ký biên bản).
        SignMinutes = "sign-minutes",
        /// Hand the award over (trao tặng).
        Present = "present",
        /// Ask another agency's opinion (lấy ý kiến hiệp y).
        Consult = "consult",
        /// Give the opinion that was asked for (trả lời hiệp y).
        Reply = "reply",
        /// Correct a slip in an issued decision (đính chính).
        Correct = "correct",
        /// Revoke an issued decision (hủy bỏ quyết định).
        Revoke = "revoke",
        /// Restore what was revoked (khôi phục).
        Restore = "restore",
        /// Issue the object of an award anew (cấp đổi, cấp lại).
        Reissue = "reissue",
        /// Enter an award that was decided on paper in the register (ghi sổ).
        RecordAward = "record-award",
        /// Record that the candidate has died (truy tặng).
        RecordDeath = "record-death",
        /// Record that the candidate has moved to another agency (chuyển công tác).
        RecordMove = "record-move",
        /// Name a substitute for some acts and days (ủy quyền).
        Delegate = "delegate",
        /// Hand a task to a colleague (phân công).
        Assign = "assign",
        /// Keep subscriptions of one's own, and read their deliveries.
        Subscribe = "subscribe",
        /// Read one dossier, its content and its course.
        ReadDossier = "read-dossier",
        /// Read an agency's lists of dossiers and tasks.
        ReadWorklist = "read-worklist",
        /// Read who did what when on a dossier.
        ReadHistory = "read-history",
        /// Read sessions, rosters and counts; never a ballot, which no act can read.
        ReadSession = "read-session",
        /// Read agencies, posts and calendars.
        ReadDirectory = "read-directory",
        /// Change agencies, posts and calendars.
        ManageDirectory = "manage-directory",
        /// Lay down what an agency may lay down itself: awards of its own, and days on which it does otherwise (ban hành).
        Regulate = "regulate",
        /// Look at the system: verify the chain, replay histories, progress, dead letters.
        Administer = "administer",
        /// Change the running system: requeue or drop a dead letter, migrate dossiers, move a rehearsal's clock.
        Operate = "operate",
        /// Pull another service's events.
        PullEvents = "pull-events",
    }
}

/// Whom an act is bound to, beside its roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// To the agencies that hold the resource now, or that may act for them.
    Holder,
    /// To nobody: it touches what is public, or the caller's own.
    Open,
}

/// The table: who may do an act, and whom the act is bound to. A pair that is not here is denied.
pub const fn rule(act: Act) -> (&'static [Role], Bound) {
    use Bound::{Holder, Open};
    use Role::{Auditor, Clerk, Leader, Member, Nominee, Officer, Operator, Secretary, Service, Subscriber};
    match act {
        // Before it is handed in, and what the proposer can still do afterwards.
        Act::Submit | Act::EditDraft | Act::Upload | Act::Supplement => (&[Clerk], Holder),
        Act::Check => (&[Clerk, Officer, Leader, Secretary, Member, Auditor, Nominee], Open),
        Act::Withdraw => (&[Clerk, Nominee], Holder),
        Act::Recall => (&[Clerk, Leader], Holder),
        // The standing body prepares.
        Act::Receive | Act::Appraise | Act::Publish | Act::Consult | Act::Convene | Act::RecordAward => {
            (&[Officer], Holder)
        }
        Act::RecordDeath | Act::RecordMove => (&[Clerk, Officer], Holder),
        // A leader returns too, having a failed vote before them, and halts what the house is answerable for.
        Act::Return | Act::Suspend | Act::Resume | Act::Reply | Act::Present | Act::Regulate => {
            (&[Officer, Leader], Holder)
        }
        Act::Assign => (&[Clerk, Officer, Leader], Holder),
        Act::Comment => (&[Clerk, Officer, Member, Nominee, Subscriber], Open),
        // The council: who keeps the roll has no vote, who votes does not keep the roll.
        Act::Attend | Act::Recuse | Act::Close | Act::Minute => (&[Secretary], Holder),
        Act::Vote | Act::Declare | Act::SignMinutes => (&[Member], Holder),
        // The leader answers for what leaves the house.
        Act::Sign | Act::Decide | Act::Correct | Act::Revoke | Act::Restore | Act::Reissue | Act::Delegate => {
            (&[Leader], Holder)
        }
        // Reading.
        Act::ReadDossier => (&[Clerk, Officer, Leader, Secretary, Member, Auditor, Nominee], Holder),
        Act::ReadWorklist => (&[Clerk, Officer, Leader, Secretary, Member, Auditor], Holder),
        Act::ReadHistory => (&[Clerk, Officer, Leader, Secretary, Auditor], Holder),
        Act::ReadSession => (&[Officer, Leader, Secretary, Member, Auditor], Holder),
        Act::ReadDirectory => (Role::ALL, Open),
        Act::Subscribe => (
            &[
                Clerk, Officer, Leader, Secretary, Member, Auditor, Operator, Nominee, Subscriber,
            ],
            Open,
        ),
        // The system itself.
        Act::ManageDirectory | Act::Operate => (&[Operator], Holder),
        Act::Administer => (&[Auditor, Operator], Holder),
        Act::PullEvents => (&[Service], Holder),
    }
}

/// Whether the table has this pair at all, whatever the resource.
pub fn permits(role: Role, act: Act) -> bool {
    rule(act).0.contains(&role)
}

/// One question to the policy: may `who` do `act` on this resource, as it stands now?
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub who: &'a Principal,
    /// What they want to do.
    pub act: Act,
    /// Codes of the agencies that may do this on the resource now: its holder, and whoever succeeded it.
    pub agencies: &'a [&'a str],
    /// The candidate's personal or unit number, where the resource is one dossier.
    pub candidate_person: Option<&'a str>,
}

/// Why a request was denied: for our log and metrics, never for the caller, whom it would tell what exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The role may not do this anywhere.
    Role,
    /// The role may, but not from this agency.
    Agency,
    /// The one who asks is the candidate.
    OwnDossier,
    /// A nominee asks about a dossier that is not theirs.
    OthersDossier,
    /// There is no such thing.
    Absent,
}

impl Cause {
    /// A word for logs and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Agency => "agency",
            Self::OwnDossier => "own-dossier",
            Self::OthersDossier => "others-dossier",
            Self::Absent => "absent",
        }
    }
}

/// A denial. Its text is the same whether the thing does not exist or is not the caller's, so that nobody learns from
/// refusals which dossiers there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Denied {
    cause: Cause,
}

impl Denied {
    /// The stable reason for the error's details, and the gRPC code's name.
    pub const REASON: &'static str = "PERMISSION_DENIED";

    /// The denial to give when the resource was not found: indistinguishable, for the caller, from any other.
    pub const fn absent() -> Self {
        Self { cause: Cause::Absent }
    }

    /// The stable reason for the error's details.
    pub const fn reason(self) -> &'static str {
        Self::REASON
    }

    /// The cause, for the log alone.
    pub const fn cause(self) -> Cause {
        self.cause
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such thing, or not yours to act on: check the id, and the role and agency of your token")
    }
}

// Like the text: `{:?}` of an error ends up in answers more often than anyone plans.
impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Denied")
    }
}

impl std::error::Error for Denied {}

/// Decides a request. Deny comes first: the role must be in the table, nobody acts on their own dossier, and the agency
/// must be one of those that hold it.
///
/// Auditors, operators and services are bound to no agency: the table gives them only what reads or runs the whole
/// installation. A nominee is bound to a person instead, and in turn may do what the table says on their own dossier.
pub fn decide(request: &Request<'_>) -> Result<(), Denied> {
    let Request {
        who,
        act,
        agencies,
        candidate_person,
    } = *request;
    let deny = |cause| Err(Denied { cause });
    let (roles, bound) = rule(act);
    if !roles.contains(&who.role) {
        return deny(Cause::Role);
    }
    let is_candidate = candidate_person.is_some() && who.person.as_deref() == candidate_person;
    match (who.role, bound) {
        (Role::Nominee, Bound::Open) => Ok(()),
        (Role::Nominee, Bound::Holder) if is_candidate => Ok(()),
        (Role::Nominee, Bound::Holder) => deny(Cause::OthersDossier),
        _ if is_candidate => deny(Cause::OwnDossier),
        (Role::Auditor | Role::Operator | Role::Service, _) | (_, Bound::Open) => Ok(()),
        _ if agencies.contains(&who.agency.as_str()) => Ok(()),
        _ => deny(Cause::Agency),
    }
}
