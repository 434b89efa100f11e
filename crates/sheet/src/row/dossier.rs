//! The dossier as a whole, and the letter that it comes with.

use law::{Basis, DossierFile, Letter, SCHEMA};

use super::Making;
use crate::{columns::Column, common::Common, values};

impl Making<'_> {
    /// The dossier of the row; `None` where something that it needs is missing or cannot be read.
    pub(crate) fn dossier(&mut self, common: &Common) -> Option<DossierFile> {
        let names = self.names;
        let award = self.own_or_common(&Column::Award, "award", common.award.as_deref(), |text| {
            names.award(text)
        });
        if award.is_none() && !self.flawed("award") {
            let vi = "chưa có danh hiệu, hình thức đề nghị (cột, dòng trên đầu danh sách, hoặc --award)";
            let en = "no award: neither a column, nor a title row, nor --award";
            self.missing("award", "MISSING_AWARD", vi, en);
        }
        let basis = self.word(&Column::Basis, "basis", values::basis).or(common.basis);
        let award_year = self.read(&Column::AwardYear, "award_year", |cell| values::year(cell, false));
        let award_year = award_year.or(common.award_year);
        let given = common.submitting_agency.as_deref();
        let submitting = self.own_or_common(&Column::SubmittingAgency, "submitting_agency", given, |text| {
            names.agency(text)
        });
        if submitting.is_none() && !self.flawed("submitting_agency") {
            let vi = "chưa có đơn vị trình (cột, dòng trên đầu danh sách, hoặc --submitter)";
            let en = "no submitting agency: neither a column, nor a title row, nor --submitter";
            self.missing("submitting_agency", "MISSING_SUBMITTER", vi, en);
        }
        let letter = self.letter(common);
        let candidate = self.candidate(common, award.as_deref(), submitting.as_deref());
        let achievement = self.achievement(common, award.as_deref(), award_year);
        let record = self.record(award_year, achievement.as_ref().map(|done| done.to.year()));
        let declared = self.declared();
        let documents = self.documents(letter.as_ref());
        let reference = self.text(&Column::Reference, "reference");
        let received_on = self.day(&Column::ReceivedOn, "received_on").or(common.received_on);
        Some(DossierFile {
            schema: SCHEMA.to_owned(),
            reference,
            award: award?,
            basis: basis.unwrap_or(Basis::Merit),
            award_year,
            confidential: false,
            candidate: candidate?,
            submitting_agency: submitting?,
            letter: letter?,
            received_on,
            achievement: achievement?,
            record,
            declared,
            documents,
        })
    }

    fn letter(&mut self, common: &Common) -> Option<Letter> {
        let number = self
            .text(&Column::LetterNumber, "letter.number")
            .or_else(|| common.letter_number.clone());
        let date = self.day(&Column::LetterDate, "letter.date");
        let date = if self.flawed("letter.date") {
            None
        } else {
            date.or(common.letter_date)
        };
        let signed_by = self
            .text(&Column::SignedBy, "letter.signed_by")
            .or_else(|| common.signed_by.clone());
        let open = number.is_none() || date.is_none() && !self.flawed("letter.date");
        if open {
            let vi = "chưa có số hoặc ngày tờ trình (cột, dòng trên đầu danh sách, hoặc --letter, --letter-date)";
            let en =
                "no number or day of the letter: neither a column, nor a title row, nor --letter and --letter-date";
            self.missing("letter.number", "MISSING_LETTER", vi, en);
        }
        Some(Letter {
            number: number?,
            date: date?,
            signed_by,
        })
    }
}
