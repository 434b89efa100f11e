//! The columns of the form: those of every list, and those that the criteria of the award need.

use law::{AwardRule, CandidateKind, Law};

const SEXES: &[&str] = &["Nam", "Nữ"];
const RATINGS: &[&str] = &["HTXS", "HTT", "HT", "KHT"];
const BASES: &[&str] = &[
    "Công trạng",
    "Đột xuất",
    "Chuyên đề",
    "Cống hiến",
    "Niên hạn",
    "Đối ngoại",
];
const OCCUPATIONS: &[&str] = &[
    "Lãnh đạo, quản lý",
    "Công chức",
    "Viên chức",
    "Giáo viên",
    "Nhân viên y tế",
    "Công nhân",
    "Nông dân",
    "Quân nhân",
    "Công an",
    "Nghệ sĩ",
    "Doanh nhân",
    "Khác",
];

/// A column of the form.
pub(super) struct Field {
    pub heading: String,
    pub width: f64,
    pub help: String,
    pub choices: &'static [&'static str],
    /// Whether the form says that it must be filled in.
    pub required: bool,
    /// Whether its cells are texts, so that long numbers keep their zeros.
    pub text: bool,
}

impl Field {
    pub(super) fn new(heading: impl Into<String>, width: f64, help: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            width,
            help: help.into(),
            choices: &[],
            required: false,
            text: false,
        }
    }

    pub(super) fn of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn in_text(mut self) -> Self {
        self.text = true;
        self
    }
}

fn asks(rule: &AwardRule, kinds: &[&str]) -> bool {
    rule.criteria
        .iter()
        .any(|criterion| kinds.contains(&criterion.kind.as_str()))
}

/// The years that ratings are asked for.
fn rated_years(rule: &AwardRule) -> i32 {
    let rated = rule
        .criteria
        .iter()
        .filter(|criterion| matches!(criterion.kind.as_str(), "annual-rating" | "years-rated"));
    let asked = rated.map(|criterion| criterion.years.unwrap_or(1)).max();
    asked.map_or(0, |years| years.clamp(1, 15) as i32)
}

/// The columns in their order; ratings for as many years up to `year` as the criteria ask for.
pub(super) fn fields(law: &Law, rule: &AwardRule, year: i32) -> Vec<Field> {
    let person = rule.takes(CandidateKind::Individual);
    let group = rule.takes(CandidateKind::Collective);
    let household = rule.takes(CandidateKind::Household);
    let mut fields = vec![Field::new("STT", 6.0, "Số thứ tự. Running number.")];
    let named = match (person, group) {
        (true, false) => "Họ và tên",
        (false, true) => "Tên tập thể",
        _ => "Họ và tên / Tên tập thể",
    };
    fields.push(Field::new(named, 28.0, "Tên đầy đủ. The full name.").required());
    let id = "Số định danh cá nhân (12 chữ số) hoặc mã đơn vị; dùng để phát hiện trùng, không bao giờ dùng tên. Person or unit \
              number: duplicates are found by it, never by name.";
    fields.push(Field::new("Số định danh / CCCD", 18.0, id).in_text());
    if [person, group, household].iter().filter(|takes| **takes).count() > 1 {
        let kinds: &[&str] = &["Cá nhân", "Tập thể", "Hộ gia đình"];
        fields.push(
            Field::new("Loại đối tượng", 14.0, "Individual, collective or household.")
                .of(kinds)
                .required(),
        );
    }
    if person {
        fields.push(Field::new("Giới tính", 10.0, "Nam (male), Nữ (female).").of(SEXES));
        fields.push(Field::new("Năm sinh", 10.0, "Bốn chữ số. Year of birth."));
        fields.push(Field::new("Dân tộc", 12.0, "Ethnicity."));
        fields.push(Field::new("Chức vụ", 24.0, "Chức vụ hiện nay. The post held now."));
        fields.push(
            Field::new(
                "Nghề nghiệp / đối tượng",
                20.0,
                "Nhóm nghề nghiệp. Group of occupations.",
            )
            .of(OCCUPATIONS),
        );
        fields.push(Field::new(
            "Ngày vào cơ quan",
            14.0,
            "dd/mm/yyyy. First day of service.",
        ));
    }
    let agency = "Mã hoặc tên trong danh bạ; để trống cột thì lấy đơn vị trình. Code or name in the directory.";
    fields.push(Field::new("Đơn vị / Mã cơ quan", 26.0, agency).required());
    if group {
        fields.push(Field::new("Số thành viên", 12.0, "Number of members."));
    }
    fields.push(Field::new("Loại hình", 14.0, "Để trống: công trạng. Empty: merit.").of(BASES));
    if rule.is_title() {
        fields.push(Field::new("Năm xét", 10.0, "Năm của danh hiệu. The year that the title is for.").required());
    } else {
        fields.push(
            Field::new(
                "Từ ngày",
                12.0,
                "dd/mm/yyyy: ngày đầu lập thành tích. First day of the period.",
            )
            .required(),
        );
        fields.push(Field::new("Đến ngày", 12.0, "dd/mm/yyyy: ngày cuối. Last day of the period.").required());
    }
    fields.push(Field::new(
        "Thành tích (tóm tắt)",
        50.0,
        "Short account of the achievement.",
    ));
    if asks(rule, &["extraordinary-achievement", "brave-act"]) {
        fields.push(Field::new(
            "Hành động, việc làm",
            30.0,
            "Việc gì, khi nào (đột xuất). For one act: what and when.",
        ));
    }
    let years = rated_years(rule);
    for year in (year - years + 1)..=year {
        fields.push(Field::new(format!("Xếp loại {year}"), 10.0, "HTXS, HTT, HT, KHT.").of(RATINGS));
    }
    let held = "Ví dụ: CSTĐCS 2023 (QĐ 12/QĐ-UBND ngày 05/01/2024); LĐTT 2024. Earlier awards with year and decision, apart by “;”.";
    if asks(
        rule,
        &[
            "prior-award",
            "same-year-title",
            "title-count",
            "years-since-prior-award",
            "once-only",
            "score-frame",
        ],
    ) {
        fields.push(Field::new("Danh hiệu, hình thức đã được tặng", 40.0, held));
    }
    let works = "Ví dụ: Số hóa hồ sơ (2023, cấp cơ sở, QĐ 12/QĐ-SNV). Title (year, scope, decision), apart by “;”.";
    if asks(
        rule,
        &[
            "initiative",
            "initiative-or-research",
            "combat-creativity",
            "invention-or-work",
        ],
    ) {
        fields.push(Field::new("Sáng kiến", 36.0, works));
    }
    if asks(rule, &["research", "initiative-or-research"]) {
        fields.push(Field::new("Đề tài", 30.0, works));
    }
    if asks(rule, &["contribution-post"]) {
        let help = "Ví dụ: giam-doc-so từ 01/01/2015 đến 31/12/2020. Posts by code, with first and last day.";
        fields.push(Field::new("Chức vụ đã giữ", 36.0, help));
    }
    if group {
        collective_fields(rule, &mut fields);
    }
    if asks(rule, &["no-discipline"]) || person {
        let help = "Ví dụ: Khiển trách 01/02/2023 (hết 01/02/2024); không có thì để trống. Measure, day, end.";
        fields.push(Field::new("Kỷ luật", 26.0, help));
    }
    fields.extend(answers(rule));
    for kind in law.document_kinds().filter(|kind| {
        matches!(
            *kind,
            "bao-cao-thanh-tich" | "chung-nhan-sang-kien" | "y-kien-cap-uy" | "xac-nhan-thanh-tich"
        )
    }) {
        let (vi, en) = law.document_names(kind).unwrap_or((kind, kind));
        let help = format!("“x” hoặc số, ngày của giấy tờ. {en}: “x”, or its number and day.");
        fields.push(Field::new(format!("{vi} [{kind}]"), 20.0, help));
    }
    fields.push(Field::new("Ghi chú", 24.0, "Không được đọc. Not read."));
    fields
}

