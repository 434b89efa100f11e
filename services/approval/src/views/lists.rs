//! Lists: the courses that an agency may read, and what waits on whom.

use host::{Fault, paging::Page};
use journal::{Row, Sql, Store, Value};
use prost::Message;
use proto::approval::v1::{self, Course as CourseMessage, Deadlines, Step};

use super::text;
use crate::opinions;

pub(super) const TASKS: Sql = "SELECT dossier, version, award, candidate, submitting_agency, status, level, agency, step, waiting_on, \
     waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, letter_number, updated_at, \
     deadlines, assigned_to \
     FROM course WHERE waiting_on = $1 AND dossier > $2 AND ($3 = 0 OR assigned_to = $4) ORDER BY dossier LIMIT $5";
/// What waits on a role: in all, in the hand of `$2`, of `$5` and in nobody's, and with a limit that ends by `$4` or ended
/// before `$3`.
pub(super) const COUNT_TASKS: Sql = "SELECT COUNT(*), COUNT(CASE WHEN assigned_to = $2 THEN 1 END), \
     COUNT(CASE WHEN assigned_to = $5 THEN 1 END), COUNT(CASE WHEN assigned_to = '' THEN 1 END), \
     COUNT(CASE WHEN deadline >= $3 AND deadline <= $4 THEN 1 END), \
     COUNT(CASE WHEN deadline <> '' AND deadline < $3 THEN 1 END) FROM course WHERE waiting_on = $1";
pub(super) const OF_AGENCY: Sql = "SELECT c.dossier, c.version, c.award, c.candidate, c.submitting_agency, c.status, c.level, \
     c.agency, c.step, c.waiting_on, c.waiting_for, c.deadline, c.rule_set, c.verdict, c.decision_number, c.decided_on, \
     c.bonus_vnd, c.letter_number, c.updated_at, c.deadlines, c.assigned_to FROM course_reader r JOIN course c ON c.dossier = r.dossier \
     WHERE r.agency = $1 AND r.dossier > $2 AND ($3 = '' OR c.status = $3) AND ($4 = '' OR c.level = $4) \
     AND ($5 = '' OR c.award = $5) ORDER BY r.dossier LIMIT $6";
pub(super) const OF_ALL: Sql = "SELECT dossier, version, award, candidate, submitting_agency, status, level, agency, step, waiting_on, \
     waiting_for, deadline, rule_set, verdict, decision_number, decided_on, bonus_vnd, letter_number, updated_at, \
     deadlines, assigned_to \
     FROM course WHERE dossier > $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR level = $3) AND ($4 = '' OR award = $4) \
     ORDER BY dossier LIMIT $5";

/// Filters of a list of courses; an empty one does not filter.
pub(crate) struct Filter<'a> {
    pub(crate) status: &'a str,
    pub(crate) level: &'a str,
    pub(crate) award: &'a str,
}

/// Courses that these agencies may read; all of them for `None`.
pub(crate) async fn courses(
    store: &dyn Store,
    agencies: Option<&[String]>,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<(Vec<CourseMessage>, String), Fault> {
    let mut args = vec![
        text(&page.after),
        text(filter.status),
        text(filter.level),
        text(filter.award),
    ];
    args.push(Value::Int(page.limit()));
    let mut courses: Vec<CourseMessage> = Vec::new();
    match agencies {
        None => courses.extend(store.query(OF_ALL, &args).await?.iter().map(listed)),
        Some(agencies) => {
            for agency in agencies {
                let of_one = [vec![text(agency)], args.clone()].concat();
                courses.extend(store.query(OF_AGENCY, &of_one).await?.iter().map(listed));
            }
        }
    }
    let next = cut(&mut courses, page);
    Ok((courses, next))
}

/// In whose hand tasks are looked for.
#[derive(Debug)]
pub(crate) enum Hand {
    /// In anybody's.
    Any,
    /// In this person's.
    Of(String),
    /// In nobody's.
    Nobodys,
}

/// Who asks for a worklist, and when.
pub(crate) struct Asker<'a> {
    /// Whose own tasks are counted.
    pub(crate) person: &'a str,
    pub(crate) today: time::Date,
    /// Limits that end by then are near.
    pub(crate) soon: time::Date,
}

