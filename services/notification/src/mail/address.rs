//! To whom we write: one plain address. What it may hold is less than the standard allows, so that nothing in it can be
//! taken for a second address, a header or a command.

use lettre::Address;

/// By RFC 5321: an address, what stands before the `@`, and one label of a domain.
const BYTES_MAX: usize = 254;
const LOCAL_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

/// What may stand in an atom besides letters and digits (RFC 5322).
const ATOM: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

/// Reads an address such as `van-phong@example.vn`; else what is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Address, &'static str> {
    if text.is_empty() {
        return Err("an e-mail needs an address such as van-phong@example.vn");
    }
    if text.len() > BYTES_MAX {
        return Err("an address has at most 254 bytes");
    }
    if !text.is_ascii() {
        return Err("its letters must be ASCII: a mail server on the way may not know others");
    }
    if text
        .bytes()
        .any(|byte| byte.is_ascii_control() || b" ,;<>()\"\\[]:".contains(&byte))
    {
        return Err("one plain address is required, without a name, quotes, brackets, blanks or a second address");
    }
    let (local, domain) = text.split_once('@').ok_or("it has no @")?;
    if domain.contains('@') {
        return Err("it has more than one @");
    }
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || ATOM.contains(&byte))
    };
    if local.len() > LOCAL_BYTES_MAX || !local.split('.').all(is_atom) {
        return Err("before the @ stand 1 to 64 letters, digits and signs, with single dots between them");
    }
    if !is_domain(domain) {
        return Err("behind the @ stands a domain such as example.vn");
    }
    text.parse()
        .map_err(|_| "it is not an address such as van-phong@example.vn")
}

/// A name with a dot in it, and no number in the place of a top-level domain.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.contains('.')
        && domain.split('.').all(is_label)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_address_is_taken_as_it_is() {
        for text in [
            "van-phong@example.vn",
            "a.b+c_d@mail.so-noi-vu.example.gov.vn",
            "x@xn--p1ai.example",
        ] {
            assert_eq!(parse(text).map(|address| address.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn nothing_that_could_be_taken_for_more_than_one_address_is_let_in() {
        let long = format!("{}@example.vn", "a".repeat(65));
        let refused = [
            "",
            "example.vn",
            "@example.vn",
            "a@",
            "a@b",
            "a@localhost",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@b@example.vn",
            ".a@example.vn",
            "a..b@example.vn",
            "a@-example.vn",
            "a@example..vn",
            "a@example.vn.",
            "a@example.vn,b@example.vn",
            "a@example.vn b@example.vn",
            "A <a@example.vn>",
            "<a@example.vn>",
            "\"a b\"@example.vn",
            "a@example.vn\r\nBcc: b@example.vn",
            "a\n@example.vn",
            "a@example.vn\0",
            "a\u{7f}@example.vn",
            "văn-phòng@example.vn",
            "a@tỉnh.vn",
            &long,
        ];
        for text in refused {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
