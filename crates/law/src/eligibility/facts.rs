//! What is known of a candidate on the day that counts, made ready for the criteria.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;

use crate::{Agencies, Award, Basis, DossierFile, Law, Occupation, Rating, RuleSet, eligibility::window::Window};

/// The facts behind one check.
pub(crate) struct Facts<'a> {
    pub law: &'a Law,
    pub set: &'a RuleSet,
    pub dossier: &'a DossierFile,
    /// The day on which agencies and proceedings are looked at.
    pub day: Date,
    /// The year that the award is for.
    pub year: i32,
    /// Awards that count as prior merit.
    pub held: Vec<&'a Award>,
    /// The lowest rating noted for each year.
    pub ratings: BTreeMap<i32, Rating>,
    answered: BTreeSet<&'a str>,
    forces: BTreeSet<&'static str>,
    /// The kind of the candidate's agency, e.g. `ministry`.
    pub agency_kind: String,
    /// When the last disciplinary period ended, where the rule set lets merit count from then on only.
    pub disciplined_until: Option<Date>,
}

impl<'a> Facts<'a> {
    pub fn new(law: &'a Law, set: &'a RuleSet, dossier: &'a DossierFile, agencies: &Agencies, day: Date) -> Self {
        let mut ratings = BTreeMap::new();
        for rated in &dossier.record.ratings {
            let lowest = ratings.entry(rated.year).or_insert(rated.rating);
            *lowest = (*lowest).min(rated.rating);
        }
        let chain = agencies.chain_on(&dossier.candidate.agency, day);
        let disciplined_until = dossier
            .record
            .discipline
            .iter()
            .filter(|measure| set.discipline_resets && measure.date <= day)
            // A period that has no end yet still runs: nothing counts before it is over.
            .map(|measure| measure.ended_on.unwrap_or(day))
            .max();
        Self {
            law,
            set,
            dossier,
            day,
            year: dossier.award_year.unwrap_or(dossier.achievement.to.year()),
            held: dossier
                .record
                .awards
                .iter()
                .filter(|award| counts_as_merit(award, day))
                .collect(),
            ratings,
            answered: dossier
                .declared
                .iter()
                .map(|answer| answer.criterion.as_str())
                .collect(),
            forces: forces(
                dossier.candidate.occupation,
                chain.iter().map(|agency| agency.code.as_str()),
            ),
            agency_kind: chain.first().map_or_else(String::new, |agency| agency.kind.clone()),
            disciplined_until,
        }
    }

    /// Whether a person has answered criteria of this type.
    pub fn answered(&self, kind: &str) -> bool {
        self.answered.contains(kind)
    }

    /// The counted awards of one of these codes, also by other names that they had.
    pub fn held_of<'b>(&'b self, codes: &'b [&str]) -> impl Iterator<Item = &'a Award> + 'b {
        self.held
            .iter()
            .copied()
            .filter(move |award| codes.iter().any(|code| self.law.same_award(code, &award.award)))
    }

    /// The years for which one of these awards is held inside the window.
    pub fn years_held(&self, codes: &[&str], window: Window) -> BTreeSet<i32> {
        self.held_of(codes)
            .map(|award| award.year)
            .filter(|year| window.holds(*year))
            .collect()
    }

    /// Whether the candidate belongs to one of the forces; `None`: not known.
    pub fn in_force(&self, any_of: &[String]) -> Option<bool> {
        let wanted = |force: &str| {
            any_of.iter().any(|name| match name.as_str() {
                "army-or-police" | "armed-forces" => matches!(force, "army" | "police"),
                other => other == force,
            })
        };
        if self.forces.iter().any(|force| wanted(force)) {
            return Some(true);
        }
        let told = self
            .dossier
            .candidate
            .occupation
            .is_some_and(|occupation| occupation != Occupation::Other);
        (told || !self.forces.is_empty()).then_some(false)
    }
}

/// Results of extraordinary and thematic awards and revoked ones are no basis for a merit award.
fn counts_as_merit(award: &Award, day: Date) -> bool {
    award.revoked_on.is_none()
        && !matches!(award.basis, Basis::Extraordinary | Basis::Movement)
        && award.year <= day.year()
        && award.date.is_none_or(|date| date <= day)
}

fn forces<'b>(occupation: Option<Occupation>, agencies: impl Iterator<Item = &'b str>) -> BTreeSet<&'static str> {
    let mut forces = BTreeSet::new();
    match occupation {
        Some(Occupation::Soldier) => forces.insert("army"),
        Some(Occupation::Police) => forces.insert("police"),
        _ => false,
    };
    for agency in agencies {
        match agency {
            "bo-quoc-phong" => forces.insert("army"),
            "bo-cong-an" => forces.insert("police"),
            _ => false,
        };
    }
    forces
}

/// From when on merit counts towards the next award: the end of the period that the decision names, else its date.
pub(crate) fn counts_from(award: &Award) -> Date {
    let period = award.achievement.as_ref().and_then(|achievement| achievement.to);
    period
        .or(award.date)
        .unwrap_or_else(|| Date::from_calendar_date(award.year, time::Month::December, 31).unwrap_or(Date::MAX))
}
