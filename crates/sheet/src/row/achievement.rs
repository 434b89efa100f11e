//! What the candidate did, and when.

use law::{Achievement, AwardRule};
use time::Date;

use super::Making;
use crate::{
    columns::Column,
    common::Common,
    flaw::{What, quoted},
    values::{self, whole_year},
};

impl Making<'_> {
    pub(super) fn achievement(
        &mut self,
        common: &Common,
        award: Option<&str>,
        award_year: Option<i32>,
    ) -> Option<Achievement> {
        let from = self.day(&Column::From, "achievement.from");
        let to = self.day(&Column::To, "achievement.to");
        let period = self.word(&Column::Period, "achievement.from", period);
        let summary = self.text(&Column::Summary, "achievement.summary").unwrap_or_default();
        let act = self.text(&Column::Act, "achievement.act");
        let title = award
            .and_then(|award| self.law.award(award))
            .is_some_and(AwardRule::is_title);
        // An annual title is for the year's work.
        let year = award_year.filter(|_| title).and_then(whole_year);
        let own = from.zip(to).or(period);
        let shared = common.from.zip(common.to);
        let days = own.or(shared).or(year);
        let known = from.is_none() == to.is_none() && days.is_some();
        if !known && !self.flawed("achievement.from") && !self.flawed("achievement.to") {
            let vi = "chưa có thời gian lập thành tích (từ ngày, đến ngày; hoặc năm xét của danh hiệu)";
            let en = "no period of the achievement: first and last day, or for a title its year";
            self.missing("achievement.from", "MISSING_PERIOD", vi, en);
        }
        let (from, to) = days.filter(|_| known)?;
        Some(Achievement { from, to, summary, act })
    }
}

/// `2020-2024`, `01/01/2020 - 31/12/2024`, `2024`.
fn period(text: &str) -> Result<(Date, Date), What> {
    let told = || {
        let (vi, en) = (
            "không phải là giai đoạn; hãy ghi “2020-2024”",
            "is no period; write it as “2020-2024”",
        );
        What::new(
            "UNREADABLE_PERIOD",
            format!("{} {vi}", quoted(text)),
            format!("{} {en}", quoted(text)),
        )
    };
    let plain = text.replace(['–', '—'], "-");
    if let Some(year) = values::year_text(&plain) {
        return whole_year(year).ok_or_else(told);
    }
    let (from, to) = plain.split_once('-').ok_or_else(told)?;
    let (from, to) = (from.trim(), to.trim());
    let first = values::day_text(from).or_else(|| Some(whole_year(values::year_text(from)?)?.0));
    let last = values::day_text(to).or_else(|| Some(whole_year(values::year_text(to)?)?.1));
    first.zip(last).ok_or_else(told)
}
