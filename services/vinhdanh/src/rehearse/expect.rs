//! What must be true now: the `expect` step as written, and what came instead.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::scenario::Actor;

/// One expectation about one thing.
#[derive(Debug)]
pub enum Expect {
    /// About a dossier.
    Dossier(DossierExpect),
    /// How much waits on somebody.
    Task(TaskExpect),
    /// About a bulk act.
    Bulk(BulkExpect),
    /// About a council's session.
    Session(SessionExpect),
    /// What the register of awards tells.
    Register(RegisterExpect),
    /// What a subscriber got.
    Delivery(DeliveryExpect),
    /// About the newest `check`.
    Check(CheckExpect),
    /// Every service's hash chains hold.
    Audit,
    /// Every history replays to the same states and effects.
    Replay,
}

/// What is said of a dossier; whatever is `None` may be anything.
#[derive(Debug, Default)]
pub struct DossierExpect {
    pub dossier: String,
    pub judged: CheckExpect,
    pub status: Option<String>,
    pub award: Option<String>,
    pub level: Option<String>,
    pub agency: Option<String>,
    pub step: Option<String>,
    pub deadline: Option<String>,
    pub waiting_on: Option<String>,
    pub decision: Option<String>,
    /// Who decided in the authority's place.
    pub decided_by: Option<String>,
    /// Where the candidate has moved.
    pub moved_to: Option<String>,
    /// `FROM > TO`: must be among the agencies whose successors took over.
    pub taken_over: Vec<String>,
    /// `FROM > TO: REASON`, the newest.
    pub sent_back: Option<String>,
    pub bonus_vnd: Option<i64>,
    pub history: Option<usize>,
    pub vote: Option<VoteExpect>,
}

/// What the law says of a dossier.
#[derive(Debug, Default)]
pub struct CheckExpect {
    pub rule_set: Option<String>,
    pub verdict: Option<String>,
    /// Must be among the unmet.
    pub unmet: Vec<String>,
}

/// A count, as the newest counted review has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteExpect {
    pub yes: Option<u32>,
    pub no: Option<u32>,
    pub blank: Option<u32>,
    pub base: Option<u32>,
    pub passed: Option<bool>,
}

/// How many dossiers wait on a role of an agency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskExpect {
    /// Whose work it is; a name beside the role makes no difference.
    #[serde(rename = "for")]
    pub whose: Actor,
    /// How many.
    pub count: i64,
}

/// What is said of a bulk act; whatever is `None` may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkExpect {
    /// The scenario's name for it.
    pub job: String,
    pub status: Option<String>,
    pub done: Option<u32>,
    pub refused: Option<u32>,
    /// Must be among the reasons of refusal.
    #[serde(default)]
    pub reasons: Vec<String>,
}

/// What is said of a session; whatever is `None` may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionExpect {
    /// The scenario's name for it.
    pub name: String,
    pub status: Option<String>,
    /// Who presides; a name without `@` is of the council's own agency.
    pub chair: Option<String>,
    /// Dossiers on the agenda.
    pub items: Option<u32>,
    /// How many members must be present.
    pub quorum: Option<u32>,
    /// Members with a vote.
    pub members: Option<usize>,
    /// Signatures under the minutes.
    pub signed: Option<usize>,
}

/// What is looked up in the register of awards, and what must come of it; whatever is `None` may be anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterExpect {
    /// Number of the decision.
    #[serde(default)]
    pub decision: String,
    /// Its day, as ISO 8601.
    #[serde(default)]
    pub on: String,
    /// The holder's personal or unit number.
    #[serde(default)]
    pub person: String,
    #[serde(default)]
    pub award: String,
    /// Entries found.
    pub count: Option<usize>,
    /// in-force, corrected or revoked, of all of them.
    pub status: Option<String>,
    pub holder: Option<String>,
    /// Number of the newest correction, revocation or restoration.
    pub amended_by: Option<String>,
}

/// What a receiver of the rehearsal got, and what the services say of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryExpect {
    /// The runner's name for the subscription.
    pub subscription: String,
    /// Calls that the receiver took (answered 2xx, or read from the stream).
    pub count: Option<usize>,
    /// Different deliveries among them.
    pub distinct: Option<usize>,
    /// Deliveries that are parked.
    pub parked: Option<usize>,
    /// Deliveries that were given up.
    pub dead: Option<usize>,
    /// Must be among the facts that arrived.
    #[serde(default)]
    pub facts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    dossier: Option<String>,
    status: Option<String>,
    award: Option<String>,
    level: Option<String>,
    agency: Option<String>,
    step: Option<String>,
    deadline: Option<String>,
    waiting_on: Option<String>,
    rule_set: Option<String>,
    verdict: Option<String>,
    #[serde(default)]
    unmet: Vec<String>,
    decision: Option<String>,
    decided_by: Option<String>,
    moved_to: Option<String>,
    #[serde(default)]
    taken_over: Vec<String>,
    sent_back: Option<String>,
    bonus_vnd: Option<i64>,
    history: Option<usize>,
    vote: Option<VoteExpect>,
    task: Option<TaskExpect>,
    session: Option<SessionExpect>,
    register: Option<RegisterExpect>,
    bulk: Option<BulkExpect>,
    delivery: Option<DeliveryExpect>,
    #[serde(default)]
    facts: Vec<String>,
    audit: Option<String>,
    replay: Option<String>,
}

