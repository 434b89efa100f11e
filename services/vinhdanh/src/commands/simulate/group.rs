//! Who gains and who loses, counted by group.

use std::collections::BTreeMap;

use law::{Level, Verdict};
use serde_json::{Map, Value, json};

use super::outcome::{NOT_JUDGED, OUTCOMES, Pair};

/// Exact counts of one group.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    total: u64,
    gains: u64,
    loses: u64,
    eligible_before: u64,
    eligible_after: u64,
}

impl Tally {
    fn count(&mut self, pair: &Pair) {
        let eligible = |verdict: Option<Verdict>| u64::from(verdict == Some(Verdict::Eligible));
        self.total += 1;
        self.gains += u64::from(pair.gains());
        self.loses += u64::from(pair.loses());
        self.eligible_before += eligible(pair.before.verdict);
        self.eligible_after += eligible(pair.after.verdict);
    }

    fn json(self, group: &str) -> Value {
        json!({
            "group": group, "total": self.total, "gains": self.gains, "loses": self.loses,
            "eligible_before": self.eligible_before, "eligible_after": self.eligible_after,
        })
    }
}

/// How often a code made the difference.
#[derive(Clone, Copy, Debug, Default)]
struct Turned {
    now_lacks: u64,
    no_longer_lacks: u64,
}

/// The groups that dossiers are counted in, as `--json` names them.
pub(super) const KINDS: [&str; 6] = ["level", "agency", "sex", "occupation", "direct_worker", "award"];

/// All counts. As large as there are groups, whatever the number of dossiers.
#[derive(Debug, Default)]
pub(super) struct Groups {
    all: Tally,
    matrix: BTreeMap<(usize, usize), u64>,
    by: [BTreeMap<String, Tally>; KINDS.len()],
    turned: BTreeMap<String, Turned>,
}

impl Groups {
    pub fn count(&mut self, pair: &Pair) {
        self.all.count(pair);
        *self.matrix.entry((pair.before.rank(), pair.after.rank())).or_default() += 1;
        let keys = [
            pair.level,
            &pair.agency,
            &pair.sex,
            &pair.occupation,
            pair.direct_worker,
            &pair.award,
        ];
        for (groups, key) in self.by.iter_mut().zip(keys) {
            groups.entry(key.to_owned()).or_default().count(pair);
        }
        if pair.changed() {
            let (now_lacks, no_longer_lacks) = pair.difference();
            for code in now_lacks {
                self.turned.entry(code).or_default().now_lacks += 1;
            }
            for code in no_longer_lacks {
                self.turned.entry(code).or_default().no_longer_lacks += 1;
            }
        }
    }

    pub fn total(&self) -> u64 {
        self.all.total
    }

    /// All counts as data: levels from the lowest, other groups by their code.
    pub fn json(&self) -> Value {
        let code = |rank: usize| OUTCOMES[rank].map_or(NOT_JUDGED, Verdict::as_str);
        let matrix = self
            .matrix
            .iter()
            .map(|((before, after), count)| json!({"before": code(*before), "after": code(*after), "count": count}));
        let mut by = Map::new();
        for (kind, groups) in KINDS.iter().zip(&self.by) {
            let mut rows: Vec<(&String, &Tally)> = groups.iter().collect();
            if *kind == "level" {
                rows.sort_by_key(|(code, _)| code.parse::<Level>().ok());
            }
            let rows = rows.into_iter().map(|(code, tally)| tally.json(code));
            by.insert((*kind).to_owned(), rows.collect());
        }
        let turned = self.turned.iter().map(|(code, turned)| {
            json!({"code": code, "now_lacks": turned.now_lacks, "no_longer_lacks": turned.no_longer_lacks})
        });
        json!({
            "total": self.all.total,
            "changed": self.all.gains + self.all.loses,
            "gains": self.all.gains,
            "loses": self.all.loses,
            "eligible_before": self.all.eligible_before,
            "eligible_after": self.all.eligible_after,
            "matrix": matrix.collect::<Value>(),
            "by": by,
            "difference": turned.collect::<Value>(),
        })
    }
}
