//! How sessions and reviews are shown.

use proto::council::v1::{Review, Session};
use serde_json::Value;

use crate::output::{Record, plain};

impl Record for Session {
    const TABLE: &'static [&'static str] = &["session", "council", "status", "quorum", "convened_at"];
    const DETAIL: &'static [&'static str] = &[
        "session",
        "council",
        "status",
        "members",
        "present",
        "writing",
        "quorum",
        "chair",
        "items",
        "convened_at",
        "adjourned_until",
        "minutes_digest",
        "signed_by",
        "minutes",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}

impl Record for Review {
    const TABLE: &'static [&'static str] = &[
        "dossier",
        "council",
        "status",
        "ballots",
        "yes",
        "no",
        "blank",
        "base",
        "threshold_percent",
        "article",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    /// Counts that are not known yet are null, not 0.
    fn json(&self) -> Value {
        let mut value = plain(self);
        if !self.counted {
            for count in ["yes", "no", "blank", "base", "passed"] {
                value[count] = Value::Null;
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stay_unknown_until_they_are_counted() {
        let open = Review {
            dossier: "D".into(),
            ballots: 3,
            ..Review::default()
        };
        assert_eq!(open.json()["yes"], Value::Null);
        let counted = Review { counted: true, ..open };
        assert_eq!(counted.json()["yes"], 0);
    }
}
