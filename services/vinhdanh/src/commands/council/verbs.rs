//! The verbs of `vinhdanh council`, and what each is told.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};

use super::super::Limit;

/// What councils do.
#[derive(Debug, Subcommand)]
pub enum CouncilVerb {
    /// Kiện toàn Hội đồng theo tệp quyết định (TOML). Constitute a council, or lay it down anew, by a charter's file.
    Set {
        /// Cơ quan. The agency.
        agency: String,
        /// Tệp. The charter: from, document, seats, regulation.
        #[arg(long, value_name = "FILE")]
        charter: PathBuf,
        /// Loại Hội đồng. commendation, initiative or science.
        #[arg(long, default_value = "commendation", value_name = "KIND")]
        kind: String,
    },
    /// Kết thúc một Hội đồng. Dissolve a council.
    Dissolve {
        /// Cơ quan. The agency.
        agency: String,
        /// Ngày kết thúc. The first day on which it no longer sits.
        #[arg(long, value_name = "DAY")]
        on: String,
        /// Văn bản. The decision.
        #[arg(long, default_value = "", value_name = "TEXT")]
        document: String,
        /// Loại Hội đồng. commendation, initiative or science.
        #[arg(long, default_value = "commendation", value_name = "KIND")]
        kind: String,
    },
    /// Thành phần Hội đồng vào một ngày. Who sits on a council on a day.
    Roster {
        /// Cơ quan. The agency.
        agency: String,
        /// Ngày; hôm nay nếu không ghi. The day; today if left out.
        #[arg(long, value_name = "DAY")]
        on: Option<String>,
        /// Loại Hội đồng. commendation, initiative or science.
        #[arg(long, default_value = "commendation", value_name = "KIND")]
        kind: String,
    },
    /// Các Hội đồng. List councils.
    Councils {
        /// Cơ quan. Only this agency's.
        #[arg(long, value_name = "AGENCY")]
        agency: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Triệu tập phiên họp. Convene a session.
    Convene {
        /// Hội đồng của cơ quan nào. The agency whose council meets.
        #[arg(long, value_name = "AGENCY")]
        council: String,
        /// Thành viên; người đầu chủ trì; không ghi: Hội đồng đã kiện toàn. Members, the first presides: a number N
        /// (m1…mN) or names; left out: the council that the agency has constituted.
        #[arg(long, value_name = "N|NAME,…")]
        members: Option<Members>,
        /// Hồ sơ đưa ra. Dossiers on the agenda.
        #[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
        agenda: Vec<String>,
    },
    /// Đưa thêm hồ sơ vào phiên họp. Put further dossiers on the agenda.
    Add {
        /// Phiên họp. The session.
        session: String,
        /// Hồ sơ. Dossiers.
        #[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
        agenda: Vec<String>,
    },
    /// Hoãn sang ngày khác. Adjourn to another day.
    Adjourn {
        /// Phiên họp. The session.
        session: String,
        /// Ngày họp tiếp. The day on which it goes on.
        #[arg(long, value_name = "DAY")]
        until: String,
        /// Lý do. Why.
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
    },
    /// Hủy phiên họp khi chưa ai bỏ phiếu. Call a session off that nobody has voted in.
    Cancel {
        /// Phiên họp. The session.
        session: String,
        /// Lý do. Why.
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
    },
    /// Điểm danh. Record who is there, and who sends a written opinion.
    Attend {
        /// Phiên họp. The session.
        session: String,
        /// Có mặt. Who is present.
        #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
        present: Vec<String>,
        /// Gửi ý kiến bằng văn bản. Who sends a written opinion.
        #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
        writing: Vec<String>,
        /// Hội đồng; hỏi dịch vụ nếu không ghi. The council that names without @ belong to; asked for if left out.
        #[arg(long, value_name = "AGENCY")]
        council: Option<String>,
    },
    /// Không tham gia biểu quyết một hồ sơ. Take a member off the vote on one dossier.
    Recuse {
        /// Phiên họp. The session.
        session: String,
        /// Thành viên. The member.
        #[arg(long, value_name = "NAME")]
        member: String,
        /// Hồ sơ. The dossier.
        #[arg(long, value_name = "ID")]
        dossier: String,
        /// Hội đồng. The council that a name without @ belongs to; asked for if left out.
        #[arg(long, value_name = "AGENCY")]
        council: Option<String>,
    },
    /// Tự khai có liên quan, không biểu quyết. Declare an interest of one's own, and not vote on the dossier.
    Declare {
        /// Phiên họp. The session.
        session: String,
        /// Hồ sơ. The dossier.
        #[arg(long, value_name = "ID")]
        dossier: String,
        /// same-person, own-agency, kin hoặc / or other.
        #[arg(long, default_value = "other", value_name = "GROUND")]
        ground: String,
    },
    /// Bỏ phiếu; người bỏ là người gọi (--as). Cast the caller's ballot.
    #[command(group(ArgGroup::new("choice").required(true).args(["yes", "no", "blank"])))]
    Vote {
        /// Phiên họp. The session.
        session: String,
        /// Hồ sơ. The dossier.
        #[arg(long, value_name = "ID")]
        dossier: String,
        /// Tán thành. In favour.
        #[arg(long)]
        yes: bool,
        /// Không tán thành. Against.
        #[arg(long)]
        no: bool,
        /// Phiếu trắng. Blank.
        #[arg(long)]
        blank: bool,
        /// Mã bí mật của mình để còn đổi phiếu, nếu quy chế cho phép. A secret of one's own, to change the ballot later.
        #[arg(long, default_value = "", hide_default_value = true, value_name = "SECRET")]
        slip: String,
    },
    /// Kiểm phiếu. Count and conclude.
    Close {
        /// Phiên họp. The session.
        session: String,
    },
    /// Lập biên bản: kết quả có hiệu lực. Minute: results take effect.
    Minute {
        /// Phiên họp. The session.
        session: String,
    },
    /// Người chủ trì ký biên bản. Sign the minutes as whoever presided.
    Sign {
        /// Phiên họp. The session.
        session: String,
        /// Mã băm của biên bản đã đọc. The digest of the minutes that were read.
        #[arg(long, value_name = "SHA-256")]
        digest: String,
    },
    /// Biên bản: dữ liệu, hoặc tệp DOCX. The minutes, as data or as a document.
    Minutes {
        /// Phiên họp. The session.
        session: String,
        /// Tệp để ghi. The file to write.
        #[arg(long, value_name = "FILE")]
        docx: Option<PathBuf>,
    },
    /// Xem một phiên họp. Show a session.
    Show {
        /// Phiên họp. The session.
        session: String,
    },
    /// Các phiên họp. List sessions.
    List {
        /// Hội đồng. Only this agency's council.
        #[arg(long, value_name = "AGENCY")]
        council: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Các lần xét một hồ sơ, hoặc của một Hội đồng. Reviews of a dossier, or of a council.
    #[command(group(ArgGroup::new("whose").required(true).args(["dossier", "council"])))]
    Reviews {
        /// Hồ sơ. The dossier.
        #[arg(long, value_name = "ID")]
        dossier: Option<String>,
        /// Hội đồng. The agency.
        #[arg(long, value_name = "AGENCY")]
        council: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// Members of a council as they are typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members(pub(super) Vec<String>);

impl std::str::FromStr for Members {
    type Err = anyhow::Error;

    /// `9` is m1…m9; otherwise names, parted by commas.
    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text.parse::<usize>() {
            Ok(count @ 1..=999) => Ok(Self((1..=count).map(|number| format!("m{number}")).collect())),
            Ok(_) => anyhow::bail!("a council has 1 to 999 members"),
            Err(_) if text.split(',').any(|name| name.trim().is_empty()) => {
                anyhow::bail!("expected a number of members, or names parted by commas")
            }
            Err(_) => Ok(Self(text.split(',').map(|name| name.trim().to_owned()).collect())),
        }
    }
}

/// `m1` of a council is `m1@AGENCY`; a full subject stays.
pub(super) fn subjects(names: Vec<String>, council: &str) -> Vec<String> {
    names
        .into_iter()
        .map(|name| {
            if name.contains('@') {
                name
            } else {
                format!("{name}@{council}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_counted_or_named() {
        let parse = |text: &str| text.parse::<Members>();
        assert_eq!(parse("3").expect("members").0, ["m1", "m2", "m3"]);
        assert_eq!(parse("an, m2@other").expect("members").0, ["an", "m2@other"]);
        assert!(parse("0").is_err());
        assert!(parse("a,,b").is_err());
        assert_eq!(
            subjects(vec!["m1".into(), "m2@other".into()], "x"),
            ["m1@x", "m2@other"]
        );
    }
}
