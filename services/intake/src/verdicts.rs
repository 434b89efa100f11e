//! Every verdict is kept: a row a verdict, and the part of the directory that it looked at.

use host::{Fault, Unit, paging::Page};
use journal::{Row, Sql, Store, Value, Write, packed};
use proto::intake::v1;

use crate::{
    judge,
    machine::{Dossier, Judged},
};

const PUT: Sql = "INSERT INTO verdict (dossier, number, body, at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (dossier, number) DO NOTHING";
const LIST: Sql = "SELECT number, body, at FROM verdict WHERE dossier = $1 AND number > $2 ORDER BY number LIMIT $3";
const ONE: Sql = "SELECT number, body, at FROM verdict WHERE dossier = $1 AND ($2 = 0 OR number = $2) \
     ORDER BY number DESC LIMIT 1";
const PUT_EXTRACT: Sql = "INSERT INTO directory_extract (digest, body) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
const EXTRACT: Sql = "SELECT body FROM directory_extract WHERE digest = $1";

/// Every statement, for the test that prepares each on both stores.
pub(crate) const STATEMENTS: [Sql; 5] = [PUT, LIST, ONE, PUT_EXTRACT, EXTRACT];

/// A verdict as it was kept.
pub(crate) struct Kept {
    /// The version of the dossier that it was reached at.
    pub(crate) number: u64,
    /// What it is.
    pub(crate) judged: Judged,
    /// When it was kept, microseconds since 1970.
    pub(crate) at: i64,
}

/// Keeps the verdict that the dossier's newest step brought, with that step or not at all.
pub(crate) fn keep(unit: &mut Unit, id: &str, judged: &Judged, extract: String) -> Result<(), Fault> {
    let number = unit.version::<Dossier>(id)?;
    let body = serde_json::to_vec(judged).map_err(|e| Fault::Internal(e.to_string()))?;
    let args = vec![
        Value::Text(id.to_owned()),
        Value::Int(number as i64),
        Value::Bytes(packed::pack(&body)),
        Value::Int(unit.now().0),
    ];
    unit.write(Write { sql: PUT, args });
    let args = vec![Value::Text(judged.directory_digest.clone()), Value::Text(extract)];
    unit.write(Write { sql: PUT_EXTRACT, args });
    Ok(())
}

/// A page of a dossier's verdicts, oldest first.
pub(crate) async fn list(store: &dyn Store, dossier: &str, page: &Page) -> Result<(Vec<v1::Verdict>, String), Fault> {
    let after = page.after.parse().unwrap_or_default();
    let args = [
        Value::Text(dossier.to_owned()),
        Value::Int(after),
        Value::Int(page.limit()),
    ];
    let rows = store.query(LIST, &args).await?;
    let mut verdicts = Vec::with_capacity(rows.len());
    for row in &rows {
        verdicts.push(read(dossier, row)?.show(dossier));
    }
    let next = page.cut(&mut verdicts, |verdict| verdict.number.to_string());
    Ok((verdicts, next))
}

/// The verdict of this number, or for 0 the newest.
pub(crate) async fn one(store: &dyn Store, dossier: &str, number: u64) -> Result<Option<Kept>, Fault> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    let rows = store
        .query(ONE, &[Value::Text(dossier.to_owned()), Value::Int(number)])
        .await?;
    rows.first().map(|row| read(dossier, row)).transpose()
}

/// A part of the directory by its digest; `Err` says why there is none that could be relied on.
pub(crate) async fn extract(store: &dyn Store, digest: &str) -> Result<Result<String, String>, Fault> {
    let rows = store.query(EXTRACT, &[Value::Text(digest.to_owned())]).await?;
    let Some(Value::Text(body)) = rows.first().and_then(|row| row.first()) else {
        return Ok(Err(format!("directory: the extract {digest} is not there")));
    };
    let found = judge::digest(body);
    if found == digest {
        Ok(Ok(body.clone()))
    } else {
        Ok(Err(format!("directory: recorded {digest}, found {found}")))
    }
}

fn read(dossier: &str, row: &Row) -> Result<Kept, Fault> {
    let [Value::Int(number), Value::Bytes(body), Value::Int(at)] = row.as_slice() else {
        return Err(Fault::Internal(format!(
            "a row of verdict of {dossier} is not readable"
        )));
    };
    let unreadable = |detail: String| {
        Fault::Internal(format!(
            "verdict.body of {dossier} number {number} is not readable: {detail}"
        ))
    };
    let body = packed::unpack(body).map_err(unreadable)?;
    let judged = serde_json::from_slice(&body).map_err(|e| unreadable(e.to_string()))?;
    Ok(Kept {
        number: u64::try_from(*number).unwrap_or_default(),
        judged,
        at: *at,
    })
}

impl Kept {
    /// As people see it.
    pub(crate) fn show(&self, dossier: &str) -> v1::Verdict {
        let judged = &self.judged;
        v1::Verdict {
            dossier: dossier.to_owned(),
            number: self.number,
            occasion: machine::variant_name(&judged.occasion),
            on: judged.on.clone(),
            rule_set: judged.rule_set.clone(),
            rule_set_digest: judged.rule_set_digest.clone(),
            directory_digest: judged.directory_digest.clone(),
            content_digest: judged.content_digest.clone(),
            verdict: judged.verdict.clone(),
            unmet: judged.unmet.clone(),
            missing: judged.missing.clone(),
            holds: judged.holds.clone(),
            received_on: judged.received_on.clone(),
            chosen: judged.chosen.clone(),
            warnings: judged.warnings.iter().map(Into::into).collect(),
            at: self.at,
        }
    }
}
