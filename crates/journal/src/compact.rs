//! Ids as they are stored: one that ends in a UUID or in 32 hexadecimal digits as the 16 bytes that these stand for.
//!
//! The first byte says how, and what came before the digits stands behind them, so that ids lie in the order of what they
//! end in: those that begin with the time, as ours do, at the end of an index. Nothing at all is nothing.

/// As it is.
const PLAIN: u8 = 0;
/// Ends in 32 lowercase hexadecimal digits.
const HEX: u8 = 1;
/// Ends in a UUID in lowercase with its hyphens.
const UUID: u8 = 2;
/// Where a UUID has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The stored form: of two ids never the same.
pub fn id(text: &str) -> Vec<u8> {
    let (form, before, digits) = if let Some((before, digits)) = ending(text, 36).and_then(uuid) {
        (UUID, before, digits)
    } else if let Some((before, digits)) = ending(text, 32).and_then(plain_hex) {
        (HEX, before, digits)
    } else if text.is_empty() {
        return Vec::new();
    } else {
        return [&[PLAIN], text.as_bytes()].concat();
    };
    let mut stored = Vec::with_capacity(1 + digits.len() + before.len());
    stored.push(form);
    stored.extend_from_slice(&digits);
    stored.extend_from_slice(before.as_bytes());
    stored
}

/// The id that is stored so. An error says what is wrong with it.
pub fn text(stored: &[u8]) -> Result<String, String> {
    let (digits, before) = match stored {
        [] => return Ok(String::new()),
        [PLAIN, plain @ ..] => (String::new(), plain),
        [form @ (HEX | UUID), rest @ ..] => {
            let (bytes, before) = rest.split_at_checked(16).ok_or("an id of fewer than 16 bytes")?;
            let mut digits = hex::encode(bytes);
            if *form == UUID {
                for at in HYPHENS {
                    digits.insert(at, '-');
                }
            }
            (digits, before)
        }
        [other, ..] => return Err(format!("an id of form {other}, which is not known here")),
    };
    let mut text = String::from_utf8(before.to_vec()).map_err(|error| error.to_string())?;
    text.push_str(&digits);
    Ok(text)
}

/// A text in two, the latter of so many bytes.
fn ending(text: &str, length: usize) -> Option<(&str, &[u8])> {
    let before = text.get(..text.len().checked_sub(length)?)?;
    Some((before, &text.as_bytes()[before.len()..]))
}

fn uuid<'t>((before, ending): (&'t str, &[u8])) -> Option<(&'t str, [u8; 16])> {
    let (mut digits, mut next) = ([0; 32], 0);
    for (at, byte) in ending.iter().enumerate() {
        if HYPHENS.contains(&at) {
            if *byte != b'-' {
                return None;
            }
        } else {
            digits[next] = *byte;
            next += 1;
        }
    }
    plain_hex((before, &digits))
}

fn plain_hex<'t>((before, ending): (&'t str, &[u8])) -> Option<(&'t str, [u8; 16])> {
    let mut bytes = [0; 16];
    // In uppercase they would come back in lowercase.
    let is_lowercase = !ending.iter().any(u8::is_ascii_uppercase);
    (is_lowercase && hex::decode_to_slice(ending, &mut bytes).is_ok()).then_some((before, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_comes_back() {
        let uuid = "01a2058e-6ec6-7ddc-826e-a5f7c12d271d";
        let hex = "0fde39c5745832467f4156ae3fc6260e";
        let lengths = [
            ("", 0),
            ("x", 2),
            (uuid, 17),
            (hex, 17),
            (&format!("approval.course/{uuid}"), 33),
            (&format!("event {hex}"), 23),
            (&format!("{uuid}/1"), 39),
            (&uuid.to_uppercase(), 37),
            (&hex.to_uppercase(), 33),
            (&uuid.replace('-', "_"), 37),
            (&format!("số {hex}"), 22),
        ];
        for (id, length) in lengths {
            let stored = super::id(id);
            assert_eq!(stored.len(), length, "{id}");
            assert_eq!(text(&stored).as_deref(), Ok(id));
        }
        // Cut in the middle of a letter, the last bytes would be none.
        let letters = "ở".repeat(12);
        assert_eq!(text(&super::id(&letters)).as_deref(), Ok(letters.as_str()));
        // The same digits with and without hyphens are two ids.
        assert_ne!(super::id(uuid), super::id(&uuid.replace('-', "")));
    }

    #[test]
    fn ids_lie_in_the_order_of_their_ends() {
        let [first, second] = [
            "01a2058e-6ec6-7ddc-826e-a5f7c12d271d",
            "01a2058f-0000-7000-8000-000000000000",
        ];
        assert!(id(first) < id(second));
        assert!(id(&format!("z/{first}")) < id(&format!("a/{second}")));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        assert!(text(&[UUID, 1, 2]).is_err());
        assert!(text(&[9]).unwrap_err().contains("form 9"));
        assert!(text(&[PLAIN, 0xff]).is_err());
    }
}
