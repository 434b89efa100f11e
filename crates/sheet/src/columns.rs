//! Which column holds what: the header is found by its Vietnamese names.

use law::{CandidateKind, Sex};

use crate::{
    flaw::{Flaw, What, quoted},
    fold::{fold, fold_char},
    grid::Grid,
    names::Names,
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

/// The names of the columns, folded.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Number, &["stt", "tt", "so tt", "so thu tu", "no"]),
    (
        Column::Name,
        &[
            "ho va ten",
            "ho ten",
            "ho va ten ca nhan",
            "ten ca nhan",
            "ten tap the",
            "ten ca nhan tap the",
            "ho va ten ten tap the",
            "ten tap the ca nhan",
            "ca nhan tap the",
            "ten don vi de nghi khen",
            "ten ho gia dinh",
            "ho ten chu ho",
            "ten ca nhan tap the ho gia dinh",
            "ho va ten ten tap the ho gia dinh",
            "ho ten ca nhan ten tap the",
        ],
    ),
    (
        Column::Id,
        &[
            "so dinh danh",
            "so dinh danh ca nhan",
            "so dinh danh cccd",
            "cccd",
            "so cccd",
            "can cuoc cong dan",
            "so can cuoc",
            "so can cuoc cong dan",
            "can cuoc",
            "ma so",
            "ma dinh danh",
            "ma so dinh danh",
            "cccd ma so",
            "so dinh danh cccd ma so",
            "so dinh danh ma so",
            "ma so can bo",
            "ma can bo",
            "so hieu cong chuc",
            "cmnd cccd",
            "so cmnd cccd",
            "ma so don vi",
            "ma dinh danh don vi",
        ],
    ),
    (Column::Kind, &["loai doi tuong", "la ca nhan hay tap the", "loai"]),
    (Column::Group, &["doi tuong"]),
    (Column::Sex, &["gioi tinh", "phai", "nam nu"]),
    (
        Column::Born,
        &[
            "nam sinh",
            "ngay sinh",
            "ngay thang nam sinh",
            "sinh nam",
            "ngay thang nam sinh nam sinh",
        ],
    ),
    (Column::Ethnicity, &["dan toc"]),
    (Column::Nationality, &["quoc tich"]),
    (
        Column::Position,
        &[
            "chuc vu",
            "chuc danh",
            "chuc vu chuc danh",
            "chuc vu hien nay",
            "chuc vu don vi cong tac",
            "chuc vu noi cong tac",
            "chuc vu don vi",
        ],
    ),
    (
        Column::Occupation,
        &["nghe nghiep", "nghe nghiep doi tuong", "nhom nghe nghiep"],
    ),
    (
        Column::DirectWorker,
        &[
            "lao dong truc tiep",
            "nguoi lao dong truc tiep",
            "truc tiep lao dong",
            "truc tiep",
        ],
    ),
    (
        Column::Agency,
        &[
            "don vi",
            "don vi cong tac",
            "co quan",
            "co quan don vi",
            "ma co quan",
            "don vi ma co quan",
            "noi cong tac",
            "co quan don vi cong tac",
            "ma don vi",
            "don vi co quan",
        ],
    ),
    (
        Column::SubmittingAgency,
        &[
            "don vi trinh",
            "co quan trinh",
            "don vi de nghi",
            "co quan de nghi",
            "don vi trinh khen",
            "ma co quan trinh",
        ],
    ),
    (
        Column::Award,
        &[
            "danh hieu hinh thuc de nghi",
            "danh hieu hinh thuc",
            "danh hieu hinh thuc khen thuong",
            "hinh thuc khen thuong",
            "danh hieu de nghi",
            "hinh thuc de nghi",
            "danh hieu thi dua",
            "danh hieu",
            "de nghi khen thuong",
            "hinh thuc khen thuong de nghi",
            "danh hieu thi dua hinh thuc khen thuong",
            "danh hieu hinh thuc khen thuong de nghi",
            "danh hieu thi dua hinh thuc khen thuong de nghi",
            "de nghi danh hieu",
            "de nghi hinh thuc khen thuong",
        ],
    ),
    (Column::Basis, &["loai hinh", "loai hinh khen thuong"]),
    (
        Column::AwardYear,
        &[
            "nam xet",
            "nam de nghi",
            "nam khen thuong",
            "nam dat danh hieu",
            "nam xet tang",
        ],
    ),
    (
        Column::From,
        &[
            "tu ngay",
            "ngay bat dau",
            "thanh tich tu ngay",
            "thoi gian lap thanh tich tu ngay",
        ],
    ),
    (
        Column::To,
        &[
            "den ngay",
            "ngay ket thuc",
            "thanh tich den ngay",
            "thoi gian lap thanh tich den ngay",
        ],
    ),
    (
        Column::Period,
        &[
            "giai doan",
            "thoi gian lap thanh tich",
            "thoi gian",
            "giai doan lap thanh tich",
            "thanh tich giai doan",
        ],
    ),
    (
        Column::Summary,
        &[
            "thanh tich",
            "tom tat thanh tich",
            "thanh tich tom tat",
            "noi dung thanh tich",
            "thanh tich dat duoc",
            "thanh tich chu yeu",
        ],
    ),
    (
        Column::Act,
        &[
            "hanh dong viec lam",
            "thanh tich dot xuat",
            "viec lam dot xuat",
            "vu viec",
        ],
    ),
    (
        Column::Ratings,
        &[
            "xep loai",
            "xep loai cac nam",
            "muc do hoan thanh nhiem vu",
            "ket qua xep loai",
            "danh gia xep loai",
            "xep loai chat luong",
            "muc xep loai",
        ],
    ),
    (
        Column::Awards,
        &[
            "danh hieu da dat",
            "danh hieu hinh thuc da duoc tang",
            "khen thuong da duoc tang",
            "thanh tich khen thuong",
            "cac hinh thuc khen thuong da dat",
            "hinh thuc khen thuong da duoc tang",
            "danh hieu hinh thuc da dat",
            "khen thuong da dat",
            "da duoc khen thuong",
            "qua trinh khen thuong",
            "lich su khen thuong",
            "danh hieu thi dua hinh thuc khen thuong da dat",
        ],
    ),
    (
        Column::Initiatives,
        &[
            "sang kien",
            "sang kien de tai",
            "sang kien kinh nghiem",
            "sang kien duoc cong nhan",
        ],
    ),
    (
        Column::Research,
        &["de tai", "de tai khoa hoc", "de tai de an khoa hoc"],
    ),
    (
        Column::HiredOn,
        &[
            "ngay vao co quan",
            "ngay vao nganh",
            "ngay tuyen dung",
            "ngay vao lam",
            "ngay bat dau cong tac",
        ],
    ),
    (Column::DeceasedOn, &["ngay mat", "ngay tu tran", "ngay hy sinh"]),
    (
        Column::Posts,
        &["chuc vu da giu", "qua trinh giu chuc vu", "cac chuc vu da giu"],
    ),
    (
        Column::Discipline,
        &["ky luat", "hinh thuc ky luat", "tinh hinh ky luat"],
    ),
    (
        Column::Proceedings,
        &[
            "dang xem xet xac minh",
            "don thu thanh tra kiem tra",
            "khieu nai to cao",
            "dang bi xem xet",
        ],
    ),
    (
        Column::Members,
        &[
            "so thanh vien",
            "so nguoi",
            "tong so nguoi",
            "tong so thanh vien",
            "so nguoi trong tap the",
            "so can bo",
            "si so",
        ],
    ),
    (
        Column::CompletedOrBetter,
        &[
            "so nguoi hoan thanh nhiem vu",
            "so nguoi hoan thanh nhiem vu tro len",
            "so hoan thanh nhiem vu tro len",
            "hoan thanh nhiem vu tro len",
        ],
    ),
    (
        Column::MembersDisciplined,
        &["ky luat trong tap the", "thanh vien bi ky luat", "ca nhan bi ky luat"],
    ),
    (
        Column::ClusterRank,
        &[
            "xep hang",
            "xep hang cum khoi",
            "thu hang cum khoi",
            "thu hang",
            "xep hang trong cum khoi",
        ],
    ),
    (Column::ClusterLevel, &["cap cum khoi", "cum khoi", "cum khoi thi dua"]),
    (
        Column::MovementBy,
        &[
            "phong trao do ai phat dong",
            "phong trao do co quan phat dong",
            "co quan phat dong phong trao",
        ],
    ),
    (Column::MovementYears, &["so nam phong trao", "phong trao may nam"]),
    (
        Column::PartyCommittee,
        &["dien cap uy quan ly", "thuoc dien cap uy quan ly", "cap uy quan ly"],
    ),
    (
        Column::Economic,
        &["doanh nghiep to chuc kinh te", "la doanh nghiep", "to chuc kinh te"],
    ),
    (Column::LetterNumber, &["so to trinh", "to trinh so", "to trinh"]),
    (Column::LetterDate, &["ngay to trinh", "to trinh ngay"]),
    (Column::SignedBy, &["nguoi ky to trinh", "nguoi ky"]),
    (
        Column::ReceivedOn,
        &["ngay nhan ho so", "ngay nhan du ho so", "ngay nhan du ho so hop le"],
    ),
    (Column::Reference, &["so ho so", "ma ho so"]),
    (
        Column::Papers,
        &["giay to kem theo", "ho so kem theo", "tai lieu kem theo", "giay to"],
    ),
    (Column::Note, &["ghi chu"]),
];

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
    if let Some((column, _)) = NAMES.iter().find(|(_, names)| names.contains(&key.as_str())) {
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
    let year: i32 = year.parse().ok().filter(|year| (1900..=2200).contains(year))?;
    let rest = rest.strip_suffix(" nam").unwrap_or(rest);
    let ratings = NAMES.iter().find(|(column, _)| *column == Column::Ratings)?;
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

/// The header of a sheet.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Its first row, from 0.
    pub row: u32,
    /// The first row below it.
    pub below: u32,
    pub columns: Vec<(u32, Column)>,
    /// What the name column says of the candidates' kind.
    pub kind: Option<CandidateKind>,
    /// Columns that are not read: their places and texts.
    pub unread: Vec<(String, String)>,
    pub flaws: Vec<Flaw>,
}

