//! Lists and searches. Each filter that leads somewhere has a statement of its own, so that a page costs what it shows and
//! not what there is.

use host::{Fault, fold, paging::Page};
use journal::{Row, Sql, Store, Value, Write};
use proto::intake::v1::{Dossier as DossierMessage, Status};

use crate::relied;

/// What a list shows of a dossier.
macro_rules! shown {
    () => {
        "SELECT d.dossier, d.version, d.status, d.award, d.candidate, d.candidate_agency, d.submitting_agency, \
         d.letter_number, d.letter_date, d.rule_set, d.verdict, d.updated_at, d.in_question"
    };
}
/// The filters that lead nowhere on their own.
macro_rules! filtered {
    () => {
        "AND ($1 = 0 OR d.status = $1) AND ($2 = '' OR d.award = $2)"
    };
}
/// A page of names from one on. Of equal names those after a dossier.
macro_rules! named {
    () => {
        "n.name >= $3 AND n.name < $4 AND (n.name > $3 OR n.dossier > $5)"
    };
}

const OF_ALL: Sql = concat!(
    shown!(),
    " FROM dossier d WHERE d.dossier > $3 ",
    filtered!(),
    " ORDER BY d.dossier LIMIT $4"
);
const OF_AGENCY: Sql = concat!(
    shown!(),
    " FROM dossier d WHERE d.submitting_agency = $5 AND d.dossier > $3 ",
    filtered!(),
    " ORDER BY d.dossier LIMIT $4"
);
const NAMED: Sql = concat!(
    shown!(),
    ", n.name FROM dossier_name n JOIN dossier d ON d.dossier = n.dossier WHERE ",
    named!(),
    filtered!(),
    " ORDER BY n.name, n.dossier LIMIT $6"
);
const NAMED_OF_AGENCY: Sql = concat!(
    shown!(),
    ", n.name FROM dossier_name n JOIN dossier d ON d.dossier = n.dossier WHERE n.agency = $7 ",
    "AND d.submitting_agency = $7 AND ",
    named!(),
    filtered!(),
    " ORDER BY n.name, n.dossier LIMIT $6"
);
const PUT_NAME: Sql = "INSERT INTO dossier_name (name, dossier, agency) VALUES ($1, $2, $3) \
     ON CONFLICT (name, dossier) DO NOTHING";

pub(super) const STATEMENTS: [Sql; 5] = [OF_ALL, OF_AGENCY, NAMED, NAMED_OF_AGENCY, PUT_NAME];

/// The column of the name that a row was found by.
const NAME: usize = 13;
/// Characters of a name that are looked up; the rest is compared.
const NAME_MAX: usize = 40;
/// Behind every name that begins with the same text.
const BEHIND: char = '\u{10ffff}';

/// Filters of a list; what is empty does not filter.
pub(crate) struct Filter<'a> {
    pub(crate) submitting_agency: &'a str,
    pub(crate) status: Status,
    pub(crate) award: &'a str,
    pub(crate) candidate: &'a str,
}

/// A folded name from each of its words on, cut: what a search looks up.
fn names(folded: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
    starts.map(|at| cut(&folded[at..])).filter(|name| !name.is_empty())
}

fn cut(name: &str) -> &str {
    name.char_indices().nth(NAME_MAX).map_or(name, |(at, _)| &name[..at])
}

/// The rows by which a candidate is found. Those of an earlier name stay; no search is led astray by them.
pub(super) fn find_by<'a>(dossier: &'a str, agency: &'a str, folded: &'a str) -> impl Iterator<Item = Write> + 'a {
    let text = |text: &str| Value::Text(text.to_owned());
    names(folded).map(move |name| Write {
        sql: PUT_NAME,
        args: vec![text(name), text(dossier), text(agency)],
    })
}

/// A page: in the order of the ids, or where a name is looked for in the order of what was found of it.
pub(crate) async fn list(
    store: &dyn Store,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<(Vec<DossierMessage>, String), Fault> {
    let text = |text: &str| Value::Text(text.to_owned());
    let wanted = fold(filter.candidate);
    let mut args = vec![Value::Int(i64::from(i32::from(filter.status))), text(filter.award)];
    if wanted.is_empty() {
        args.extend([text(&page.after), Value::Int(page.limit())]);
    } else {
        let (name, dossier) = page.after.split_once('\n').unwrap_or((cut(&wanted), ""));
        let behind = format!("{}{BEHIND}", cut(&wanted));
        args.extend([text(name), Value::Text(behind), text(dossier), Value::Int(page.limit())]);
    }
    let sql = match (wanted.is_empty(), filter.submitting_agency.is_empty()) {
        (true, true) => OF_ALL,
        (true, false) => OF_AGENCY,
        (false, true) => NAMED,
        (false, false) => NAMED_OF_AGENCY,
    };
    if !filter.submitting_agency.is_empty() {
        args.push(text(filter.submitting_agency));
    }
    let mut rows = store.query(sql, &args).await?;
    let next = page.cut(&mut rows, |row| {
        let dossier = cell(row, 0);
        if wanted.is_empty() {
            dossier.to_owned()
        } else {
            format!("{}\n{dossier}", cell(row, NAME))
        }
    });
    let is_it = |row: &&Row| wanted.is_empty() || found_first(&fold(cell(row, 4)), &wanted) == Some(cell(row, NAME));
    Ok((rows.iter().filter(is_it).map(listed).collect(), next))
}

/// By which of its names a candidate is found: once, though the text begins several of its words.
fn found_first<'a>(folded: &'a str, wanted: &str) -> Option<&'a str> {
    let starts = std::iter::once(0).chain(folded.match_indices(' ').map(|(at, _)| at + 1));
    let mut rests = starts.map(|at| &folded[at..]);
    rests.find(|rest| rest.starts_with(wanted)).map(cut)
}

fn cell(row: &Row, at: usize) -> &str {
    match row.get(at) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn listed(row: &Row) -> DossierMessage {
    let text = |at: usize| cell(row, at).to_owned();
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    DossierMessage {
        dossier: text(0),
        etag: int(1).to_string(),
        status: int(2) as i32,
        award: text(3),
        candidate: text(4),
        candidate_agency: text(5),
        submitting_agency: text(6),
        letter_number: text(7),
        letter_date: text(8),
        rule_set: text(9),
        verdict: text(10),
        updated_at: int(11),
        in_question: relied::read(row.get(12)),
        ..DossierMessage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_is_found_by_each_word_and_what_follows_once() {
        let folded = fold("Lê  Thị Lê");
        assert_eq!(names(&folded).collect::<Vec<_>>(), ["le thi le", "thi le", "le"]);
        assert_eq!(found_first(&folded, "le"), Some("le thi le"));
        assert_eq!(found_first(&folded, &fold("Thị L")), Some("thi le"));
        assert_eq!(found_first(&folded, "hi le"), None);
    }

    #[test]
    fn a_long_name_is_looked_up_by_its_beginning() {
        let folded = fold(&"Tập thể ".repeat(20));
        assert!(names(&folded).all(|name| name.chars().count() <= NAME_MAX));
        assert_eq!(found_first(&folded, &folded).map(str::len), Some(NAME_MAX));
    }
}
