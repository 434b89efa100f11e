//! The rows of a list on their way to intake. A row's request ids come from what it says, so that the same row is never
//! sent twice: neither when an import was cut off and is run again, nor when other rows were corrected in between.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use law::DossierFile;
use proto::intake::v1::{CreateDossierRequest, SubmitDossiersRequest};
use sha2::{Digest as _, Sha256};
use sheet::{List, Report, Sent};
use uuid::Uuid;

use super::Progress;
use crate::{
    client::Failure,
    commands::{Connect, Desk},
    output::{Output, REFUSED, UNREACHABLE, note},
};

/// Rows under way at a time: enough to fill a group commit, too few to storm a service.
const AT_A_TIME: usize = 16;
/// All request ids of imports start here; --request-id starts elsewhere, for one who means to send a list anew.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d0c_2b1e_7f0a_4c53_9b1c_1e6d_70a7_0001);

/// Sends the good rows, each by itself. What is refused is told with its row, and the others go on.
pub(super) fn send(
    mut connect: Connect,
    lists: &[List],
    report: &mut Report,
    letter: Option<&str>,
    output: Output,
) -> anyhow::Result<u8> {
    connect.request_id.get_or_insert(NAMESPACE);
    connect.json = output.json;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let desk = connect.open()?;
        let outcomes = rows(&desk, lists, report, letter).await;
        let mut status = 0;
        for (index, outcome) in outcomes {
            report.rows[index].sent = Some(match outcome {
                Ok(sent) => sent,
                Err(failure) => {
                    status = status.max(if failure.code == "UNAVAILABLE" {
                        UNREACHABLE
                    } else {
                        REFUSED
                    });
                    Sent::Refused(failure.to_string())
                }
            });
        }
        report.sum();
        if status == UNREACHABLE {
            note(
                "mất kết nối giữa chừng: chạy lại đúng lệnh này, dòng đã gửi không bị gửi hai lần\n\
                 the connection was lost: run the same command again, what was sent is not sent twice",
            );
        }
        Ok(status)
    })
}

async fn rows(
    desk: &Desk,
    lists: &[List],
    report: &Report,
    letter: Option<&str>,
) -> Vec<(usize, Result<Sent, Failure>)> {
    let all = lists.iter().flat_map(|list| &list.rows);
    let mut seen = BTreeMap::new();
    let mut todo = Vec::new();
    for (index, (row, told)) in all.zip(&report.rows).enumerate() {
        if let (Some(dossier), None) = (&row.dossier, told.held) {
            todo.push((index, Letterbox::new(dossier, &mut seen)));
        }
    }
    let total = todo.len();
    let lost = std::cell::Cell::new(false);
    let sending = stream::iter(todo).map(|(index, row)| {
        let lost = &lost;
        async move {
            // When nobody answers, the other rows need not wait for their turn to learn it.
            if lost.get() {
                return None;
            }
            let outcome = row.send(desk, letter).await;
            lost.set(lost.get() || outcome.as_ref().is_err_and(|failure| failure.code == "UNAVAILABLE"));
            Some((index, outcome))
        }
    });
    let what = format!("gửi / sending {total}");
    let mut progress = Progress::new(&what);
    let mut sending = sending.buffer_unordered(AT_A_TIME);
    let mut outcomes = Vec::new();
    while let Some(done) = sending.next().await {
        outcomes.extend(done);
        progress.at(outcomes.len());
    }
    outcomes
}

/// A row with what its request ids come from.
struct Letterbox {
    content: String,
    part: String,
}

impl Letterbox {
    fn new(dossier: &DossierFile, seen: &mut BTreeMap<String, u32>) -> Self {
        let content = serde_json::to_string(dossier).expect("plain data has a JSON form");
        let digest = hex::encode(Sha256::digest(&content));
        // Two rows that say the very same, without a number to tell them apart, are two rows.
        let nth = seen.entry(digest.clone()).or_insert(0);
        let part = format!("{digest}/{nth}");
        *nth += 1;
        Self { content, part }
    }

    async fn send(&self, desk: &Desk, letter: Option<&str>) -> Result<Sent, Failure> {
        let request = CreateDossierRequest {
            request_id: desk.request_id_of(&format!("create/{}", self.part)),
            content: self.content.clone(),
        };
        let draft = desk
            .call(async |client| client.intake().create_dossier(request.clone()).await)
            .await?;
        let Some(letter) = letter else {
            return Ok(Sent::Drafted(draft.dossier));
        };
        let request = SubmitDossiersRequest {
            request_id: desk.request_id_of(&format!("submit/{letter}/{}", self.part)),
            dossiers: vec![draft.dossier.clone()],
            letter_number: letter.to_owned(),
        };
        desk.call(async |client| client.intake().submit_dossiers(request.clone()).await)
            .await?;
        Ok(Sent::Submitted(draft.dossier))
    }
}
