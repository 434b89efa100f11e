//! What was found in the file, in words: what counts, and what does not and why.

use time::Date;

use crate::{
    Award, Discipline, Fact, Initiative, InitiativeKind, Note, Rating, Scope, Text,
    eligibility::{prepared::Prepared, text},
};

/// Why something of the record does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Extraordinary,
    Movement,
    Revoked,
    Later,
    Rewarded,
    Discipline,
    Broken,
    OtherYear,
    Low,
    Narrow,
    Recent,
    Held,
    Against,
}

impl Why {
    fn note(self) -> Note {
        let (vi, en) = match self {
            Self::Extraordinary => (
                "khen thưởng đột xuất không làm căn cứ xét khen thưởng công trạng",
                "an award for an extraordinary achievement is no basis for one of merit",
            ),
            Self::Movement => (
                "khen thưởng phong trào, chuyên đề không làm căn cứ xét khen thưởng công trạng",
                "a thematic award is no basis for one of merit",
            ),
            Self::Revoked => ("quyết định đã bị hủy bỏ", "the decision was annulled"),
            Self::Later => ("sau thời điểm xét", "after the day that counts"),
            Self::Rewarded => (
                "thuộc thời gian đã được khen thưởng",
                "within a period that was rewarded before",
            ),
            Self::Discipline => (
                "trước khi hết thời hạn kỷ luật",
                "before the end of the disciplinary period",
            ),
            Self::Broken => (
                "không liền kề với các năm được tính",
                "not adjacent to the years that count",
            ),
            Self::OtherYear => ("không thuộc năm xét", "not of the year in question"),
            Self::Low => ("thấp hơn mức yêu cầu", "less than is asked"),
            Self::Narrow => ("phạm vi hẹp hơn yêu cầu", "of a narrower scope than is asked"),
            Self::Recent => ("chưa đủ thời gian", "too recent"),
            Self::Against => ("thuộc trường hợp không được xét", "it stands against the award"),
            Self::Held => ("chỉ được tặng một lần", "it is given once only"),
        };
        Note::new(vi, en)
    }
}

/// What a criterion has to say for itself, beside how it came out.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Whether facts are wanted at all: not while paths are only compared.
    pub on: bool,
    pub facts: Vec<Fact>,
    pub have: Option<u32>,
    pub need: Option<u32>,
    /// The article that decided, where it is not the criterion's own.
    pub article: Option<Text>,
}

impl Told {
    /// So many were counted, so many are needed; whether that is enough.
    pub fn enough(&mut self, have: u32, need: u32) -> bool {
        (self.have, self.need) = (Some(have), Some(need));
        have >= need
    }

    /// Facts, if they are wanted.
    pub fn say(&mut self, facts: impl IntoIterator<Item = Fact>) {
        if self.on {
            self.facts.extend(facts);
        }
    }

    /// One fact, if it is wanted.
    pub fn fact(&mut self, why: Option<Why>, note: impl FnOnce() -> Note) {
        if self.on {
            self.facts.push(fact(&note(), why));
        }
    }
}

/// A fact in these words: it counts, or why it does not.
pub(crate) fn fact(note: &Note, why: Option<Why>) -> Fact {
    Fact {
        counts: why.is_none(),
        vi: note.vi.clone(),
        en: note.en.clone(),
        why: why.map(Why::note),
    }
}

/// E.g. "Chiến sĩ thi đua cơ sở 2022, QĐ 12/QĐ-UBND".
pub(crate) fn award(prepared: &Prepared, award: &Award) -> Note {
    let name = prepared.name(&award.award);
    let year = award.year;
    match &award.decision {
        Some(decision) => Note::new(
            format!("{} {year}, QĐ {decision}", name.vi),
            format!("{} {year}, decision {decision}", name.en),
        ),
        None => Note::new(format!("{} {year}", name.vi), format!("{} {year}", name.en)),
    }
}

/// E.g. "xếp loại 2024: hoàn thành tốt nhiệm vụ".
pub(crate) fn rating(year: i32, rating: Rating) -> Note {
    let (vi, en) = text::rating(rating);
    Note::new(format!("xếp loại {year}: {vi}"), format!("rated {year}: {en}"))
}

/// A year that interrupts a run.
pub(crate) fn gap(year: i32) -> Note {
    Note::new(format!("năm {year}: đứt quãng"), format!("{year}: the run breaks here"))
}

/// A recognised work with its scope and year.
pub(crate) fn work(work: &Initiative) -> Note {
    let (kind_vi, kind_en) = match work.kind {
        InitiativeKind::Initiative => ("sáng kiến", "initiative"),
        InitiativeKind::Research => ("đề tài, đề án", "research"),
        InitiativeKind::CombatCreativity => ("mưu trí, sáng tạo", "creativity in combat"),
        InitiativeKind::Invention => ("công trình, tác phẩm", "invention or work"),
    };
    let scope = match work.scope {
        Scope::National => "national",
        Scope::MinistryProvince => "ministry-province",
        Scope::District => "district",
        Scope::Grassroots => "grassroots",
    };
    let (scope_vi, scope_en) = text::scope(scope);
    let (title, year) = (short(&work.title), work.year);
    let decision = work.decision.as_deref();
    let decided_vi = decision.map_or_else(String::new, |decision| format!(", QĐ {decision}"));
    let decided_en = decision.map_or_else(String::new, |decision| format!(", decision {decision}"));
    Note::new(
        format!("{kind_vi} \"{title}\" {year}, phạm vi {scope_vi}{decided_vi}"),
        format!("{kind_en} \"{title}\" {year}, {scope_en} scope{decided_en}"),
    )
}

/// A disciplinary measure.
pub(crate) fn measure(measure: &Discipline) -> Note {
    let (vi, en) = text::measure(measure.measure);
    let date = measure.date;
    let (until_vi, until_en) = measure.ended_on.map_or_else(<(String, String)>::default, |until| {
        (format!(", hết thời hạn {until}"), format!(", over on {until}"))
    });
    Note::new(
        format!("kỷ luật {vi} ngày {date}{until_vi}"),
        format!("{en} of {date}{until_en}"),
    )
}

/// What a person has answered.
pub(crate) fn answer(answer: &str) -> Note {
    let words = short(answer);
    Note::new(format!("xác nhận: {words}"), format!("answered: {words}"))
}

/// When service began.
pub(crate) fn hired(day: Date) -> Note {
    Note::new(format!("tuyển dụng ngày {day}"), format!("recruited on {day}"))
}

/// A text of people, cut where it would crowd a page.
fn short(text: &str) -> std::borrow::Cow<'_, str> {
    const CHARS_MAX: usize = 160;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}
