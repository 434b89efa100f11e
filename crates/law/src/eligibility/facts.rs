//! What is known of a candidate on the day that counts, made ready for the criteria.

use std::cell::OnceCell;

use time::Date;

use crate::{
    Agency, Award, Basis, Declared, DossierFile, Fact, Law, Note, Occupation, Rating, RuleSet,
    eligibility::{
        found::{self, Why},
        prepared::{Named, Prepared},
        window::Window,
    },
};

/// The facts behind one check. Lists are in an order of their own, so that the order of the file changes nothing.
pub(crate) struct Facts<'a> {
    pub prepared: &'a Prepared,
    pub law: &'a Law,
    pub set: &'a RuleSet,
    pub dossier: &'a DossierFile,
    /// The day on which agencies and proceedings are looked at.
    pub day: Date,
    /// The year that the award is for.
    pub year: i32,
    /// All awards of the record, by year.
    pub held: Vec<Held<'a>>,
    /// The lowest rating noted for each year.
    pub ratings: Vec<Rated>,
    chain: &'a [&'a Agency],
    /// When the last disciplinary period ended, where the rule set lets merit count from then on only.
    pub disciplined_until: Option<Date>,
}

/// An award of the record.
pub(crate) struct Held<'a> {
    pub named: Named,
    pub award: &'a Award,
    /// From when on merit counts towards the next award: the end of the period that the decision names, else its date.
    pub counts_from: Date,
    /// Why it is no basis for an award of merit; none: it is one.
    pub not_merit: Option<Why>,
    told: OnceCell<Note>,
}

/// The rating of one year.
pub(crate) struct Rated {
    pub year: i32,
    pub rating: Rating,
    told: OnceCell<Note>,
}

impl<'a> Facts<'a> {
    pub fn new(law: &'a Law, set: &'a RuleSet, dossier: &'a DossierFile, chain: &'a [&'a Agency], day: Date) -> Self {
        let prepared = law.prepared();
        let record = &dossier.record;
        let mut ratings: Vec<Rated> = record.ratings.iter().map(Rated::of).collect();
        ratings.sort_unstable_by_key(|rated| (rated.year, rated.rating));
        ratings.dedup_by_key(|rated| rated.year);
        let mut held: Vec<Held<'_>> = record
            .awards
            .iter()
            .map(|award| Held {
                named: prepared.named(&award.award),
                award,
                counts_from: counts_from(award),
                not_merit: not_merit(award, day),
                told: OnceCell::new(),
            })
            .collect();
        held.sort_unstable_by(|a, b| sorted(a.award).cmp(&sorted(b.award)));
        let measures = record.discipline.iter();
        let measures = measures.filter(|measure| set.discipline_resets && measure.date <= day);
        Self {
            prepared,
            law,
            set,
            dossier,
            day,
            year: dossier.award_year.unwrap_or(dossier.achievement.to.year()),
            held,
            ratings,
            chain,
            // A period that has no end yet still runs: nothing counts before it is over.
            disciplined_until: measures.map(|measure| measure.ended_on.unwrap_or(day)).max(),
        }
    }

    /// What a person has answered to criteria of this type.
    pub fn answer(&self, kind: &str) -> Option<&'a Declared> {
        let answers = self.dossier.declared.iter().filter(|answer| answer.criterion == kind);
        answers.min_by_key(|answer| &answer.text)
    }

    /// Whether a person has answered criteria of this type.
    pub fn answered(&self, kind: &str) -> bool {
        self.dossier.declared.iter().any(|answer| answer.criterion == kind)
    }

    /// Whether a paper of this kind is attached.
    pub fn attached(&self, kind: &str) -> bool {
        self.dossier.documents.iter().any(|paper| paper.kind == kind)
    }

