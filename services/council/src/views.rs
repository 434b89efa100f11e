//! The read model: reviews of a dossier or a council, round by round, and sessions. Nothing here links a member to a
//! choice, and no count is shown before voting is over.

use host::{Aggregate, Fault, Published, paging::Page};
use journal::{Row, Sql, Store, Value, Write};
use machine::{Snapshot, Timestamp};
use prost::Message as _;
use proto::council::v1::{Event, Review as ReviewMessage, Session as SessionMessage, event::Fact};

use crate::machine::{Agenda, Council, Docket, Review, Session, SessionState};

const PUT_REVIEW: Sql = "INSERT INTO review (dossier, council, round, sort, version, status, session, yes, no, blank, \
     base, passed, counted, ballots, secret, threshold_percent, more_than_half, article, confirmed, award, \
     threshold_num, threshold_den, recused) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) \
     ON CONFLICT (dossier, council, round) DO UPDATE SET sort = excluded.sort, version = excluded.version, \
     status = excluded.status, session = excluded.session, yes = excluded.yes, no = excluded.no, \
     blank = excluded.blank, base = excluded.base, passed = excluded.passed, counted = excluded.counted, \
     ballots = excluded.ballots, secret = excluded.secret, threshold_percent = excluded.threshold_percent, \
     more_than_half = excluded.more_than_half, article = excluded.article, confirmed = excluded.confirmed, \
     award = excluded.award, threshold_num = excluded.threshold_num, threshold_den = excluded.threshold_den, \
     recused = excluded.recused";
/// A round that was counted and never minuted came to nothing: the dossier left before.
const END_ROUNDS: Sql = "UPDATE review SET status = 'ended' \
     WHERE dossier = $1 AND council = $2 AND round < $3 AND status = 'tallied'";
const PUT_SESSION: Sql = "INSERT INTO session (session, council, sort, status) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (session) DO UPDATE SET status = excluded.status";

const REVIEWS: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, passed, \
     counted, ballots, secret, threshold_percent, more_than_half, article, confirmed, award, threshold_num, \
     threshold_den, recused FROM review WHERE sort > $1 ORDER BY sort LIMIT $2";
const REVIEWS_OF_DOSSIER: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, passed, \
     counted, ballots, secret, threshold_percent, more_than_half, article, confirmed, award, threshold_num, \
     threshold_den, recused FROM review WHERE sort > $1 AND dossier = $3 AND ($4 = '' OR council = $4) ORDER BY sort LIMIT $2";
const REVIEWS_OF_SESSION: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, passed, \
     counted, ballots, secret, threshold_percent, more_than_half, article, confirmed, award, threshold_num, \
     threshold_den, recused FROM review WHERE sort > $1 AND session = $3 ORDER BY sort LIMIT $2";
const REVIEWS_OF_COUNCIL: Sql = "SELECT dossier, council, round, sort, version, status, session, yes, no, blank, base, passed, \
     counted, ballots, secret, threshold_percent, more_than_half, article, confirmed, award, threshold_num, \
     threshold_den, recused FROM review WHERE sort > $1 AND council = $3 ORDER BY sort LIMIT $2";
const PUT_COUNCIL: Sql = "INSERT INTO council (agency, kind, sort, status) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (agency, kind) DO UPDATE SET status = excluded.status";
const COUNCILS: Sql = "SELECT agency, kind, sort FROM council \
     WHERE sort > $1 AND ($3 = '' OR agency = $3) AND ($4 = '' OR kind = $4) ORDER BY sort LIMIT $2";
const SESSIONS: Sql = "SELECT session, sort FROM session WHERE sort < $1 ORDER BY sort DESC LIMIT $2";
const SESSIONS_OF_COUNCIL: Sql =
    "SELECT session, sort FROM session WHERE sort < $1 AND council = $3 ORDER BY sort DESC LIMIT $2";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 11] = [
    PUT_COUNCIL,
    COUNCILS,
    REVIEWS_OF_SESSION,
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
        args.extend([
            text(shown.article),
            Value::Int(i64::from(shown.confirmed)),
            text(shown.award),
        ]);
        args.extend([shown.threshold_num, shown.threshold_den].map(|share| Value::Int(i64::from(share))));
        args.push(text(shown.recused.join("\n")));
        let mut writes = vec![Write { sql: PUT_REVIEW, args }];
        if round.number > 1 {
            writes.push(Write {
                sql: END_ROUNDS,
                args: key.to_vec(),
            });
        }
        writes
    }

    fn published(event: &Event) -> Published {
        let event_type = match &event.fact {
            Some(Fact::Tabled(_)) => "review.tabled",
            Some(Fact::Concluded(_)) => "review.concluded",
            Some(Fact::Released(_)) => "review.released",
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
        let args = vec![
            text(id),
            text(&at.data.called.council),
            text(sort),
            text(at.state_name()),
        ];
        vec![Write { sql: PUT_SESSION, args }]
    }

    fn published(event: &Event) -> Published {
        Review::published(event)
    }
}