fn collective_fields(rule: &AwardRule, fields: &mut Vec<Field>) {
    if asks(rule, &["member-share", "member-count", "annual-rating"]) {
        fields.push(Field::new(
            "Số người hoàn thành nhiệm vụ trở lên",
            16.0,
            "Members rated hoàn thành or better.",
        ));
    }
    let mut counted: Vec<&str> = rule
        .criteria
        .iter()
        .filter(|criterion| matches!(criterion.kind.as_str(), "member-share" | "member-count"))
        .flat_map(|criterion| {
            criterion
                .award
                .iter()
                .chain(&criterion.any_of)
                .chain(criterion.of.iter())
        })
        .map(String::as_str)
        .collect();
    counted.sort_unstable();
    counted.dedup();
    for award in counted {
        let short = match award {
            "lao-dong-tien-tien" => "Số người đạt LĐTT",
            "chien-si-thi-dua-co-so" => "Số người đạt CSTĐCS",
            "chien-si-tien-tien" => "Số người đạt CSTT",
            _ => continue,
        };
        fields.push(Field::new(short, 12.0, "Members who hold the title for the year."));
    }
    if asks(rule, &["no-member-discipline"]) {
        fields.push(Field::new(
            "Kỷ luật trong tập thể",
            20.0,
            "Khiển trách; Cảnh cáo… Measures against members.",
        ));
    }
    if asks(rule, &["cluster-rank"]) {
        fields.push(Field::new("Xếp hạng cụm, khối", 12.0, "1 là thứ nhất. 1 is first."));
        let levels: &[&str] = &["Trung ương", "Bộ, ngành, tỉnh", "Sở, ngành", "Huyện"];
        fields.push(Field::new("Cấp cụm, khối", 14.0, "Level of the cluster.").of(levels));
    }
    if asks(rule, &["movement"]) {
        fields.push(Field::new(
            "Phong trào do ai phát động",
            22.0,
            "Mã hoặc tên cơ quan. Who launched the movement.",
        ));
        fields.push(Field::new("Số năm phong trào", 12.0, "Years that the movement ran."));
    }
}

/// A column for each criterion that only people can judge.
fn answers(rule: &AwardRule) -> Vec<Field> {
    const FOR_PEOPLE: &[(&str, &str)] = &[
        ("declared", "Xác nhận của đơn vị"),
        ("top-selection", "Là xuất sắc nhất"),
        ("extraordinary-achievement", "Thành tích đột xuất"),
        ("movement", "Thành tích trong phong trào"),
        ("invention-or-work", "Phát minh, công trình"),
        ("international-prize", "Giải thưởng quốc tế"),
        ("brave-act", "Hành động dũng cảm"),
        ("effective-model", "Mô hình hiệu quả"),
        ("published-work", "Công trình đã công bố"),
    ];
    FOR_PEOPLE
        .iter()
        .filter(|(kind, _)| asks(rule, &[kind]))
        .map(|(kind, vi)| {
            let texts: Vec<&str> = rule
                .criteria
                .iter()
                .filter(|criterion| criterion.kind == *kind)
                .filter_map(|criterion| criterion.text.as_deref())
                .take(3)
                .collect();
            let help = format!(
                "Ghi rõ, hoặc “x” nếu đạt; không đạt thì để trống. In words, or “x”. {}",
                texts.join("; ")
            );
            Field::new(format!("{vi} [{kind}]"), 22.0, help)
        })
        .collect()
}
