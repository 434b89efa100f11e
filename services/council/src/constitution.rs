//! A council as requests lay it down and as people see it: the protobuf of charters, seats and regulations, checked field
//! by field.

use std::collections::BTreeSet;

use host::{Fault, replica::date};
use law::{Ballot, Denominator, Fraction};
use machine::Snapshot;
use proto::council::v1;
use time::Date;

use crate::{
    admission::{MEMBERS_MAX, invalid, prose},
    machine::{Charter, Council, CouncilSeat, Function, Ground, Holder, Kind, Recused, Regulation},
    views::word,
};

/// How many people may have held one seat.
const HOLDERS_MAX: usize = 50;

/// The aggregate's id.
pub(crate) fn id(agency: &str, kind: Kind) -> String {
    format!("{agency}/{}", word(&kind))
}

/// An enum by its word; empty is its default.
fn named<T: serde::de::DeserializeOwned + Default>(field: &str, text: &str, words: &str) -> Result<T, Fault> {
    if text.is_empty() {
        return Ok(T::default());
    }
    let value = serde_json::Value::String(text.to_owned());
    serde_json::from_value(value).map_err(|_| invalid(field, format!("must be {words}")))
}

/// What a council is for.
pub(crate) fn kind(text: &str) -> Result<Kind, Fault> {
    named("kind", text, "commendation, initiative or science")
}

/// Why a member does not vote.
pub(crate) fn ground(text: &str) -> Result<Ground, Fault> {
    named("ground", text, "same-person, own-agency, kin or other")
}

fn required(field: &str, text: &str) -> Result<Date, Fault> {
    date(field, text)?.ok_or_else(|| invalid(field, "a day is required"))
}

/// A share, or none for 0/0.
fn share(field: &str, num: u32, den: u32) -> Result<Option<Fraction>, Fault> {
    match (num, den) {
        (0, 0) => Ok(None),
        (1.., 1..=1_000) if num <= den => Ok(Some(Fraction { num, den })),
        _ => Err(invalid(
            field,
            "must be a share above 0 and not above 1, of at most thousandths",
        )),
    }
}

fn holder(at: &str, holder: &v1::Holder) -> Result<Holder, Fault> {
    let field = |name: &str| format!("{at}.{name}");
    if holder.subject.trim().is_empty() {
        return Err(invalid(&field("subject"), "is required"));
    }
    for (name, text) in [
        ("subject", &holder.subject),
        ("name", &holder.name),
        ("person", &holder.person),
        ("heads", &holder.heads),
    ] {
        prose(&field(name), text)?;
    }
    let (from, to) = (date(&field("from"), &holder.from)?, date(&field("to"), &holder.to)?);
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err(invalid(&field("to"), "must come after `from`"));
    }
    Ok(Holder {
        subject: holder.subject.clone(),
        name: holder.name.clone(),
        person: holder.person.clone(),
        heads: holder.heads.clone(),
        from,
        to,
    })
}

fn overlap(one: &Holder, other: &Holder) -> bool {
    let begins_before_end = |from: Option<Date>, to: Option<Date>| from.zip(to).is_none_or(|(from, to)| from < to);
    begins_before_end(one.from, other.to) && begins_before_end(other.from, one.to)
}

fn seat(at: &str, seat: &v1::Seat) -> Result<CouncilSeat, Fault> {
    let function = format!("{at}.function");
    prose(&format!("{at}.post"), &seat.post)?;
    if seat.holders.is_empty() || seat.holders.len() > HOLDERS_MAX {
        let what = format!("1 to {HOLDERS_MAX} holders are required");
        return Err(invalid(&format!("{at}.holders"), what));
    }
    let all = seat.holders.iter().enumerate();
    let holders: Vec<Holder> = all
        .map(|(number, one)| holder(&format!("{at}.holders[{number}]"), one))
        .collect::<Result<_, _>>()?;
    for (number, one) in holders.iter().enumerate() {
        if holders[..number].iter().any(|other| overlap(one, other)) {
            let field = format!("{at}.holders[{number}]");
            return Err(invalid(&field, "sits there at the same time as another"));
        }
    }
    Ok(CouncilSeat {
        post: seat.post.clone(),
        function: named(&function, &seat.function, "chair, vice-chair, member or secretary")?,
        holders,
    })
}

fn regulation(own: &v1::Regulation) -> Result<Regulation, Fault> {
    let field = |name: &str| format!("charter.regulation.{name}");
    prose(&field("document"), &own.document)?;
    Ok(Regulation {
        document: own.document.clone(),
        quorum: share(&field("quorum_num"), own.quorum_num, own.quorum_den)?,
        threshold: share(&field("threshold_num"), own.threshold_num, own.threshold_den)?,
        of: named::<Option<Denominator>>(&field("base"), &own.base, "all-members or present")?,
        recused: if own.recused_leave_base {
            Recused::Leave
        } else {
            Recused::Stay
        },
        ballot: named::<Option<Ballot>>(&field("ballot"), &own.ballot, "secret or open")?,
        writing: !own.no_writing,
        may_change: own.ballots_may_change,
        heads_recused: own.heads_recused,
        stand_in: Some(own.stand_in.clone()).filter(|subject| !subject.is_empty()),
    })
}

