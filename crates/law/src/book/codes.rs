//! The words for the codes of the data. What is not in these lists is shown by its code, so that a draft may bring codes
//! of its own.

use super::terms::Pair;

/// Looks a code up.
fn among(list: &[(&str, Pair)], code: &str) -> Option<Pair> {
    list.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// How often an award is given.
pub(super) fn frequency(code: &str) -> Option<Pair> {
    let list = [
        (
            "after-second-consecutive-ministry-title",
            (
                "ngay sau lần thứ hai liên tục đạt danh hiệu cấp bộ, tỉnh",
                "right after the second ministry or province title in a row",
            ),
        ),
        ("annual", ("hằng năm", "every year")),
        (
            "annual or event",
            ("hằng năm hoặc theo sự kiện", "every year, or on an event"),
        ),
        (
            "congress-or-event",
            (
                "dịp Đại hội thi đua hoặc sự kiện",
                "at emulation congresses or on an event",
            ),
        ),
        ("event", ("khi có thành tích", "when the merit arises")),
        ("every-5-years", ("5 năm một lần", "every five years")),
        (
            "every-few-years (sector decree)",
            (
                "vài năm một lần, theo nghị định chuyên ngành",
                "every few years, as the sector decree says",
            ),
        ),
        ("historic", ("lịch sử", "historic")),
        ("no-fixed-cycle", ("không theo chu kỳ", "no fixed cycle")),
        ("one-off", ("một lần", "once")),
        ("seniority", ("theo niên hạn", "by years of service")),
        (
            "yearly or anniversary",
            ("hằng năm hoặc dịp kỷ niệm", "every year, or on an anniversary"),
        ),
    ];
    among(&list, code)
}

/// The ways to an award.
pub(super) fn path(code: &str) -> Option<Pair> {
    let list: [(&str, Pair); 48] = [
        ("accumulate", ("công trạng tích lũy", "merit over the years")),
        (
            "bloc-leader",
            ("dẫn đầu khối do trung ương tổ chức", "leader of a central bloc"),
        ),
        ("cluster", ("dẫn đầu cụm, khối", "leader of a cluster or bloc")),
        (
            "cluster-flag",
            (
                "dẫn đầu cụm, khối của bộ, tỉnh",
                "leader of a ministry's or province's cluster",
            ),
        ),
        ("collective", ("tập thể", "collective")),
        (
            "collective-accumulate",
            (
                "công trạng tích lũy của tập thể",
                "merit of a collective over the years",
            ),
        ),
        (
            "collective-contribution",
            ("đóng góp của tập thể", "contribution of a collective"),
        ),
        (
            "collective-courage",
            ("hành động dũng cảm của tập thể", "courage of a collective"),
        ),
        ("collective-feat", ("chiến công của tập thể", "feat of a collective")),
        (
            "collective-movement",
            (
                "tập thể tiêu biểu trong phong trào thi đua",
                "collective outstanding in a movement",
            ),
        ),
        (
            "collective-sudden",
            (
                "thành tích đột xuất của tập thể",
                "extraordinary achievement of a collective",
            ),
        ),
        (
            "collective-two-excellent",
            ("hai năm xuất sắc của tập thể", "two excellent years of a collective"),
        ),
        (
            "collective-two-titles",
            ("hai năm đạt danh hiệu tập thể", "two titles of a collective"),
        ),
        ("combat", ("mưu trí, sáng tạo trong chiến đấu", "creativity in combat")),
        ("commune", ("xã, phường, đặc khu", "commune, ward or special zone")),
        ("contribution", ("quá trình cống hiến", "process of contribution")),
        (
            "contribution-economy",
            (
                "đóng góp phát triển kinh tế - xã hội",
                "contribution to the economy and society",
            ),
        ),
        ("courage", ("hành động dũng cảm", "courage")),
        (
            "excellent",
            ("hoàn thành xuất sắc nhiệm vụ", "excellently completed duties"),
        ),
        (
            "farmer-model",
            ("nông dân có mô hình hiệu quả", "farmer with an effective model"),
        ),
        ("feat", ("chiến công", "feat")),
        ("foreign", ("đối ngoại", "foreign relations")),
        (
            "head-of-body",
            ("người đứng đầu cơ quan nước ngoài", "head of a foreign body"),
        ),
        (
            "head-of-mission",
            ("người đứng đầu cơ quan đại diện", "head of a mission"),
        ),
        ("household", ("hộ gia đình", "household")),
        ("individual", ("cá nhân", "person")),
        ("initiative", ("sáng kiến", "initiative")),
        (
            "invention",
            ("phát minh, sáng chế, công trình, tác phẩm", "invention or work"),
        ),
        ("medal-holder", ("đã có Huy chương Hữu nghị", "holder of the medal")),
        ("movement", ("phong trào thi đua", "emulation movement")),
        (
            "organisation-a",
            (
                "cơ quan ngang bộ, tỉnh của nước ngoài",
                "foreign body equal to a ministry or province",
            ),
        ),
        (
            "organisation-b",
            (
                "tổ chức Việt Nam là thành viên, đối tác",
                "organisation with Viet Nam as member or partner",
            ),
        ),
        (
            "organisation-c",
            ("hội hữu nghị của một nước", "friendship association of a country"),
        ),
        (
            "organisation-d",
            (
                "hội hữu nghị cấp tỉnh, bang, thành phố",
                "friendship association of a province, state or city",
            ),
        ),
        (
            "organisation-dd",
            (
                "cơ quan đại diện ngoại giao tại Việt Nam",
                "diplomatic mission in Viet Nam",
            ),
        ),
        (
            "organisation-e",
            (
                "văn phòng của tổ chức quốc tế tại Việt Nam",
                "office of an international organisation",
            ),
        ),
        (
            "organisation-g",
            (
                "tổ chức phi chính phủ nước ngoài",
                "foreign non-governmental organisation",
            ),
        ),
        (
            "organisation-h",
            ("tổ chức nước ngoài khác", "other foreign organisation"),
        ),
        ("other", ("trường hợp khác", "other cases")),
        ("prize", ("giải thưởng quốc tế", "international prize")),
        (
            "prize-sent",
            ("giải thưởng khi được cử tham gia", "prize of one who was sent"),
        ),
        ("regular", ("thành tích thường xuyên", "regular merit")),
        ("rescue", ("cứu người, cứu tài sản", "rescue of people or property")),
        ("research", ("đề tài, đề án khoa học", "research")),
        ("seniority", ("niên hạn", "years of service")),
        ("service", ("thời gian tham gia lực lượng", "time in the force")),
        ("sudden", ("thành tích đột xuất", "extraordinary achievement")),
        ("two-titles", ("hai năm đạt danh hiệu", "two titles")),
    ];
    let workers: [(&str, Pair); 6] = [
        (
            "two-excellent",
            ("hai năm hoàn thành xuất sắc nhiệm vụ", "two excellent years"),
        ),
        (
            "worker-farmer-contribution",
            ("công nhân, nông dân: đóng góp", "worker or farmer: contribution"),
        ),
        (
            "worker-farmer-invention",
            (
                "công nhân, nông dân: phát minh, sáng chế",
                "worker or farmer: invention",
            ),
        ),
        (
            "worker-farmer-movement",
            ("công nhân, nông dân: phong trào", "worker or farmer: movement"),
        ),
        ("worker-initiative", ("công nhân: sáng kiến", "worker: initiative")),
        (
            "worker-sudden",
            ("công nhân: thành tích đột xuất", "worker: extraordinary achievement"),
        ),
    ];
    among(&list, code).or_else(|| among(&workers, code))
}

/// On what a paper depends.
pub(super) fn when(code: &str) -> Option<Pair> {
    let list = [
        (
            "initiative",
            (
                "khi xét theo sáng kiến, đề tài, mưu trí sáng tạo",
                "where the path relies on an initiative, research or creativity in combat",
            ),
        ),
        (
            "achievement",
            (
                "khi xét theo thành tích đột xuất, giải thưởng, công trình, đóng góp",
                "where the path relies on an act, a prize, a work or a contribution",
            ),
        ),
        (
            "party-committee",
            ("khi do cấp ủy quản lý", "where a party committee manages the candidate"),
        ),
        (
            "economic",
            (
                "khi là tổ chức kinh tế hoặc người đứng đầu",
                "where the candidate is an economic organisation or its head",
            ),
        ),
        (
            "foreign",
            ("khi là người, tổ chức nước ngoài", "where the candidate is foreign"),
        ),
    ];
    among(&list, code)
}

/// The step that makes a paper.
pub(super) fn due(code: &str) -> Option<Pair> {
    let list = [
        ("submission", ("khi trình lần đầu", "with the first submission")),
        (
            "consultation",
            ("trước khi bộ, tỉnh trình", "before the ministry or province submits"),
        ),
        (
            "reply",
            (
                "khi cơ quan được hỏi trả lời",
                "when a body that was asked has answered",
            ),
        ),
        (
            "publication",
            ("khi hết thời gian công khai", "when the publication is over"),
        ),
        ("council", ("khi Hội đồng đã họp", "when the council has met")),
        ("machine", ("hệ thống tự lập", "made by the system")),
        ("optional", ("nếu có", "only if there is one")),
    ];
    among(&list, code)
}

/// For whom alone a criterion is, who launched a movement, which force, which field, which local level.
pub(super) fn group(code: &str) -> Option<Pair> {
    let list = [
        ("worker", ("công nhân", "workers")),
        ("farmer", ("nông dân", "farmers")),
        ("ministry", ("bộ, ban, ngành", "ministries")),
        ("province", ("tỉnh, thành phố", "provinces")),
        ("president", ("Chủ tịch nước", "the President")),
        ("prime-minister", ("Thủ tướng Chính phủ", "the Prime Minister")),
        ("minister", ("bộ trưởng", "a minister")),
        ("province-chair", ("Chủ tịch UBND cấp tỉnh", "the chair of a province")),
        ("army", ("quân đội", "army")),
        ("police", ("công an", "police")),
        ("militia", ("dân quân tự vệ", "militia")),
        ("army-or-police", ("quân đội hoặc công an", "army or police")),
        ("armed-forces", ("lực lượng vũ trang", "armed forces")),
        ("combat", ("chiến đấu", "combat")),
        ("combat-service", ("phục vụ chiến đấu", "combat service")),
        ("training", ("huấn luyện", "training")),
        ("force-building", ("xây dựng lực lượng", "building of forces")),
        ("national-defence", ("quốc phòng toàn dân", "national defence")),
        ("defence", ("quốc phòng", "defence")),
        ("security", ("an ninh", "security")),
        ("xa", ("xã", "commune")),
        ("huyen", ("huyện", "district")),
        ("tinh", ("tỉnh", "province")),
    ];
    among(&list, code)
}

/// The time that a row of the table of contribution is about.
pub(super) fn period(code: &str) -> Option<Pair> {
    let list = [
        (
            "american-war-or-construction",
            (
                "kháng chiến chống Mỹ, hoặc xây dựng và bảo vệ Tổ quốc",
                "war against the Americans, or construction and defence",
            ),
        ),
        ("any", ("mọi thời kỳ", "any time")),
        ("armed-forces", ("trong lực lượng vũ trang", "in the armed forces")),
        ("before-1935", ("từ năm 1935 về trước", "1935 or before")),
        (
            "before-1945",
            ("trước Cách mạng tháng Tám 1945", "before the August revolution of 1945"),
        ),
        (
            "construction",
            ("xây dựng và bảo vệ Tổ quốc", "construction and defence"),
        ),
        ("pre-uprising", ("tiền khởi nghĩa", "before the uprising of 1945")),
        ("south-battlefield", ("chiến trường miền Nam", "southern battlefield")),
        ("two-wars", ("hai cuộc kháng chiến", "the two wars of resistance")),
    ];
    among(&list, code)
}

/// The ranks that posts count as.
pub(super) fn rank(code: &str) -> Option<Pair> {
    let list = [
        ("rank-bo-truong", ("Bộ trưởng và tương đương", "minister and equal")),
        (
            "rank-thu-truong",
            ("Thứ trưởng và tương đương", "deputy minister and equal"),
        ),
        (
            "rank-tong-cuc-truong",
            ("Tổng cục trưởng và tương đương", "general director and equal"),
        ),
        (
            "rank-pho-tong-cuc-truong",
            (
                "Phó Tổng cục trưởng và tương đương",
                "deputy general director and equal",
            ),
        ),
        (
            "rank-vu-truong",
            ("Vụ trưởng và tương đương", "head of department and equal"),
        ),
        (
            "rank-pho-vu-truong",
            ("Phó Vụ trưởng và tương đương", "deputy head of department and equal"),
        ),
    ];
    among(&list, code)
}
