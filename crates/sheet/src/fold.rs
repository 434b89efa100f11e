//! Texts as they are compared: without tones, case, punctuation and needless spaces.

use unicode_normalization::{UnicodeNormalization as _, char::decompose_canonical};

/// One letter without tone and case. Text in NFC keeps its length, so that a place in the folded text is one in the
/// text.
pub(crate) fn fold_char(c: char) -> char {
    let mut base = None;
    decompose_canonical(c, |part| {
        base.get_or_insert(part);
    });
    match base.unwrap_or(c) {
        'đ' | 'Đ' => 'd',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}

/// The words of a text, one space apart: `Họ  và\ntên:` gives `ho va ten`.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfc().map(fold_char) {
        if c.is_alphanumeric() {
            folded.push(c);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Text as dossiers hold it: NFC, no hidden characters, single spaces within a line.
pub(crate) fn tidy(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let clean: String = line
            .nfc()
            .map(|c| if c == '\u{a0}' || c == '\t' { ' ' } else { c })
            .filter(|c| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}'))
            .collect();
        lines.push(
            clean
                .split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    lines.join("\n").trim().to_owned()
}

/// What follows a phrase (given folded) in a text, in the letters of the text.
pub(crate) fn after<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let (mut folded, mut ends) = (String::new(), Vec::new());
    for (at, c) in text.char_indices() {
        let plain = fold_char(c);
        let plain = if plain.is_alphanumeric() { plain } else { ' ' };
        if plain == ' ' && folded.ends_with(' ') {
            continue;
        }
        folded.push(plain);
        ends.resize(folded.len(), at + c.len_utf8());
    }
    let found = folded.match_indices(phrase).find(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| c == ' ');
        edge(folded[..*at].chars().next_back()) && edge(folded[at + phrase.len()..].chars().next())
    })?;
    text.get(ends[found.0 + phrase.len() - 1]..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_case_forms_and_spaces_do_not_matter() {
        let decomposed: String = "Họ và tên".nfd().collect();
        for text in ["Họ và tên", "HỌ  VÀ\nTÊN", " họ và tên: ", &decomposed] {
            assert_eq!(fold(text), "ho va ten");
        }
        assert_eq!(fold("Đơn vị"), "don vi");
    }

    #[test]
    fn what_follows_a_phrase_keeps_its_letters() {
        let text = "(Kèm theo Tờ trình  số: 12/TTr-SNV ngày 05/01/2025)";
        assert_eq!(after(text, "to trinh so"), Some(": 12/TTr-SNV ngày 05/01/2025)"));
        assert_eq!(after("Tờ trình sổ", "to trinh s"), None);
        assert_eq!(after("Tờ trình", "to trinh so"), None);
    }
}
