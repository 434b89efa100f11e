//! Single values: days, years, counts, ratings and other words.

use law::{
    Basis, CandidateKind, ClusterLevel, InitiativeKind, Measure, Occupation, ProceedingKind, Rating, Scope, Sex,
};
use time::{Date, Month};

use crate::{
    flaw::{What, quoted},
    fold::fold,
    grid::Cell,
    workbook::day_of_serial,
};

/// Years outside of this span are slips of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// The text of a cell, or why it has none.
pub(crate) fn text(cell: &Cell) -> Result<String, What> {
    match cell {
        Cell::Bad(what) => Err(what.clone()),
        Cell::Flag(flag) => Ok(if *flag { "có".to_owned() } else { "không".to_owned() }),
        // A day in a column of texts: as it is written here.
        Cell::Day(day) => Ok(format!("{:02}/{:02}/{}", day.day(), u8::from(day.month()), day.year())),
        Cell::Text(_) | Cell::Number(_) => Ok(cell.text().unwrap_or_default()),
    }
}

/// Whether a text says that there is nothing.
pub(crate) fn is_none(text: &str) -> bool {
    matches!(
        fold(text).as_str(),
        "" | "khong" | "khong co" | "chua" | "chua co" | "khong bi"
    )
}

/// Whether a text is no more than a mark that something is there.
pub(crate) fn is_mark(text: &str) -> bool {
    matches!(fold(text).as_str(), "x" | "co" | "1")
}

fn unreadable(reason: &'static str, text: &str, vi: &str, en: &str) -> What {
    let text = quoted(text);
    What::new(
        reason,
        format!("{text} không phải là {vi}"),
        format!("{text} is no {en}"),
    )
}

/// dd/mm/yyyy, yyyy-mm-dd, "ngày … tháng … năm …", or a spreadsheet's day.
pub(crate) fn day(cell: &Cell, from_1904: bool) -> Result<Date, What> {
    let serial = match cell {
        Cell::Bad(what) => return Err(what.clone()),
        Cell::Day(day) => return Ok(*day),
        Cell::Number(number) => Some(*number),
        Cell::Text(text) if text.len() == 5 => text.parse().ok(),
        _ => None,
    };
    let text = text(cell)?;
    serial
        .and_then(|serial| day_of_serial(serial, from_1904))
        .or_else(|| day_text(&text))
        .ok_or_else(|| {
            unreadable(
                "UNREADABLE_DATE",
                &text,
                "ngày; hãy ghi dd/mm/yyyy",
                "day; write it as dd/mm/yyyy",
            )
        })
}

/// The day that a text is.
pub(crate) fn day_text(text: &str) -> Option<Date> {
    let text = text.trim().trim_end_matches('.');
    let key = fold(text);
    let words: Vec<&str> = key
        .split(' ')
        .filter(|word| !matches!(*word, "ngay" | "thang" | "nam"))
        .collect();
    let [one, two, three] = words.as_slice() else {
        return None;
    };
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '/' | '-' | '.' | ' '))
        && !key.contains("thang")
    {
        return None;
    }
    let (year, month, day) = if one.len() == 4 {
        (one, two, three)
    } else {
        (three, two, one)
    };
    if year.len() != 4 || day.len() > 2 || month.len() > 2 {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    YEARS.contains(&date.year()).then_some(date)
}

/// The year that a text is; "Năm 2024" too.
pub(crate) fn year_text(text: &str) -> Option<i32> {
    let key = fold(text);
    let year = key.strip_prefix("nam ").unwrap_or(&key);
    let digits = year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit());
    year.parse().ok().filter(|year| digits && YEARS.contains(year))
}

/// A year, or the year of a day where `days` may stand too.
pub(crate) fn year(cell: &Cell, days: bool) -> Result<i32, What> {
    let text = text(cell)?;
    let found = match cell {
        Cell::Day(day) if days => Some(day.year()),
        _ => year_text(&text).or_else(|| day_text(&text).filter(|_| days).map(Date::year)),
    };
    found.ok_or_else(|| unreadable("UNREADABLE_YEAR", &text, "năm (bốn chữ số)", "year of four digits"))
}

