//! The minutes of a session as data: who was there, how many were needed, what each vote came to. Counts, never who voted
//! how. Written from what can no longer change, so that they are the same whenever they are read.

use std::collections::BTreeMap;

use host::{Fault, Unit};
use law::{Ballot, Denominator};
use machine::Snapshot;
use serde::Serialize;

use crate::{
    machine::{Function, Ground, Invitation, Kind, Line, Member, Recused, Session, Signature, Sitting},
    pages,
};

/// Minutes with their signatures.
#[derive(Debug, Serialize)]
pub(crate) struct Minutes {
    #[serde(flatten)]
    pub(crate) content: Content,
    /// All times in microseconds since 1970.
    pub(crate) minuted_at: i64,
    /// SHA-256 over the JSON of the content: what chair and secretary sign.
    pub(crate) digest: String,
    pub(crate) signatures: Vec<Signature>,
}

/// What is signed.
#[derive(Debug, Serialize)]
pub(crate) struct Content {
    pub(crate) session: String,
    pub(crate) council: String,
    /// Agencies that have ended and in the place of whose councils this one met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) in_place_of: Vec<String>,
    pub(crate) kind: Kind,
    /// The council's own regulation, where it has one.
    pub(crate) regulation: Option<String>,
    pub(crate) chair: String,
    pub(crate) secretary: String,
    /// Subjects of all members, whoever presides before the others.
    pub(crate) members: Vec<String>,
    /// Everyone on the council, with names and posts.
    pub(crate) roster: Vec<Member>,
    pub(crate) present: Vec<String>,
    pub(crate) writing: Vec<String>,
    pub(crate) absent: Vec<String>,
    pub(crate) quorum: u32,
    pub(crate) quorate: bool,
    pub(crate) invitation: Option<Invitation>,
    /// Sittings before the last one.
    pub(crate) sittings: Vec<Sitting>,
    pub(crate) convened_at: i64,
    /// When it first had its quorum; 0: never.
    pub(crate) opened_at: i64,
    pub(crate) closed_at: i64,
    pub(crate) votes: Vec<Vote>,
}

/// One line of the agenda.
#[derive(Debug, Serialize)]
pub(crate) struct Vote {
    pub(crate) dossier: String,
    pub(crate) award: String,
    /// passed, failed, or not-voted: it left the session before the count, or there was no quorum.
    pub(crate) result: &'static str,
    pub(crate) ballot: &'static str,
    pub(crate) ballots: u32,
    pub(crate) yes: u32,
    pub(crate) no: u32,
    pub(crate) blank: u32,
    pub(crate) base: u32,
    /// Whom the base counts: all-members or present; and whether the recused were left out of it.
    pub(crate) of: &'static str,
    pub(crate) recused_left_base: bool,
    pub(crate) threshold_percent: u32,
    /// Yes votes needed as a share of the base, e.g. `2/3`; empty: more than half.
    pub(crate) threshold: String,
    pub(crate) more_than_half: bool,
    /// Where the threshold stands; none: the default.
    pub(crate) article: Option<String>,
    /// Whether the threshold was checked against the text of the law.
    pub(crate) confirmed: bool,
    pub(crate) recused: BTreeMap<String, Ground>,
}

impl From<&Line> for Vote {
    fn from(line: &Line) -> Self {
        let verdict = line.result.as_ref();
        let counts = verdict.map(|verdict| verdict.counts).unwrap_or_default();
        let terms = verdict.map(|verdict| &verdict.terms);
        let threshold = terms.and_then(|terms| terms.threshold);
        Self {
            dossier: line.item.dossier.clone(),
            award: line.award.clone(),
            result: match verdict {
                Some(_) if counts.passed => "passed",
                Some(_) => "failed",
                None => "not-voted",
            },
            ballot: match terms.map(|terms| terms.ballot) {
                Some(Ballot::Open) => "open",
                _ => "secret",
            },
            ballots: verdict.map_or(0, |verdict| verdict.ballots),
            yes: counts.yes,
            no: counts.no,
            blank: counts.blank,
            base: counts.base,
            of: match terms.map(|terms| terms.of) {
                Some(Denominator::Present) => "present",
                _ => "all-members",
            },
            recused_left_base: terms.is_some_and(|terms| terms.recused == Recused::Leave),
            threshold_percent: threshold.map_or(0, |share| share.num * 100 / share.den.max(1)),
            threshold: threshold.map_or_else(String::new, |share| format!("{}/{}", share.num, share.den)),
            more_than_half: terms.is_some_and(|terms| terms.more_than_half),
            article: terms.and_then(|terms| terms.article.clone()),
            confirmed: terms.is_some_and(|terms| terms.confirmed),
            recused: verdict.map(|verdict| verdict.recused.clone()).unwrap_or_default(),
        }
    }
}

