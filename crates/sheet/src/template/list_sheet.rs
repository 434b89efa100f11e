//! The sheet that the clerk fills in.

use law::AwardRule;
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format, FormatAlign, FormatBorder, Worksheet,
    XlsxError,
};

use super::columns::Field;

/// Rows of the form that take a nominee.
const ROWS: u32 = 500;
const HEADER_ROW: u32 = 9;

pub(super) fn list_sheet(
    sheet: &mut Worksheet,
    code: &str,
    rule: &AwardRule,
    fields: &[Field],
) -> Result<(), XlsxError> {
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
