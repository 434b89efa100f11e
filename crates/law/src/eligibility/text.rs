//! What a criterion asks, in words: Vietnamese first, English second.

use crate::{ClusterLevel, Criterion, Law, Measure, Note, Rating, eligibility::prepared::Prepared};

impl Law {
    /// What a criterion asks, in words: those that stand in the tree of a verdict.
    pub fn in_words(&self, criterion: &Criterion) -> Note {
        describe(self, criterion)
    }
}

/// The criterion in words.
pub(crate) fn describe(law: &Law, criterion: &Criterion) -> Note {
    let prepared = law.prepared();
    let c = criterion;
    let names = |codes: &[&str]| {
        let named: Vec<(String, String)> = codes.iter().map(|code| name(prepared, code)).collect();
        let join = |or: &str, pick: fn(&(String, String)) -> &String| {
            named.iter().map(pick).cloned().collect::<Vec<_>>().join(or)
        };
        (join(" hoặc ", |n| &n.0), join(" or ", |n| &n.1))
    };
    let (awards_vi, awards_en) = names(&c.awards());
    let min = c.min.unwrap_or(1);
    let (rating_vi, rating_en) = rating(c.least());
    let (scope_vi, scope_en) = scope(c.scope.as_deref().or(c.level.as_deref()).unwrap_or_default());
    let (vi, en) = match c.kind.as_str() {
        "prior-award" if c.meets_standard => (
            format!("Đạt tiêu chuẩn {awards_vi}."),
            format!("meets the standard of {awards_en}"),
        ),
        "prior-award" => {
            let times = c.times.unwrap_or(1);
            let (run_vi, run_en) = if c.consecutive {
                (" liên tục", " in consecutive years")
            } else {
                ("", "")
            };
            (
                format!("Đã được tặng {awards_vi} {times} lần{run_vi}."),
                format!("holds {awards_en}, {times} time(s){run_en}"),
            )
        }
        "same-year-title" => (
            format!("Trong năm đạt {awards_vi}."),
            format!("holds {awards_en} for the same year"),
        ),
        "title-count" => {
            let (run_vi, run_en) = if c.consecutive {
                (" liên tục", " in consecutive years")
            } else {
                ("", "")
            };
            (
                format!("Trong thời gian xét có từ {min} lần{run_vi} đạt {awards_vi}."),
                format!("at least {min} times {awards_en}{run_en} in the window"),
            )
        }
        "annual-rating" => {
            let years = c.years.unwrap_or(1);
            (
                format!("Có {years} năm được xếp loại từ \"{rating_vi}\" trở lên."),
                format!("{years} year(s) rated {rating_en} or better"),
            )
        }
        "years-rated" => (
            format!("Từ {min} năm liên tục được xếp loại từ \"{rating_vi}\" trở lên."),
            format!("{min} or more years in a row rated {rating_en} or better"),
        ),
        "years-since-prior-award" => (
            format!("Đã {min} năm trở lên kể từ khi được tặng {awards_vi}."),
            format!("{min} or more years since {awards_en}"),
        ),
        "years-of-service" => (
            format!("Có thời gian phục vụ từ {min} năm."),
            format!("{min} or more years of service"),
        ),
        "initiative" => (
            format!("Có từ {min} sáng kiến được công nhận, phạm vi {scope_vi}."),
            format!("{min} or more recognised initiatives of {scope_en} scope"),
        ),
        "research" => (
            format!("Có từ {min} đề tài, đề án khoa học được nghiệm thu, phạm vi {scope_vi}."),
            format!("{min} or more accepted research topics of {scope_en} scope"),
        ),
        "combat-creativity" => (
            format!("Mưu trí, sáng tạo trong chiến đấu, phục vụ chiến đấu, phạm vi {scope_vi}."),
            format!("creativity in combat of {scope_en} scope"),
        ),
        "initiative-or-research" => (
            format!("Có từ {min} sáng kiến hoặc đề tài, phạm vi {scope_vi}."),
            format!("{min} or more initiatives or research topics of {scope_en} scope"),
        ),
        "invention-or-work" => (
            format!("Có phát minh, sáng chế, công trình, tác phẩm, phạm vi {scope_vi}."),
            format!("an invention or work of {scope_en} scope"),
        ),
        "quota-percent" => {
            let max = c.max.unwrap_or(100);
            (
                format!("Tỷ lệ không quá {max}%: Hội đồng kiểm tra trên toàn danh sách."),
                format!("a share of at most {max}%: the council looks at the whole list"),
            )
        }
        "member-share" => {
            let (of_vi, of_en) = member(prepared, c.of.as_deref());
            let (sign_vi, percent) = c
                .more_than_percent
                .map_or(("từ", c.min_percent), |more| ("trên", Some(more)));
            let percent = percent.unwrap_or(0);
            let sign_en = if c.more_than_percent.is_some() {
                "more than"
            } else {
                "at least"
            };
            (
                format!("Có {sign_vi} {percent}% thành viên {of_vi}."),
                format!("{sign_en} {percent}% of the members: {of_en}"),
            )
        }
        "member-count" => {
            let (of_vi, of_en) = member(prepared, c.of.as_deref());
            (
                format!("Có từ {min} thành viên {of_vi}."),
                format!("at least {min} members: {of_en}"),
            )
        }
        "cluster-rank" => {
            let (at_vi, at_en) = cluster(c.cluster_level);
            let rank = c.rank.unwrap_or(1);
            (
                format!("Xếp thứ {rank} cụm, khối thi đua {at_vi}."),
                format!("rank {rank} of the cluster or bloc {at_en}"),
            )
        }
        "movement" => {
            let years = c
                .min_years
                .map_or_else(String::new, |years| format!(" từ {years} năm trở lên"));
            let years_en = c
                .min_years
                .map_or_else(String::new, |years| format!(" of {years} years or more"));
            (
                format!("Tiêu biểu xuất sắc trong phong trào thi đua{years}."),
                format!("outstanding in an emulation movement{years_en}"),
            )
        }
        "extraordinary-achievement" => (
            format!("Lập thành tích đột xuất, phạm vi ảnh hưởng {scope_vi}."),
            format!("an extraordinary achievement of {scope_en} influence"),
        ),
        "international-prize" => (
            "Đoạt giải thưởng quốc tế.".to_owned(),
            "an international prize".to_owned(),
        ),
        "contribution-post" => (
            "Có quá trình cống hiến: chức vụ và thời gian giữ chức vụ theo quy định.".to_owned(),
            "posts held for the years that the table asks".to_owned(),
        ),
        "no-discipline" => {
            let level = c.level_at_least.map_or("", |level| measure(level).0);
            (
                format!("Không bị kỷ luật từ {level} trở lên."),
                "no disciplinary measure in the window".to_owned(),
            )
        }
        "no-member-discipline" => {
            let level = c.level_at_least.map_or("", |level| measure(level).0);
            (
                format!("Không có thành viên bị kỷ luật từ {level} trở lên."),
                "no member disciplined at the level or above".to_owned(),
            )
        }
        "recruited-at-least-months" => (
            format!("Đã tuyển dụng từ {min} tháng trở lên trong năm xét."),
            format!("recruited {min} months or more before the end of the year"),
        ),
        "force" => (
            "Thuộc lực lượng vũ trang.".to_owned(),
            "belongs to the armed forces".to_owned(),
        ),
        "foreign-recipient" => (
            "Là cá nhân, tập thể nước ngoài.".to_owned(),
            "a foreign person or body".to_owned(),
        ),
        "recipient-kind" => (
            "Đúng đối tượng xét tặng.".to_owned(),
            "a recipient of the kind".to_owned(),
        ),
        "once-only" => ("Chưa được tặng trước đây.".to_owned(), "not held before".to_owned()),
        "timing" => (
            "Xét vào năm liền kề sau năm đạt danh hiệu cấp bộ, tỉnh lần thứ hai.".to_owned(),
            "in the year right after the second ministry or province title".to_owned(),
        ),
        "top-selection" => (
            "Được lựa chọn là tiêu biểu xuất sắc nhất trong số đủ điều kiện.".to_owned(),
            "chosen as the most outstanding among those eligible".to_owned(),
        ),
        "counts-as-service" => (
            "Thời gian nghỉ thai sản, điều trị, đào tạo theo quy định được tính.".to_owned(),
            "maternity leave, treatment and training count as the rules say".to_owned(),
        ),
        "flags" => (
            "Số cờ, bằng khen kèm theo trong thời gian xét.".to_owned(),
            "further flags or certificates".to_owned(),
        ),
        "brave-act" => ("Có hành động dũng cảm.".to_owned(), "a brave act".to_owned()),
        "score-frame" => (
            "Đạt khung điểm do tỉnh quy định.".to_owned(),
            "reaches the local score frame".to_owned(),
        ),
        "family-martyrs" => (
            "Có chồng, con là liệt sĩ theo quy định.".to_owned(),
            "martyrs in the family".to_owned(),
        ),
        "published-work" => (
            "Có công trình, tác phẩm đã công bố, sử dụng.".to_owned(),
            "a work published or used".to_owned(),
        ),
        "effective-model" => (
            "Có mô hình sản xuất hiệu quả, ổn định.".to_owned(),
            "an effective and stable model".to_owned(),
        ),
        "years-in-sector" => (
            "Đủ thời gian công tác trong ngành theo quy định.".to_owned(),
            "years in the sector as set locally".to_owned(),
        ),
        "local-criteria" if c.text_vi.is_some() => (
            c.text_vi.clone().unwrap_or_default(),
            c.text.clone().unwrap_or_default(),
        ),
        "local-criteria" => (
            "Đạt tiêu chuẩn theo quy định của bộ, ngành, tỉnh, cơ quan.".to_owned(),
            "meets the local regulation".to_owned(),
        ),
        "sector-rules" => (
            "Đạt tiêu chuẩn theo nghị định chuyên ngành.".to_owned(),
            "meets the sector decree".to_owned(),
        ),
        "youth-volunteer-service" => (
            "Đã phục vụ trong lực lượng thanh niên xung phong.".to_owned(),
            "served as a youth volunteer".to_owned(),
        ),
        _ => (
            "Tiêu chuẩn cần người có thẩm quyền xác nhận.".to_owned(),
            "a person must confirm".to_owned(),
        ),
    };
    let vi = match &c.text_vi {
        Some(text) if text != &vi => format!("{}: {}.", vi.trim_end_matches('.'), text.trim_end_matches('.')),
        _ => vi,
    };
    let en = match &c.text {
        Some(text) if text != &en => format!("{en}: {text}"),
        _ => en,
    };
    if c.confirmed {
        Note::new(vi, en)
    } else {
        Note::new(format!("{vi} (chưa kiểm chứng)"), format!("{en} (unconfirmed)"))
    }
}