fn content(unit: &mut Unit, id: &str, session: &Session, secretary: &str) -> Result<Content, Fault> {
    let lines = pages::lines(unit, id, session)?;
    let attends = |one: &String| session.present.contains(one) || session.writing.contains(one);
    let other = lines
        .iter()
        .map(|line| &line.item.council)
        .filter(|council| **council != session.called.council);
    let in_place_of: std::collections::BTreeSet<String> = other.cloned().collect();
    let members: Vec<String> = session.members().map(|member| member.subject.clone()).collect();
    Ok(Content {
        session: id.to_owned(),
        council: session.called.council.clone(),
        in_place_of: in_place_of.into_iter().collect(),
        kind: session.called.kind,
        regulation: session.called.regulation.as_ref().map(|own| own.document.clone()),
        chair: session.chair().to_owned(),
        secretary: secretary.to_owned(),
        absent: members.iter().filter(|one| !attends(one)).cloned().collect(),
        members,
        roster: session.called.roster.clone(),
        present: session.present.clone(),
        writing: session.writing.clone(),
        quorum: session.quorum,
        quorate: session.has_quorum(),
        invitation: session.invitation.clone(),
        sittings: session.sittings.clone(),
        convened_at: session.convened_at.0,
        opened_at: session.opened_at.map_or(0, |at| at.0),
        closed_at: session.closed_at.map_or(0, |at| at.0),
        votes: lines.iter().map(Vote::from).collect(),
    })
}

/// The digest of the minutes that `secretary` draws up of a closed session.
pub(crate) fn digest(unit: &mut Unit, id: &str, session: &Session, secretary: &str) -> Result<String, Fault> {
    Ok(hex::encode(machine::digest(&content(unit, id, session, secretary)?)))
}

/// The minutes as they were signed; none before the secretary has.
pub(crate) fn of(unit: &mut Unit, id: &str, at: &Snapshot<Session>) -> Result<Option<Minutes>, Fault> {
    let session = &at.data;
    let Some(first) = session.signatures.first() else {
        return Ok(None);
    };
    Ok(Some(Minutes {
        content: content(unit, id, session, &first.subject)?,
        minuted_at: session.minuted_at.map_or(0, |at| at.0),
        digest: session.digest.clone(),
        signatures: session.signatures.clone(),
    }))
}

impl Content {
    /// A person as minutes name them: name and post, else the subject.
    pub(crate) fn name<'a>(&'a self, subject: &'a str) -> (&'a str, &'a str) {
        let known = self.roster.iter().find(|member| member.subject == subject);
        let named = known.filter(|member| !member.name.is_empty());
        (
            named.map_or(subject, |member| &member.name),
            known.map_or("", |member| &member.post),
        )
    }

    /// What someone does on the council, in Vietnamese.
    pub(crate) fn function(&self, subject: &str) -> &'static str {
        let known = self.roster.iter().find(|member| member.subject == subject);
        match known.map(|member| member.function) {
            Some(Function::Chair) => "Chủ tịch Hội đồng",
            Some(Function::ViceChair) => "Phó Chủ tịch Hội đồng",
            Some(Function::Secretary) => "Thư ký Hội đồng",
            Some(Function::Member) | None => "Ủy viên Hội đồng",
        }
    }
}
