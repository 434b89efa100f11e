//! The papers of a dossier: which are due by now, and which of those are missing.

use serde::Deserialize;

use crate::{AwardRule, Criterion, Law, Level, Occupation, Paper, Procedure, eligibility::facts::Facts, law::Entry};

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

/// The papers, and the kinds of those that are due and missing.
#[derive(Debug, Default)]
pub(crate) struct Papers {
    pub papers: Vec<Paper>,
    pub missing: Vec<String>,
}

/// What the dossier must hold when it relies on these criteria.
pub(crate) fn papers(
    facts: &Facts<'_>,
    award: &AwardRule,
    relied_on: &[&Criterion],
    procedure: Procedure,
    submitted_at: Level,
) -> Papers {
    let entry = facts
        .law
        .entry(&facts.law.documents().dossier, &facts.set.id, &award.code);
    let borrowed = entry.is_some_and(|(_, borrowed)| borrowed);
    let article = |item: &Item, set: &PaperList| {
        item.article
            .clone()
            .or_else(|| set.article.clone())
            .filter(|_| !borrowed)
    };
    let mut result = Papers::default();
    let mut report = None;
    let items = entry.map_or(&[][..], |(set, _)| &set.items);
    for item in items {
        let article = entry.and_then(|(set, _)| article(item, set));
        if matches!(item.kind.as_str(), REPORT | SHORT_REPORT) {
            report = Some((item.kind.as_str(), article, item.confirmed));
            continue;
        }
        let applies = item.when.is_none_or(|when| depends(when, facts, relied_on));
        // The simplified dossier is the letter and a short report; foreigners need the opinion all the same.
        let kept = procedure == Procedure::Ordinary
            || matches!(item.kind.as_str(), LETTER | DECLARATION | LIST)
            || item.when == Some(When::Foreign);
        if applies && kept {
            result.add(facts, &item.kind, article, item.confirmed, submitted_at);
        }
    }
    if items.is_empty() {
        result.add(facts, LETTER, None, false, submitted_at);
    }
    let by_declaration = items.iter().any(|item| item.kind == DECLARATION);
    // Seniority medals go by letter and list alone.
    if !by_declaration && (report.is_some() || items.is_empty()) {
        let (kind, article, confirmed) = report.unwrap_or((REPORT, None, false));
        result.add_report(facts, kind, article, confirmed, procedure);
    }
    result
}

impl Papers {
    fn add(&mut self, facts: &Facts<'_>, kind: &str, article: Option<String>, confirmed: bool, submitted_at: Level) {
        let due = match facts.law.due(kind) {
            Due::Submission => true,
            Due::Consultation => submitted_at >= Level::MinistryOrProvince,
            Due::Reply | Due::Publication | Due::Council | Due::Machine | Due::Optional => false,
        };
        self.push(facts, kind, article, confirmed, due);
    }

    /// The report: where the law lets a short one do, either is enough, and both are named when there is none.
    fn add_report(
        &mut self,
        facts: &Facts<'_>,
        kind: &str,
        article: Option<String>,
        confirmed: bool,
        procedure: Procedure,
    ) {
        let candidate = &facts.dossier.candidate;
        let direct = candidate.direct_worker == Some(true)
            || matches!(candidate.occupation, Some(Occupation::Worker | Occupation::Farmer));
        let short_will_do =
            procedure == Procedure::Simplified || kind == SHORT_REPORT || is_foreign(facts) == Some(true) || direct;
        let other = if kind == REPORT { SHORT_REPORT } else { REPORT };
        let attached = |kind: &str| facts.dossier.documents.iter().any(|paper| paper.kind == kind);
        if short_will_do && !attached(kind) && attached(other) {
            self.push(facts, other, article, confirmed, true);
            return;
        }
        self.push(facts, kind, article.clone(), confirmed, true);
        if short_will_do && !attached(kind) && procedure == Procedure::Simplified {
            self.push(facts, other, article, confirmed, true);
        }
    }

    fn push(&mut self, facts: &Facts<'_>, kind: &str, article: Option<String>, confirmed: bool, due: bool) {
        if self.papers.iter().any(|paper| paper.kind == kind) {
            return;
        }
        let attached = facts.dossier.documents.iter().any(|paper| paper.kind == kind);
        if due && !attached {
            self.missing.push(kind.to_owned());
        }
        let (vi, en) = facts.law.document_names(kind).unwrap_or((kind, kind));
        self.papers.push(Paper {
            kind: kind.to_owned(),
            attached,
            due,
            article,
            confirmed,
            vi: vi.to_owned(),
            en: en.to_owned(),
        });
    }
}

fn depends(when: When, facts: &Facts<'_>, relied_on: &[&Criterion]) -> bool {
    const WORKS: [&str; 4] = ["initiative", "research", "combat-creativity", "initiative-or-research"];
    const ACTS: [&str; 6] = [
        "extraordinary-achievement",
        "invention-or-work",
        "international-prize",
        "published-work",
        "brave-act",
        "contribution-post",
    ];
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
    fn due(&self, kind: &str) -> Due {
        let known = self.documents().kinds.iter().find(|document| document.code == kind);
        known.map_or(Due::Optional, |document| document.due)
    }

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
