//! The read model: reviews of a dossier or a council, round by round, and sessions. Nothing here links a member to a
//! choice, and no count is shown before voting is over.

use host::{Aggregate, Fault, Published, paging::Page};
use journal::{Row, Sql, Store, Value, Write};
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::council::v1::{Event, Review as ReviewMessage, Session as SessionMessage, event::Fact};

use crate::machine::{Docket, Review, Session};

const PUT_REVIEW: Sql = "INSERT INTO review (dossier, council, round, sort, version, status, session, yes, no, blank, \
     base, passed, counted, ballots, secret, threshold_percent, more_than_half, article, confirmed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
     ON CONFLICT (dossier, council, round) DO UPDATE SET sort = excluded.sort, version = excluded.version, \
     status = excluded.status, session = excluded.session, yes = excluded.yes, no = excluded.no, \
     blank = excluded.blank, base = excluded.base, passed = excluded.passed, counted = excluded.counted, \
     ballots = excluded.ballots, secret = excluded.secret, threshold_percent = excluded.threshold_percent, \
     more_than_half = excluded.more_than_half, article = excluded.article, confirmed = excluded.confirmed";
/// A round that was counted and never minuted came to nothing: the dossier left before.
const END_ROUNDS: Sql = "UPDATE review SET status = 'ended' \
     WHERE dossier = $1 AND council = $2 AND round < $3 AND status = 'tallied'";
const PUT_SESSION: Sql = "INSERT INTO session (session, council, sort, status) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (session) DO UPDATE SET status = excluded.status";

const REVIEWS: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, passed, \
     counted, ballots, secret, threshold_percent, more_than_half, article, confirmed \
     FROM review WHERE sort > $1 ORDER BY sort LIMIT $2";
const REVIEWS_OF_DOSSIER: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, \
     passed, counted, ballots, secret, threshold_percent, more_than_half, article, confirmed \
     FROM review WHERE sort > $1 AND dossier = $3 AND ($4 = '' OR council = $4) ORDER BY sort LIMIT $2";
const REVIEWS_OF_COUNCIL: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, \
     passed, counted, ballots, secret, threshold_percent, more_than_half, article, confirmed \
     FROM review WHERE sort > $1 AND council = $3 ORDER BY sort LIMIT $2";
const SESSIONS: Sql = "SELECT session, sort FROM session WHERE sort < $1 ORDER BY sort DESC LIMIT $2";
const SESSIONS_OF_COUNCIL: Sql =
    "SELECT session, sort FROM session WHERE sort < $1 AND council = $3 ORDER BY sort DESC LIMIT $2";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 8] = [
    PUT_REVIEW,
    END_ROUNDS,
    PUT_SESSION,
    REVIEWS,
    REVIEWS_OF_DOSSIER,
    REVIEWS_OF_COUNCIL,
    SESSIONS,
    SESSIONS_OF_COUNCIL,
];

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

impl Aggregate for Review {
    fn project(_: &str, version: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        let shown = show(at, version);
        let round = &at.data.round;
        let station = at.data.opening.as_ref().map_or(0, |opening| opening.station);
        // By when it came before the council, and before that by the order of the way: oldest first.
        let since = round.tabled_at.unwrap_or(at.data.opened_at).0;
        let sort = format!(
            "{since:020}.{station:03}.{}.{}.{:05}",
            shown.dossier, shown.council, round.number
        );
        let key = [
            text(&shown.dossier),
            text(&shown.council),
            Value::Int(i64::from(round.number)),
        ];
        let mut args = key.to_vec();
        args.extend([
            text(sort),
            Value::Int(version as i64),
            text(shown.status),
            text(shown.session),
        ]);
        args.extend([shown.yes, shown.no, shown.blank, shown.base].map(|count| Value::Int(i64::from(count))));
        args.extend([shown.passed, shown.counted].map(|flag| Value::Int(i64::from(flag))));
        args.extend([
            Value::Int(i64::from(shown.ballots)),
            Value::Int(i64::from(shown.secret)),
        ]);
        args.extend([i64::from(shown.threshold_percent), i64::from(shown.more_than_half)].map(Value::Int));
        args.extend([text(shown.article), Value::Int(i64::from(shown.confirmed))]);
        vec![
            Write { sql: PUT_REVIEW, args },
            Write {
                sql: END_ROUNDS,
                args: key.to_vec(),
            },
        ]
    }

    fn published(event: &Event) -> Published {
        let event_type = match &event.fact {
            Some(Fact::Tabled(_)) => "review.tabled",
            Some(Fact::Concluded(_)) => "review.concluded",
            None => "review.changed",
        };
        Published {
            event_type,
            agency: event.council.clone(),
            body: event.encode_to_vec(),
        }
    }
}