/// Titles stand above the header, but not many.
const ROWS_ABOVE_MAX: usize = 60;
/// With fewer known columns it is no header.
const COLUMNS_MIN: usize = 3;

impl Header {
    /// The header of the sheet, if it has one.
    pub(crate) fn find(grid: &Grid, names: &Names) -> Option<Self> {
        let mut best: Option<Self> = None;
        for line in grid.lines.iter().take(ROWS_ABOVE_MAX) {
            // Cheap first: a header names its candidates.
            let texts = line.cells.iter().filter_map(|(column, _)| line.text(*column));
            let named = texts
                .into_iter()
                .any(|text| matches!(column(&text, names), Ok(Some(Column::Name))));
            if !named {
                continue;
            }
            let header = Self::at(grid, line.row, names);
            let known = header.known();
            if known >= COLUMNS_MIN && best.as_ref().is_none_or(|best| known > best.known()) {
                best = Some(header);
            }
        }
        best
    }

    fn known(&self) -> usize {
        self.columns.len()
    }

    fn at(grid: &Grid, row: u32, names: &Names) -> Self {
        let below = row + height(grid, row, names);
        let mut header = Self {
            row,
            below,
            columns: Vec::new(),
            kind: None,
            unread: Vec::new(),
            flaws: Vec::new(),
        };
        let mut seats: Vec<u32> = (row..below)
            .filter_map(|row| grid.line(row))
            .flat_map(|line| line.cells.iter().map(|(column, _)| *column))
            .collect();
        seats.sort_unstable();
        seats.dedup();
        for seat in seats {
            let text = header_text(grid, row, below, seat);
            let place = grid.place(row, seat);
            match column(&text, names) {
                Ok(Some(known)) => header.take(seat, known, &text, place),
                Ok(None) => header.unread.push((place, text)),
                Err(what) => header.flaws.push(Flaw::new(place, what)),
            }
        }
        header.skip_numbering(grid);
        header
    }

