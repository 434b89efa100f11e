//! What a field may hold.

use host::Fault;

/// Characters of a free text.
const TEXT_MAX: usize = 20_000;

/// A free text.
pub(super) fn bounded(field: &str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > TEXT_MAX {
        let what = format!("longer than {TEXT_MAX} characters");
        return Err(Fault::field("INVALID_REQUEST", field, what));
    }
    if !host::is_clean(text) {
        let what = "not NFC, or with control characters";
        return Err(Fault::field("INVALID_REQUEST", field, what));
    }
    Ok(())
}

/// A free text that must be there.
pub(super) fn required(field: &str, text: &str) -> Result<(), Fault> {
    present("INVALID_REQUEST", field, text)?;
    bounded(field, text)
}

/// A number of a paper: required, one line, at most 64 characters.
pub(super) fn number(field: &str, text: &str) -> Result<(), Fault> {
    present("NUMBER_REQUIRED", field, text)?;
    line(field, text, 64)
}

/// The ground of a decision after the decision.
pub(super) fn ground(text: &str) -> Result<(), Fault> {
    present("GROUND_REQUIRED", "ground", text)?;
    bounded("ground", text)
}

/// A text of one line.
pub(super) fn line(field: &str, text: &str, max: usize) -> Result<(), Fault> {
    if text.chars().count() > max {
        let what = format!("longer than {max} characters");
        return Err(Fault::field("INVALID_REQUEST", field, what));
    }
    bounded(field, text)
}

fn present(reason: &'static str, field: &str, text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::field(reason, field, "is required"));
    }
    Ok(())
}
