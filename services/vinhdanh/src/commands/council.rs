//! `vinhdanh council`: sessions, ballots and reviews.

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
    /// Triệu tập phiên họp. Convene a session.
    Convene {
        /// Hội đồng của cơ quan nào. The agency whose council meets.
        #[arg(long, value_name = "AGENCY")]
        council: String,
        /// Thành viên; người đầu chủ trì. Members, the first presides: a number N (m1…mN) or names.
        #[arg(long, value_name = "N|NAME,…")]
        members: Members,
        /// Hồ sơ đưa ra. Dossiers on the agenda.
        #[arg(long, required = true, value_delimiter = ',', value_name = "ID,…")]
        agenda: Vec<String>,
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
            Self::Convene {
                council,
                members,
                agenda,
            } => {
                let members = subjects(members.0, &council);
                let request = ConveneSessionRequest {
                    request_id,
                    council,
                    members,
                    agenda,
                    kind: String::new(),
                };
                desk.call(async |client| client.council().convene_session(request.clone()).await)
                    .await?
            }
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
                    slip: String::new(),
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
        "convened_at",
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
