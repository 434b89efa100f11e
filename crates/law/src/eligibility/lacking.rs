//! The shortest list of what a dossier still takes: what always holds, the path that needs least, the papers due.

use crate::{
    AwardRule, Check, Criterion, Lack, LackKind, Leaf, Paper, PathStatus, Status,
    eligibility::{
        prepared::{Asked, Prepared},
        text,
        trial::ALWAYS,
    },
};

/// What is lacking; nothing where the dossier is eligible.
pub(crate) fn lacking(prepared: &Prepared, award: &AwardRule, asked: &Asked, check: &Check) -> Vec<Lack> {
    let (always, ways): (Vec<_>, Vec<_>) = check.tree.paths.iter().partition(|branch| branch.path == ALWAYS);
    let mut open: Vec<&Leaf> = always.iter().flat_map(|branch| open_of(&branch.criteria)).collect();
    if ways.iter().all(|branch| branch.status != PathStatus::Met) {
        let need = |branch: &&&crate::Branch| {
            let open = open_of(&branch.criteria);
            (open.clone().count(), open.map(Leaf::short).sum::<u32>())
        };
        let tried = ways.iter().filter(|branch| branch.status == PathStatus::NotMet);
        // Where none was claimed, any of them is a way.
        let nearest = tried.min_by_key(need).or_else(|| ways.iter().min_by_key(need));
        open.extend(nearest.into_iter().flat_map(|branch| open_of(&branch.criteria)));
    }
    let mut list: Vec<Lack> = Vec::new();
    for leaf in open {
        let lack = lack(prepared, rule_of(award, asked, leaf), leaf);
        // One entry answers all criteria of its type.
        let same = |other: &&mut Lack| other.kind == LackKind::Answer && other.code == lack.code;
        match list.iter_mut().find(same).filter(|_| lack.kind == LackKind::Answer) {
            Some(other) if other.vi == lack.vi && other.en == lack.en => {}
            Some(other) => {
                other.vi = format!("{} {}", other.vi, lack.vi).into();
                other.en = format!("{}; {}", other.en, lack.en).into();
                other.confirmed &= lack.confirmed;
            }
            None => list.push(lack),
        }
    }
    let missing = |paper: &&Paper| check.missing.iter().any(|kind| paper.kind == *kind);
    list.extend(check.tree.documents.iter().filter(missing).map(|paper| Lack {
        kind: LackKind::Document,
        code: paper.kind.clone(),
        vi: paper.vi.clone(),
        en: paper.en.clone(),
        article: paper.article.clone(),
        confirmed: paper.confirmed,
    }));
    list
}

fn open_of(criteria: &[Leaf]) -> impl Iterator<Item = &Leaf> + Clone {
    criteria
        .iter()
        .filter(|leaf| matches!(leaf.status, Status::NotMet | Status::Question))
}

/// The criterion that a leaf came from.
fn rule_of<'a>(award: &'a AwardRule, asked: &Asked, leaf: &Leaf) -> Option<&'a Criterion> {
    let pairs = award.criteria.iter().zip(&asked.criteria);
    let mut same =
        pairs.filter(|(_, asked)| asked.code == leaf.criterion && asked.vi == leaf.vi && asked.en == leaf.en);
    same.next().map(|(criterion, _)| criterion)
}

fn lack(prepared: &Prepared, criterion: Option<&Criterion>, leaf: &Leaf) -> Lack {
    let kind = if leaf.status == Status::Question {
        LackKind::Answer
    } else {
        LackKind::Criterion
    };
    let short = criterion.filter(|_| leaf.short() > 0 && kind == LackKind::Criterion);
    let words = short.and_then(|criterion| text::short_of(prepared, criterion, leaf.short()));
    let (vi, en) = words.map_or_else(|| (leaf.vi.clone(), leaf.en.clone()), |words| (words.vi, words.en));
    Lack {
        kind,
        code: leaf.criterion.clone(),
        vi,
        en,
        article: leaf.article.clone(),
        confirmed: leaf.confirmed,
    }
}
