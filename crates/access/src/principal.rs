//! A person or a service, in one role at one agency.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What someone is while they act. Who wears two hats takes two tokens, so that every step of a history says under
    /// which of them it was done.
    "role" Role {
        /// Drafts and submits dossiers, adds what is missing (chuyên viên của đơn vị trình).
        Clerk = "clerk",
        /// Receives, appraises, prepares sessions: the council's standing body (cơ quan thường trực).
        Officer = "officer",
        /// Signs letters and decides (lãnh đạo, người có thẩm quyền quyết định).
        Leader = "leader",
        /// Keeps a council's roll, count and minutes (thư ký Hội đồng).
        Secretary = "secretary",
        /// Votes in a council (ủy viên Hội đồng).
        Member = "member",
        /// Reads everything but ballots, changes nothing (thanh tra, kiểm tra).
        Auditor = "auditor",
        /// Runs the system; sees no ballot and decides nothing (quản trị hệ thống).
        Operator = "operator",
        /// The one who is proposed for the award, or who speaks for a collective (người được đề nghị).
        Nominee = "nominee",
        /// Is told what becomes public (người theo dõi).
        Subscriber = "subscriber",
        /// Another service of this house.
        Service = "service",
    }
}

/// Who acts: what a verified token says, and nothing beyond it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// Stable id of the person or service within this installation, such as `m1.so-noi-vu-hung-yen`. Never a name.
    pub subject: String,
    /// The one role that this token was given for.
    pub role: Role,
    /// Code of the one agency at which the role is held, such as `so-noi-vu-hung-yen`.
    pub agency: String,
    /// Personal number (for a nominee who speaks for a collective: the unit's number), to be compared with a dossier's
    /// candidate: nobody acts on their own dossier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
}
