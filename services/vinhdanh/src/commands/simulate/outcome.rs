//! One dossier, judged before and after.

use law::{Agencies, CandidateKind, Check, Date, DossierFile, Law, Level, Verdict};
use serde_json::{Value, json};

use super::dossiers::spelled;

/// What a dossier came to by one law.
pub(super) struct Judged {
    /// Its verdict; `None` where the law cannot judge it, for example since it no longer has the award.
    pub verdict: Option<Verdict>,
    check: Option<Check>,
    why: String,
}

/// The code of a dossier that a law cannot judge.
pub(super) const NOT_JUDGED: &str = "not-judged";

/// Every outcome, worst first: a dossier that waits is better off than one that is refused.
pub(super) const OUTCOMES: [Option<Verdict>; 6] = [
    None,
    Some(Verdict::NotEligible),
    Some(Verdict::OnHold),
    Some(Verdict::Incomplete),
    Some(Verdict::Undecided),
    Some(Verdict::Eligible),
];

impl Judged {
    fn by(law: &Law, dossier: &DossierFile, agencies: &Agencies, on: Option<Date>) -> Self {
        match law.check(dossier, agencies, on) {
            Ok(check) => Self {
                verdict: Some(check.verdict),
                check: Some(check),
                why: String::new(),
            },
            Err(problems) => Self {
                verdict: None,
                check: None,
                why: spelled(&problems),
            },
        }
    }

    /// The code of the outcome.
    pub fn code(&self) -> &'static str {
        self.verdict.map_or(NOT_JUDGED, Verdict::as_str)
    }

    /// How good it is.
    pub fn rank(&self) -> usize {
        OUTCOMES
            .iter()
            .position(|outcome| *outcome == self.verdict)
            .unwrap_or_default()
    }

    fn rule_set(&self) -> Option<&str> {
        self.check.as_ref().map(|check| check.rule_set.as_str())
    }

    /// Codes of what it takes: criteria that refuse, then what else is lacking, each once.
    fn lacking(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        if let Some(check) = &self.check {
            let lacking = check.lacking.iter().map(|lack| lack.code.to_string());
            for code in check
                .unmet
                .iter()
                .cloned()
                .chain(lacking)
                .chain(check.missing.iter().cloned())
            {
                if !codes.contains(&code) {
                    codes.push(code);
                }
            }
        }
        codes
    }
}

/// A dossier before and after, with the groups that it belongs to. It holds no name.
pub(super) struct Pair {
    pub before: Judged,
    pub after: Judged,
    reference: Option<String>,
    /// The award's code.
    pub award: String,
    /// The province or ministry above the candidate.
    pub agency: String,
    /// Where it is decided, as before; as after, if only that law judges it.
    pub level: &'static str,
    /// The candidate's sex; whether a person at all.
    pub sex: String,
    /// What the person does.
    pub occupation: String,
    /// Whether the person works directly, without a leading post.
    pub direct_worker: &'static str,
}

/// For what a file does not say.
pub(super) const NOT_STATED: &str = "not-stated";
/// For facts about persons, where the candidate is none.
pub(super) const NO_PERSON: &str = "collective-or-household";

impl Pair {
    /// Judges a dossier by both laws.
    ///
    /// # Errors
    /// Where neither can judge it: then the file is at fault.
    pub fn judge(
        before: &Law,
        after: &Law,
        dossier: &DossierFile,
        agencies: &Agencies,
        on: Option<Date>,
    ) -> Result<Self, String> {
        let before = Judged::by(before, dossier, agencies, on);
        let after = Judged::by(after, dossier, agencies, on);
        let Some(check) = before.check.as_ref().or(after.check.as_ref()) else {
            return Err(before.why);
        };
        let candidate = &dossier.candidate;
        let person = candidate.kind == CandidateKind::Individual;
        let fact = |stated: Option<Value>| match stated {
            _ if !person => NO_PERSON.to_owned(),
            Some(Value::String(word)) => word,
            _ => NOT_STATED.to_owned(),
        };
        let level = check.levels.last().copied().unwrap_or(Level::Unit).as_str();
        Ok(Self {
            level,
            reference: dossier.reference.clone(),
            award: dossier.award.clone(),
            agency: above(agencies, &candidate.agency, check.on),
            sex: fact(candidate.sex.map(|sex| json!(sex))),
            occupation: fact(candidate.occupation.map(|occupation| json!(occupation))),
            direct_worker: match candidate.direct_worker {
                _ if !person => NO_PERSON,
                Some(true) => "yes",
                Some(false) => "no",
                None => NOT_STATED,
            },
            before,
            after,
        })
    }

    /// Whether the outcome is another.
    pub fn changed(&self) -> bool {
        self.before.verdict != self.after.verdict
    }

    /// Whether the dossier is better off.
    pub fn gains(&self) -> bool {
        self.after.rank() > self.before.rank()
    }

    /// Whether the dossier is worse off.
    pub fn loses(&self) -> bool {
        self.after.rank() < self.before.rank()
    }

    /// What made the difference: what it takes only after, and what it took only before.
    pub fn difference(&self) -> (Vec<String>, Vec<String>) {
        let (before, after) = (self.before.lacking(), self.after.lacking());
        let only = |here: &[String], there: &[String]| -> Vec<String> {
            here.iter().filter(|code| !there.contains(code)).cloned().collect()
        };
        (only(&after, &before), only(&before, &after))
    }

    /// As data, without the candidate's name.
    pub fn json(&self, place: &str) -> Value {
        let (now_lacks, no_longer_lacks) = self.difference();
        let side = |judged: &Judged| {
            let check = judged.check.as_ref();
            json!({
                "verdict": judged.code(),
                "rule_set": judged.rule_set(),
                "unmet": check.map(|check| &check.unmet),
                "missing": check.map(|check| &check.missing),
                "deciding_agency": check.map(|check| &check.deciding_agency),
                "why": judged.why,
            })
        };
        json!({
            "file": place,
            "reference": self.reference,
            "award": self.award,
            "change": if self.gains() { "gains" } else { "loses" },
            "before": side(&self.before),
            "after": side(&self.after),
            "now_lacks": now_lacks,
            "no_longer_lacks": no_longer_lacks,
        })
    }
}

/// The province or ministry above an agency, the highest below the State where there is none.
fn above(agencies: &Agencies, code: &str, on: Date) -> String {
    let chain = agencies.chain_on(code, on);
    let top = chain.iter().find(|agency| agency.level == Level::MinistryOrProvince);
    let highest = || chain.iter().rfind(|agency| agency.level < Level::State);
    top.or_else(highest)
        .map_or_else(|| code.to_owned(), |agency| agency.code.clone())
}
