//! `vinhdanh council`: sessions, ballots and reviews.

mod charter;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{ArgGroup, Subcommand};
use proto::council::v1::*;
use serde_json::{Value, json};

use super::{Desk, Limit, Verb};
use crate::{
    client::Client,
    output::{Record, plain, say},
};

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
pub struct Members(Vec<String>);

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
fn subjects(names: Vec<String>, council: &str) -> Vec<String> {
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

impl Verb for CouncilVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let etag = String::new();
        let session = match self {
            Self::Set { agency, charter, kind } => {
                let request = SetCouncilRequest {
                    request_id,
                    agency,
                    kind,
                    charter: Some(charter::read(&charter)?),
                    etag,
                };
                let set = desk.call(async |client| client.council().set_council(request.clone()).await);
                desk.output.one(&set.await?);
                return Ok(0);
            }
            Self::Dissolve {
                agency,
                on,
                document,
                kind,
            } => {
                let request = DissolveCouncilRequest {
                    request_id,
                    agency,
                    kind,
                    on,
                    document,
                    etag,
                };
                let ended = desk.call(async |client| client.council().dissolve_council(request.clone()).await);
                desk.output.one(&ended.await?);
                return Ok(0);
            }
            Self::Roster { agency, on, kind } => {
                let request = GetCouncilRequest {
                    agency,
                    kind,
                    on: on.unwrap_or_default(),
                };
                let council = desk.call(async |client| client.council().get_council(request.clone()).await);
                desk.output.one(&council.await?);
                return Ok(0);
            }
            Self::Councils { agency, limit } => return councils(desk, agency.unwrap_or_default(), limit).await,
            Self::Convene {
                council,
                members,
                agenda,
            } => convene(desk, council, members, &agenda).await?,
            Self::Add { session, agenda } => add(desk, &session, &agenda).await?,
            Self::Adjourn { session, until, reason } => {
                let request = AdjournSessionRequest {
                    request_id,
                    session,
                    until,
                    reason,
                    etag,
                };
                desk.call(async |client| client.council().adjourn_session(request.clone()).await)
                    .await?
            }
            Self::Cancel { session, reason } => {
                let request = CancelSessionRequest {
                    request_id,
                    session,
                    reason,
                    etag,
                };
                desk.call(async |client| client.council().cancel_session(request.clone()).await)
                    .await?
            }
            Self::Declare {
                session,
                dossier,
                ground,
            } => {
                let request = DeclareInterestRequest {
                    request_id,
                    session,
                    dossier,
                    ground,
                };
                let review = desk.call(async |client| client.council().declare_interest(request.clone()).await);
                desk.output.one(&review.await?);
                return Ok(0);
            }
            Self::Sign { session, digest } => {
                let request = SignMinutesRequest {
                    request_id,
                    session,
                    digest,
                };
                desk.call(async |client| client.council().sign_minutes(request.clone()).await)
                    .await?
            }
            Self::Minutes { session, docx } => return minutes(desk, session, docx).await,
            Self::Attend {
                session,
                present,
                writing,
                council,
            } => {
                let council = council_of(desk, council, &session, present.iter().chain(&writing)).await?;
                let (present, writing) = (subjects(present, &council), subjects(writing, &council));
                let request = RecordAttendanceRequest {
                    request_id,
                    session,
                    present,
                    writing,
                    etag,
                };
                desk.call(async |client| client.council().record_attendance(request.clone()).await)
                    .await?
            }
            Self::Recuse {
                session,
                member,
                dossier,
                council,
            } => {
                let council = council_of(desk, council, &session, [&member]).await?;
                let member = subjects(vec![member], &council).remove(0);
                let request = RecuseMemberRequest {
                    request_id,
                    session,
                    member,
                    dossier,
                    ground: String::new(),
                };
                desk.call(async |client| client.council().recuse_member(request.clone()).await)
                    .await?
            }
            Self::Vote {
                session,
                dossier,
                yes,
                no,
                slip,
                ..
            } => {
                let choice = match (yes, no) {
                    (true, _) => Choice::Yes,
                    (_, true) => Choice::No,
                    _ => Choice::Blank,
                };
                let request = CastBallotRequest {
                    request_id,
                    session,
                    dossier,
                    choice: choice.into(),
                    slip,
                };
                return vote(desk, request).await;
            }
            Self::Close { session } => {
                let request = CloseSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                desk.call(async |client| client.council().close_session(request.clone()).await)
                    .await?
            }
            Self::Minute { session } => {
                let request = MinuteSessionRequest {
                    request_id,
                    session,
                    etag,
                };
                desk.call(async |client| client.council().minute_session(request.clone()).await)
                    .await?
            }
            Self::Show { session } => get(desk, session).await?,
            Self::List { council, limit } => return list(desk, council.unwrap_or_default(), limit).await,
            Self::Reviews {
                dossier,
                council,
                limit,
            } => {
                let base = ListReviewsRequest {
                    dossier: dossier.unwrap_or_default(),
                    council: council.unwrap_or_default(),
                    ..ListReviewsRequest::default()
                };
                return reviews(desk, base, limit).await;
            }
        };
        shown(desk, &session);
        Ok(0)
    }
}

/// How many dossiers go in one call: a long agenda goes page by page.
const PAGE: usize = 50;

