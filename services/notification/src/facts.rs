//! What others publish, as subscribers know it: the names of the facts, and what a filter can look at.

use std::collections::BTreeMap;

use bus::Envelope;
use host::Fault;
use machine::Timestamp;
use prost::Message;
use proto::{approval::v1 as approval, intake::v1 as intake};

use crate::machine::delivery::Notice;

/// A fact about one dossier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happening {
    fact: &'static str,
    dossier: String,
    award: String,
    basis: String,
    agency: String,
    level: String,
    step: String,
    candidate_agency: String,
    /// Where the candidate has moved since; or empty.
    candidate_agency_now: String,
    submitting_agency: String,
    deciding_agency: String,
}

impl Happening {
    /// Reads an event; `None` if it is nothing that a subscriber is told.
    pub(crate) fn read(event: &Envelope) -> Result<Option<Self>, Fault> {
        match event.producer.as_str() {
            "intake" => Ok(Self::of_intake(decode(event)?)),
            "approval" => Ok(Self::of_approval(decode(event)?)),
            _ => Ok(None),
        }
    }

    fn of_intake(event: intake::Event) -> Option<Self> {
        use intake::event::Fact;
        let fact = match event.fact? {
            Fact::Submitted(_) => "dossier.submitted",
            Fact::Supplemented(_) => "dossier.supplemented",
            Fact::AwardInQuestion(_) => "dossier.award-in-question",
            Fact::AwardOutOfQuestion(_) => "dossier.award-out-of-question",
        };
        Some(Self {
            fact,
            dossier: event.dossier,
            award: event.award,
            basis: event.basis,
            agency: event.submitting_agency.clone(),
            candidate_agency: event.candidate_agency,
            submitting_agency: event.submitting_agency,
            deciding_agency: event.deciding_agency,
            ..Self::default()
        })
    }

    fn of_approval(event: approval::Event) -> Option<Self> {
        use approval::event::Fact;
        let fact = match event.fact? {
            Fact::Opened(_) => "dossier.in-review",
            Fact::Received(_) => "dossier.received",
            Fact::Appraised(_) => "dossier.appraised",
            Fact::Published(_) => "dossier.published",
            Fact::PublicationEnded(_) => "dossier.publication-ended",
            Fact::CouncilConcluded(_) => "dossier.council-concluded",
            Fact::Forwarded(_) => "dossier.forwarded",
            Fact::Returned(_) => "dossier.returned",
            Fact::Suspended(_) => "dossier.suspended",
            Fact::Resumed(_) => "dossier.resumed",
            Fact::Withdrawn(_) => "dossier.withdrawn",
            Fact::Recalled(_) => "dossier.recalled",
            Fact::Awarded(_) => "dossier.awarded",
            Fact::Refused(_) => "dossier.refused",
            Fact::Presented(_) => "dossier.presented",
            Fact::Overdue(_) => "dossier.overdue",
            Fact::Escalated(_) => "dossier.escalated",
            Fact::Lowered(_) => "dossier.lowered",
            Fact::DueSoon(_) => "dossier.due-soon",
            Fact::SentBack(_) => "dossier.sent-back",
            Fact::DecisionPublished(_) => "dossier.decision-published",
            Fact::CandidateMoved(_) => "dossier.candidate-moved",
            Fact::TakenOver(_) => "dossier.taken-over",
            Fact::Commented(_) => "dossier.commented",
            Fact::DeadlineMoved(_) => "dossier.deadline-moved",
            Fact::ConsultationAsked(_) => "dossier.consultation-asked",
            Fact::Replied(_) => "dossier.consultation-replied",
            Fact::ConsultationLapsed(_) => "dossier.consultation-lapsed",
            Fact::ConsultationEnded(_) => "dossier.consultation-ended",
            Fact::CandidateDied(_) => "dossier.candidate-died",
            Fact::Corrected(_) => "dossier.corrected",
            Fact::Revoked(_) => "dossier.revoked",
            Fact::Restored(_) => "dossier.restored",
            Fact::Reissued(_) => "dossier.reissued",
            // Council's own business, and what intake's `supplemented` tells already.
            Fact::CouncilDue(_)
            | Fact::Resubmitted(_)
            // Of no dossier: intake flags those that rely on it, and tells so.
            | Fact::RecordedAwardRevoked(_)
            | Fact::RecordedAwardRestored(_) => return None,
        };
        Some(Self {
            fact,
            dossier: event.dossier,
            award: event.award,
            basis: event.basis,
            agency: event.agency,
            level: event.level,
            step: event.step,
            candidate_agency: event.candidate_agency,
            candidate_agency_now: event.candidate_agency_now,
            submitting_agency: event.submitting_agency,
            deciding_agency: event.deciding_agency,
        })
    }

