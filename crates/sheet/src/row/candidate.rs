//! Who is proposed.

use law::{Candidate, CandidateKind, Occupation, Sex};

use super::Making;
use crate::{
    columns::Column,
    common::Common,
    flaw::{What, quoted},
    fold::fold,
    items, values,
};

impl Making<'_> {
    pub(super) fn candidate(
        &mut self,
        common: &Common,
        award: Option<&str>,
        submitting: Option<&str>,
    ) -> Option<Candidate> {
        let names = self.names;
        let name = self
            .text(&Column::Name, "candidate.name")
            .map(|name| name.replace('\n', " "));
        let id = self.read(&Column::Id, "candidate.id", values::person);
        let occupation = self.word(&Column::Occupation, "candidate.occupation", values::occupation);
        let (grouped, occupied) = self.group();
        let kind = self.word(&Column::Kind, "candidate.kind", values::kind).or(grouped);
        let kind = kind
            .or(common.kind)
            .or_else(|| self.only_kind(award))
            .or(self.header.kind);
        if kind.is_none() {
            let vi = "chưa rõ là cá nhân, tập thể hay hộ gia đình; hãy thêm cột “Loại đối tượng” hoặc --kind";
            let en = "person, collective or household? add a column “Loại đối tượng”, or --kind";
            self.missing("candidate.name", "MISSING_KIND", vi, en);
        }
        let given = common.agency.as_deref();
        let agency = self.own_or_common(&Column::Agency, "candidate.agency", given, |text| names.agency(text));
        // A list without such a column comes from the agency that sends it.
        let sender = submitting.filter(|_| self.header.seat(&Column::Agency).is_none() && common.agency.is_none());
        let agency = agency.or_else(|| sender.map(str::to_owned));
        if agency.is_none() && !self.flawed("candidate.agency") && submitting.is_some() {
            let (vi, en) = ("chưa có đơn vị công tác", "the candidate's agency is missing");
            self.missing("candidate.agency", "MISSING_AGENCY", vi, en);
        }
        let (sex, born) = self.sex_and_year();
        let flag = |making: &mut Self, column: &Column, path| making.read(column, path, values::flag);
        let direct_worker = flag(self, &Column::DirectWorker, "candidate.direct_worker");
        let economic_organisation = flag(self, &Column::Economic, "candidate.economic_organisation").unwrap_or(false);
        let managed_by_party_committee =
            flag(self, &Column::PartyCommittee, "candidate.managed_by_party_committee").unwrap_or(false);
        Some(Candidate {
            kind: kind?,
            id,
            name: name?,
            position: self
                .text(&Column::Position, "candidate.position")
                .map(|text| text.replace('\n', ", ")),
            occupation: occupation.or(occupied),
            direct_worker,
            sex,
            born,
            ethnicity: self.text(&Column::Ethnicity, "candidate.ethnicity"),
            nationalities: self.many(&Column::Nationality, "candidate.nationalities", nationalities),
            deceased_on: self.day(&Column::DeceasedOn, "candidate.deceased_on"),
            economic_organisation,
            managed_by_party_committee,
            members: self.read(&Column::Members, "candidate.members", values::count),
            agency: agency?,
        })
    }

    /// "Đối tượng" is what people call the kind, and also the occupation.
    fn group(&mut self) -> (Option<CandidateKind>, Option<Occupation>) {
        let read = self.word(&Column::Group, "candidate.occupation", |text| {
            values::kind(text)
                .map(|kind| (Some(kind), None))
                .or_else(|_| values::occupation(text).map(|occupation| (None, Some(occupation))))
        });
        read.unwrap_or_default()
    }

    /// The kind of candidates that an award takes, if it is one.
    fn only_kind(&self, award: Option<&str>) -> Option<CandidateKind> {
        let award = self.law.award(award?).or_else(|| {
            let mut sets = self.law.rule_sets().iter();
            sets.find_map(|set| self.law.award_in(award?, &set.id))
        })?;
        let kinds = [
            CandidateKind::Individual,
            CandidateKind::Collective,
            CandidateKind::Household,
        ];
        let mut taken = kinds.into_iter().filter(|kind| award.takes(*kind));
        let only = taken.next();
        only.filter(|_| taken.next().is_none())
    }

    fn sex_and_year(&mut self) -> (Option<Sex>, Option<i32>) {
        let mut sex = self.word(&Column::Sex, "candidate.sex", values::sex);
        let mut born = self.read(&Column::Born, "candidate.born", |cell| values::year(cell, true));
        for female in [false, true] {
            // Old forms have a column each for men and women, with the year of birth in it.
            let marked = self.read(&Column::SexMark(female), "candidate.sex", |cell| {
                let year = values::year(cell, true).ok();
                let mark = year.is_some() || values::flag(cell)?;
                Ok((mark, year))
            });
            let Some((true, year)) = marked else { continue };
            let marked = if female { Sex::Female } else { Sex::Male };
            if sex.is_some_and(|other| other != marked) {
                let (vi, en) = ("đánh dấu cả nam và nữ", "marked as both a man and a woman");
                self.missing("candidate.sex", "CONTRADICTION", vi, en);
            }
            sex = Some(marked);
            born = born.or(year);
        }
        (sex, born)
    }
}

/// Two-letter codes; "Việt Nam" is one.
fn nationalities(text: &str) -> Result<Vec<String>, What> {
    items::items(&text.replace(',', ";"))
        .iter()
        .map(|item| {
            if fold(item) == "viet nam" {
                return Ok("VN".to_owned());
            }
            if item.len() == 2 && item.bytes().all(|b| b.is_ascii_uppercase()) {
                return Ok(item.clone());
            }
            Err(What::new(
                "UNREADABLE_WORD",
                format!(
                    "{} không phải là quốc tịch; hãy ghi “Việt Nam” hoặc mã hai chữ cái",
                    quoted(item)
                ),
                format!(
                    "{} is no nationality; write “Việt Nam” or a code of two letters",
                    quoted(item)
                ),
            ))
        })
        .collect()
}
