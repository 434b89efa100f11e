//! The minutes as an official document (Nghị định 30/2020/NĐ-CP, Phụ lục I): a DOCX of the few parts that a word processor
//! needs, written from the record alone. The same minutes are the same bytes, whenever they are written.

mod markup;

use std::io::{Cursor, Write as _};

use host::{Unit, clock::day};
use machine::Timestamp;
use time::{Date, OffsetDateTime, UtcOffset};
use zip::{DateTime, ZipWriter, result::ZipResult, write::SimpleFileOptions};

use self::markup::{Align, CONTENT_TYPES, Document, RELATIONS, STYLES, TableRow};
use crate::{
    machine::{Function, Ground, Kind},
    minutes::{Content, Minutes, Vote},
};

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Commendation => "HỘI ĐỒNG THI ĐUA - KHEN THƯỞNG",
        Kind::Initiative => "HỘI ĐỒNG SÁNG KIẾN",
        Kind::Science => "HỘI ĐỒNG KHOA HỌC",
    }
}

fn long(day: Date) -> String {
    let (number, month, year) = (day.day(), u8::from(day.month()), day.year());
    format!("ngày {number:02} tháng {month:02} năm {year}")
}

/// An instant in Viet Nam, as minutes say it.
fn instant(micros: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let at = at.to_offset(UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC));
    format!("{:02} giờ {:02} phút, {}", at.hour(), at.minute(), long(at.date()))
}

/// A share as the law writes it: `90%`, else `2/3`.
fn needed(vote: &Vote) -> String {
    let of = match (vote.of, vote.recused_left_base) {
        ("present", _) => "thành viên dự họp",
        (_, true) => "thành viên có quyền biểu quyết",
        _ => "tổng số thành viên",
    };
    match vote.threshold.split_once('/') {
        _ if vote.result == "not-voted" => String::new(),
        Some((percent, "100")) => format!("từ {percent}% {of}"),
        Some(_) => format!("từ {} {of}", vote.threshold),
        None => format!("trên 1/2 {of}"),
    }
}

/// Hundredths of a percent would say more than a council of nine can: one decimal, cut off, never rounded up to a pass.
fn percent(vote: &Vote) -> String {
    let tenths = (u64::from(vote.yes) * 1_000).checked_div(u64::from(vote.base));
    tenths.map_or_else(String::new, |tenths| format!("{},{}%", tenths / 10, tenths % 10))
}

fn outcome(vote: &Vote) -> &'static str {
    match vote.result {
        "passed" => "Thông qua",
        "failed" => "Không thông qua",
        _ => "Không biểu quyết",
    }
}

fn why(ground: Ground) -> &'static str {
    match ground {
        Ground::SamePerson => "là người được đề nghị",
        Ground::OwnAgency => "là người đứng đầu cơ quan của người được đề nghị",
        Ground::Kin => "là người thân của người được đề nghị",
        Ground::Other => "có liên quan",
    }
}

fn people(document: &mut Document, content: &Content, subjects: &[String]) {
    for (number, subject) in (1..).zip(subjects) {
        let (name, post) = content.name(subject);
        let post = if post.is_empty() {
            String::new()
        } else {
            format!(", {post}")
        };
        document.paragraph(&format!("{number}. {name}{post}, {}.", content.function(subject)));
    }
}

/// What an award is called, in Vietnamese.
fn award(unit: &Unit, code: &str) -> String {
    unit.law()
        .award(code)
        .map_or_else(|| code.to_owned(), |award| award.name_vi.clone())
}

fn head(document: &mut Document, unit: &Unit, minutes: &Minutes) {
    let content = &minutes.content;
    let agency = unit.agencies().get(&content.council);
    let name = agency.map_or(content.council.as_str(), |agency| agency.name.as_str());
    let written = day(Timestamp(minutes.minuted_at));
    document.letterhead(
        &[&name.to_uppercase(), title(content.kind)],
        "Số:        /BB-HĐ",
        &format!("………, {}", long(written)),
    );
    document.heading("BIÊN BẢN");
    document.centred(&format!(
        "Họp {} {name}",
        title(content.kind).to_lowercase().replacen('h', "H", 1)
    ));
}

