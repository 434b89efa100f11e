//! Decisions as lists cite them.

use time::Date;

use crate::{
    fold::{after, fold},
    values,
};

/// The number, day and issuer of a decision: `QĐ số 12/QĐ-UBND ngày 05/01/2024 của …`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decision {
    pub number: Option<String>,
    pub date: Option<Date>,
    pub issuer: Option<String>,
}

/// The decision that a text cites, in the order number, day, issuer; each may be left out. `None`: it is none.
pub(super) fn decision(text: &str) -> Option<Decision> {
    let mut decision = Decision::default();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Some(decision);
    }
    if let Some(issuer) = after(rest, "cua") {
        decision.issuer = Some(issuer.trim().to_owned());
        let end = rest.len() - issuer.len();
        rest = rest[..end].trim_end();
        rest = rest.rsplit_once(' ').map_or("", |(before, _)| before).trim();
    }
    let dated = after(rest, "ngay").map(|day| (day.to_owned(), rest.len() - day.len()));
    if let Some((day, end)) = dated {
        decision.date = Some(values::day_text(day.trim().trim_end_matches([',', ';']))?);
        rest = rest[..end].trim_end();
        rest = rest.rsplit_once(' ').map_or("", |(before, _)| before);
    }
    let number = ["quyet dinh so", "qd so", "quyet dinh", "qd", "so"]
        .iter()
        .find_map(|start| {
            let number = after(rest, start)?;
            // "QĐ" also ends a number: 12/QĐ-UBND.
            let opening = fold(&rest[..rest.len() - number.len()]) == *start;
            opening.then_some(number)
        });
    let number = number.unwrap_or(rest).trim().trim_matches([':', ',', ' ', '.']).trim();
    if number.contains(' ') {
        return None;
    }
    decision.number = (!number.is_empty()).then(|| number.to_owned());
    Some(decision)
}
