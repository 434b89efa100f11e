//! The minutes of a session as data: who was there, how many were needed, what each vote came to. Counts, never who
//! voted how.

use law::{Ballot, CouncilRule};
use machine::Timestamp;
use serde::Serialize;

use crate::{admission::Sitting, machine::Session};

#[derive(Serialize)]
struct Minutes<'a> {
    #[serde(flatten)]
    content: Content<'a>,
    /// All times in microseconds since 1970.
    convened_at: i64,
    closed_at: i64,
    minuted_at: i64,
    /// SHA-256 over the JSON of the content: what chair and secretary sign.
    digest: String,
}

#[derive(Serialize)]
struct Content<'a> {
    session: &'a str,
    council: &'a str,
    chair: &'a str,
    secretary: &'a str,
    members: &'a [String],
    present: &'a [String],
    writing: &'a [String],
    quorum: u32,
    quorate: bool,
    votes: Vec<Vote<'a>>,
}

#[derive(Serialize)]
struct Vote<'a> {
    dossier: &'a str,
    /// passed, failed, or not-voted: left the session before a count, or there was no quorum.
    result: &'static str,
    ballot: &'static str,
    ballots: usize,
    yes: u32,
    no: u32,
    blank: u32,
    base: u32,
    threshold_percent: u32,
    more_than_half: bool,
    /// The article that gives the threshold; without one it is the council's own regulation or the default.
    article: Option<&'a str>,
    /// Whether the threshold was checked against the text of the law.
    confirmed: bool,
    recused: Vec<&'a str>,
}

fn vote<'a>(session: &str, sitting: &'a Sitting) -> Vote<'a> {
    let round = &sitting.review.data.round;
    let rule: Option<&CouncilRule> = sitting.review.data.rule();
    let counted = round.counts.filter(|_| sitting.sits(session));
    let counts = counted.unwrap_or_default();
    let here = counted.is_some();
    Vote {
        dossier: &sitting.item.dossier,
        result: match counted {
            Some(counts) if counts.passed => "passed",
            Some(_) => "failed",
            None => "not-voted",
        },
        ballot: match rule.map(|rule| rule.ballot) {
            Some(Ballot::Open) => "open",
            _ => "secret",
        },
        ballots: if here { round.ballots.len() } else { 0 },
        yes: counts.yes,
        no: counts.no,
        blank: counts.blank,
        base: counts.base,
        threshold_percent: rule.map_or(0, |rule| rule.threshold_percent),
        more_than_half: rule.is_some_and(|rule| rule.more_than_half),
        article: rule.and_then(|rule| rule.article.as_deref()),
        confirmed: rule.is_some_and(|rule| rule.confirmed),
        recused: if here {
            round.recused.iter().map(String::as_str).collect()
        } else {
            Vec::new()
        },
    }
}

/// The minutes of a closed session, signed by its chair and by `secretary`.
pub(crate) fn write(
    id: &str,
    session: &Session,
    agenda: &[Sitting],
    secretary: &str,
    now: Timestamp,
) -> Result<String, serde_json::Error> {
    let content = Content {
        session: id,
        council: &session.council,
        chair: session.chair(),
        secretary,
        members: &session.members,
        present: &session.present,
        writing: &session.writing,
        quorum: session.quorum,
        quorate: session.has_quorum(),
        votes: agenda.iter().map(|sitting| vote(id, sitting)).collect(),
    };
    serde_json::to_string(&Minutes {
        convened_at: session.convened_at.0,
        closed_at: session.closed_at.map_or(0, |at| at.0),
        minuted_at: now.0,
        digest: hex::encode(machine::digest(&content)),
        content,
    })
}
