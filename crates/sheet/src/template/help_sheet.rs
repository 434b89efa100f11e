//! The sheet that explains the form: its columns, the criteria with their articles, papers and awards by their codes.

use law::{AwardRule, Criterion, Law};
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::columns::Field;

pub(super) fn help_sheet(
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
