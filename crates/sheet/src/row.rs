//! From the cells of a row to a dossier. What cannot be read becomes an error of its cell.

use law::{
    Achievement, Basis, Candidate, CandidateKind, Collective, Declared, Document, DossierFile, InitiativeKind, Law,
    Letter, Movement, Occupation, Record, SCHEMA, YearRating,
};
use time::{Date, Month};

use crate::{
    columns::{Column, Header, sex_marked},
    common::Common,
    flaw::{Flaw, What, quoted},
    fold::fold,
    grid::{Cell, Grid, Line},
    items,
    names::Names,
    values,
};

/// A row while it is read.
pub(crate) struct Making<'a> {
    pub law: &'a Law,
    pub names: &'a Names,
    pub grid: &'a Grid,
    pub header: &'a Header,
    pub line: &'a Line,
    pub flaws: Vec<Flaw>,
    /// Which part of the dossier came from which column.
    seats: Vec<(&'static str, u32)>,
}

impl<'a> Making<'a> {
    pub(crate) fn new(law: &'a Law, names: &'a Names, grid: &'a Grid, header: &'a Header, line: &'a Line) -> Self {
        Self {
            law,
            names,
            grid,
            header,
            line,
            flaws: Vec::new(),
            seats: Vec::new(),
        }
    }

    /// The cell that a part of the dossier came from; the name's cell for what the list has no column for.
    pub(crate) fn place_of(&self, path: &str) -> String {
        let from = self
            .seats
            .iter()
            .filter(|(start, _)| path.starts_with(start))
            .max_by_key(|(start, _)| start.len());
        let name = self.header.seat(&Column::Name).unwrap_or_default();
        self.grid.place(self.line.row, from.map_or(name, |(_, seat)| *seat))
    }

    fn flaw(&mut self, seat: u32, what: What) {
        self.flaws.push(Flaw::new(self.grid.place(self.line.row, seat), what));
    }

    fn missing(&mut self, path: &str, reason: &'static str, vi: &str, en: &str) {
        let place = self.place_of(path);
        self.flaws.push(Flaw::new(place, What::new(reason, vi, en)));
    }

    /// Reads the cell of a column, if the list has it and the cell is not empty.
    fn read<T>(
        &mut self,
        column: &Column,
        path: &'static str,
        read: impl FnOnce(&Cell) -> Result<T, What>,
    ) -> Option<T> {
        let seat = self.header.seat(column)?;
        self.seats.push((path, seat));
        let line = self.line;
        match read(line.cell(seat)?) {
            Ok(value) => Some(value),
            Err(what) => {
                self.flaw(seat, what);
                None
            }
        }
    }

    fn text(&mut self, column: &Column, path: &'static str) -> Option<String> {
        self.read(column, path, values::text)
    }

    fn word<T>(&mut self, column: &Column, path: &'static str, word: impl Fn(&str) -> Result<T, What>) -> Option<T> {
        self.read(column, path, |cell| word(&values::text(cell)?))
    }

    fn day(&mut self, column: &Column, path: &'static str) -> Option<Date> {
        let from_1904 = self.grid.from_1904;
        self.read(column, path, |cell| values::day(cell, from_1904))
    }

    /// A column of words in one of which rows hold several.
    fn many<T>(&mut self, column: &Column, path: &'static str, read: impl Fn(&str) -> Result<Vec<T>, What>) -> Vec<T> {
        self.word(column, path, read).unwrap_or_default()
    }

