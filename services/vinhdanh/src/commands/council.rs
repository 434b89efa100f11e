//! `vinhdanh council`: sessions, ballots and reviews.

mod charter;
mod records;
mod verbs;

use std::path::PathBuf;

use anyhow::Context as _;
use proto::council::v1::*;
use serde_json::{Value, json};

use self::verbs::subjects;
pub use self::verbs::{CouncilVerb, Members};
use super::{Desk, Limit, Verb};
use crate::{client::Client, output::say};

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
