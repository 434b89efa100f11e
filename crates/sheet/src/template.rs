//! The form of a list for one award: the columns that its criteria need, and a sheet that explains them.

use law::{AwardRule, CandidateKind, Criterion, Law};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Rows of the form that take a nominee.
const ROWS: u32 = 500;
const HEADER_ROW: u32 = 9;

/// Why there is no form.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// No rule set has the award.
    #[error("rule set {rule_set} has no award {award}; see `vinhdanh law awards --rule-set {rule_set}`")]
    UnknownAward {
        /// Which award.
        award: String,
        /// In which rule set.
        rule_set: String,
    },
    /// The workbook could not be written.
    #[error("the form cannot be written: {0}")]
    Workbook(#[from] XlsxError),
}

/// Properties without a clock: the same content gives the same bytes.
pub(crate) fn properties(title: &str) -> DocProperties {
    let properties = DocProperties::new().set_title(title).set_author("vinhdanh");
    match ExcelDateTime::from_ymd(2025, 1, 1) {
        Ok(day) => properties.set_creation_datetime(&day),
        Err(_) => properties,
    }
}

/// A column of the form.
struct Field {
    heading: String,
    width: f64,
    help: String,
    choices: &'static [&'static str],
    required: bool,
    text: bool,
}

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

impl Field {
    fn new(heading: impl Into<String>, width: f64, help: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            width,
            help: help.into(),
            choices: &[],
            required: false,
            text: false,
        }
    }

    fn of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Long numbers keep their zeros.
    fn in_text(mut self) -> Self {
        self.text = true;
        self
    }
}

/// The form for an award under a rule set, as a workbook. `year` is the last year of ratings; the form asks for as many
/// years as the criteria do.
///
/// # Errors
/// [`TemplateError::UnknownAward`] where the rule set does not give the award.
pub fn template(law: &Law, award: &str, rule_set: &str, year: i32) -> Result<Vec<u8>, TemplateError> {
    let rule = law
        .award_in(award, rule_set)
        .ok_or_else(|| TemplateError::UnknownAward {
            award: award.to_owned(),
            rule_set: rule_set.to_owned(),
        })?;
    let fields = fields(law, rule, year);
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(&rule.name_vi));
    list_sheet(workbook.add_worksheet(), award, rule, &fields)?;
    help_sheet(workbook.add_worksheet(), law, rule, rule_set, &fields)?;
    Ok(workbook.save_to_buffer()?)
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