    fn take(&mut self, seat: u32, known: Column, text: &str, place: String) {
        if known == Column::Name {
            self.kind = kind_named(text);
        }
        let twice = self.columns.iter().any(|(_, other)| *other == known);
        if twice && !matches!(known, Column::Awards | Column::Note) {
            self.flaws.push(Flaw::new(
                place,
                What::new(
                    "DUPLICATE_COLUMN",
                    format!("có hai cột {}; hãy bỏ hoặc đổi tên một cột", quoted(text)),
                    format!("there are two columns {}; remove or rename one", quoted(text)),
                ),
            ));
            return;
        }
        self.columns.push((seat, known));
    }

    /// A row of column numbers, (1) (2) (3) or A B 1 2, belongs to the header.
    fn skip_numbering(&mut self, grid: &Grid) {
        let Some(line) = grid.line(self.below) else { return };
        let numbering = line.cells.iter().all(|(column, _)| {
            line.text(*column).is_some_and(|text| {
                let inner = text.trim_matches(['(', ')', '[', ']']);
                let letter = inner.len() == 1 && inner.bytes().all(|b| b.is_ascii_uppercase());
                letter || inner.len() <= 2 && inner.parse::<u32>().is_ok()
            })
        });
        let name = self.seat(&Column::Name).and_then(|seat| line.text(seat));
        if numbering && name.is_some() {
            self.below += 1;
        }
    }

