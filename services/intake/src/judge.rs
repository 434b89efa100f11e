//! From a dossier file to what the law says of it, and to all that this was reached by.

use host::{Fault, Unit, replica::date};
use law::{Agencies, Check, Date, DossierFile, Law, Problem};
use sha2::{Digest as _, Sha256};

use crate::machine::{Dossier, Head, Judged, Occasion, Relied, Remark};

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
pub(crate) fn validate_as_of(unit: &Unit, file: &DossierFile, today: Date) -> Result<(), Fault> {
    let problems = unit.law().validate(file, unit.agencies(), today);
    if !problems.is_empty() {
        return Err(invalid(problems));
    }
    if file.confidential {
        return Err(Fault::refused("CONFIDENTIAL", ""));
    }
    Ok(())
}

/// What a verdict rests on beside the file and the directory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ground<'a> {
    /// What it is reached at.
    pub(crate) occasion: Occasion,
    /// The day of receipt, ISO 8601, or empty: as the file says.
    pub(crate) received_on: &'a str,
    /// The rule set that a person chose, or empty: as the dates select.
    pub(crate) chosen: &'a str,
}

impl<'a> Ground<'a> {
    /// The ground that a dossier stands on.
    pub(crate) fn of(dossier: &'a Dossier, occasion: Occasion) -> Self {
        Self {
            occasion,
            received_on: &dossier.received_on,
            chosen: dossier.chosen.as_ref().map_or("", |chosen| &chosen.rule_set),
        }
    }
}

/// A verdict that was just reached.
pub(crate) struct Judgement {
    /// What is kept of it.
    pub(crate) judged: Judged,
    /// The canonical file that was judged.
    pub(crate) content: String,
    /// The part of the directory that was looked at, in its canonical form.
    pub(crate) extract: String,
}

/// What the law says of it now.
pub(crate) fn judge(unit: &Unit, file: &DossierFile, ground: Ground<'_>) -> Result<Judgement, Fault> {
    if !ground.chosen.is_empty() {
        may_choose(unit.law(), file, ground.received_on, ground.chosen)?;
    }
    let content = canonical(file)?;
    let check = again(unit.law(), &content, unit.agencies(), ground, None)?;
    let extract = unit.agencies().extract_for(file).canonical();
    Ok(Judgement {
        judged: Judged {
            rule_set_digest: unit.law().digest(&check.rule_set).to_owned(),
            directory_digest: digest(&extract),
            content_digest: digest(&content),
            tree_digest: tree_digest(&check)?,
            ..of_check(check, ground)
        },
        content,
        extract,
    })
}

/// Judges a canonical file by any law and directory, on a given day or, for `None`, on the one that the file gives.
pub(crate) fn again(
    law: &Law,
    content: &str,
    agencies: &Agencies,
    ground: Ground<'_>,
    on: Option<Date>,
) -> Result<Check, Fault> {
    let file = received(parse(content)?, ground.received_on)?;
    let named = named(law, &file, ground.chosen)?;
    law.check_under(&file, agencies, on, named).map_err(invalid)
}

/// The chosen rule set, unless the dates of the file select it by now.
pub(crate) fn named<'a>(law: &Law, file: &DossierFile, chosen: &'a str) -> Result<Option<&'a str>, Fault> {
    if chosen.is_empty() || selected(law, file)? == chosen {
        Ok(None)
    } else {
        Ok(Some(chosen))
    }
}

/// The rule set that the dates of a file select.
fn selected<'a>(law: &'a Law, file: &DossierFile) -> Result<&'a str, Fault> {
    law.rule_set_for(file.letter.date, file.received_on)
        .map_err(|e| Fault::refused("LAW_UNDECIDED", e.to_string()))
}

/// The file with the day of receipt, where one is known.
pub(crate) fn received(mut file: DossierFile, received_on: &str) -> Result<DossierFile, Fault> {
    if let Some(day) = date("received_on", received_on)? {
        file.received_on = Some(day);
    }
    Ok(file)
}

/// Refuses a rule set that the law does not let a person choose for this file; otherwise the one it stands in for.
pub(crate) fn may_choose<'a>(
    law: &'a Law,
    file: &DossierFile,
    received_on: &str,
    chosen: &str,
) -> Result<&'a str, Fault> {
    let selected = selected(law, &received(file.clone(), received_on)?)?;
    // Dates may come to select what was chosen before they did.
    if selected == chosen || law.may_choose(selected, chosen) {
        return Ok(selected);
    }
    Err(Fault::refused(
        "RULE_SET_NOT_ALLOWED",
        format!("{chosen} in place of {selected}; an empty rule set chooses back"),
    ))
}

fn of_check(check: Check, ground: Ground<'_>) -> Judged {
    Judged {
        occasion: ground.occasion,
        rule_set: check.rule_set,
        verdict: check.verdict.as_str().to_owned(),
        unmet: check.unmet,
        missing: check.missing,
        holds: check.holds.iter().map(|hold| hold.kind.to_string()).collect(),
        on: check.on.to_string(),
        received_on: ground.received_on.to_owned(),
        chosen: ground.chosen.to_owned(),
        ..Judged::default()
    }
}

/// The digest over the tree of a check.
pub(crate) fn tree_digest(check: &Check) -> Result<String, Fault> {
    let text = serde_json::to_string(&check.tree).map_err(|e| Fault::Internal(e.to_string()))?;
    Ok(digest(&text))
}

/// SHA-256 in hex.
pub(crate) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// The year that the award is for.
pub(crate) fn award_year(file: &DossierFile) -> i32 {
    file.award_year.unwrap_or(file.achievement.to.year())
}

/// The parts that searches and events need.
pub(crate) fn head(file: &DossierFile) -> Head {
    Head {
        award: file.award.clone(),
        award_year: award_year(file),
        basis: machine::variant_name(&file.basis),
        candidate_kind: file.candidate.kind.as_str().to_owned(),
        candidate_name: file.candidate.name.clone(),
        candidate_person: file.candidate.id.clone().unwrap_or_default(),
        candidate_agency: file.candidate.agency.clone(),
        submitting_agency: file.submitting_agency.clone(),
        reference: file.reference.clone().unwrap_or_default(),
        letter_number: file.letter.number.clone(),
        letter_date: file.letter.date.to_string(),
        relies: file.record.awards.iter().map(relied).collect(),
    }
}

fn relied(award: &law::Award) -> Relied {
    Relied {
        award: award.award.clone(),
        year: award.year,
        decision: award.decision.clone().unwrap_or_default(),
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

impl From<&Remark> for proto::intake::v1::Note {
    fn from(remark: &Remark) -> Self {
        Self {
            vi: remark.vi.clone(),
            en: remark.en.clone(),
        }
    }
}