const STATUSES: [&str; 9] = [
    "drafting",
    "submitted",
    "returned",
    "in-review",
    "suspended",
    "awarded",
    "refused",
    "withdrawn",
    "revoked",
];
const LEVELS: [&str; 5] = ["unit", "district", "department", "ministry-or-province", "state"];
const VERDICTS: [&str; 5] = ["on-hold", "not-eligible", "incomplete", "undecided", "eligible"];
/// In the order of the API's enum, from 1.
pub const STEPS: [&str; 10] = [
    "receiving",
    "appraising",
    "consulting",
    "publishing",
    "in-council",
    "signing",
    "deciding",
    "issued",
    "published",
    "presented",
];

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fields::deserialize(deserializer)?.subject().map_err(D::Error::custom)
    }
}

impl Fields {
    fn subject(mut self) -> Result<Expect, String> {
        word("status", self.status.as_deref(), &STATUSES)?;
        word("level", self.level.as_deref(), &LEVELS)?;
        word("step", self.step.as_deref().filter(|step| *step != "none"), &STEPS)?;
        word("verdict", self.verdict.as_deref(), &VERDICTS)?;
        word("audit", self.audit.as_deref(), &["verifies"])?;
        word("replay", self.replay.as_deref(), &["identical"])?;
        if let Some(who) = &self.waiting_on
            && who != "none"
        {
            who.parse::<Actor>().map_err(|error| format!("waiting_on: {error}"))?;
        }
        if !self.facts.is_empty() {
            let delivery = self.delivery.as_mut().ok_or("`facts` go with a `delivery`")?;
            delivery.facts.append(&mut self.facts);
        }
        let judged = CheckExpect {
            rule_set: self.rule_set,
            verdict: self.verdict,
            unmet: self.unmet,
        };
        let says_of_check = judged.rule_set.is_some() || judged.verdict.is_some() || !judged.unmet.is_empty();
        let dossier = DossierExpect {
            dossier: self.dossier.unwrap_or_default(),
            judged,
            status: self.status,
            award: self.award,
            level: self.level,
            agency: self.agency,
            step: self.step,
            deadline: self.deadline,
            waiting_on: self.waiting_on,
            decision: self.decision,
            decided_by: self.decided_by,
            moved_to: self.moved_to,
            taken_over: self.taken_over,
            sent_back: self.sent_back,
            bonus_vnd: self.bonus_vnd,
            history: self.history,
            vote: self.vote,
        };
        let named = !dossier.dossier.is_empty();
        let says_of_course = dossier.says_of_course();
        let mut subjects = Vec::new();
        if named {
            if !says_of_course && !says_of_check {
                return Err("`expect` names a dossier and says nothing of it".to_owned());
            }
            subjects.push(Expect::Dossier(dossier));
        } else if says_of_course {
            return Err("of which `dossier`?".to_owned());
        } else if says_of_check {
            subjects.push(Expect::Check(dossier.judged));
        }
        subjects.extend(self.task.map(Expect::Task));
        subjects.extend(self.session.map(Expect::Session));
        subjects.extend(self.register.map(Expect::Register));
        subjects.extend(self.bulk.map(Expect::Bulk));
        subjects.extend(self.delivery.map(Expect::Delivery));
        subjects.extend(self.audit.map(|_| Expect::Audit));
        subjects.extend(self.replay.map(|_| Expect::Replay));
        match (subjects.pop(), subjects.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => Err("`expect` says nothing".to_owned()),
            _ => Err("one thing a step: a dossier, a task, a session, a delivery, audit or replay".to_owned()),
        }
    }
}

impl DossierExpect {
    /// Whether more is said than what the law's check says.
    fn says_of_course(&self) -> bool {
        self.status.is_some() || self.needs_course() || self.history.is_some() || self.vote.is_some()
    }

    /// Whether approval must be asked.
    pub fn needs_course(&self) -> bool {
        let texts = [
            &self.award,
            &self.level,
            &self.agency,
            &self.step,
            &self.deadline,
            &self.waiting_on,
            &self.decision,
            &self.decided_by,
            &self.moved_to,
            &self.sent_back,
        ];
        texts.iter().any(|text| text.is_some()) || self.bonus_vnd.is_some() || !self.taken_over.is_empty()
    }
}

fn word(key: &str, got: Option<&str>, known: &[&str]) -> Result<(), String> {
    match got {
        Some(got) if !known.contains(&got) => Err(format!("{key}: `{got}` is none of {}", known.join(", "))),
        _ => Ok(()),
    }
}

/// One thing that is not as written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// The key of `expect`.
    pub what: String,
    /// As written.
    pub expected: String,
    /// As it is.
    pub came: String,
}

/// Collects what is not as written.
#[derive(Default)]
pub struct Comparison(pub Vec<Mismatch>);

impl Comparison {
    /// Compares one key, if it was written.
    pub fn same<T: PartialEq + ToString>(&mut self, what: &str, expected: Option<&T>, came: &T) {
        if let Some(expected) = expected
            && expected != came
        {
            self.differs(what, expected.to_string(), came.to_string());
        }
    }

    /// Compares a text that may be empty, written as `none`.
    pub fn text(&mut self, what: &str, expected: Option<&String>, came: &str) {
        let came = if came.is_empty() { "none" } else { came };
        self.same(what, expected, &came.to_owned());
    }

    /// All of `expected` must be among what came.
    pub fn contains(&mut self, what: &str, expected: &[String], came: &BTreeSet<String>) {
        if expected.iter().any(|one| !came.contains(one)) {
            let came: Vec<&str> = came.iter().map(String::as_str).collect();
            self.differs(
                what,
                expected.join(", "),
                if came.is_empty() {
                    "none".to_owned()
                } else {
                    came.join(", ")
                },
            );
        }
    }

    /// Notes a difference.
    pub fn differs(&mut self, what: &str, expected: String, came: String) {
        self.0.push(Mismatch {
            what: what.to_owned(),
            expected,
            came,
        });
    }
}
