//! From a dossier file to what the law says of it.

use host::{Fault, Unit};
use law::{Check, DossierFile, Problem};

use crate::machine::{Head, Judged};

/// Problems of a file as a fault.
pub(crate) fn invalid(problems: Vec<Problem>) -> Fault {
    // One problem is told by its own reason, several by a common one; each field says its own.
    let reason = match problems.as_slice() {
        [one] if host::Reason::is_known(one.reason) => one.reason,
        _ => "INVALID_DOSSIER",
    };
    let fields = problems
        .into_iter()
        .map(|p| (p.path, format!("{}: {} / {}", p.reason, p.vi, p.en)))
        .collect();
    Fault::Invalid { reason, fields }
}

/// Reads a dossier file.
pub(crate) fn parse(content: &str) -> Result<DossierFile, Fault> {
    DossierFile::parse(content).map_err(invalid)
}

/// Checks a file that was read, against the directory and today.
pub(crate) fn validate(unit: &Unit, file: &DossierFile) -> Result<(), Fault> {
    validate_as_of(unit, file, unit.today())
}

/// The same, with another day as today.
pub(crate) fn validate_as_of(unit: &Unit, file: &DossierFile, today: law::Date) -> Result<(), Fault> {
    let problems = unit.law().validate(file, unit.agencies(), today);
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    if file.confidential {
        return Err(Fault::refused("CONFIDENTIAL", ""));
    }
    Ok(())
}

/// What the law says of it today.
pub(crate) fn judge(unit: &Unit, file: &DossierFile) -> Result<(Check, Judged), Fault> {
    let check = unit.law().check(file, unit.agencies(), None).map_err(invalid)?;
    let judged = Judged {
        rule_set: check.rule_set.clone(),
        rule_set_digest: unit.law().digest(&check.rule_set),
        verdict: check.verdict.as_str().to_owned(),
        unmet: check.unmet.clone(),
        missing: check.missing.clone(),
        on: unit.today().to_string(),
    };
    Ok((check, judged))
}

/// The parts that searches and events need.
pub(crate) fn head(file: &DossierFile) -> Head {
    Head {
        award: file.award.clone(),
        basis: machine::variant_name(&file.basis),
        candidate_kind: file.candidate.kind.as_str().to_owned(),
        candidate_name: file.candidate.name.clone(),
        candidate_person: file.candidate.id.clone().unwrap_or_default(),
        candidate_agency: file.candidate.agency.clone(),
        submitting_agency: file.submitting_agency.clone(),
        reference: file.reference.clone().unwrap_or_default(),
        letter_number: file.letter.number.clone(),
        letter_date: file.letter.date.to_string(),
    }
}

/// The canonical JSON of a file.
pub(crate) fn canonical(file: &DossierFile) -> Result<String, Fault> {
    serde_json::to_string(file).map_err(|e| Fault::Internal(e.to_string()))
}

/// A paper that a supplement adds.
pub(crate) fn paper(document: &proto::intake::v1::Document) -> law::Document {
    let optional = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    law::Document {
        kind: document.kind.clone(),
        file: None,
        number: optional(&document.number),
        date: None,
        sha256: optional(&document.sha256),
    }
}
