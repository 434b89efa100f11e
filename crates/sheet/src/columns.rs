//! Which column holds what: a heading is known by its Vietnamese names.

mod header;
mod spellings;

use spellings::SPELLINGS;

pub(crate) use self::header::Header;
use crate::{
    flaw::{What, quoted},
    fold::fold,
    names::Names,
    values,
};

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    Number,
    Name,
    Id,
    Kind,
    Group,
    Sex,
    /// A column of its own for women or men: a mark, or the year of birth.
    SexMark(bool),
    Born,
    Ethnicity,
    Nationality,
    Position,
    Occupation,
    DirectWorker,
    Agency,
    SubmittingAgency,
    Award,
    Basis,
    AwardYear,
    From,
    To,
    Period,
    Summary,
    Act,
    Ratings,
    RatingOf(i32),
    Awards,
    Initiatives,
    Research,
    HiredOn,
    DeceasedOn,
    Posts,
    Discipline,
    Proceedings,
    Members,
    CompletedOrBetter,
    TitleCount(String),
    MembersDisciplined,
    ClusterRank,
    ClusterLevel,
    MovementBy,
    MovementYears,
    PartyCommittee,
    Economic,
    LetterNumber,
    LetterDate,
    SignedBy,
    ReceivedOn,
    Reference,
    Papers,
    Paper(String),
    Declared(String),
    Note,
}

/// What a header says of a column: `None` for one that is not read.
pub(crate) fn column(text: &str, names: &Names) -> Result<Option<Column>, What> {
    // A form names the criterion or paper by its code, in brackets.
    if let Some((_, code)) = text.trim_end().strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        if law::CRITERION_TYPES.contains(&code) {
            return Ok(Some(Column::Declared(code.to_owned())));
        }
        if let Some(kind) = names.paper(code) {
            return Ok(Some(Column::Paper(kind.to_owned())));
        }
    }
    let bare = without_parentheses(text);
    for text in [text, &bare] {
        if let Some(column) = by_name(text, names) {
            return Ok(Some(column));
        }
    }
    // "Số định danh / CCCD": each part may say it.
    let parts: Vec<Column> = bare.split(['/', ',']).filter_map(|part| by_name(part, names)).collect();
    match parts.as_slice() {
        [] => Ok(None),
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(Some(first.clone())),
        _ => Err(What::new(
            "AMBIGUOUS_HEADER",
            format!("cột {} gồm nhiều nội dung; hãy tách thành các cột riêng", quoted(text)),
            format!(
                "the column {} holds several things; split it into columns",
                quoted(text)
            ),
        )),
    }
}

fn by_name(text: &str, names: &Names) -> Option<Column> {
    let key = fold(text);
    let lower = text.trim().to_lowercase();
    // Without tones, "năm" (year) and "nam" (male) are the same.
    match key.as_str() {
        "nam" if lower == "nam" => return Some(Column::SexMark(false)),
        "nam" => return Some(Column::AwardYear),
        "nu" | "nam sinh nu" | "gioi tinh nu" => return Some(Column::SexMark(true)),
        "nam sinh nam" | "gioi tinh nam" => return Some(Column::SexMark(false)),
        _ => {}
    }
    if let Some((column, _)) = SPELLINGS.iter().find(|(_, names)| names.contains(&key.as_str())) {
        return Some(column.clone());
    }
    if let Some(year) = rated_year(&key) {
        return Some(Column::RatingOf(year));
    }
    if let Some(kind) = names.paper(text) {
        return Some(Column::Paper(kind.to_owned()));
    }
    let counted = ["so nguoi dat ", "so luong ", "so nguoi ", "so "]
        .iter()
        .find_map(|start| key.strip_prefix(start))?;
    names.award(counted).ok().map(Column::TitleCount)
}

/// `xep loai 2024`, `xep loai nam 2024`, `muc do hoan thanh nhiem vu nam 2024`.
fn rated_year(key: &str) -> Option<i32> {
    let (rest, year) = key.rsplit_once(' ')?;
    let year = values::year_text(year)?;
    let rest = rest.strip_suffix(" nam").unwrap_or(rest);
    let ratings = SPELLINGS.iter().find(|(column, _)| *column == Column::Ratings)?;
    ratings.1.contains(&rest).then_some(year)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}
