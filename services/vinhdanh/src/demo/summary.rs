//! What the demo comes to.

use proto::admin::v1::{ReplayHistoriesRequest, VerifyAuditRequest};
use serde_json::{Value, json};

use super::{office::Office, samples::End};
use crate::client::{Failure, SERVICES};

/// The summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Samples that there are.
    pub dossiers: usize,
    /// Those that were judged as their files say, and ended so.
    pub as_expected: usize,
    /// Ended awarded.
    pub awarded: usize,
    /// Ended refused.
    pub refused: usize,
    /// Wait for the end of an inspection.
    pub on_hold: usize,
    /// Notifications that arrived, over all runs on this data.
    pub deliveries: usize,
    /// Rows of all histories, over all runs.
    pub transitions: i64,
    /// Whether every hash chain holds.
    pub audit_verified: bool,
    /// Whether every history replays to the same state and effects.
    pub replay_identical: bool,
    /// Of this run, by the real clock.
    pub seconds: f64,
    /// What else was not as it must be.
    pub problems: Vec<String>,
}

impl Summary {
    /// Counts how a sample ended.
    pub fn count(&mut self, status: &str, as_expected: bool) {
        self.as_expected += usize::from(as_expected);
        for (end, count) in [
            (End::Awarded, &mut self.awarded),
            (End::Refused, &mut self.refused),
            (End::OnHold, &mut self.on_hold),
        ] {
            *count += usize::from(end.status() == status);
        }
    }

    /// Verifies and replays every service.
    pub async fn audit(&mut self, office: &Office) -> anyhow::Result<()> {
        (self.audit_verified, self.replay_identical) = (true, true);
        for service in SERVICES {
            let name = service.to_owned();
            let mut admin = office.auditor().admin(service);
            let audit = admin.verify_audit(VerifyAuditRequest { service: name.clone() }).await;
            let audit = audit.map_err(Failure::from)?.into_inner();
            let replay = admin.replay_histories(ReplayHistoriesRequest { service: name }).await;
            let replay = replay.map_err(Failure::from)?.into_inner();
            self.transitions += audit.rows;
            self.audit_verified &= audit.problems.is_empty();
            self.replay_identical &= replay.divergences.is_empty();
            let found = audit.problems.into_iter().chain(replay.divergences);
            self.problems
                .extend(found.map(|problem| format!("{service}: {problem}")));
        }
        Ok(())
    }

    /// Whether all is as it must be.
    pub fn is_good(&self) -> bool {
        let sound = self.audit_verified && self.replay_identical && self.problems.is_empty();
        sound && self.as_expected == self.dossiers
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "dossiers": self.dossiers,
            "as_expected": self.as_expected,
            "awarded": self.awarded,
            "refused": self.refused,
            "on_hold": self.on_hold,
            "deliveries": self.deliveries,
            "transitions": self.transitions,
            "audit_verified": self.audit_verified,
            "replay_identical": self.replay_identical,
            "seconds": (self.seconds * 1_000.0).round() / 1_000.0,
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let yes = |yes: bool, vi: &'static str, en: &'static str| {
            if yes {
                format!("{vi} / {en}")
            } else {
                format!("SAI / NOT SO: {en}")
            }
        };
        format!(
            "\n{} {} hồ sơ, {} đúng như phải có / {} dossiers, {} as expected\n  \
             được khen thưởng / awarded {} · không / refused {} · tạm dừng / on hold {}\n  \
             thông báo đến nơi / deliveries {} · bước đã ghi / transitions {}\n  {} · {}\n  {:.1} s",
            if self.is_good() { "✓" } else { "✗" },
            self.dossiers,
            self.as_expected,
            self.dossiers,
            self.as_expected,
            self.awarded,
            self.refused,
            self.on_hold,
            self.deliveries,
            self.transitions,
            yes(self.audit_verified, "chuỗi băm nguyên vẹn", "the hash chains hold"),
            yes(self.replay_identical, "chạy lại ra y hệt", "replay is identical"),
            self.seconds,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_dossier_that_ended_otherwise_spoils_it() {
        let mut summary = Summary {
            dossiers: 2,
            audit_verified: true,
            replay_identical: true,
            ..Summary::default()
        };
        summary.count("awarded", true);
        summary.count("suspended", false);
        assert!(!summary.is_good());
        assert_eq!((summary.awarded, summary.on_hold), (1, 1));
        summary.count("refused", true);
        assert!(summary.is_good());
        summary.problems.push("a call was badly signed".to_owned());
        assert!(!summary.is_good());
    }
}
