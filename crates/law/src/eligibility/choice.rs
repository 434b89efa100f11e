//! The more favourable rule set, which a person may choose.

use crate::Law;

impl Law {
    /// Whether a dossier that the dates leave to the rule set `from` may be judged by `to`: a later set that opens
    /// itself to the dossiers of the one right before it.
    pub fn may_choose(&self, from: &str, to: &str) -> bool {
        let sets = self.rule_sets();
        let mut neighbours = sets.windows(2);
        neighbours.any(|pair| pair[0].id == from && pair[1].id == to && pair[1].favours_earlier)
    }
}