/// Whoever presides in the chair's place does so under both names.
fn in_place_of_the_chair(content: &Content) -> String {
    let chair = content.roster.iter().find(|member| member.function == Function::Chair);
    let absent = chair.filter(|chair| !content.chair.is_empty() && chair.subject != content.chair);
    absent.map_or_else(String::new, |chair| {
        let (name, _) = content.name(&chair.subject);
        let function = content.function(&content.chair);
        format!(", {function}, thay Chủ tịch Hội đồng {name} vắng mặt")
    })
}

/// A council that meets in the place of those of agencies that have ended names them.
fn succession(council: &str, ended: &[String]) -> Option<String> {
    let ended = ended.join(", ");
    (!ended.is_empty()).then(|| format!("Hội đồng của {council} họp thay Hội đồng của {ended} đã kết thúc hoạt động."))
}

fn attendance(document: &mut Document, content: &Content) {
    let place = content
        .invitation
        .as_ref()
        .map_or("", |invitation| invitation.place.as_str());
    if content.opened_at > 0 {
        document.paragraph(&format!("Thời gian khai mạc: {}.", instant(content.opened_at)));
    }
    if !place.is_empty() {
        document.paragraph(&format!("Địa điểm: {place}."));
    }
    document.section("I. THÀNH PHẦN");
    let (members, present) = (content.members.len(), content.present.len());
    document.paragraph(&format!(
        "Tổng số thành viên Hội đồng: {members}. Có mặt: {present}. Gửi ý kiến bằng văn bản: {}. Vắng mặt: {}.",
        content.writing.len(),
        content.absent.len()
    ));
    let met = if content.quorate { "đủ" } else { "không đủ" };
    document.paragraph(&format!(
        "Số thành viên phải có mặt: {}; phiên họp {met} điều kiện tiến hành.",
        content.quorum
    ));
    for (label, subject, place) in [
        ("Chủ trì", &content.chair, in_place_of_the_chair(content)),
        ("Thư ký", &content.secretary, String::new()),
    ] {
        let (name, post) = content.name(subject);
        let post = if post.is_empty() {
            String::new()
        } else {
            format!(" ({post})")
        };
        document.paragraph(&format!("{label}: {name}{post}{place}."));
    }
    for (label, subjects) in [
        ("Thành viên có mặt:", &content.present),
        ("Thành viên gửi ý kiến bằng văn bản:", &content.writing),
        ("Thành viên vắng mặt:", &content.absent),
    ] {
        if !subjects.is_empty() {
            document.strong(label);
            people(document, content, subjects);
        }
    }
    for sitting in &content.sittings {
        let reason = if sitting.reason.is_empty() {
            String::new()
        } else {
            format!(" Lý do: {}.", sitting.reason)
        };
        document.paragraph(&format!(
            "Phiên họp tạm dừng lúc {} với {} thành viên có mặt, họp tiếp {}.{reason}",
            instant(sitting.ended_at.0),
            sitting.present.len(),
            long(sitting.until)
        ));
    }
}