/// A charter of a request.
pub(crate) fn charter(asked: Option<&v1::Charter>) -> Result<Charter, Fault> {
    let asked = asked.ok_or_else(|| invalid("charter", "is required"))?;
    prose("charter.document", &asked.document)?;
    let from = required("charter.from", &asked.from)?;
    let to = date("charter.to", &asked.to)?;
    if to.is_some_and(|to| to <= from) {
        return Err(invalid("charter.to", "must come after `from`"));
    }
    if asked.seats.is_empty() || asked.seats.len() > MEMBERS_MAX {
        return Err(invalid(
            "charter.seats",
            format!("1 to {MEMBERS_MAX} seats are required"),
        ));
    }
    let seats: Vec<CouncilSeat> = asked
        .seats
        .iter()
        .enumerate()
        .map(|(number, one)| seat(&format!("charter.seats[{number}]"), one))
        .collect::<Result<_, _>>()?;
    let chairs = seats.iter().filter(|seat| seat.function == Function::Chair);
    if chairs.count() > 1 {
        return Err(invalid("charter.seats", "a council has one chair"));
    }
    if seats.iter().all(|seat| seat.function == Function::Secretary) {
        return Err(invalid("charter.seats", "somebody must have a vote"));
    }
    let mut seen = BTreeSet::new();
    for (number, seat) in seats.iter().enumerate() {
        let subjects: BTreeSet<&str> = seat.holders.iter().map(|holder| holder.subject.as_str()).collect();
        if subjects.into_iter().any(|subject| !seen.insert(subject)) {
            let field = format!("charter.seats[{number}].holders");
            return Err(invalid(&field, "somebody has another seat too: one member, one vote"));
        }
    }
    Ok(Charter {
        from,
        to,
        document: asked.document.clone(),
        seats,
        standing_body: asked.standing_body.clone(),
        regulation: asked.regulation.as_ref().map(regulation).transpose()?,
    })
}

fn day(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

fn show_regulation(own: &Regulation) -> v1::Regulation {
    let parts = |share: Option<Fraction>| share.map_or((0, 0), |share| (share.num, share.den));
    let ((quorum_num, quorum_den), (threshold_num, threshold_den)) = (parts(own.quorum), parts(own.threshold));
    v1::Regulation {
        document: own.document.clone(),
        quorum_num,
        quorum_den,
        threshold_num,
        threshold_den,
        base: own.of.as_ref().map(word).unwrap_or_default(),
        recused_leave_base: own.recused == Recused::Leave,
        ballot: own.ballot.as_ref().map(word).unwrap_or_default(),
        no_writing: !own.writing,
        ballots_may_change: own.may_change,
        heads_recused: own.heads_recused,
        stand_in: own.stand_in.clone().unwrap_or_default(),
    }
}

fn show_charter(charter: &Charter) -> v1::Charter {
    let holder = |holder: &Holder| v1::Holder {
        subject: holder.subject.clone(),
        name: holder.name.clone(),
        person: holder.person.clone(),
        heads: holder.heads.clone(),
        from: day(holder.from),
        to: day(holder.to),
    };
    let seat = |seat: &CouncilSeat| v1::Seat {
        post: seat.post.clone(),
        function: word(&seat.function),
        holders: seat.holders.iter().map(holder).collect(),
    };
    v1::Charter {
        from: charter.from.to_string(),
        to: day(charter.to),
        document: charter.document.clone(),
        seats: charter.seats.iter().map(seat).collect(),
        standing_body: charter.standing_body.clone(),
        regulation: charter.regulation.as_ref().map(show_regulation),
    }
}

/// A council as people see it, with its roster of a day.
pub(crate) fn show(at: &Snapshot<Council>, version: u64, on: Date) -> v1::Council {
    let council = &at.data;
    let roster = council.charter_on(on).map(|charter| charter.roster_on(on));
    let members = roster.into_iter().flatten().map(|member| v1::RosterMember {
        subject: member.subject,
        name: member.name,
        post: member.post,
        function: word(&member.function),
    });
    v1::Council {
        agency: council.agency.clone(),
        kind: word(&council.kind),
        charters: council.charters.iter().map(show_charter).collect(),
        dissolved_on: day(council.dissolved_on),
        roster: members.collect(),
        etag: version.to_string(),
    }
}