impl Aggregate for Session {
    fn project(id: &str, _: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        let sort = format!("{:020}.{id}", at.data.convened_at.0);
        let args = vec![text(id), text(&at.data.council), text(sort), text(at.state_name())];
        vec![Write { sql: PUT_SESSION, args }]
    }

    fn published(event: &Event) -> Published {
        Review::published(event)
    }
}

impl Aggregate for Docket {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
    }

    fn published(event: &Event) -> Published {
        Review::published(event)
    }
}

/// A review as people see it.
pub(crate) fn show(at: &Snapshot<Review>, version: u64) -> ReviewMessage {
    let review = &at.data;
    let counts = review.round.counts.unwrap_or_default();
    let rule = review.rule();
    ReviewMessage {
        dossier: review.dossier().to_owned(),
        council: review.council().to_owned(),
        status: at.state_name(),
        session: review.round.session.clone(),
        yes: counts.yes,
        no: counts.no,
        blank: counts.blank,
        base: counts.base,
        passed: counts.passed,
        counted: review.round.counts.is_some(),
        ballots: review.round.ballots.len() as u32,
        secret: review.secret(),
        threshold_percent: rule.map_or(0, |rule| rule.threshold_percent),
        more_than_half: rule.is_some_and(|rule| rule.more_than_half),
        article: rule.and_then(|rule| rule.article.clone()).unwrap_or_default(),
        confirmed: rule.is_some_and(|rule| rule.confirmed),
        etag: version.to_string(),
    }
}

/// A session as people see it.
pub(crate) fn show_session(
    id: &str,
    at: &Snapshot<Session>,
    version: u64,
    reviews: Vec<ReviewMessage>,
) -> SessionMessage {
    let session = &at.data;
    SessionMessage {
        session: id.to_owned(),
        council: session.council.clone(),
        status: at.state_name(),
        members: session.members.clone(),
        present: session.present.clone(),
        writing: session.writing.clone(),
        reviews,
        quorum: session.quorum,
        etag: version.to_string(),
        minutes: session.minutes.clone(),
        convened_at: session.convened_at.0,
    }
}

/// Reviews of one dossier (and one council), or of one council, or all; oldest first. Empty does not filter.
pub(crate) async fn reviews(
    store: &dyn Store,
    dossier: &str,
    council: &str,
    page: &Page,
) -> Result<(Vec<ReviewMessage>, String), Fault> {
    let mut args = vec![text(&page.after), Value::Int(page.limit())];
    let sql = match (dossier, council) {
        ("", "") => REVIEWS,
        ("", council) => {
            args.push(text(council));
            REVIEWS_OF_COUNCIL
        }
        (dossier, council) => {
            args.extend([text(dossier), text(council)]);
            REVIEWS_OF_DOSSIER
        }
    };
    let rows = store.query(sql, &args).await?;
    let mut listed: Vec<(String, ReviewMessage)> = rows.iter().map(read).collect();
    let next = page.cut(&mut listed, |(sort, _)| sort.clone());
    Ok((listed.into_iter().map(|(_, review)| review).collect(), next))
}

/// Ids of the sessions of one council, or of all; newest first.
pub(crate) async fn sessions(store: &dyn Store, council: &str, page: &Page) -> Result<(Vec<String>, String), Fault> {
    // `~` sorts after all digits: the first page begins with the newest.
    let after = if page.after.is_empty() { "~" } else { &page.after };
    let mut args = vec![text(after), Value::Int(page.limit())];
    let sql = if council.is_empty() {
        SESSIONS
    } else {
        args.push(text(council));
        SESSIONS_OF_COUNCIL
    };
    let rows = store.query(sql, &args).await?;
    let mut listed: Vec<(String, String)> = rows.iter().map(|row| (text_at(row, 0), text_at(row, 1))).collect();
    let next = page.cut(&mut listed, |(_, sort)| sort.clone());
    Ok((listed.into_iter().map(|(session, _)| session).collect(), next))
}

fn text_at(row: &Row, at: usize) -> String {
    match row.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn read(row: &Row) -> (String, ReviewMessage) {
    let int = |at: usize| match row.get(at) {
        Some(Value::Int(int)) => *int,
        _ => 0,
    };
    let count = |at| int(at) as u32;
    let review = ReviewMessage {
        dossier: text_at(row, 0),
        council: text_at(row, 1),
        etag: int(4).to_string(),
        status: text_at(row, 5),
        session: text_at(row, 6),
        yes: count(7),
        no: count(8),
        blank: count(9),
        base: count(10),
        passed: int(11) != 0,
        counted: int(12) != 0,
        ballots: count(13),
        secret: int(14) != 0,
        threshold_percent: count(15),
        more_than_half: int(16) != 0,
        article: text_at(row, 17),
        confirmed: int(18) != 0,
    };
    (text_at(row, 3), review)
}
