//! The papers of a dossier: which are due by now, and which of those are missing.

use serde::Deserialize;

use crate::{
    AwardRule, Criterion, Law, Level, Occupation, Paper, Procedure, Text, eligibility::facts::Facts, law::Entry,
};

const LETTER: &str = "to-trinh";
const REPORT: &str = "bao-cao-thanh-tich";
const SHORT_REPORT: &str = "bao-cao-tom-tat";
const DECLARATION: &str = "to-khai";
const LIST: &str = "danh-sach-trich-ngang";

/// `documents.toml`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DocumentsFile {
    #[serde(rename = "document")]
    kinds: Vec<PaperKind>,
    #[serde(default)]
    dossier: Vec<PaperList>,
}

/// A kind of paper.
#[derive(Debug, Clone, Deserialize)]
struct PaperKind {
    code: String,
    name_vi: String,
    name_en: String,
    due: Due,
}

/// The step that makes a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Due {
    /// With the first submission.
    Submission,
    /// Before a ministry or province submits.
    Consultation,
    /// When a body that was asked has answered.
    Reply,
    /// When the publication is over.
    Publication,
    /// When the council has met.
    Council,
    /// The system itself makes it.
    Machine,
    /// Only if there is one.
    Optional,
}

/// The papers of some awards under one rule set.
#[derive(Debug, Clone, Deserialize)]
struct PaperList {
    rule_set: String,
    awards: Vec<String>,
    article: Option<String>,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Deserialize)]
struct Item {
    kind: String,
    when: Option<When>,
    article: Option<String>,
    confirmed: bool,
}

/// On what a paper depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    /// The path relies on an initiative, research or creativity in combat.
    Initiative,
    /// The path relies on an act, a prize, a work or a contribution.
    Achievement,
    /// A party committee manages the candidate.
    PartyCommittee,
    /// The candidate is an economic organisation or heads one.
    Economic,
    /// The candidate is a foreigner.
    Foreign,
}

impl Entry for PaperList {
    fn rule_set(&self) -> &str {
        &self.rule_set
    }

    fn awards(&self) -> &[String] {
        &self.awards
    }
}

/// The papers that an award asks for under one rule set.
#[derive(Debug, Clone)]
pub(crate) struct PapersAsked {
    items: Vec<PaperAsked>,
    /// The full report and the short one, of which the first is the one that the list names.
    report: Option<[PaperAsked; 2]>,
    /// An agency's own regulation says exactly which.
    own: bool,
}

#[derive(Debug, Clone)]
struct PaperAsked {
    kind: Text,
    vi: Text,
    en: Text,
    article: Option<Text>,
    confirmed: bool,
    due: Due,
    when: Option<When>,
}

impl PapersAsked {
    /// From the nearest list that names the award; where none does, the letter and the report.
    pub fn of(law: &Law, rule_set: &str, award: &AwardRule) -> Self {
        let paper = |kind: &str, article: Option<&String>, confirmed, when| {
            let known = law.documents().kinds.iter().find(|document| document.code == kind);
            let text = |text: Option<&String>| text.map_or_else(|| Text::from(kind.to_owned()), Text::from);
            PaperAsked {
                kind: Text::from(kind.to_owned()),
                vi: text(known.map(|known| &known.name_vi)),
                en: text(known.map(|known| &known.name_en)),
                article: article.map(Text::from),
                confirmed,
                due: known.map_or(Due::Optional, |known| known.due),
                when,
            }
        };
        if let Some(own) = award.own.as_ref().filter(|own| !own.papers.is_empty()) {
            let article = Some(&own.article);
            let items = own.papers.iter().map(|kind| paper(kind, article, true, None)).collect();
            let (report, own) = (None, true);
            return Self { items, report, own };
        }
        let entry = law.entry(&law.documents().dossier, rule_set, &award.code);
        let reports = |kind: &str, article, confirmed| {
            let other = if kind == REPORT { SHORT_REPORT } else { REPORT };
            Some([kind, other].map(|kind| paper(kind, article, confirmed, None)))
        };
        let (mut items, mut report) = (Vec::new(), None);
        for item in entry.map_or(&[][..], |(list, _)| &list.items) {
            let article = entry.filter(|(_, borrowed)| !borrowed);
            let article = article.and_then(|(list, _)| item.article.as_ref().or(list.article.as_ref()));
            if matches!(item.kind.as_str(), REPORT | SHORT_REPORT) {
                report = reports(&item.kind, article, item.confirmed);
            } else {
                items.push(paper(&item.kind, article, item.confirmed, item.when));
            }
        }
        if items.is_empty() && report.is_none() {
            items.push(paper(LETTER, None, false, None));
            report = reports(REPORT, None, false);
        }
        // Seniority medals go by letter and list alone.
        if items.iter().any(|item| item.kind == DECLARATION) {
            report = None;
        }
        let own = false;
        Self { items, report, own }
    }