/// The first and the last day of a year.
pub(crate) fn whole_year(year: i32) -> Option<(Date, Date)> {
    let first = Date::from_calendar_date(year, Month::January, 1).ok()?;
    let last = Date::from_calendar_date(year, Month::December, 31).ok()?;
    Some((first, last))
}

/// A count.
pub(crate) fn count(cell: &Cell) -> Result<u32, What> {
    let text = text(cell)?;
    let digits = text.trim();
    digits
        .parse()
        .map_err(|_| unreadable("UNREADABLE_NUMBER", digits, "số nguyên không âm", "whole number"))
}

/// A personal or unit number. A number cell that can have lost its leading zeros is refused.
pub(crate) fn person(cell: &Cell) -> Result<String, What> {
    let text = text(cell)?;
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
    let digits = !compact.is_empty() && compact.bytes().all(|b| b.is_ascii_digit());
    let whole = match cell {
        Cell::Number(_) => digits && matches!(compact.len(), 9 | 12),
        Cell::Day(_) => false,
        // What a spreadsheet program made of twelve digits.
        _ => !(text.contains("E+") || digits && matches!(compact.len(), 10 | 11)),
    };
    if whole {
        return Ok(if digits { compact } else { text });
    }
    Err(What::new(
        "NUMBER_CUT",
        format!(
            "{} có thể đã mất chữ số 0 ở đầu; hãy định dạng ô là văn bản và ghi đủ số",
            quoted(&text)
        ),
        format!(
            "{} may have lost leading zeros; format the cell as text and write all digits",
            quoted(&text)
        ),
    ))
}

