//! `admin migrate`: aggregates to a later version of their machine. First the plan, from a dry run over all of them;
//! then, if nothing is in the way, the act.

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use proto::admin::v1::{
    AggregateMigration, MigrateAggregatesRequest, MigrateAggregatesResponse, aggregate_migration::Outcome,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    client::{Client, SERVICES},
    commands::Desk,
    output::{REFUSED, Record, note},
    words::word,
};

/// Aggregates of a call: short enough that a pause never waits long.
const PAGE: i32 = 100;
const PROGRESS: Duration = Duration::from_secs(2);

/// What is moved, and where to.
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// Máy trạng thái. The machine, e.g. approval.course.
    #[arg(long)]
    machine: String,
    /// Phiên bản đích. The version to move to.
    #[arg(long, value_name = "VERSION")]
    to: u32,
    /// Chỉ các hồ sơ này. Only these.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    only: Vec<String>,
    /// Chỉ thử trên bản sao. Try it on copies, and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Vì sao; lưu trong lịch sử từng hồ sơ. Why; it is kept in each history.
    #[arg(long, required_unless_present = "dry_run")]
    reason: Option<String>,
    /// Chuyển những gì chuyển được, phần còn lại giữ phiên bản cũ. Move what can be moved; the others stay as they are.
    /// Without it nothing is moved while anything is in the way.
    #[arg(long, conflicts_with = "dry_run")]
    partial: bool,
}

impl MigrateArgs {
    /// Plans; then acts, unless it is a dry run or the plan leads nowhere. Stopped and run again, it goes on.
    pub(super) async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let plan = self.go_over(desk, true).await?;
        for line in summary(&plan) {
            note(&line);
        }
        let refused = plan.iter().any(|one| is_in_the_way(one.outcome()));
        if self.dry_run || (refused && !self.partial) {
            desk.output.many(&plan);
            if refused && !self.dry_run {
                note(
                    "chưa chuyển gì: xử lý các hồ sơ bị từ chối, hoặc dùng --only, --partial / \
                     nothing is moved: see to those that are refused, or say --only or --partial",
                );
            }
            return Ok(if refused { REFUSED } else { 0 });
        }
        note(
            "đang chuyển; dừng lúc nào cũng được, chạy lại là làm tiếp / moving; stop at any time, run it again to go on",
        );
        let done = self.go_over(desk, false).await?;
        for line in summary(&done) {
            note(&line);
        }
        desk.output.many(&done);
        let stayed = done.iter().any(|one| is_in_the_way(one.outcome()));
        Ok(if stayed { REFUSED } else { 0 })
    }

    /// All pages.
    async fn go_over(&self, desk: &Desk, dry_run: bool) -> anyhow::Result<Vec<AggregateMigration>> {
        let service = self.machine.split('.').next().unwrap_or_default();
        anyhow::ensure!(
            SERVICES.contains(&service),
            "không dịch vụ nào có máy / no service has a machine {}; its name is SERVICE.MACHINE",
            self.machine
        );
        let mut all = Vec::new();
        let mut told = Instant::now();
        let mut page_token = String::new();
        loop {
            let request = MigrateAggregatesRequest {
                request_id: desk.request_id_of(&format!("migrate/{dry_run}/{page_token}")),
                service: service.to_owned(),
                machine: self.machine.clone(),
                to: self.to,
                only: self.only.clone(),
                reason: self.reason.clone().unwrap_or_default(),
                dry_run,
                page_size: PAGE,
                page_token,
            };
            let call = async |client: &Client| client.admin(service).migrate_aggregates(request.clone()).await;
            let MigrateAggregatesResponse {
                aggregates,
                next_page_token,
            } = desk.call(call).await.with_context(|| self.machine.clone())?;
            all.extend(aggregates);
            if told.elapsed() >= PROGRESS {
                told = Instant::now();
                note(&format!("{}: {}", self.machine, all.len()));
            }
            if next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = next_page_token;
        }
    }
}

fn is_in_the_way(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Refused | Outcome::Absent)
}

/// How many of which version and state come to what.
fn summary(all: &[AggregateMigration]) -> Vec<String> {
    let mut groups: BTreeMap<_, usize> = BTreeMap::new();
    for one in all {
        let (next, why) = (one.next_state.as_str(), one.reason.as_str());
        let group = (one.version, one.state.as_str(), name(one), next, why);
        *groups.entry(group).or_default() += 1;
    }
    let line = |((version, state, outcome, next, why), count): (_, usize)| {
        let rest = [next, why].join(" ");
        let line = format!("{count:>6}  v{version} {state}: {outcome} {}", rest.trim());
        line.trim_end().to_owned()
    };
    groups.into_iter().map(line).collect()
}

fn name(one: &AggregateMigration) -> String {
    word(one.outcome().as_str_name(), "OUTCOME_")
}

impl Record for AggregateMigration {
    const TABLE: &'static [&'static str] = &[
        "id",
        "machine_version",
        "found",
        "outcome",
        "next_state",
        "reason",
        "detail",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "machine_version": self.version,
            "found": self.state,
            "outcome": name(self),
            "next_state": self.next_state,
            "reason": self.reason,
            "detail": self.detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_counts_by_version_state_and_what_comes_of_it() {
        let one = |version, state: &str, outcome: Outcome, next: &str, reason: &str| AggregateMigration {
            id: "x".to_owned(),
            version,
            state: state.to_owned(),
            outcome: outcome.into(),
            next_state: next.to_owned(),
            reason: reason.to_owned(),
            detail: String::new(),
        };
        let all = [
            one(1, "signing", Outcome::Moved, "signing", ""),
            one(1, "shelved", Outcome::Refused, "", "NO_PLACE_THERE"),
            one(1, "signing", Outcome::Moved, "signing", ""),
            one(2, "signing", Outcome::Already, "", ""),
        ];
        let expected = [
            "     1  v1 shelved: refused NO_PLACE_THERE",
            "     2  v1 signing: moved signing",
            "     1  v2 signing: already",
        ];
        assert_eq!(summary(&all), expected);
    }
}