    /// What a filter calls by this name.
    fn field(&self, name: &str) -> Option<&str> {
        Some(match name {
            "agency" => &self.agency,
            "award" => &self.award,
            "basis" => &self.basis,
            "candidate_agency" => &self.candidate_agency,
            "deciding_agency" => &self.deciding_agency,
            "dossier" => &self.dossier,
            "fact" => self.fact,
            "level" => &self.level,
            "submitting_agency" => &self.submitting_agency,
            _ => return None,
        })
    }

    /// Whether every equality of a filter holds. An empty filter takes everything.
    pub(crate) fn matches(&self, filter: &BTreeMap<String, String>) -> bool {
        let holds = |name: &str, value: &str| {
            let now = name == "candidate_agency" && self.candidate_agency_now == value;
            now && !value.is_empty() || self.field(name) == Some(value)
        };
        filter.iter().all(|(name, value)| holds(name, value))
    }

    /// What a subscriber is told.
    pub(crate) fn notice(&self, at: Timestamp) -> Notice {
        Notice {
            fact: self.fact.to_owned(),
            dossier: self.dossier.clone(),
            award: self.award.clone(),
            agency: self.agency.clone(),
            level: self.level.clone(),
            step: self.step.clone(),
            at,
        }
    }
}

fn decode<M: Message + Default>(event: &Envelope) -> Result<M, Fault> {
    M::decode(event.body.as_slice())
        .map_err(|e| Fault::refused("INVALID_REQUEST", format!("{} event {}: {e}", event.producer, event.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::subscription::FILTERS;

    fn awarded() -> Happening {
        let event = approval::Event {
            dossier: "d-1".to_owned(),
            award: "bang-khen-chu-tich-tinh".to_owned(),
            level: "ministry-or-province".to_owned(),
            agency: "tinh-hung-yen".to_owned(),
            fact: Some(approval::event::Fact::Awarded(approval::Awarded::default())),
            ..approval::Event::default()
        };
        Happening::of_approval(event).expect("a fact for subscribers")
    }

    fn filter(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn every_filter_that_a_subscription_may_use_looks_at_something() {
        for name in FILTERS {
            assert!(awarded().field(name).is_some(), "{name}");
        }
    }

    #[test]
    fn all_equalities_must_hold_and_none_takes_everything() {
        assert!(awarded().matches(&filter(&[])));
        assert!(awarded().matches(&filter(&[
            ("fact", "dossier.awarded"),
            ("level", "ministry-or-province")
        ])));
        assert!(!awarded().matches(&filter(&[("fact", "dossier.awarded"), ("level", "state")])));
        assert!(!awarded().matches(&filter(&[("colour", "red")])));
        assert!(awarded().matches(&filter(&[("basis", "")])));
    }

    #[test]
    fn what_is_told_elsewhere_is_not_told_twice() {
        let resubmitted = approval::event::Fact::Resubmitted(approval::Resubmitted {});
        assert_eq!(
            Happening::of_approval(approval::Event {
                fact: Some(resubmitted),
                ..approval::Event::default()
            }),
            None
        );
        assert_eq!(Happening::of_intake(intake::Event::default()), None);
    }
}
