//! Which dossiers rely on which earlier awards, so that each that used a revoked one is flagged.

use host::{Fault, Unit};
use journal::{Row, Sql, Value, Write};
use law::Law;
use machine::Snapshot;
use prost::Message;
use proto::{
    approval::v1::{RecordedAwardRevoked, Revoked},
    intake::v1::{self as v1, AwardInQuestion},
};

use crate::{
    machine::{Dossier, Input, Questioned, Relied, State},
    reactions::late,
    views,
};

const PUT: Sql = "INSERT INTO relied (person, dossier, award, year, decision) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (person, dossier, award, year, decision) DO NOTHING";
const OF_PERSON: Sql = "SELECT dossier, award, year, decision FROM relied WHERE person = $1 ORDER BY dossier";
const REVOKE: Sql = "INSERT INTO revoked_award (dossier, person, award, year, decision, revoked_by) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (dossier) DO UPDATE SET revoked_by = excluded.revoked_by";
const RESTORE: Sql = "DELETE FROM revoked_award WHERE dossier = $1";
const REVOKED_OF: Sql = "SELECT award, year, decision, dossier, revoked_by FROM revoked_award WHERE person = $1 \
     ORDER BY dossier";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 5] = [PUT, OF_PERSON, REVOKE, RESTORE, REVOKED_OF];

fn text(row: &Row, at: usize) -> String {
    match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn year(row: &Row, at: usize) -> i32 {
    match row.get(at) {
        Some(Value::Int(year)) => *year as i32,
        _ => 0,
    }
}

/// What a submission relies on, findable by the person.
pub(crate) fn project(id: &str, at: &Snapshot<Dossier>) -> Vec<Write> {
    let head = &at.data.head;
    if at.state != State::Submitted || head.candidate_person.is_empty() {
        return Vec::new();
    }
    let put = |relied: &Relied| Write {
        sql: PUT,
        args: vec![
            Value::Text(head.candidate_person.clone()),
            Value::Text(id.to_owned()),
            Value::Text(relied.award.clone()),
            Value::Int(relied.year.into()),
            Value::Text(relied.decision.clone()),
        ],
    };
    head.relies.iter().map(put).collect()
}

/// The flag as lists keep it.
pub(crate) fn column(dossier: &Dossier) -> Vec<u8> {
    let in_question: Vec<AwardInQuestion> = dossier.in_question.iter().map(Into::into).collect();
    let flagged = v1::Dossier {
        in_question,
        ..v1::Dossier::default()
    };
    flagged.encode_to_vec()
}

/// The flag from a row of a list.
pub(crate) fn read(value: Option<&Value>) -> Vec<AwardInQuestion> {
    match value {
        Some(Value::Bytes(bytes)) => v1::Dossier::decode(bytes.as_slice()).unwrap_or_default().in_question,
        _ => Vec::new(),
    }
}

/// Whether what a file lists is this award: by the decision's number where the file gives one, else by the year.
fn is(law: &Law, relied: &Relied, revoked: &Questioned) -> bool {
    let same_decision = match relied.decision.as_str() {
        "" => relied.year == revoked.year,
        number => number == revoked.decision,
    };
    same_decision && law.same_award(&relied.award, &revoked.award)
}

/// The award of a dossier is revoked: every dossier of the person that lists it is in question.
pub(crate) fn revoked(unit: &mut Unit, dossier: &Dossier, fact: &Revoked) -> Result<(), Fault> {
    let head = &dossier.head;
    let questioned = Questioned {
        award: head.award.clone(),
        year: head.award_year,
        decision: fact.decision_number.clone(),
        given_on: dossier.id.clone(),
        revoked_by: fact.number.clone(),
    };
    question_all(unit, &head.candidate_person, &questioned)
}

/// The same for an award that was entered from paper.
pub(crate) fn recorded_revoked(unit: &mut Unit, fact: &RecordedAwardRevoked) -> Result<(), Fault> {
    let questioned = Questioned {
        award: fact.award.clone(),
        year: fact.year,
        decision: fact.decision_number.clone(),
        given_on: fact.entry.clone(),
        revoked_by: fact.number.clone(),
    };
    question_all(unit, &fact.person, &questioned)
}

fn question_all(unit: &mut Unit, person: &str, questioned: &Questioned) -> Result<(), Fault> {
    if person.is_empty() {
        return Ok(());
    }
    for id in relying(unit, person, questioned)? {
        let questioned = questioned.clone();
        late(unit.step::<Dossier>(&id, Input::Question { questioned }).map(|_| ()))?;
    }
    let text = |text: &str| Value::Text(text.to_owned());
    unit.write(Write {
        sql: REVOKE,
        args: vec![
            text(&questioned.given_on),
            text(person),
            text(&questioned.award),
            Value::Int(questioned.year.into()),
            text(&questioned.decision),
            text(&questioned.revoked_by),
        ],
    });
    Ok(())
}

/// What was given on a dossier, or entered from paper, is restored: nothing is in question for it any more.
pub(crate) fn restored(unit: &mut Unit, person: &str, given_on: &str) -> Result<(), Fault> {
    let rows = unit.query(OF_PERSON, &[Value::Text(person.to_owned())])?;
    let mut ids: Vec<String> = rows.iter().map(|row| text(row, 0)).collect();
    ids.dedup();
    for id in ids {
        let given_on = given_on.to_owned();
        late(unit.step::<Dossier>(&id, Input::Restored { given_on }).map(|_| ()))?;
    }
    unit.write(Write {
        sql: RESTORE,
        args: vec![Value::Text(given_on.to_owned())],
    });
    Ok(())
}

/// A dossier was just submitted: what it lists may have been revoked before.
pub(crate) fn submitted(unit: &mut Unit, id: &str) -> Result<Option<v1::Dossier>, Fault> {
    let Some(dossier) = unit.get::<Dossier>(id)? else {
        return Ok(None);
    };
    let head = &dossier.data.head;
    if head.candidate_person.is_empty() || head.relies.is_empty() {
        return Ok(None);
    }
    let rows = unit.query(REVOKED_OF, &[Value::Text(head.candidate_person.clone())])?;
    let mut next = None;
    for row in &rows {
        let questioned = Questioned {
            award: text(row, 0),
            year: year(row, 1),
            decision: text(row, 2),
            given_on: text(row, 3),
            revoked_by: text(row, 4),
        };
        if head.relies.iter().any(|relied| is(unit.law(), relied, &questioned)) {
            next = Some(unit.step::<Dossier>(id, Input::Question { questioned })?);
        }
    }
    let Some(next) = next else { return Ok(None) };
    Ok(Some(views::answer(unit.version::<Dossier>(id)?, &next, unit.now())))
}

fn relying(unit: &mut Unit, person: &str, questioned: &Questioned) -> Result<Vec<String>, Fault> {
    let rows = unit.query(OF_PERSON, &[Value::Text(person.to_owned())])?;
    let listed = |row: &Row| Relied {
        award: text(row, 1),
        year: year(row, 2),
        decision: text(row, 3),
    };
    let law = unit.law();
    let relying = rows.iter().filter(|row| is(law, &listed(row), questioned));
    let mut ids: Vec<String> = relying
        .map(|row| text(row, 0))
        .filter(|id| *id != questioned.given_on)
        .collect();
    ids.dedup();
    Ok(ids)
}
