//! What operators are told of epochs and of differences after a restore, and how they end them.

use access::Principal;
use journal::Difference;
use proto::admin::v1::{self as admin, resolve_difference_request::Choice as Chosen};

use super::Running;
use crate::{
    Fault,
    consumer::difference::{self, Choice},
    paging::Page,
    source,
};

pub(super) async fn epochs(running: &Running) -> Result<admin::ServiceEpochs, Fault> {
    let store = running.engine.journal().store();
    let mut follows = Vec::with_capacity(running.consumers.len());
    for consumer in &running.consumers {
        let following = consumer.following();
        follows.push(admin::FollowedEpoch {
            producer: consumer.producer().to_owned(),
            number: following.epoch.0,
            id: following.epoch.1,
            held: following.held,
            differences: consumer.differing().await?.len() as i32,
        });
    }
    let lineage = running.engine.journal().lineage();
    Ok(admin::ServiceEpochs {
        service: running.engine.service().to_owned(),
        head: store.head().await?,
        epochs: lineage.epochs.iter().map(source::to_epoch).collect(),
        follows,
    })
}

pub(super) async fn differences(
    running: &Running,
    request: &admin::ListDifferencesRequest,
) -> Result<admin::ListDifferencesResponse, Fault> {
    let store = running.engine.journal().store();
    let scope = format!("differences/{}/{}", request.service, request.all);
    let page = Page::read(request.page_size, &request.page_token, &scope)?;
    let (aggregate, epoch) = page.after.split_once(' ').unwrap_or((&page.after, ""));
    let mut rows = store
        .differences((aggregate, epoch), request.all, page.limit() as u32)
        .await?;
    let next_page_token = page.cut(&mut rows, |row| format!("{} {}", row.aggregate, row.epoch));
    let mut differences = Vec::with_capacity(rows.len());
    for row in rows {
        let consumer = running.consumers.iter().find(|c| c.producer() == row.producer);
        let now = match consumer {
            // The owner may have come further since it was last looked at.
            Some(consumer) if row.end.resolution.is_empty() => consumer.heal(&row.aggregate).await.unwrap_or(Some(row)),
            _ => Some(row),
        };
        differences.extend(now.map(shown).transpose()?);
    }
    Ok(admin::ListDifferencesResponse {
        differences,
        next_page_token,
    })
}

fn shown(row: Difference) -> Result<admin::Difference, Fault> {
    let lost = difference::lost(&row)?.into_iter().map(|lost| admin::LostEvent {
        seq: lost.seq,
        event_id: lost.event_id,
        position: lost.position,
        at: lost.at,
        effects: lost
            .effects
            .into_iter()
            .map(|effect| admin::LostEffect {
                aggregate: effect.aggregate,
                version: effect.version,
                state: effect.state,
                input: effect.input,
            })
            .collect(),
    });
    Ok(admin::Difference {
        lost: lost.collect(),
        consumer: row.consumer,
        producer: row.producer,
        aggregate: row.aggregate,
        epoch: row.epoch,
        common: row.common,
        applied: row.applied,
        owner: row.owner,
        at: row.at,
        resolution: row.end.resolution,
        reason: row.end.reason,
        resolved_by: row.end.by,
        resolved_at: row.end.at,
    })
}

pub(super) async fn resolve(
    running: &Running,
    who: &Principal,
    request: &admin::ResolveDifferenceRequest,
) -> Result<(), Fault> {
    let choice = match request.choice() {
        Chosen::Accept => Choice::Accept,
        Chosen::Keep => Choice::Keep,
        Chosen::Unspecified => return Err(Fault::field("INVALID_REQUEST", "choice", "ACCEPT or KEEP")),
    };
    if request.reason.trim().is_empty() {
        return Err(Fault::field(
            "INVALID_REQUEST",
            "reason",
            "say why; it is kept with the row",
        ));
    }
    let store = running.engine.journal().store();
    let found = store.differences((&request.aggregate, ""), true, 1).await?;
    let consumer = found
        .first()
        .and_then(|row| running.consumers.iter().find(|c| c.producer() == row.producer));
    let Some(consumer) = consumer else {
        return Err(Fault::Denied(access::Denied::absent()));
    };
    let by = format!("{}/{}@{}", who.subject, who.role.as_str(), who.agency);
    consumer
        .settle_difference(&request.aggregate, choice, &request.reason, &by)
        .await
}
