//! The bonus of a decision: by the rate of its day, and kept with how it was reckoned.

use host::Unit;
use law::{Bonus, CandidateKind};

use crate::machine::{Course, Reckoned};

/// The bonus of an award that is decided today.
pub(crate) fn of(unit: &Unit, course: &Course, today: time::Date) -> Option<Bonus> {
    let opening = course.opening.as_ref()?;
    let kind = match opening.candidate_kind.as_str() {
        "collective" => CandidateKind::Collective,
        "household" => CandidateKind::Household,
        _ => CandidateKind::Individual,
    };
    unit.law()
        .bonus_with(unit.agencies(), &opening.award, kind, &opening.route.rule_set, today)
}

/// How it was reckoned, so that anyone can reckon it again.
pub(crate) fn reckoned(bonus: Bonus) -> Reckoned {
    Reckoned {
        coefficient: bonus.coefficient.to_string(),
        base_vnd: bonus.base_vnd,
        rounded_up_to_vnd: Bonus::ROUNDED_UP_TO_VND,
        at_most: bonus.at_most,
        article: bonus.article.unwrap_or_default(),
        confirmed: bonus.confirmed,
    }
}

#[cfg(test)]
mod tests {
    use law::Law;
    use time::macros::date;

    use super::*;

    #[test]
    fn a_bonus_can_be_reckoned_again_from_what_is_kept() {
        let on = date!(2025 - 09 - 15);
        let award = "huan-chuong-lao-dong-hang-ba";
        let bonus = Law::embedded()
            .bonus(award, CandidateKind::Individual, "decree-152-2025", on)
            .expect("a bonus");
        let vnd = bonus.vnd;
        let kept = reckoned(bonus);
        let (whole, rest) = kept.coefficient.split_once('.').expect("a decimal");
        let tenths: i64 = format!("{whole}{rest}").parse().expect("a number");
        let by_hand = kept.base_vnd * tenths / 10_i64.pow(u32::try_from(rest.len()).expect("few digits"));
        assert!(by_hand <= vnd && vnd < by_hand + kept.rounded_up_to_vnd, "{kept:?}");
        assert_eq!(vnd % kept.rounded_up_to_vnd, 0);
    }
}
