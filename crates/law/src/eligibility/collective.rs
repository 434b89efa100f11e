//! Criteria on a collective: its members, its rank, the movement that it stood out in.

use crate::{
    Note, Status,
    eligibility::{
        found::{Told, Why},
        predicates::{Case, met},
        text,
    },
};

pub(crate) fn members(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let least = criterion.min.unwrap_or(1);
    let percent = criterion.min_percent.or(criterion.more_than_percent);
    let need = if criterion.kind == "member-count" {
        least
    } else {
        percent.unwrap_or(0)
    };
    let Some(collective) = &facts.dossier.record.collective else {
        return told.enough(0, need.max(1));
    };
    if let Some(year) = collective.year.filter(|year| *year != facts.year) {
        told.fact(Some(Why::OtherYear), || {
            Note::new(
                format!("số liệu thành viên của năm {year}"),
                format!("the members' figures are of {year}"),
            )
        });
        told.enough(0, need.max(1));
        return false;
    }
    let of = criterion.of.as_deref().unwrap_or_default();
    let share = if of == "completed duties or better" {
        u64::from(collective.completed_or_better.unwrap_or(0))
    } else {
        let wanted = facts.prepared.named(of);
        let named = collective
            .titles
            .iter()
            .filter(|(title, _)| facts.prepared.named(title).is(&wanted));
        named.map(|(_, count)| u64::from(*count)).sum()
    };
    let all = u64::from(facts.dossier.candidate.members.unwrap_or(0));
    let shown = |told: &mut Told, holds: bool| {
        told.fact((!holds).then_some(Why::Low), || {
            Note::new(
                format!("{share} trên {all} thành viên"),
                format!("{share} of {all} members"),
            )
        });
        holds
    };
    if criterion.kind == "member-count" {
        let holds = told.enough(u32::try_from(share).unwrap_or(u32::MAX), least);
        return shown(told, holds);
    }
    let enough = criterion
        .min_percent
        .is_none_or(|percent| share * 100 >= u64::from(percent) * all);
    let more = criterion
        .more_than_percent
        .is_none_or(|percent| share * 100 > u64::from(percent) * all);
    told.enough(
        u32::try_from((share * 100).checked_div(all).unwrap_or(0)).unwrap_or(u32::MAX),
        need,
    );
    shown(told, all > 0 && enough && more)
}

pub(crate) fn cluster_rank(case: Case<'_>, told: &mut Told) -> bool {
    let (facts, criterion) = (case.facts, case.criterion);
    let Some(collective) = &facts.dossier.record.collective else {
        return false;
    };
    let Some(rank) = collective.cluster_rank else {
        return false;
    };
    let this_year = collective.year.is_none_or(|year| year == facts.year);
    let level = criterion.cluster_level.is_none() || collective.cluster_level == criterion.cluster_level;
    let first = rank >= 1 && rank <= criterion.rank.unwrap_or(1);
    let why = if !this_year {
        Some(Why::OtherYear)
    } else if !level {
        Some(Why::Narrow)
    } else {
        (!first).then_some(Why::Low)
    };
    told.fact(why, || {
        let (at_vi, at_en) = text::cluster(collective.cluster_level);
        Note::new(
            format!("xếp thứ {rank} cụm, khối thi đua {at_vi}"),
            format!("rank {rank} of the cluster or bloc {at_en}"),
        )
    });
    why.is_none()
}

pub(crate) fn no_member_discipline(case: Case<'_>, told: &mut Told) -> bool {
    let level = case.criterion.level_at_least;
    let collective = case.facts.dossier.record.collective.iter();
    let measures = collective.flat_map(|members| &members.disciplined);
    let worst = measures
        .filter(|measure| level.is_none_or(|least| **measure >= least))
        .max();
    if let Some(worst) = worst {
        told.fact(Some(Why::Against), || {
            let (vi, en) = text::measure(*worst);
            Note::new(
                format!("có thành viên bị kỷ luật {vi}"),
                format!("a member was disciplined: {en}"),
            )
        });
    }
    worst.is_none()
}

/// A person says that the candidate stood out; who launched the movement and for how long is in the record.
pub(crate) fn movement(case: Case<'_>, told: &mut Told) -> Status {
    if case.asked(told) == Status::Question {
        return Status::Question;
    }
    let criterion = case.criterion;
    let collective = case.facts.dossier.record.collective.as_ref();
    let Some(movement) = collective.and_then(|collective| collective.movement.as_ref()) else {
        return Status::Met;
    };
    let long = movement
        .years
        .is_none_or(|years| told.enough(years, criterion.min_years.unwrap_or(0)));
    let by = movement.launched_by.as_deref();
    let launched = by.and_then(role_of).is_none_or(|roles| {
        criterion.launched_by.is_empty() || criterion.launched_by.iter().any(|by| roles.contains(&by.as_str()))
    });
    if let Some(by) = by {
        told.fact((!launched).then_some(Why::Narrow), || {
            Note::new(
                format!("phong trào do {by} phát động"),
                format!("the movement was launched by {by}"),
            )
        });
    }
    met(long && launched)
}

/// The roles that may stand behind who launched a movement; `None` where it cannot be told.
fn role_of(launched_by: &str) -> Option<&'static [&'static str]> {
    match launched_by {
        "thu-tuong-chinh-phu" | "prime-minister" | "chinh-phu" => Some(&["prime-minister"]),
        "chu-tich-nuoc" | "president" => Some(&["president"]),
        "minister" => Some(&["minister"]),
        "province-chair" => Some(&["province-chair"]),
        code if code.starts_with("bo-") => Some(&["minister"]),
        code if code.starts_with("tinh-") || code.starts_with("thanh-pho-") => Some(&["province-chair"]),
        code if code.starts_with("so-") || code.starts_with("quan-") || code.starts_with("phuong-") => Some(&["local"]),
        _ => None,
    }
}
