//! Whom a dossier passes: the chain of agencies above the candidate, the line where there are two, and who decides.

use time::Date;

use super::{GOVERNMENT, PRESIDENT, PRIME_MINISTER};
use crate::{Agencies, Agency, AwardRule, Decider, DossierFile, Law, LawError, Level, Note, RuleSet};

/// Whom a dossier passes, before the rules of each station.
pub(crate) struct Way<'a> {
    pub rule_set: &'a RuleSet,
    /// The rule set that the dates select, where a person has chosen another.
    pub chosen_over: Option<&'a str>,
    pub award: &'a AwardRule,
    /// The candidate's agency and those above it.
    pub chain: Vec<&'a Agency>,
    /// One agency a level, lowest first; those of the State aside.
    pub steps: Vec<&'a Agency>,
    /// The code of the agency that decides.
    pub decider: &'a str,
    /// The line that is climbed and the one that is not, where the candidate's agency is under two.
    pub lines: Option<[&'a Agency; 2]>,
}

impl Way<'_> {
    /// The stations, lowest first.
    pub fn levels(&self) -> Vec<Level> {
        let state = decided_by_state(self.award).then_some(Level::State);
        self.steps.iter().map(|step| step.level).chain(state).collect()
    }

    /// What people must be told about the choice of the rule set and of the line.
    pub fn warnings(&self, law: &Law) -> Vec<Note> {
        let chosen = self.chosen_over.map(|by_dates| {
            let chosen = &self.rule_set.id;
            let decree = |id: &str| law.rule_set(id).map_or_else(String::new, |set| format!(" ({})", set.law));
            let (one, other) = (decree(chosen), decree(by_dates));
            Note::new(
                format!("Đã chọn bộ quy định có lợi hơn {chosen}{one} thay cho {by_dates}{other}; việc chọn phải do người có thẩm quyền ghi nhận."),
                format!("judged by {chosen}{one} as the more favourable rule set, instead of {by_dates}{other}; the choice is a person's, on record"),
            )
        });
        let line = self.lines.map(|[climbed, other]| {
            Note::new(
                format!(
                    "Hồ sơ trình theo tuyến {}; tuyến {} không được trình cùng thành tích này.",
                    climbed.name, other.name
                ),
                format!(
                    "this dossier climbs the line of {}; {} must not propose the same achievement",
                    climbed.code, other.code
                ),
            )
        });
        chosen.into_iter().chain(line).collect()
    }
}

impl Law {
    pub(crate) fn way<'a>(
        &'a self,
        d: &'a DossierFile,
        agencies: &'a Agencies,
        on: Date,
        chosen: Option<&str>,
    ) -> Result<Way<'a>, LawError> {
        let by_dates = self.rule_set_for(d.letter.date, d.received_on)?;
        let chosen = chosen.filter(|chosen| *chosen != by_dates);
        if let Some(chosen) = chosen.filter(|chosen| !self.may_choose(by_dates, chosen)) {
            return Err(LawError::NotOpen {
                rule_set: chosen.to_owned(),
                by_dates: by_dates.to_owned(),
            });
        }
        let rule_set = self
            .rule_set(chosen.unwrap_or(by_dates))
            .ok_or(LawError::NoRuleSet(d.letter.date))?;
        let award = self
            .award_of(&d.award, &rule_set.id, agencies, d.letter.date)
            .ok_or_else(|| LawError::UnknownAward(d.award.clone()))?;
        if agencies.get(&d.candidate.agency).is_none() {
            return Err(LawError::UnknownAgency(d.candidate.agency.clone()));
        }
        let (chain, lines) = line_of(d, agencies, on);
        if chain.is_empty() {
            return Err(LawError::AgencyGone {
                agency: d.candidate.agency.clone(),
                on,
            });
        }
        let nobody = || LawError::NoAuthority {
            award: d.award.clone(),
            agency: d.candidate.agency.clone(),
        };
        let local = match award.decider {
            Decider::Named => Some(named(&d.award, agencies, on)?),
            other => local_decider(other, &chain),
        };
        let mut steps = climb(&chain, local);
        let decider = if decided_by_state(award) {
            if !steps.iter().any(|step| step.level == Level::MinistryOrProvince) {
                return Err(nobody());
            }
            let office = office_of(award.decider);
            agencies.acting_on(office, on).map_or(office, |agency| &agency.code)
        } else {
            let decider = local.ok_or_else(nobody)?;
            if steps.last().is_none_or(|last| last.code != decider.code) {
                steps.retain(|step| step.level < decider.level);
                steps.push(decider);
            }
            &decider.code
        };
        Ok(Way {
            rule_set,
            chosen_over: chosen.map(|_| by_dates),
            award,
            chain,
            steps,
            decider,
            lines,
        })
    }
}

