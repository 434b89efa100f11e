//! The read model: lists and searches of dossiers.

mod lists;

use host::{Aggregate, Published, fold};
use journal::{Sql, Value, Write};
use machine::{Snapshot, Timestamp};
use prost::Message;
use proto::intake::v1::{Choice, Dossier as DossierMessage, Event, Status, event::Fact};

pub(crate) use lists::{Filter, list};

use crate::{
    machine::{Chosen, Dossier, State},
    relied, shares,
};

const PUT: Sql = "INSERT INTO dossier (dossier, version, status, award, candidate, candidate_folded, candidate_agency, \
     submitting_agency, letter_number, letter_date, rule_set, verdict, updated_at, award_year, in_question) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
     ON CONFLICT (dossier) DO UPDATE SET version = excluded.version, status = excluded.status, award = excluded.award, \
     candidate = excluded.candidate, candidate_folded = excluded.candidate_folded, \
     candidate_agency = excluded.candidate_agency, submitting_agency = excluded.submitting_agency, \
     letter_number = excluded.letter_number, letter_date = excluded.letter_date, rule_set = excluded.rule_set, \
     verdict = excluded.verdict, updated_at = excluded.updated_at, award_year = excluded.award_year, \
     in_question = excluded.in_question";
/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 6] = {
    let [a, b, c, d, e] = lists::STATEMENTS;
    [PUT, a, b, c, d, e]
};

pub(crate) fn status(state: &State) -> Status {
    match state {
        State::New => Status::Unspecified,
        State::Drafting => Status::Drafting,
        State::Submitted => Status::Submitted,
        State::InReview => Status::InReview,
        State::Returned => Status::Returned,
        State::Suspended { .. } => Status::Suspended,
        State::Awarded => Status::Awarded,
        State::Revoked => Status::Revoked,
        State::Refused => Status::Refused,
        State::Withdrawn => Status::Withdrawn,
    }
}

impl Aggregate for Dossier {
    fn project(id: &str, version: u64, at: &Snapshot<Self>, now: Timestamp) -> Vec<Write> {
        let (head, judged) = (&at.data.head, &at.data.judged);
        let text = |text: &str| Value::Text(text.to_owned());
        let args = vec![
            text(id),
            Value::Int(version as i64),
            Value::Int(i64::from(i32::from(status(&at.state)))),
            text(&head.award),
            text(&head.candidate_name),
            text(&fold(&head.candidate_name)),
            text(&head.candidate_agency),
            text(&head.submitting_agency),
            text(&head.letter_number),
            text(&head.letter_date),
            text(&judged.rule_set),
            text(&judged.verdict),
            Value::Int(now.0),
            Value::Int(head.award_year.into()),
            Value::Bytes(relied::column(&at.data)),
        ];
        let mut writes = vec![Write { sql: PUT, args }];
        // Elsewhere nobody can change a name.
        if matches!(at.state, State::Drafting | State::Returned) {
            writes.extend(lists::find_by(id, &head.submitting_agency, &fold(&head.candidate_name)));
        }
        writes.extend(relied::project(id, at));
        writes
    }

    fn published(event: &Event) -> Published {
        let event_type = match &event.fact {
            Some(Fact::Submitted(_)) => "dossier.submitted",
            Some(Fact::Supplemented(_)) => "dossier.supplemented",
            Some(Fact::AwardInQuestion(_)) => "dossier.award-in-question",
            Some(Fact::AwardOutOfQuestion(_)) => "dossier.award-out-of-question",
            None => "dossier.changed",
        };
        Published {
            event_type,
            agency: event.submitting_agency.clone(),
            body: event.encode_to_vec(),
        }
    }
}

/// A dossier as people see it, without the full check.
pub(crate) fn show(version: u64, at: &Snapshot<Dossier>, now: Timestamp) -> DossierMessage {
    let Dossier {
        id,
        content,
        head,
        judged,
        chosen,
        ..
    } = &at.data;
    DossierMessage {
        dossier: id.clone(),
        status: status(&at.state).into(),
        content: content.clone(),
        award: head.award.clone(),
        candidate: head.candidate_name.clone(),
        candidate_agency: head.candidate_agency.clone(),
        submitting_agency: head.submitting_agency.clone(),
        letter_number: head.letter_number.clone(),
        letter_date: head.letter_date.clone(),
        rule_set: judged.rule_set.clone(),
        verdict: judged.verdict.clone(),
        unmet: judged.unmet.clone(),
        missing: judged.missing.clone(),
        check: String::new(),
        rule_set_digest: judged.rule_set_digest.clone(),
        etag: version.to_string(),
        updated_at: now.0,
        rules_changed: false,
        choice: chosen.as_ref().map(choice),
        warnings: judged.warnings.iter().map(Into::into).collect(),
        occasion: machine::variant_name(&judged.occasion),
        judged_on: judged.on.clone(),
        proposed_before: at.data.proposed_before.clone(),
        in_question: at.data.in_question.iter().map(Into::into).collect(),
    }
}

fn choice(chosen: &Chosen) -> Choice {
    Choice {
        rule_set: chosen.rule_set.clone(),
        instead_of: chosen.instead_of.clone(),
        reason: chosen.reason.clone(),
        by: shares::who(&chosen.by),
        at: chosen.at.0,
    }
}

/// A dossier as a write answers it: without its content, which the caller has and which the answer's record would keep.
pub(crate) fn answer(version: u64, at: &Snapshot<Dossier>, now: Timestamp) -> DossierMessage {
    DossierMessage {
        content: String::new(),
        ..show(version, at, now)
    }
}