async fn convene(desk: &Desk, council: String, members: Option<Members>, agenda: &[String]) -> anyhow::Result<Session> {
    let (first, rest) = agenda.split_at(agenda.len().min(PAGE));
    let request = ConveneSessionRequest {
        request_id: desk.request_id(),
        members: members.map_or_else(Vec::new, |members| subjects(members.0, &council)),
        council,
        agenda: first.to_vec(),
        kind: String::new(),
    };
    let session = desk
        .call(async |client| client.council().convene_session(request.clone()).await)
        .await?;
    if rest.is_empty() {
        return Ok(session);
    }
    add(desk, &session.session, rest).await
}

async fn add(desk: &Desk, session: &str, agenda: &[String]) -> anyhow::Result<Session> {
    let mut last = None;
    for (number, page) in agenda.chunks(PAGE).enumerate() {
        let request = AddItemsRequest {
            request_id: desk.request_id_of(&format!("agenda {number}")),
            session: session.to_owned(),
            agenda: page.to_vec(),
            etag: String::new(),
        };
        let added = desk.call(async |client| client.council().add_items(request.clone()).await);
        last = Some(added.await?);
    }
    last.context("không có hồ sơ nào / no dossier was named")
}

/// The minutes as they are, or written as a document.
async fn minutes(desk: &Desk, session: String, docx: Option<PathBuf>) -> anyhow::Result<u8> {
    let Some(file) = docx else {
        let minutes = get(desk, session).await?.minutes;
        anyhow::ensure!(
            !minutes.is_empty(),
            "phiên họp chưa có biên bản / the session has no minutes yet"
        );
        let data: Value = serde_json::from_str(&minutes)?;
        let text = serde_json::to_string_pretty(&data)?;
        desk.output.result(&data, || text);
        return Ok(0);
    };
    let request = ExportMinutesRequest { session };
    let mut parts = desk
        .call(async |client| client.council().export_minutes(request.clone()).await)
        .await?;
    let mut document = Vec::new();
    while let Some(part) = parts.message().await.map_err(crate::client::Failure::from)? {
        document.extend(part.part);
    }
    std::fs::write(&file, &document).with_context(|| format!("không ghi được / cannot write {}", file.display()))?;
    desk.output.result(&json!({"file": file, "bytes": document.len()}), || {
        format!("{}", file.display())
    });
    Ok(0)
}

async fn councils(desk: &Desk, agency: String, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListCouncilsRequest {
            page_size,
            page_token,
            agency: agency.clone(),
            kind: String::new(),
        };
        let page = client.council().list_councils(request).await?.into_inner();
        Ok((page.councils, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

/// A session for people has its reviews as a table of their own.
fn shown(desk: &Desk, session: &Session) {
    desk.output.one(session);
    if !desk.output.json && !session.reviews.is_empty() {
        say("");
        desk.output.many(&session.reviews);
    }
}

async fn get(desk: &Desk, session: String) -> anyhow::Result<Session> {
    let request = GetSessionRequest { session };
    Ok(desk
        .call(async |client| client.council().get_session(request.clone()).await)
        .await?)
}

/// The council that short names belong to. The session is read only if a name needs it.
async fn council_of(
    desk: &Desk,
    given: Option<String>,
    session: &str,
    names: impl IntoIterator<Item = &String>,
) -> anyhow::Result<String> {
    match given {
        Some(council) => Ok(council),
        None if names.into_iter().all(|name| name.contains('@')) => Ok(String::new()),
        None => Ok(get(desk, session.to_owned()).await?.council),
    }
}

/// Says that the ballot was taken, never which it was.
async fn vote(desk: &Desk, request: CastBallotRequest) -> anyhow::Result<u8> {
    let cast = desk
        .call(async |client| client.council().cast_ballot(request.clone()).await)
        .await?;
    desk.output
        .result(&json!({"dossier": request.dossier, "ballots": cast.ballots}), || {
            format!(
                "đã nhận phiếu; đã có {0} phiếu / the ballot was taken; {0} so far",
                cast.ballots
            )
        });
    Ok(0)
}

async fn list(desk: &Desk, council: String, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListSessionsRequest {
            page_size,
            page_token,
            council: council.clone(),
        };
        let page = client.council().list_sessions(request).await?.into_inner();
        Ok((page.sessions, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

async fn reviews(desk: &Desk, base: ListReviewsRequest, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListReviewsRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let page = client.council().list_reviews(request).await?.into_inner();
        Ok((page.reviews, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

impl Record for Session {
    const TABLE: &'static [&'static str] = &["session", "council", "status", "quorum", "convened_at"];
    const DETAIL: &'static [&'static str] = &[
        "session",
        "council",
        "status",
        "members",
        "present",
        "writing",
        "quorum",
        "chair",
        "items",
        "convened_at",
        "adjourned_until",
        "minutes_digest",
        "signed_by",
        "minutes",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}

impl Record for Review {
    const TABLE: &'static [&'static str] = &[
        "dossier",
        "council",
        "status",
        "ballots",
        "yes",
        "no",
        "blank",
        "base",
        "threshold_percent",
        "article",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    /// Counts that are not known yet are null, not 0.
    fn json(&self) -> Value {
        let mut value = plain(self);
        if !self.counted {
            for count in ["yes", "no", "blank", "base", "passed"] {
                value[count] = Value::Null;
            }
        }
        value
    }
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

    #[test]
    fn counts_stay_unknown_until_they_are_counted() {
        let open = Review {
            dossier: "D".into(),
            ballots: 3,
            ..Review::default()
        };
        assert_eq!(open.json()["yes"], Value::Null);
        let counted = Review { counted: true, ..open };
        assert_eq!(counted.json()["yes"], 0);
    }
}
