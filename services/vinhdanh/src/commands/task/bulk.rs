//! `--bulk` and `vinhdanh task bulk`: one act on many dossiers as a job in the background.

use proto::approval::v1::{preview_act_request::Act, *};
use serde_json::Value;

use super::{
    super::Desk,
    verbs::{BulkId, BulkVerb},
};
use crate::{
    client::Client,
    output::{Record, plain},
    words::word,
};

/// Starts a job.
pub(crate) async fn start(desk: &Desk, act: Act) -> anyhow::Result<u8> {
    let request = StartBulkRequest {
        request_id: desk.request_id(),
        act: Some(PreviewActRequest { act: Some(act) }),
    };
    let started = desk
        .call(async |client| client.approval().start_bulk(request.clone()).await)
        .await?;
    desk.output.one(&started);
    Ok(0)
}

pub(super) async fn run(desk: &Desk, verb: BulkVerb) -> anyhow::Result<u8> {
    let telling = |BulkId { bulk }: BulkId| BulkRequest {
        request_id: desk.request_id(),
        bulk,
    };
    let told = match verb {
        BulkVerb::List { limit } => {
            let page = async |client: &Client, page_size, page_token| {
                let request = ListBulksRequest { page_size, page_token };
                let page = client.approval().list_bulks(request).await?.into_inner();
                Ok((page.bulks, page.next_page_token))
            };
            desk.output.many(&desk.pages(limit, page).await?);
            return Ok(0);
        }
        BulkVerb::Results { job, refused, limit } => {
            let outcome = if refused { "refused" } else { "" };
            let page = async |client: &Client, page_size, page_token| {
                let request = ListBulkResultsRequest {
                    page_size,
                    page_token,
                    bulk: job.bulk.clone(),
                    outcome: outcome.to_owned(),
                };
                let page = client.approval().list_bulk_results(request).await?.into_inner();
                Ok((page.results, page.next_page_token))
            };
            desk.output.many(&desk.pages(limit, page).await?);
            return Ok(0);
        }
        BulkVerb::Status(BulkId { bulk }) => {
            let request = GetBulkRequest { bulk };
            desk.call(async |client| client.approval().get_bulk(request.clone()).await)
                .await?
        }
        BulkVerb::Pause(job) => {
            let request = telling(job);
            desk.call(async |client| client.approval().pause_bulk(request.clone()).await)
                .await?
        }
        BulkVerb::Resume(job) => {
            let request = telling(job);
            desk.call(async |client| client.approval().resume_bulk(request.clone()).await)
                .await?
        }
        BulkVerb::Stop(job) => {
            let request = telling(job);
            desk.call(async |client| client.approval().stop_bulk(request.clone()).await)
                .await?
        }
    };
    desk.output.one(&told);
    Ok(0)
}

impl Record for Bulk {
    const TABLE: &'static [&'static str] = &["bulk", "act", "status", "total", "done", "refused", "agency"];
    const DETAIL: &'static [&'static str] = &[
        "bulk",
        "act",
        "status",
        "number",
        "total",
        "done",
        "refused",
        "subject",
        "role",
        "agency",
        "started_at",
        "until",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}

impl Record for BulkResult {
    const TABLE: &'static [&'static str] = &["dossier", "outcome", "status", "step", "reason", "vi"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["step"] = word(self.step().as_str_name(), "STEP_").into();
        value
    }
}