    /// The kinds of the papers that prove a criterion.
    pub fn proving(&self, criterion: &Criterion) -> Vec<Text> {
        let proves = |when: When| match when {
            When::Initiative => WORKS.contains(&criterion.kind.as_str()),
            When::Achievement => ACTS.contains(&criterion.kind.as_str()),
            When::Foreign => criterion.kind == "foreign-recipient",
            When::PartyCommittee | When::Economic => false,
        };
        let items = self.items.iter().filter(|item| item.when.is_some_and(proves));
        items.map(|item| item.kind.clone()).collect()
    }
}

/// The papers, and the kinds of those that are due and missing.
#[derive(Debug, Default)]
pub(crate) struct Papers {
    pub papers: Vec<Paper>,
    pub missing: Vec<String>,
}

/// What the dossier must hold when it relies on these criteria.
pub(crate) fn papers(
    facts: &Facts<'_>,
    asked: &PapersAsked,
    relied_on: &[&Criterion],
    procedure: Procedure,
    submitted_at: Level,
) -> Papers {
    let mut result = Papers::default();
    for item in &asked.items {
        let applies = item.when.is_none_or(|when| depends(when, facts, relied_on));
        // The simplified dossier is the letter and a short report; foreigners need the opinion all the same.
        let kept = asked.own
            || procedure == Procedure::Ordinary
            || matches!(&*item.kind, LETTER | DECLARATION | LIST)
            || item.when == Some(When::Foreign);
        if applies && kept {
            let due = match item.due {
                Due::Submission => true,
                Due::Consultation => submitted_at >= Level::MinistryOrProvince,
                Due::Reply | Due::Publication | Due::Council | Due::Machine | Due::Optional => false,
            };
            result.push(facts, item, due);
        }
    }
    if let Some([report, other]) = &asked.report {
        result.report(facts, report, other, procedure);
    }
    result
}

impl Papers {
    /// The report: where the law lets a short one do, either is enough, and both are named when there is none.
    fn report(&mut self, facts: &Facts<'_>, report: &PaperAsked, other: &PaperAsked, procedure: Procedure) {
        let candidate = &facts.dossier.candidate;
        let direct = candidate.direct_worker == Some(true)
            || matches!(candidate.occupation, Some(Occupation::Worker | Occupation::Farmer));
        let short_will_do = procedure == Procedure::Simplified
            || report.kind == SHORT_REPORT
            || is_foreign(facts) == Some(true)
            || direct;
        let neither = short_will_do && !facts.attached(&report.kind);
        if neither && facts.attached(&other.kind) {
            self.push(facts, other, true);
            return;
        }
        self.push(facts, report, true);
        if neither && procedure == Procedure::Simplified {
            self.push(facts, other, true);
        }
    }

    fn push(&mut self, facts: &Facts<'_>, paper: &PaperAsked, due: bool) {
        if self.papers.iter().any(|other| other.kind == paper.kind) {
            return;
        }
        let attached = facts.attached(&paper.kind);
        if due && !attached {
            self.missing.push(paper.kind.to_string());
        }
        self.papers.push(Paper {
            kind: paper.kind.clone(),
            attached,
            due,
            article: paper.article.clone(),
            confirmed: paper.confirmed,
            vi: paper.vi.clone(),
            en: paper.en.clone(),
        });
    }
}

/// Criteria that rely on a recognised work.
const WORKS: [&str; 4] = ["initiative", "research", "combat-creativity", "initiative-or-research"];
/// Criteria that rely on an act, a prize, a work or a contribution.
const ACTS: [&str; 6] = [
    "extraordinary-achievement",
    "invention-or-work",
    "international-prize",
    "published-work",
    "brave-act",
    "contribution-post",
];

fn depends(when: When, facts: &Facts<'_>, relied_on: &[&Criterion]) -> bool {
    let relies = |kinds: &[&str]| {
        relied_on
            .iter()
            .any(|criterion| kinds.contains(&criterion.kind.as_str()))
    };
    match when {
        When::Initiative => relies(&WORKS),
        When::Achievement => {
            relies(&ACTS)
                || relied_on
                    .iter()
                    .any(|criterion| criterion.path.contains("contribution"))
        }
        When::PartyCommittee => facts.dossier.candidate.managed_by_party_committee,
        When::Economic => facts.set.tax_paper && facts.dossier.candidate.economic_organisation,
        When::Foreign => is_foreign(facts) != Some(false),
    }
}

/// Whether the candidate is foreign; `None` where no nationality is given.
pub(crate) fn is_foreign(facts: &Facts<'_>) -> Option<bool> {
    let nationalities = &facts.dossier.candidate.nationalities;
    (!nationalities.is_empty()).then(|| nationalities.iter().all(|nationality| nationality != "VN"))
}

impl Law {
    /// The Vietnamese and English name of a kind of paper; `None` for an unknown kind.
    pub fn document_names(&self, kind: &str) -> Option<(&str, &str)> {
        let known = self.documents().kinds.iter().find(|document| document.code == kind)?;
        Some((&known.name_vi, &known.name_en))
    }

    /// The codes of all kinds of papers.
    pub fn document_kinds(&self) -> impl Iterator<Item = &str> {
        self.documents().kinds.iter().map(|document| document.code.as_str())
    }
}