fn name(prepared: &Prepared, code: &str) -> (String, String) {
    let name = prepared.name(code);
    (name.vi.to_string(), name.en.to_string())
}

/// What is still short of a number, in words; `None` where the criterion says it better itself.
pub(crate) fn short_of(prepared: &Prepared, criterion: &Criterion, short: u32) -> Option<Note> {
    let c = criterion;
    let named: Vec<Note> = c.awards().iter().map(|code| prepared.name(code)).collect();
    let join = |or: &str, pick: fn(&Note) -> &str| named.iter().map(pick).collect::<Vec<_>>().join(or);
    let (awards_vi, awards_en) = (join(" hoặc ", |n| &n.vi), join(" or ", |n| &n.en));
    let (run_vi, run_en) = if c.consecutive {
        (" liên tục", " in a row")
    } else {
        ("", "")
    };
    let (rating_vi, rating_en) = rating(c.least());
    let (what_vi, what_en) = match c.kind.as_str() {
        "prior-award" | "title-count" => (
            format!("năm {awards_vi}{run_vi}"),
            format!("more year(s) of {awards_en}{run_en}"),
        ),
        "annual-rating" => (
            format!("năm xếp loại từ \"{rating_vi}\" trở lên{run_vi}"),
            format!("more year(s) rated {rating_en} or better{run_en}"),
        ),
        "years-rated" => (
            format!("năm liên tục xếp loại từ \"{rating_vi}\" trở lên"),
            format!("more year(s) in a row rated {rating_en} or better"),
        ),
        "years-since-prior-award" => (
            format!("năm kể từ khi được tặng {awards_vi}"),
            format!("more year(s) since {awards_en}"),
        ),
        "years-of-service" => ("năm phục vụ".to_owned(), "more year(s) of service".to_owned()),
        "recruited-at-least-months" => (
            "tháng tuyển dụng".to_owned(),
            "more month(s) since recruitment".to_owned(),
        ),
        "contribution-post" => (
            "năm giữ chức vụ theo quy định".to_owned(),
            "more year(s) in the posts that the table names".to_owned(),
        ),
        "initiative" | "research" | "combat-creativity" | "initiative-or-research" => {
            let (scope_vi, scope_en) = scope(c.scope.as_deref().or(c.level.as_deref()).unwrap_or_default());
            let (work_vi, work_en) = match c.kind.as_str() {
                "initiative" => ("sáng kiến", "initiative(s)"),
                "research" => ("đề tài, đề án khoa học", "research topic(s)"),
                "combat-creativity" => ("mưu trí, sáng tạo trong chiến đấu", "act(s) of creativity in combat"),
                _ => ("sáng kiến hoặc đề tài", "initiative(s) or research topic(s)"),
            };
            (
                format!("{work_vi}, phạm vi {scope_vi}"),
                format!("more {work_en} of {scope_en} scope"),
            )
        }
        "member-count" => {
            let (of_vi, of_en) = member(prepared, c.of.as_deref());
            (format!("thành viên {of_vi}"), format!("more member(s): {of_en}"))
        }
        "member-share" => {
            let (of_vi, of_en) = member(prepared, c.of.as_deref());
            (
                format!("điểm phần trăm thành viên {of_vi}"),
                format!("more percentage point(s) of members: {of_en}"),
            )
        }
        _ => return None,
    };
    Some(Note::new(
        format!("Còn thiếu {short} {what_vi}."),
        format!("{short} {what_en}"),
    ))
}