fn fields(law: &Law, rule: &AwardRule, year: i32) -> Vec<Field> {
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

fn list_sheet(sheet: &mut Worksheet, code: &str, rule: &AwardRule, fields: &[Field]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let title = Format::new().set_bold().set_font_size(14);
    let heading = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_border(FormatBorder::Thin);
    let text = Format::new().set_num_format("@");
    sheet.set_name("Danh sách")?;
    sheet.write_string_with_format(0, 0, "DANH SÁCH ĐỀ NGHỊ KHEN THƯỞNG", &title)?;
    sheet.write_string(1, 0, format!("{} / {}", rule.name_vi, rule.name_en))?;
    let labels = [
        ("Danh hiệu, hình thức đề nghị:", code),
        ("Đơn vị trình:", ""),
        ("Tờ trình số:", ""),
        ("Ngày tờ trình:", ""),
        ("Người ký tờ trình:", ""),
    ];
    for (row, (label, value)) in (2..).zip(labels) {
        sheet.write_string_with_format(row, 0, label, &bold)?;
        if value.is_empty() {
            sheet.write_blank(row, 3, &text)?;
        } else {
            sheet.write_string_with_format(row, 3, value, &text)?;
        }
    }
    for (column, field) in (0..).zip(fields) {
        sheet.set_column_width(column, field.width)?;
        if field.text {
            sheet.set_column_format(column, &text)?;
        }
        sheet.write_string_with_format(HEADER_ROW, column, &field.heading, &heading)?;
        if !field.choices.is_empty() {
            let list = DataValidation::new()
                .allow_list_strings(field.choices)?
                .set_error_style(DataValidationErrorStyle::Stop);
            sheet.add_data_validation(HEADER_ROW + 1, column, HEADER_ROW + ROWS, column, &list)?;
        }
        if field.text {
            let long = DataValidation::new()
                .allow_text_length(DataValidationRule::LessThanOrEqualTo(64))
                .set_error_style(DataValidationErrorStyle::Warning);
            sheet.add_data_validation(HEADER_ROW + 1, column, HEADER_ROW + ROWS, column, &long)?;
        }
    }
    sheet.set_row_height(HEADER_ROW, 48)?;
    sheet.set_freeze_panes(HEADER_ROW + 1, 2)?;
    Ok(())
}

fn help_sheet(
    sheet: &mut Worksheet,
    law: &Law,
    rule: &AwardRule,
    rule_set: &str,
    fields: &[Field],
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrap = Format::new().set_text_wrap();
    sheet.set_name("Hướng dẫn")?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 90)?;
    sheet.set_column_width(2, 34)?;
    let mut row = 0;
    let mut line = |cells: [&str; 3], format: &Format| -> Result<(), XlsxError> {
        for (column, text) in (0..).zip(cells) {
            if !text.is_empty() {
                sheet.write_string_with_format(row, column, text, format)?;
            }
        }
        row += 1;
        Ok(())
    };
    line(["Cách điền / How to fill in", "", ""], &bold)?;
    line(
        [
            "",
            "Mỗi dòng một đối tượng. Ghi đơn vị trình, số và ngày tờ trình ở đầu danh sách. Không đổi tên cột; thứ tự cột tự do.",
            "",
        ],
        &wrap,
    )?;
    line(
        [
            "",
            "One row a nominee. Write the submitting agency and the letter above the list. Keep the names of the columns; their order is free.",
            "",
        ],
        &wrap,
    )?;
    line(["", "Kiểm tra / check: vinhdanh import LIST.xlsx", ""], &wrap)?;
    line(["", "", ""], &wrap)?;
    line(["Cột / Column", "Cách ghi / How to write it", ""], &bold)?;
    for field in fields {
        let mark = if field.required { "bắt buộc / required" } else { "" };
        let choices = if field.choices.is_empty() {
            String::new()
        } else {
            format!(" [{}]", field.choices.join("; "))
        };
        line([&field.heading, &format!("{}{choices}", field.help), mark], &wrap)?;
    }
    line(["", "", ""], &wrap)?;
    line(
        [
            &format!("{} ({rule_set})", rule.name_vi),
            &rule.summary_vi,
            &source(rule.article.as_deref(), rule.confirmed),
        ],
        &bold,
    )?;
    line(
        ["Đường / Path", "Tiêu chuẩn / Criterion", "Điều khoản / Article"],
        &bold,
    )?;
    for criterion in &rule.criteria {
        let path = if criterion.path == "*" {
            "luôn áp dụng / always"
        } else {
            &criterion.path
        };
        line(
            [
                path,
                &asked(criterion),
                &source(criterion.article.as_deref(), criterion.confirmed),
            ],
            &wrap,
        )?;
    }
    line(["", "", ""], &wrap)?;
    line(["Mã giấy tờ / Paper", "Tên / Name", ""], &bold)?;
    for kind in law.document_kinds() {
        let (vi, en) = law.document_names(kind).unwrap_or((kind, kind));
        line([kind, &format!("{vi} / {en}"), ""], &wrap)?;
    }
    line(["", "", ""], &wrap)?;
    line(
        ["Mã / Code", "Danh hiệu, hình thức / Award", "Điều khoản / Article"],
        &bold,
    )?;
    for award in law.awards(rule_set) {
        let name = format!("{} / {}", award.name_vi, award.name_en);
        line(
            [&award.code, &name, &source(award.article.as_deref(), award.confirmed)],
            &wrap,
        )?;
    }
    Ok(())
}

fn source(article: Option<&str>, confirmed: bool) -> String {
    let doubt = if confirmed {
        ""
    } else {
        "chưa xác nhận / unconfirmed"
    };
    [article.unwrap_or_default(), doubt]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

/// The type of a criterion and those of its parameters that are set, as the rule table has them.
fn asked(criterion: &Criterion) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(criterion) else {
        return criterion.kind.clone();
    };
    let told = fields
        .into_iter()
        .filter_map(|(key, value)| match (key.as_str(), value) {
            ("of_award" | "path" | "recipient" | "type" | "article" | "confirmed" | "text", _)
            | (_, serde_json::Value::Null | serde_json::Value::Bool(false)) => None,
            (_, serde_json::Value::Bool(true)) => Some(key),
            (_, serde_json::Value::String(text)) => Some(format!("{key}={text}")),
            (_, value) => Some(format!("{key}={value}")),
        });
    let told = told.collect::<Vec<_>>().join(", ");
    let text = criterion
        .text
        .as_deref()
        .map(|text| format!("{text} — "))
        .unwrap_or_default();
    format!("{text}{} {told}", criterion.kind)
}
