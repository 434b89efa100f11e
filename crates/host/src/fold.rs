//! Search keys of Vietnamese text: case, tone and letter marks do not matter.

use unicode_normalization::UnicodeNormalization as _;

/// The search key of a text: lower case, without marks, `đ` as `d`, single spaces.
pub fn fold(text: &str) -> String {
    let folded: String = text
        .nfd()
        .filter(|c| !matches!(c, '\u{0300}'..='\u{036f}'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text may be stored: in NFC and without control characters (line breaks and tabs apart) or bidi controls.
pub fn is_clean(text: &str) -> bool {
    let control = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    unicode_normalization::is_nfc(text) && !text.chars().any(control)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn tones_marks_and_case_do_not_matter() {
        assert_eq!(fold("  Đặng  Thị Huyền "), "dang thi huyen");
        assert_eq!(fold("HOÀ"), fold("hòa"));
    }
}