    pub(crate) fn seat(&self, wanted: &Column) -> Option<u32> {
        self.columns
            .iter()
            .find(|(_, column)| column == wanted)
            .map(|(seat, _)| *seat)
    }
}

/// How many rows the header takes: as many as its merged cells, or two where years stand under "Xếp loại".
fn height(grid: &Grid, row: u32, names: &Names) -> u32 {
    let Some(line) = grid.line(row) else { return 1 };
    let merged = line.cells.iter().filter_map(|(column, _)| grid.merge_at(row, *column));
    let tallest = merged.map(|merge| merge.bottom - row + 1).max().unwrap_or(1).min(3);
    if tallest > 1 {
        return tallest;
    }
    let name_seat = line.cells.iter().map(|(seat, _)| *seat).find(|seat| {
        let text = line.text(*seat).unwrap_or_default();
        matches!(column(&text, names), Ok(Some(Column::Name)))
    });
    let Some(next) = grid.line(row + 1) else { return 1 };
    let years = next.cells.iter().all(|(column, _)| {
        next.text(*column).is_some_and(|text| {
            let key = fold(&text);
            key.strip_prefix("nam ")
                .unwrap_or(&key)
                .parse()
                .is_ok_and(|year: i32| (1900..=2200).contains(&year))
        })
    });
    let nameless = name_seat.is_some_and(|seat| next.cell(seat).is_none());
    if years && nameless { 2 } else { 1 }
}

/// The texts of a header column from top to bottom; what stands over several columns counts for each.
fn header_text(grid: &Grid, top: u32, below: u32, seat: u32) -> String {
    let mut texts: Vec<String> = Vec::new();
    for row in top..below {
        let own = grid.line(row).and_then(|line| line.text(seat));
        let text = own.or_else(|| match grid.merge_at(row, seat) {
            Some(merge) => grid.line(merge.top)?.text(merge.left),
            // Without merged cells (CSV) the text to the left stands over the years below it.
            None if row == top && below > top + 1 => {
                let line = grid.line(row)?;
                let left = line.cells.iter().rev().find(|(column, _)| *column < seat)?;
                line.text(left.0)
            }
            None => None,
        });
        if let Some(text) = text.filter(|text| texts.last() != Some(text)) {
            texts.push(text);
        }
    }
    texts.join(" ")
}

/// Whether the header of the names speaks of persons or of collectives alone.
fn kind_named(text: &str) -> Option<CandidateKind> {
    let key = fold(text);
    let (person, collective) = (
        key.contains("ho va ten") || key.contains("ho ten") || key.contains("ca nhan"),
        key.contains("tap the"),
    );
    let household = key.contains("ho gia dinh") || key.contains("chu ho");
    match (person, collective, household) {
        (true, false, false) => Some(CandidateKind::Individual),
        (false, true, false) => Some(CandidateKind::Collective),
        (false, false, true) => Some(CandidateKind::Household),
        _ => None,
    }
}

/// For a row of men or women only.
pub(crate) const fn sex_marked(female: bool) -> Sex {
    if female { Sex::Female } else { Sex::Male }
}

/// Whether a letter is one of those that open a Roman number.
pub(crate) fn is_roman(text: &str) -> bool {
    !text.is_empty() && text.chars().map(fold_char).all(|c| matches!(c, 'i' | 'v' | 'x'))
}
