//! The register of awards: what was decided on paper is entered, amended, and looked up beside the rest.

use host::entropy::fresh_id;
use proto::approval::v1::{AmendRecordedAwardRequest, ListAwardsRequest, RecordAwardRequest};

use super::{
    expect::{Comparison, RegisterExpect},
    player::{Player, Trouble},
    verbs::{AmendRecord, Record},
};
use crate::client::Client;

impl Player<'_> {
    /// Enters an award that was decided on paper.
    pub(super) async fn record(&mut self, act: &Record, client: &Client) -> Result<(), Trouble> {
        let decided_on = act.on.from(self.stage.now().await?)?.date().to_string();
        let request = RecordAwardRequest {
            request_id: fresh_id(),
            award: act.award.clone(),
            holder: act.holder.clone(),
            holder_kind: act.kind.clone(),
            person: act.person.clone(),
            candidate_agency: act.agency.clone(),
            decision_number: act.number.clone(),
            decided_on,
            year: act.year,
            source: act.source.clone(),
        };
        let entry = client.approval().record_award(request).await?.into_inner().entry;
        self.entries.insert(act.id.clone(), entry);
        Ok(())
    }

    /// Corrects, revokes or restores an entry. A name that was never entered goes as it is, for the server to refuse.
    pub(super) async fn amend_record(&self, act: &AmendRecord, client: &Client) -> Result<(), Trouble> {
        let request = AmendRecordedAwardRequest {
            request_id: fresh_id(),
            entry: self.entries.get(&act.id).cloned().unwrap_or_else(|| act.id.clone()),
            kind: act.kind.clone(),
            ground: act.ground.clone(),
            number: act.number.clone(),
            holder: act.holder.clone(),
            ..AmendRecordedAwardRequest::default()
        };
        client.approval().amend_recorded_award(request).await?;
        Ok(())
    }
}

/// Looks an award up as the register tells it.
pub(super) async fn compare_register(
    expected: &RegisterExpect,
    auditor: &Client,
    comparison: &mut Comparison,
) -> Result<(), Trouble> {
    let request = ListAwardsRequest {
        page_size: 500,
        person: expected.person.clone(),
        award: expected.award.clone(),
        decision_number: expected.decision.clone(),
        decided_on: expected.on.clone(),
        ..ListAwardsRequest::default()
    };
    let found = auditor.approval().list_awards(request).await?.into_inner().awards;
    comparison.same("count", expected.count.as_ref(), &found.len());
    let only = |of: fn(&proto::approval::v1::AwardEntry) -> &str| {
        let mut all: Vec<&str> = found.iter().map(of).collect();
        all.sort_unstable();
        all.dedup();
        all.join(", ")
    };
    comparison.text("status", expected.status.as_ref(), &only(|one| &one.status));
    comparison.text("holder", expected.holder.as_ref(), &only(|one| &one.holder));
    comparison.text("amended_by", expected.amended_by.as_ref(), &only(|one| &one.amended_by));
    Ok(())
}