    /// The awards of the record that are among these, whether or not they count.
    pub fn all_of<'b>(&'b self, awards: &'b [Named]) -> impl Iterator<Item = &'b Held<'a>> + Clone {
        self.held
            .iter()
            .filter(move |held| awards.iter().any(|award| award.is(&held.named)))
    }

    /// Those that count as prior merit.
    pub fn merit_of<'b>(&'b self, awards: &'b [Named]) -> impl Iterator<Item = &'b Held<'a>> + Clone {
        self.all_of(awards).filter(|held| held.not_merit.is_none())
    }

    /// The years for which one of these awards is held inside the window, each once, in order.
    pub fn years_held(&self, awards: &[Named], window: Window) -> Vec<i32> {
        let held = self.merit_of(awards).map(|held| held.award.year);
        let mut years: Vec<i32> = held.filter(|year| window.holds(*year)).collect();
        years.dedup();
        years
    }

    /// Why a year does not count, where it does not.
    pub fn outside(&self, window: Window, year: i32) -> Option<Why> {
        if window.holds(year) {
            None
        } else if year > window.until {
            Some(Why::Later)
        } else if self.disciplined_until.is_some_and(|until| year <= until.year()) {
            Some(Why::Discipline)
        } else {
            Some(Why::Rewarded)
        }
    }

    /// The rating of a year.
    pub fn rating(&self, year: i32) -> Option<&Rated> {
        self.ratings.iter().find(|rated| rated.year == year)
    }

    /// What the candidate's agency is, e.g. `ministry`.
    pub fn agency_kind(&self) -> &'a str {
        self.chain.first().map_or("", |agency| &agency.kind)
    }

    /// Whether the candidate belongs to one of the forces; `None`: not known.
    pub fn in_force(&self, any_of: &[String]) -> Option<bool> {
        let occupation = self.dossier.candidate.occupation;
        let own = match occupation {
            Some(Occupation::Soldier) => Some("army"),
            Some(Occupation::Police) => Some("police"),
            _ => None,
        };
        let of_agency = |agency: &&Agency| match agency.code.as_str() {
            "bo-quoc-phong" => Some("army"),
            "bo-cong-an" => Some("police"),
            _ => None,
        };
        let mut forces = self.chain.iter().filter_map(of_agency).chain(own).peekable();
        let told = forces.peek().is_some() || occupation.is_some_and(|occupation| occupation != Occupation::Other);
        let wanted = |force: &str| {
            any_of.iter().any(|name| match name.as_str() {
                "army-or-police" | "armed-forces" => true,
                other => other == force,
            })
        };
        if forces.any(wanted) {
            return Some(true);
        }
        told.then_some(false)
    }
}

impl Held<'_> {
    /// As a fact: it counts, or why it does not.
    pub fn fact(&self, prepared: &Prepared, why: Option<Why>) -> Fact {
        found::fact(self.told.get_or_init(|| found::award(prepared, self.award)), why)
    }
}

impl Rated {
    fn of(rated: &crate::YearRating) -> Self {
        Self {
            year: rated.year,
            rating: rated.rating,
            told: OnceCell::new(),
        }
    }

    /// As a fact: it counts, or why it does not.
    pub fn fact(&self, why: Option<Why>) -> Fact {
        found::fact(self.told.get_or_init(|| found::rating(self.year, self.rating)), why)
    }
}

/// Results of extraordinary and thematic awards and revoked ones are no basis for a merit award.
fn not_merit(award: &Award, day: Date) -> Option<Why> {
    if award.revoked_on.is_some() {
        return Some(Why::Revoked);
    }
    match award.basis {
        Basis::Extraordinary => Some(Why::Extraordinary),
        Basis::Movement => Some(Why::Movement),
        _ if award.year > day.year() || award.date.is_some_and(|date| date > day) => Some(Why::Later),
        _ => None,
    }
}

/// From when on merit counts towards the next award.
fn counts_from(award: &Award) -> Date {
    let period = award.achievement.as_ref().and_then(|achievement| achievement.to);
    period
        .or(award.date)
        .unwrap_or_else(|| Date::from_calendar_date(award.year, time::Month::December, 31).unwrap_or(Date::MAX))
}

/// Everything that a fact shows of an award: equal keys are told in equal words.
fn sorted(award: &Award) -> impl Ord + '_ {
    let period = award.achievement.as_ref().and_then(|achievement| achievement.to);
    let basis = award.basis as u8;
    (
        award.year,
        award.date,
        &award.award,
        &award.decision,
        &award.issuer,
        basis,
        award.revoked_on,
        period,
    )
}
