//! The form of a list for one award: the columns that its criteria need, and a sheet that explains them.

mod columns;
mod help_sheet;
mod list_sheet;

use law::Law;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use self::{columns::fields, help_sheet::help_sheet, list_sheet::list_sheet};

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