/// What waits on any of these `ROLE@AGENCY` and is in a hand, how much of it there is, and of all that waits on them: what
/// the asker has in hand, what nobody has, and what is near its limit or over it.
pub(crate) async fn tasks(
    store: &dyn Store,
    waiting_on: &[String],
    hand: &Hand,
    page: &Page,
    asker: &Asker<'_>,
) -> Result<v1::ListTasksResponse, Fault> {
    let (filtered, holder) = match hand {
        Hand::Any => (0, ""),
        Hand::Of(person) => (1, person.as_str()),
        Hand::Nobodys => (1, ""),
    };
    let (today, soon) = (asker.today.to_string(), asker.soon.to_string());
    let mut found = v1::ListTasksResponse::default();
    for one in waiting_on {
        let (after, limit) = (text(&page.after), Value::Int(page.limit()));
        let args = [
            text(one),
            after.clone(),
            Value::Int(filtered),
            text(holder),
            limit.clone(),
        ];
        found.tasks.extend(store.query(TASKS, &args).await?.iter().map(listed));
        let args = [text(one), text(holder), text(&today), text(&soon), text(asker.person)];
        let [all, holders, mine, nobodys, near, over] = counts(&store.query(COUNT_TASKS, &args).await?);
        found.total += match hand {
            Hand::Any => all,
            Hand::Of(_) => holders,
            Hand::Nobodys => nobodys,
        };
        found.mine += mine;
        found.unassigned += nobodys;
        found.near_limit += near;
        found.overdue += over;
        // Several agencies are asked in parallel: the one that is due first stands in the course's own row.
        let asked = one.strip_prefix("officer@").filter(|_| !matches!(hand, Hand::Of(_)));
        if let Some(agency) = asked {
            let args = [text(agency), after, limit];
            let rows = store.query(opinions::TASKS, &args).await?;
            found.tasks.extend(rows.iter().map(listed));
            let [open] = counts(&store.query(opinions::COUNT_TASKS, &[text(agency)]).await?);
            found.total += open;
        }
    }
    found.next_page_token = cut(&mut found.tasks, page);
    Ok(found)
}

/// The numbers of a row of counts.
fn counts<const N: usize>(rows: &[Row]) -> [i64; N] {
    std::array::from_fn(|column| match rows.first().and_then(|row| row.get(column)) {
        Some(Value::Int(count)) => *count,
        _ => 0,
    })
}

/// The page of what several lists gave, each of them in the order of the ids.
fn cut(courses: &mut Vec<CourseMessage>, page: &Page) -> String {
    courses.sort_by(|a, b| a.dossier.cmp(&b.dossier));
    courses.dedup_by(|a, b| a.dossier == b.dossier);
    page.cut(courses, |course| course.dossier.clone())
}

fn listed(row: &Row) -> CourseMessage {
    let text = |at: usize| match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let deadlines = match row.get(19) {
        Some(Value::Bytes(bytes)) => Deadlines::decode(bytes.as_slice()).unwrap_or_default().deadlines,
        _ => Vec::new(),
    };
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    CourseMessage {
        dossier: text(0),
        etag: int(1).to_string(),
        award: text(2),
        candidate: text(3),
        submitting_agency: text(4),
        status: text(5),
        level: text(6),
        agency: text(7),
        step: Step::from_str_name(&text(8)).unwrap_or_default().into(),
        waiting_on: text(9),
        waiting_for: text(10),
        deadline: text(11),
        rule_set: text(12),
        verdict: text(13),
        decision_number: text(14),
        decided_on: text(15),
        bonus_vnd: int(16),
        letter_number: text(17),
        updated_at: int(18),
        deadlines,
        assigned_to: text(20),
        ..CourseMessage::default()
    }
}