/// Whether a body of the State decides.
pub(super) fn decided_by_state(award: &AwardRule) -> bool {
    matches!(
        award.decider,
        Decider::President | Decider::PrimeMinister | Decider::Government
    )
}

/// The body of the State that decides.
pub(super) const fn office_of(decider: Decider) -> &'static str {
    match decider {
        Decider::President => PRESIDENT,
        Decider::Government => GOVERNMENT,
        _ => PRIME_MINISTER,
    }
}

/// The candidate's agency and those above it, along the line that the submitting agency stands on; and both lines by
/// the highest of each, where one of them is under two. Where the submitting agency stands on both, the first parent
/// is climbed.
fn line_of<'a>(d: &DossierFile, agencies: &'a Agencies, on: Date) -> (Vec<&'a Agency>, Option<[&'a Agency; 2]>) {
    let first = agencies.chain_on(&d.candidate.agency, on);
    let forks = |(i, agency): (usize, &&'a Agency)| Some((i, agency.second_parent.as_deref()?));
    let Some((fork, other)) = first.iter().enumerate().find_map(forks) else {
        return (first, None);
    };
    let mut second = first[..=fork].to_vec();
    let above = agencies.chain_on(other, on);
    second.extend(
        above
            .into_iter()
            .filter(|agency| !first[..=fork].iter().any(|seen| seen.code == agency.code)),
    );
    let top = |chain: &[&'a Agency]| chain.iter().copied().rfind(|agency| agency.level < Level::State);
    let tops = [top(&first), top(&second)];
    let submitter = agencies.acting_on(&d.submitting_agency, on);
    let on_line = |chain: &[&Agency]| submitter.is_some_and(|by| chain.iter().any(|agency| agency.code == by.code));
    match tops {
        [Some(one), Some(two)] if one.code == two.code => (first, None),
        [Some(one), Some(two)] if on_line(&second) && !on_line(&first) => (second, Some([two, one])),
        [Some(one), Some(two)] => (first, Some([one, two])),
        _ => (first, None),
    }
}

fn named<'a>(award: &str, agencies: &'a Agencies, on: Date) -> Result<&'a Agency, LawError> {
    let code = award.split_once('/').map_or(award, |(agency, _)| agency);
    agencies
        .get(code)
        .ok_or_else(|| LawError::UnknownAgency(code.to_owned()))?;
    agencies.acting_on(code, on).ok_or_else(|| LawError::AgencyGone {
        agency: code.to_owned(),
        on,
    })
}

/// Who decides an award that is not decided by the State, among the agency of the candidate and those above it.
fn local_decider<'a>(decider: Decider, chain: &[&'a Agency]) -> Option<&'a Agency> {
    let own = chain.first().copied();
    let at = |level: Level| chain.iter().copied().find(|agency| agency.level == level);
    let highest_unit = || chain.iter().copied().rfind(|agency| agency.level == Level::Unit);
    let commune = || {
        chain
            .iter()
            .copied()
            .rfind(|agency| agency.is_commune())
            .or_else(highest_unit)
    };
    match decider {
        Decider::MinistryOrProvince => at(Level::MinistryOrProvince),
        // Once the districts are gone, the commune that took their place acts.
        Decider::District => at(Level::District).or_else(commune),
        Decider::Commune => commune(),
        Decider::Unit => own,
        Decider::LegalUnit => chain
            .iter()
            .copied()
            .find(|agency| matches!(agency.level, Level::Department | Level::District))
            .or_else(highest_unit)
            .or(own),
        Decider::Corps => at(Level::Department).or(own),
        Decider::President | Decider::PrimeMinister | Decider::Government | Decider::Named => None,
    }
}

/// One agency a level, upward, as far as the one that decides; of two that share a level the higher.
fn climb<'a>(chain: &[&'a Agency], decider: Option<&Agency>) -> Vec<&'a Agency> {
    let mut steps: Vec<&Agency> = Vec::new();
    for agency in chain.iter().copied().filter(|agency| agency.level < Level::State) {
        match steps.last() {
            Some(last) if agency.level < last.level => continue,
            Some(last) if agency.level == last.level => {
                steps.pop();
            }
            _ => {}
        }
        steps.push(agency);
        if decider.is_some_and(|decider| decider.code == agency.code) {
            break;
        }
    }
    steps
}
