//! A draft, and what it is submitted by: judged, stepped, and the verdict kept with the step.

use access::Principal;
use host::{Fault, Unit};
use law::DossierFile;
use machine::Snapshot;
use proto::intake::v1;

use crate::{
    judge::{self, Ground},
    machine::{Dossier, Input, Judged, Occasion, Remark, State},
    shares::Tally,
    verdicts, views,
};

/// What to say of the share that a dossier counts in, with `more` proposals than there are; nothing for most awards.
fn warnings(unit: &mut Unit, judged: &Judged, file: &DossierFile, more: u64) -> Result<Vec<Remark>, Fault> {
    if unit.law().share(&file.award, &judged.rule_set).is_none() {
        return Ok(Vec::new());
    }
    let tally = Tally::of_year(unit, &file.submitting_agency, judge::award_year(file))?;
    Ok(tally.warnings(unit.law(), &file.award, &judged.rule_set, more))
}

/// Judges a draft, steps it, and keeps the verdict.
pub(super) fn draft(
    unit: &mut Unit,
    id: &str,
    file: &DossierFile,
    before: Option<&Snapshot<Dossier>>,
) -> Result<v1::Dossier, Fault> {
    let ground = before.map(|before| Ground::of(&before.data, Occasion::Draft));
    let mut judgement = judge::judge(unit, file, ground.unwrap_or_default())?;
    // What is returned counts among the proposals already.
    let more = u64::from(before.is_none_or(|before| before.state == State::Drafting));
    judgement.judged.warnings = warnings(unit, &judgement.judged, file, more)?;
    let input = Input::Draft {
        id: id.to_owned(),
        content: judgement.content,
        head: judge::head(file),
        judged: judgement.judged,
    };
    step_and_keep(unit, id, input, judgement.extract)
}

/// Steps a dossier by an input that brings a verdict, and keeps that verdict with the step.
pub(super) fn step_and_keep(unit: &mut Unit, id: &str, input: Input, extract: String) -> Result<v1::Dossier, Fault> {
    let next = unit.step::<Dossier>(id, input)?;
    verdicts::keep(unit, id, &next.data.judged, extract)?;
    Ok(views::answer(unit.version::<Dossier>(id)?, &next, unit.now()))
}

/// What submits a draft, with the part of the directory that its verdict looked at. `together`: how many drafts of the
/// same award and year one letter submits.
pub(super) fn submission(
    unit: &mut Unit,
    who: &Principal,
    dossier: &Dossier,
    letter: &str,
    together: u64,
) -> Result<(Input, String), Fault> {
    let mut file = judge::parse(&dossier.content)?;
    file.submitting_agency.clone_from(&who.agency);
    if !letter.is_empty() {
        letter.clone_into(&mut file.letter.number);
    }
    judge::validate(unit, &file)?;
    let ground = Ground::of(dossier, Occasion::Submission);
    let mut judgement = judge::judge(unit, &file, ground)?;
    judgement.judged.warnings = warnings(unit, &judgement.judged, &file, together)?;
    let named = judge::named(unit.law(), &file, ground.chosen)?;
    let route = unit
        .law()
        .route_under(&file, unit.agencies(), unit.today(), named)
        .map_err(|e| Fault::refused("LAW_UNDECIDED", e.to_string()))?;
    let mut way = vec![file.candidate.agency.clone(), route.deciding_agency.clone()];
    for station in &route.stations {
        way.push(station.appraiser.clone());
        way.extend(station.signer.iter().chain(&station.decider).cloned());
    }
    way.sort();
    way.dedup();
    let input = Input::Submit {
        content: judgement.content,
        head: judge::head(&file),
        judged: judgement.judged,
        deciding_agency: route.deciding_agency.clone(),
        route: serde_json::to_string(&route).map_err(|e| Fault::Internal(e.to_string()))?,
        way,
    };
    Ok((input, judgement.extract))
}
