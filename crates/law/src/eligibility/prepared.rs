//! What all checks of one law share, made ready once: awards by number instead of by code, criteria in words, papers.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

use crate::{
    AwardRule, Criterion, Law, Note, Text,
    eligibility::{documents::PapersAsked, text},
};

/// What checks share.
pub(crate) struct Prepared {
    awards: HashMap<String, Known>,
    asked: HashMap<String, HashMap<String, OnceLock<Asked>>>,
}

struct Known {
    number: u16,
    name: Note,
}

/// An award as compared with others: one number for an award and its earlier names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// An award of the catalogue.
    Known(u16),
    /// A local one, by its code.
    Other(Text),
}

impl Named {
    pub fn is(&self, other: &Self) -> bool {
        self == other
    }
}

/// An award of one rule set, as it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub named: Named,
    pub code: Text,
    pub vi: Text,
    pub en: Text,
    pub article: Option<Text>,
    /// Whether it may go to households.
    pub households: bool,
    /// One for each criterion of the award, in its order.
    pub criteria: Vec<CriterionAsked>,
    pub papers: PapersAsked,
    /// Changes that are not switched on.
    pub pending: Vec<Note>,
}

/// A criterion, as it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct CriterionAsked {
    /// Its type, or its own name where a regulation gives it one.
    pub code: Text,
    pub path: Text,
    pub vi: Text,
    pub en: Text,
    pub article: Option<Text>,
    pub awards: Vec<Named>,
    pub titles: Vec<Named>,
    pub none_of: Vec<Named>,
    /// Kinds of the papers that prove it.
    pub papers: Vec<Text>,
}

impl Prepared {
    pub fn of(law: &Law) -> Self {
        let mut awards: HashMap<String, Known> = HashMap::new();
        let mut renamed = Vec::new();
        for award in law.own_awards() {
            let name = Note::new(&award.name_vi, &award.name_en);
            if let Some(earlier) = &award.renamed_from {
                renamed.push((&award.code, earlier));
            }
            let number = u16::try_from(awards.len()).expect("far fewer awards than 65536");
            // A later rule set that redefines an award gives it its name, not another number.
            let known = awards.entry(award.code.clone()).or_insert(Known {
                number,
                name: name.clone(),
            });
            known.name = name;
        }
        for (code, earlier) in renamed {
            if let Some(number) = awards.get(earlier).map(|known| known.number)
                && let Some(known) = awards.get_mut(code)
            {
                known.number = number;
            }
        }
        let empty = || awards.keys().map(|code| (code.clone(), OnceLock::new())).collect();
        let sets = law.rule_sets().iter();
        Self {
            asked: sets.map(|set| (set.id.clone(), empty())).collect(),
            awards,
        }
    }

    /// Whether the catalogue has this award under any rule set.
    pub fn knows(&self, code: &str) -> bool {
        self.awards.contains_key(code)
    }

    /// The award of this code.
    pub fn named(&self, code: &str) -> Named {
        self.awards.get(code).map_or_else(
            || Named::Other(code.to_owned().into()),
            |known| Named::Known(known.number),
        )
    }

    /// The name of an award; its code where there is none.
    pub fn name(&self, code: &str) -> Note {
        let code_itself = || Note::new(code.to_owned(), code.to_owned());
        self.awards
            .get(code)
            .map_or_else(code_itself, |known| known.name.clone())
    }

    /// The award as it is asked for. One of an agency's own is made ready each time: it is rare, and changes by date.
    pub fn asked(&self, law: &Law, rule_set: &str, award: &AwardRule) -> Cow<'_, Asked> {
        let of_law = award.own.is_none();
        let cell = self
            .asked
            .get(rule_set)
            .and_then(|set| set.get(&award.code))
            .filter(|_| of_law);
        match cell {
            Some(cell) => Cow::Borrowed(cell.get_or_init(|| Asked::of(law, self, rule_set, award))),
            None => Cow::Owned(Asked::of(law, self, rule_set, award)),
        }
    }
}

impl Asked {
    fn of(law: &Law, prepared: &Prepared, rule_set: &str, award: &AwardRule) -> Self {
        let papers = PapersAsked::of(law, rule_set, award);
        let named = prepared.named(&award.code);
        let pending = law.pending(rule_set).iter();
        let pending = pending.filter(|pending| prepared.named(&pending.award).is(&named));
        Self {
            code: Text::from(&award.code),
            vi: Text::from(&award.name_vi),
            en: Text::from(&award.name_en),
            article: award.article.as_ref().map(Text::from),
            households: award
                .criteria
                .iter()
                .any(|c| c.recipient.takes(crate::CandidateKind::Household)),
            criteria: award
                .criteria
                .iter()
                .map(|criterion| CriterionAsked::of(law, criterion, &papers))
                .collect(),
            pending: pending
                .map(|pending| {
                    Note::new(
                        format!(
                            "Dự thảo có thay đổi chưa áp dụng đối với {} ({}).",
                            award.name_vi, pending.article
                        ),
                        format!(
                            "a change of the bill is not applied: {} ({})",
                            pending.change, pending.article
                        ),
                    )
                })
                .collect(),
            named,
            papers,
        }
    }
}

impl CriterionAsked {
    fn of(law: &Law, criterion: &Criterion, papers: &PapersAsked) -> Self {
        let prepared = law.prepared();
        let all = |codes: &mut dyn Iterator<Item = &str>| codes.map(|code| prepared.named(code)).collect();
        let words = text::describe(law, criterion);
        Self {
            code: Text::from(criterion.id.as_ref().unwrap_or(&criterion.kind)),
            path: Text::from(&criterion.path),
            vi: words.vi,
            en: words.en,
            article: criterion.article.as_ref().map(Text::from),
            awards: all(&mut criterion.awards().into_iter()),
            titles: all(&mut criterion.or_title.iter().map(String::as_str)),
            none_of: all(&mut criterion.none_of.iter().map(String::as_str)),
            papers: papers.proving(criterion),
        }
    }
}