fn member(prepared: &Prepared, of: Option<&str>) -> (String, String) {
    match of {
        Some("completed duties or better") => (
            "hoàn thành nhiệm vụ trở lên".to_owned(),
            "completed duties or better".to_owned(),
        ),
        Some(award) => {
            let (vi, en) = name(prepared, award);
            (format!("đạt {vi}"), en)
        }
        None => (String::new(), String::new()),
    }
}

pub(crate) const fn rating(rating: Rating) -> (&'static str, &'static str) {
    match rating {
        Rating::KhongHoanThanh => ("không hoàn thành nhiệm vụ", "not completed"),
        Rating::HoanThanh => ("hoàn thành nhiệm vụ", "completed"),
        Rating::HoanThanhTot => ("hoàn thành tốt nhiệm vụ", "well completed"),
        Rating::HoanThanhXuatSac => ("hoàn thành xuất sắc nhiệm vụ", "excellently completed"),
    }
}

pub(crate) const fn measure(measure: Measure) -> (&'static str, &'static str) {
    match measure {
        Measure::KhienTrach => ("khiển trách", "reprimand"),
        Measure::CanhCao => ("cảnh cáo", "warning"),
        Measure::HaBacLuong => ("hạ bậc lương", "salary grade lowered"),
        Measure::GiangChuc => ("giáng chức", "demotion"),
        Measure::CachChuc => ("cách chức", "removal from post"),
        Measure::BuocThoiViec => ("buộc thôi việc", "dismissal"),
    }
}