fn results(document: &mut Document, unit: &Unit, content: &Content) {
    document.section("II. NỘI DUNG VÀ KẾT QUẢ BIỂU QUYẾT");
    let titles = [
        "STT",
        "Hồ sơ",
        "Danh hiệu, hình thức",
        "Tán thành",
        "Không tán thành",
        "Trắng",
        "Trên tổng số",
        "Tỷ lệ",
        "Kết quả",
    ];
    let rows = content.votes.iter().enumerate().map(|(at, vote)| -> TableRow {
        let voted = vote.result != "not-voted";
        let count = |count: u32| if voted { count.to_string() } else { String::new() };
        vec![
            (at + 1).to_string(),
            vote.dossier.clone(),
            award(unit, &vote.award),
            count(vote.yes),
            count(vote.no),
            count(vote.blank),
            count(vote.base),
            percent(vote),
            outcome(vote).to_owned(),
        ]
    });
    document.table(&titles.map(str::to_owned), &[4, 22, 20, 9, 9, 8, 9, 8, 11], rows);
    let voted = || content.votes.iter().filter(|vote| vote.result != "not-voted");
    let mut rules: Vec<String> = Vec::new();
    for vote in voted() {
        let how = if vote.ballot == "secret" {
            "bỏ phiếu kín"
        } else {
            "biểu quyết công khai"
        };
        let article = vote
            .article
            .as_deref()
            .map_or_else(String::new, |article| format!(" ({article})"));
        let rule = format!(
            "{}: {how}; thông qua khi đạt {}{article}.",
            award(unit, &vote.award),
            needed(vote)
        );
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    for rule in rules {
        document.paragraph(&rule);
    }
    for vote in voted() {
        for (subject, ground) in &vote.recused {
            let (name, _) = content.name(subject);
            document.paragraph(&format!(
                "Hồ sơ {}: {name} không tham gia biểu quyết ({}).",
                vote.dossier,
                why(*ground)
            ));
        }
    }
    let of = |result: &str| content.votes.iter().filter(|vote| vote.result == result).count();
    document.section("III. KẾT LUẬN");
    document.paragraph(&format!(
        "Hội đồng đã xét {} hồ sơ: {} hồ sơ được thông qua, {} hồ sơ không được thông qua, {} hồ sơ không biểu quyết.",
        content.votes.len(),
        of("passed"),
        of("failed"),
        of("not-voted")
    ));
}

/// Writes the document.
pub(crate) fn write(minutes: &Minutes, unit: &Unit) -> ZipResult<Vec<u8>> {
    let content = &minutes.content;
    let mut document = Document::default();
    head(&mut document, unit, minutes);
    let name = |code: &str| {
        let agency = unit.agencies().get(code);
        agency.map_or_else(|| code.to_owned(), |agency| agency.name.clone())
    };
    let ended: Vec<String> = content.in_place_of.iter().map(|code| name(code)).collect();
    if let Some(both_names) = succession(&name(&content.council), &ended) {
        document.paragraph(&both_names);
    }
    attendance(&mut document, content);
    results(&mut document, unit, content);
    document.paragraph(&format!(
        "Phiên họp kết thúc lúc {}. Biên bản được lập từ dữ liệu của phiên họp {}; mã băm SHA-256 của nội dung đã ký: {}.",
        instant(content.closed_at),
        content.session,
        minutes.digest
    ));
    let name = |subject: &str| content.name(subject).0.to_owned();
    let signed = |subject: &str| minutes.signatures.iter().any(|signature| signature.subject == subject);
    let line = |subject: &str| if signed(subject) { "(đã ký)" } else { "" }.to_owned();
    document.signatures([
        ["THƯ KÝ".to_owned(), line(&content.secretary), name(&content.secretary)],
        ["CHỦ TRÌ".to_owned(), line(&content.chair), name(&content.chair)],
    ]);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // A fixed time in the archive: the minutes' own times stand in the text.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (path, part) in [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONS),
        ("word/_rels/document.xml.rels", markup::DOCUMENT_RELATIONS),
        ("word/styles.xml", STYLES),
        ("word/document.xml", document.finish().as_str()),
    ] {
        archive.start_file(path, options)?;
        archive.write_all(part.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Keeps the alignment of a cell of numbers apart from that of words.
pub(crate) const fn align(column: usize) -> Align {
    match column {
        1 | 2 => Align::Left,
        _ => Align::Centre,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_council_that_meets_for_one_that_has_ended_names_both() {
        let ended = ["UBND tỉnh Thái Bình".to_owned()];
        let said = succession("UBND tỉnh Hưng Yên", &ended).expect("said");
        assert!(said.contains("UBND tỉnh Hưng Yên họp thay Hội đồng của UBND tỉnh Thái Bình"));
        assert_eq!(succession("UBND tỉnh Hưng Yên", &[]), None);
    }
}