    /// The dossier of the row; `None` where something that it needs is missing or cannot be read.
    pub(crate) fn dossier(&mut self, common: &Common) -> Option<DossierFile> {
        let names = self.names;
        let award = self.word(&Column::Award, "award", |text| names.award(text));
        let award = award.or_else(|| self.common(common.award.as_deref(), "award", |text| names.award(text)));
        if award.is_none() && !self.flawed("award") {
            let vi = "chưa có danh hiệu, hình thức đề nghị (cột, dòng trên đầu danh sách, hoặc --award)";
            self.missing(
                "award",
                "MISSING_AWARD",
                vi,
                "no award: neither a column, nor a title row, nor --award",
            );
        }
        let basis = self.word(&Column::Basis, "basis", values::basis).or(common.basis);
        let award_year = self.read(&Column::AwardYear, "award_year", |cell| values::year(cell, false));
        let award_year = award_year.or(common.award_year);
        let submitting = self.word(&Column::SubmittingAgency, "submitting_agency", |text| {
            names.agency(text)
        });
        let given = common.submitting_agency.as_deref();
        let submitting = submitting.or_else(|| self.common(given, "submitting_agency", |text| names.agency(text)));
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

    /// Whether a cell of this part was told already.
    fn flawed(&self, path: &str) -> bool {
        let place = self.place_of(path);
        self.seats.iter().any(|(known, _)| *known == path) && self.flaws.iter().any(|flaw| flaw.at == place)
    }

    fn common<T>(
        &mut self,
        text: Option<&str>,
        path: &'static str,
        read: impl Fn(&str) -> Result<T, What>,
    ) -> Option<T> {
        // A cell that cannot be read is not replaced by what holds for the others.
        if self.flawed(path) {
            return None;
        }
        match read(text?) {
            Ok(value) => Some(value),
            Err(what) => {
                let place = self.place_of(path);
                self.flaws.push(Flaw::new(place, what));
                None
            }
        }
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

    fn candidate(&mut self, common: &Common, award: Option<&str>, submitting: Option<&str>) -> Option<Candidate> {
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
        let agency = self.word(&Column::Agency, "candidate.agency", |text| names.agency(text));
        let agency =
            agency.or_else(|| self.common(common.agency.as_deref(), "candidate.agency", |text| names.agency(text)));
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

    fn sex_and_year(&mut self) -> (Option<law::Sex>, Option<i32>) {
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
            if sex.is_some_and(|other| other != sex_marked(female)) {
                let (vi, en) = ("đánh dấu cả nam và nữ", "marked as both a man and a woman");
                self.missing("candidate.sex", "CONTRADICTION", vi, en);
            }
            sex = Some(sex_marked(female));
            born = born.or(year);
        }
        (sex, born)
    }

    fn achievement(&mut self, common: &Common, award: Option<&str>, award_year: Option<i32>) -> Option<Achievement> {
        let from = self.day(&Column::From, "achievement.from");
        let to = self.day(&Column::To, "achievement.to");
        let period = self.word(&Column::Period, "achievement.from", period);
        let summary = self.text(&Column::Summary, "achievement.summary").unwrap_or_default();
        let act = self.text(&Column::Act, "achievement.act");
        let title = award
            .and_then(|award| self.law.award(award))
            .is_some_and(law::AwardRule::is_title);
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

    fn record(&mut self, award_year: Option<i32>, last_year: Option<i32>) -> Record {
        let names = self.names;
        let mut record = Record {
            hired_on: self.day(&Column::HiredOn, "record.hired_on"),
            ratings: self.many(&Column::Ratings, "record.ratings", items::ratings),
            awards: Vec::new(),
            initiatives: self.many(&Column::Initiatives, "record.initiatives", |text| {
                items::initiatives(text, InitiativeKind::Initiative)
            }),
            posts: self.many(&Column::Posts, "record.posts", items::posts),
            discipline: self.many(&Column::Discipline, "record.discipline", items::discipline),
            proceedings: self.many(&Column::Proceedings, "record.proceedings", items::proceedings),
            collective: self.collective(award_year.or(last_year)),
        };
        let research = |text: &str| items::initiatives(text, InitiativeKind::Research);
        record
            .initiatives
            .extend(self.many(&Column::Research, "record.initiatives", research));
        for (seat, column) in &self.header.columns {
            let line = self.line;
            let Some(cell) = line.cell(*seat) else { continue };
            match column {
                Column::RatingOf(year) => {
                    self.seats.push(("record.ratings", *seat));
                    match values::text(cell).and_then(|text| values::rating(&text)) {
                        Ok(rating) => record.ratings.push(YearRating { year: *year, rating }),
                        Err(what) => self.flaw(*seat, what),
                    }
                }
                Column::Awards => {
                    self.seats.push(("record.awards", *seat));
                    match values::text(cell).and_then(|text| items::awards(&text, names)) {
                        Ok(held) => record.awards.extend(held),
                        Err(what) => self.flaw(*seat, what),
                    }
                }
                _ => {}
            }
        }
        record.ratings.sort_by_key(|rating| rating.year);
        record
    }

    fn collective(&mut self, year: Option<i32>) -> Option<Collective> {
        let mut collective = Collective {
            completed_or_better: self.read(&Column::CompletedOrBetter, "record.collective.completed", values::count),
            cluster_rank: self.read(&Column::ClusterRank, "record.collective.cluster_rank", values::count),
            cluster_level: self.word(
                &Column::ClusterLevel,
                "record.collective.cluster_level",
                values::cluster,
            ),
            disciplined: self.many(&Column::MembersDisciplined, "record.collective.disciplined", |text| {
                items::items(text).iter().map(|item| values::measure(item)).collect()
            }),
            ..Collective::default()
        };
        let launched_by = self.text(&Column::MovementBy, "record.collective.movement");
        let launched_by = launched_by.map(|text| self.names.agency(&text).unwrap_or(text));
        let years = self.read(&Column::MovementYears, "record.collective.movement", values::count);
        if launched_by.is_some() || years.is_some() {
            collective.movement = Some(Movement { launched_by, years });
        }
        for (seat, column) in &self.header.columns {
            let line = self.line;
            let (Column::TitleCount(award), Some(cell)) = (column, line.cell(*seat)) else {
                continue;
            };
            self.seats.push(("record.collective.titles", *seat));
            match values::count(cell) {
                Ok(count) => {
                    collective.titles.insert(award.clone(), count);
                }
                Err(what) => self.flaw(*seat, what),
            }
        }
        if collective == Collective::default() {
            return None;
        }
        collective.year = year;
        Some(collective)
    }

    fn declared(&mut self) -> Vec<Declared> {
        let mut declared = Vec::new();
        for (seat, column) in &self.header.columns {
            let line = self.line;
            let (Column::Declared(criterion), Some(cell)) = (column, line.cell(*seat)) else {
                continue;
            };
            match values::text(cell) {
                Ok(text) if values::is_none(&text) => {}
                Ok(text) => {
                    let marked = matches!(fold(&text).as_str(), "x" | "co" | "1");
                    let text = if marked {
                        "Đạt, theo danh sách của đơn vị trình.".to_owned()
                    } else {
                        text
                    };
                    declared.push(Declared {
                        criterion: criterion.clone(),
                        text,
                    });
                }
                Err(what) => self.flaw(*seat, what),
            }
        }
        declared
    }

    fn documents(&mut self, letter: Option<&Letter>) -> Vec<Document> {
        let names = self.names;
        let mut documents = self.many(&Column::Papers, "documents", |text| items::papers(text, names));
        for (seat, column) in &self.header.columns {
            let line = self.line;
            let (Column::Paper(kind), Some(cell)) = (column, line.cell(*seat)) else {
                continue;
            };
            self.seats.push(("documents", *seat));
            match values::text(cell).and_then(|text| items::paper(kind, &text)) {
                Ok(paper) => documents.extend(paper),
                Err(what) => self.flaw(*seat, what),
            }
        }
        // The list belongs to its letter.
        if let Some(letter) = letter.filter(|_| documents.iter().all(|paper| paper.kind != "to-trinh")) {
            documents.insert(
                0,
                Document {
                    kind: "to-trinh".to_owned(),
                    file: None,
                    number: Some(letter.number.clone()),
                    date: Some(letter.date),
                    sha256: None,
                },
            );
        }
        documents
    }
}

fn whole_year(year: i32) -> Option<(Date, Date)> {
    let first = Date::from_calendar_date(year, Month::January, 1).ok()?;
    let last = Date::from_calendar_date(year, Month::December, 31).ok()?;
    Some((first, last))
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