/// Yes or no.
pub(crate) fn flag(cell: &Cell) -> Result<bool, What> {
    if let Cell::Flag(flag) = cell {
        return Ok(*flag);
    }
    let text = text(cell)?;
    if is_mark(&text) {
        return Ok(true);
    }
    match fold(&text).as_str() {
        "yes" | "dung" => Ok(true),
        "khong" | "0" | "no" | "khong co" => Ok(false),
        _ if text == "✓" || text == "✔" => Ok(true),
        _ => Err(unreadable(
            "UNREADABLE_WORD",
            &text,
            "“x”, “có” hoặc “không”",
            "“x”, “có” (yes) or “không” (no)",
        )),
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident: $kind:ty, $vi:literal, $en:literal, $table:expr) => {
        $(#[$doc])*
        pub(crate) fn $name(text: &str) -> Result<$kind, What> {
            const TABLE: &[(&[&str], $kind)] = $table;
            let key = fold(text);
            TABLE
                .iter()
                .find(|(words, _)| words.contains(&key.as_str()))
                .map(|(_, meant)| *meant)
                .ok_or_else(|| unreadable("UNREADABLE_WORD", text, $vi, $en))
        }
    };
}

words!(
    /// Giới tính.
    sex: Sex, "giới tính: Nam hoặc Nữ", "sex: Nam (male) or Nữ (female)",
    &[(&["nu", "female"], Sex::Female), (&["nam", "male"], Sex::Male)]
);
words!(
    /// Cá nhân, tập thể, hộ gia đình.
    kind: CandidateKind, "đối tượng: cá nhân, tập thể hoặc hộ gia đình", "kind: cá nhân (individual), tập thể (collective), hộ gia đình (household)",
    &[
        (&["ca nhan", "individual"], CandidateKind::Individual),
        (&["tap the", "collective", "don vi"], CandidateKind::Collective),
        (&["ho gia dinh", "gia dinh", "household"], CandidateKind::Household),
    ]
);
words!(
    /// Loại hình khen thưởng.
    basis: Basis, "loại hình khen thưởng", "basis of an award",
    &[
        (&["cong trang", "cong trang va thanh tich", "cong trang va thanh tich dat duoc", "merit"], Basis::Merit),
        (&["dot xuat", "extraordinary"], Basis::Extraordinary),
        (&["phong trao", "chuyen de", "phong trao thi dua", "theo chuyen de", "theo phong trao", "phong trao chuyen de", "movement"], Basis::Movement),
        (&["cong hien", "qua trinh cong hien", "contribution"], Basis::Contribution),
        (&["nien han", "seniority"], Basis::Seniority),
        (&["doi ngoai", "foreign"], Basis::Foreign),
    ]
);
words!(
    /// What a person does.
    occupation: Occupation, "nhóm nghề nghiệp", "group of occupations",
    &[
        (&["lanh dao", "quan ly", "lanh dao quan ly", "can bo lanh dao", "can bo lanh dao quan ly", "leader"], Occupation::Leader),
        (&["can bo cong chuc vien chuc", "cong chuc", "vien chuc", "can bo", "cong chuc vien chuc", "cbccvc", "official"], Occupation::Official),
        (&["giao vien", "nha giao", "giang vien", "teacher"], Occupation::Teacher),
        (&["nhan vien y te", "bac si", "bac sy", "dieu duong", "y si", "y te", "health worker"], Occupation::HealthWorker),
        (&["cong nhan", "worker"], Occupation::Worker),
        (&["nong dan", "farmer"], Occupation::Farmer),
        (&["quan nhan", "bo doi", "soldier"], Occupation::Soldier),
        (&["cong an", "police"], Occupation::Police),
        (&["nghe si", "nghe sy", "artist"], Occupation::Artist),
        (&["doanh nhan", "entrepreneur"], Occupation::Entrepreneur),
        (&["khac", "other"], Occupation::Other),
    ]
);
words!(
    /// Mức độ hoàn thành nhiệm vụ.
    rating: Rating, "mức xếp loại (HTXS, HTT, HT, KHT)", "rating (HTXS, HTT, HT, KHT)",
    &[
        (&["htxs", "htxsnv", "xs", "xuat sac", "hoan thanh xuat sac", "hoan thanh xuat sac nhiem vu", "ht xuat sac"], Rating::HoanThanhXuatSac),
        (&["htt", "httnv", "tot", "hoan thanh tot", "hoan thanh tot nhiem vu", "ht tot"], Rating::HoanThanhTot),
        (&["ht", "htnv", "hoan thanh", "hoan thanh nhiem vu"], Rating::HoanThanh),
        (&["kht", "khtnv", "khong hoan thanh", "khong hoan thanh nhiem vu"], Rating::KhongHoanThanh),
    ]
);
words!(
    /// Phạm vi của sáng kiến.
    scope: Scope, "phạm vi ảnh hưởng (cơ sở; cấp huyện; bộ, ngành, tỉnh; toàn quốc)", "scope (cơ sở; cấp huyện; bộ, ngành, tỉnh; toàn quốc)",
    &[
        (&["co so", "cap co so", "don vi", "grassroots"], Scope::Grassroots),
        (&["huyen", "cap huyen", "district"], Scope::District),
        (&["tinh", "cap tinh", "bo", "cap bo", "bo nganh tinh", "bo ban nganh tinh", "cap bo nganh tinh", "nganh", "cap nganh", "ministry province"], Scope::MinistryProvince),
        (&["toan quoc", "cap nha nuoc", "nha nuoc", "national"], Scope::National),
    ]
);
words!(
    /// Sáng kiến, đề tài, sáng chế.
    initiative: InitiativeKind, "loại: sáng kiến, đề tài, sáng chế, mưu trí sáng tạo", "kind of work",
    &[
        (&["sang kien", "initiative"], InitiativeKind::Initiative),
        (&["de tai", "de an", "de tai khoa hoc", "de an khoa hoc", "research"], InitiativeKind::Research),
        (&["sang che", "phat minh", "invention"], InitiativeKind::Invention),
        (&["muu tri sang tao", "muu tri sang tao trong chien dau", "combat creativity"], InitiativeKind::CombatCreativity),
    ]
);
words!(
    /// Hình thức kỷ luật.
    measure: Measure, "hình thức kỷ luật", "disciplinary measure",
    &[
        (&["khien trach"], Measure::KhienTrach),
        (&["canh cao"], Measure::CanhCao),
        (&["ha bac luong"], Measure::HaBacLuong),
        (&["giang chuc"], Measure::GiangChuc),
        (&["cach chuc"], Measure::CachChuc),
        (&["buoc thoi viec"], Measure::BuocThoiViec),
    ]
);
words!(
    /// What is being looked into.
    proceeding: ProceedingKind, "việc đang xem xét (kỷ luật, điều tra, thanh tra, kiểm tra, khiếu nại, tố cáo, báo chí)", "kind of proceeding",
    &[
        (&["ky luat", "xem xet ky luat", "discipline"], ProceedingKind::Discipline),
        (&["dieu tra", "investigation"], ProceedingKind::Investigation),
        (&["thanh tra", "kiem tra", "thanh tra kiem tra", "inspection"], ProceedingKind::Inspection),
        (&["khieu nai", "to cao", "khieu nai to cao", "complaint"], ProceedingKind::Complaint),
        (&["bao chi", "bao chi neu", "press report"], ProceedingKind::PressReport),
    ]
);
words!(
    /// Cấp của cụm, khối thi đua.
    cluster: ClusterLevel, "cấp của cụm, khối (trung ương; bộ, tỉnh; sở, ngành; huyện)", "level of a cluster",
    &[
        (&["trung uong", "hoi dong trung uong", "central council"], ClusterLevel::CentralCouncil),
        (&["bo", "tinh", "bo nganh tinh", "bo ban nganh tinh", "ministry province"], ClusterLevel::MinistryProvince),
        (&["so", "so nganh", "so ban nganh", "cuc vu", "department"], ClusterLevel::Department),
        (&["huyen", "cap huyen", "district"], ClusterLevel::District),
    ]
);

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn written(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn days_are_read_day_first_or_iso_or_as_serials() {
        for cell in [
            written("05/01/2024"),
            written("5/1/2024"),
            written("05-01-2024"),
            written("5.1.2024"),
            written("2024-01-05"),
            written("ngày 05 tháng 01 năm 2024"),
            written("45296"),
            Cell::Number(45296.0),
            Cell::Day(date!(2024 - 01 - 05)),
        ] {
            assert_eq!(day(&cell, false), Ok(date!(2024 - 01 - 05)), "{cell:?}");
        }
        assert_eq!(day(&Cell::Number(43834.0), true), Ok(date!(2024 - 01 - 05)));
        for text in [
            "31/02/2024",
            "13/25/2024",
            "5/1/24",
            "2024",
            "tháng 1",
            "05/01",
            "hôm qua",
            "1/2/3/4",
        ] {
            assert_eq!(
                day(&written(text), false).map_err(|what| what.reason),
                Err("UNREADABLE_DATE"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_personal_number_keeps_its_zeros_or_is_refused() {
        assert_eq!(person(&written("001 090 123 456")).as_deref(), Ok("001090123456"));
        assert_eq!(person(&written("CB-17")).as_deref(), Ok("CB-17"));
        assert_eq!(person(&Cell::Number(201_090_123_456.0)).as_deref(), Ok("201090123456"));
        for cell in [
            Cell::Number(1_090_123_456.0),
            written("1090123456"),
            written("1.09E+09"),
        ] {
            assert_eq!(person(&cell).map_err(|what| what.reason), Err("NUMBER_CUT"), "{cell:?}");
        }
    }

    #[test]
    fn words_are_known_or_refused() {
        assert_eq!(rating("HTXSNV"), Ok(Rating::HoanThanhXuatSac));
        assert_eq!(rating("Hoàn thành tốt nhiệm vụ"), Ok(Rating::HoanThanhTot));
        assert!(rating("A").is_err());
        assert_eq!(sex("NỮ"), Ok(Sex::Female));
        assert_eq!(basis("Chuyên đề"), Ok(Basis::Movement));
    }
}