pub(crate) fn scope(scope: &str) -> (&str, &str) {
    match scope {
        "national" => ("toàn quốc", "national"),
        "ministry-province" => ("bộ, ban, ngành, tỉnh", "ministry or province"),
        "district" => ("cấp huyện", "district"),
        "commune" => ("cấp xã", "commune"),
        "grassroots" => ("cơ sở", "grassroots"),
        "one field of the ministry or province" => ("một lĩnh vực của bộ, ban, ngành, tỉnh", scope),
        "one field, sector or trade" => ("một lĩnh vực, ngành, nghề", scope),
        "unit or locality" => ("cơ quan, đơn vị, địa phương", scope),
        _ => ("theo quy định", "the stated"),
    }
}

pub(crate) const fn cluster(level: Option<ClusterLevel>) -> (&'static str, &'static str) {
    match level {
        Some(ClusterLevel::CentralCouncil) => (
            "do Hội đồng Thi đua - Khen thưởng Trung ương tổ chức",
            "of the Central Council",
        ),
        Some(ClusterLevel::MinistryProvince) => ("của bộ, ban, ngành, tỉnh", "of the ministry or province"),
        Some(ClusterLevel::Department) => ("của sở, ngành", "of the department"),
        Some(ClusterLevel::District) => ("của huyện", "of the district"),
        None => ("", ""),
    }
}