impl Aggregate for Council {
    fn project(_: &str, _: u64, at: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        let (agency, kind) = (&at.data.agency, word(&at.data.kind));
        let sort = format!("{agency}/{kind}");
        let args = vec![text(agency), text(kind), text(sort), text(at.state_name())];
        vec![Write { sql: PUT_COUNCIL, args }]
    }

    fn published(event: &Event) -> Published {
        Review::published(event)
    }
}

impl Aggregate for Agenda {
    fn project(_: &str, _: u64, _: &Snapshot<Self>, _: Timestamp) -> Vec<Write> {
        Vec::new()
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

/// The word of an enum, as it is stored and shown.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A review as people see it.
pub(crate) fn show(at: &Snapshot<Review>, version: u64) -> ReviewMessage {
    let review = &at.data;
    let counts = review.round.counts.unwrap_or_default();
    let terms = review.terms();
    let terms = terms.as_ref();
    let threshold = terms.and_then(|terms| terms.threshold);
    let (threshold_num, threshold_den) = threshold.map_or((0, 0), |share| (share.num, share.den));
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
        threshold_percent: (threshold_num * 100).checked_div(threshold_den).unwrap_or(0),
        more_than_half: terms.is_some_and(|terms| terms.more_than_half),
        article: terms.and_then(|terms| terms.article.clone()).unwrap_or_default(),
        confirmed: terms.is_some_and(|terms| terms.confirmed),
        etag: version.to_string(),
        award: review.award().to_owned(),
        threshold_num,
        threshold_den,
        recused: review.round.recused.keys().cloned().collect(),
    }
}

/// A session as people see it, without its reviews and minutes.
pub(crate) fn show_session(id: &str, at: &Snapshot<Session>, version: u64) -> SessionMessage {
    let session = &at.data;
    let invitation = session.invitation.as_ref();
    let adjourned = session.sittings.last().filter(|_| at.state == SessionState::Adjourned);
    let presides = match session.closed_at {
        Some(_) => Some(session.chair()),
        None => session.presiding(&session.present),
    };
    SessionMessage {
        session: id.to_owned(),
        council: session.called.council.clone(),
        status: at.state_name(),
        members: session.members().map(|member| member.subject.clone()).collect(),
        present: session.present.clone(),
        writing: session.writing.clone(),
        reviews: Vec::new(),
        quorum: session.quorum,
        etag: version.to_string(),
        minutes: String::new(),
        convened_at: session.convened_at.0,
        items: session.items,
        chair: presides.unwrap_or_default().to_owned(),
        constituted: session.called.constituted,
        kind: word(&session.called.kind),
        meets_at: invitation.map_or(0, |invitation| invitation.meets_at.0),
        place: invitation.map_or_else(String::new, |invitation| invitation.place.clone()),
        invitation: invitation.map_or_else(String::new, |invitation| invitation.text.clone()),
        adjourned_until: adjourned.map_or_else(String::new, |sitting| sitting.until.to_string()),
        minutes_digest: session.digest.clone(),
        signed_by: session
            .signatures
            .iter()
            .map(|signature| signature.subject.clone())
            .collect(),
    }
}

/// Reviews of one dossier (and one council), of one session, of one council, or all; oldest first. Empty does not filter.
pub(crate) async fn reviews(
    store: &dyn Store,
    dossier: &str,
    session: &str,
    council: &str,
    page: &Page,
) -> Result<(Vec<ReviewMessage>, String), Fault> {
    let mut args = vec![text(&page.after), Value::Int(page.limit())];
    let sql = match (dossier, session, council) {
        ("", "", "") => REVIEWS,
        ("", "", council) => {
            args.push(text(council));
            REVIEWS_OF_COUNCIL
        }
        ("", session, _) => {
            args.push(text(session));
            REVIEWS_OF_SESSION
        }
        (dossier, _, council) => {
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

/// Agency and kind of councils, in that order. Empty does not filter.
pub(crate) async fn councils(
    store: &dyn Store,
    agency: &str,
    kind: &str,
    page: &Page,
) -> Result<(Vec<String>, String), Fault> {
    let args = [text(&page.after), Value::Int(page.limit()), text(agency), text(kind)];
    let rows = store.query(COUNCILS, &args).await?;
    let mut listed: Vec<String> = rows.iter().map(|row| text_at(row, 2)).collect();
    let next = page.cut(&mut listed, Clone::clone);
    Ok((listed, next))
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
        award: text_at(row, 19),
        threshold_num: count(20),
        threshold_den: count(21),
        recused: text_at(row, 22).lines().map(ToOwned::to_owned).collect(),
    };
    (text_at(row, 3), review)
}
