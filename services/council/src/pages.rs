//! The agenda page by page: what has to be done to every dossier of a session is done to fifty of them at a time, each
//! page a commit of its own. The first page goes with the call that begins the stage, a timer carries on.

use std::{collections::BTreeMap, sync::Arc};

use host::{Fault, Unit};
use machine::Snapshot;

use crate::{
    admission::{Sitting, gather},
    ballot,
    machine::{
        Agenda, AgendaInput, Call, Ground, Line, PAGE, Review, ReviewInput, ReviewState, Session, SessionInput,
        SessionState, Terms, Verdict,
    },
};

/// The id of a page.
pub(crate) fn id(session: &str, page: u32) -> String {
    format!("{session}/{page}")
}

/// A page that must be there.
pub(crate) fn page(unit: &mut Unit, session: &str, page: u32) -> Result<Arc<Snapshot<Agenda>>, Fault> {
    let id = id(session, page);
    let found = unit.get::<Agenda>(&id)?;
    found.ok_or_else(|| Fault::Internal(format!("page {id} of an agenda is not there")))
}

/// All lines of an agenda.
pub(crate) fn lines(unit: &mut Unit, id: &str, session: &Session) -> Result<Vec<Line>, Fault> {
    let pages = gather(0..session.pages(), |number| page(unit, id, number))?;
    Ok(pages.iter().flat_map(|page| page.data.lines.iter().cloned()).collect())
}

/// Reviews of a page, in its order.
pub(crate) fn reviews(unit: &mut Unit, page: &Agenda) -> Result<Vec<Sitting>, Fault> {
    gather(&page.lines, |line| {
        let id = line.item.to_string();
        let review = unit.get::<Review>(&id)?;
        let review = review.ok_or_else(|| Fault::Internal(format!("review {id} is on an agenda and not there")))?;
        Ok(Sitting {
            id,
            item: line.item.clone(),
            review,
        })
    })
}

/// The strictest quorum of what comes on the agenda.
pub(crate) fn quorum(agenda: &[Sitting], called: &Call, members: u32) -> u32 {
    let rules = agenda.iter().filter_map(|sitting| sitting.review.data.rule());
    let needed = rules.map(|rule| Terms::of(rule, called.regulation.as_ref()).quorum_of(members));
    needed.max().unwrap_or(members)
}

/// Puts dossiers on the agenda, from line `from` on: pages are filled up before others are begun.
pub(crate) fn table(unit: &mut Unit, session: &str, called: &Call, from: u32, agenda: &[Sitting]) -> Result<(), Fault> {
    let lines: Vec<Line> = agenda
        .iter()
        .map(|sitting| {
            let review = &sitting.review.data;
            Line {
                item: sitting.item.clone(),
                award: review.award().to_owned(),
                candidate: review.candidate_person().unwrap_or_default().to_owned(),
                result: None,
            }
        })
        .collect();
    let first = PAGE - from as usize % PAGE;
    let (head, rest) = lines.split_at(first.min(lines.len()));
    let pages = std::iter::once(head).chain(rest.chunks(PAGE));
    for (number, lines) in (from / PAGE as u32..).zip(pages) {
        let lines = lines.to_vec();
        unit.step::<Agenda>(&id(session, number), AgendaInput::Add { lines })?;
    }
    for sitting in agenda {
        let review = &sitting.review.data;
        let rule = review.rule().ok_or_else(|| {
            let id = &sitting.id;
            Fault::Internal(format!("review {id} has no rule"))
        })?;
        let input = ReviewInput::Table {
            session: session.to_owned(),
            meeting: called.council.clone(),
            terms: Terms::of(rule, called.regulation.as_ref()),
            recused: interests(called, review),
        };
        unit.step::<Review>(&sitting.id, input)?;
    }
    Ok(())
}

/// Interests that the roster itself shows: who is the candidate, and, where the council's regulation says so, who heads the
/// candidate's own agency.
fn interests(called: &Call, review: &Review) -> BTreeMap<String, Ground> {
    let heads_recused = called.regulation.as_ref().is_some_and(|own| own.heads_recused);
    let ground = |member: &crate::machine::Member| {
        if !member.person.is_empty() && review.candidate_person() == Some(&member.person) {
            Some(Ground::SamePerson)
        } else if heads_recused && !member.heads.is_empty() && member.heads == review.candidate_agency() {
            Some(Ground::OwnAgency)
        } else {
            None
        }
    };
    let votes = called
        .roster
        .iter()
        .filter(|member| member.function != crate::machine::Function::Secretary);
    votes
        .filter_map(|member| Some((member.subject.clone(), ground(member)?)))
        .collect()
}

/// Does the next page of the stage that a session is in.
pub(crate) fn go_on(unit: &mut Unit, id: &str) -> Result<(), Fault> {
    let Some(at) = unit.get::<Session>(id)? else {
        return Ok(());
    };
    let number = at.data.done;
    let page = page(unit, id, number)?;
    let reviews = reviews(unit, &page.data)?;
    let sitting = || reviews.iter().filter(|sitting| sitting.sits(id));
    match at.state {
        SessionState::Counting => {
            gather(sitting(), |sitting| {
                ballot::count(unit, &sitting.id, &sitting.review, &at.data)
            })?;
            let results = gather(&reviews, |sitting| verdict(unit, id, sitting))?;
            unit.step::<Agenda>(&self::id(id, number), AgendaInput::Count { results })?;
        }
        SessionState::Concluding => {
            for sitting in sitting() {
                unit.step::<Review>(&sitting.id, ReviewInput::Conclude)?;
            }
        }
        SessionState::Freeing => {
            for sitting in sitting() {
                unit.step::<Review>(&sitting.id, ReviewInput::Release)?;
            }
        }
        // A timer that came too late.
        _ => return Ok(()),
    }
    unit.step::<Session>(id, SessionInput::PageDone)?;
    Ok(())
}

/// What came of a line: none, if it left the session before the count or there was no vote.
fn verdict(unit: &mut Unit, session: &str, sitting: &Sitting) -> Result<Option<Verdict>, Fault> {
    let Some(at) = unit.get::<Review>(&sitting.id)? else {
        return Ok(None);
    };
    let round = &at.data.round;
    let counted = at.state == ReviewState::Tallied && round.session == session;
    let Some((counts, terms)) = round.counts.zip(at.data.terms()).filter(|_| counted) else {
        return Ok(None);
    };
    Ok(Some(Verdict {
        counts,
        ballots: round.ballots.len() as u32,
        terms,
        recused: round.recused.clone(),
    }))
}
