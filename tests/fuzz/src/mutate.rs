//! Inputs that are nearly right: what was right, with some of it turned, cut, doubled or taken from another.

use crate::random::Random;

/// No input grows beyond this by mutation, in bytes.
const BYTES_MAX: usize = 512 << 10;

/// What breaks readers of text and of lengths.
const SPLINTERS: &[&[u8]] = &[
    b"",
    b"\0",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "\u{feff}".as_bytes(),
    "\u{202e}".as_bytes(),
    "ệ".as_bytes(),
    "e\u{323}\u{302}".as_bytes(),
    b"\r\n",
    b"\"",
    b"\\u0000",
    b"{",
    b"[",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e308",
    b"-9223372036854775808",
    b"9999-12-31",
    b"0000-01-01",
    b"2024-02-30",
    b"-2025-01-01",
    b"%",
    b"%00",
    b".",
    b"/",
    b"=",
    b"&a",
    b"*a",
    b"!!binary",
    b"<<",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\xff\xff\xff\xff\x0f",
    b"\x7f",
];

/// A changed copy of `input`; `other` is what it may be spliced with.
pub fn mutate(random: &mut Random, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        step(random, &mut bytes, other);
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn step(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(bytes.len() + 1);
    let len = if random.one_in(4) {
        random.below(bytes.len() - at + 1)
    } else {
        random.below(9).min(bytes.len() - at)
    };
    match random.below(9) {
        // One bit.
        0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        // One byte, and an extreme one.
        1 if at < bytes.len() => bytes[at] = *random.pick(&[0, 1, 0x7f, 0x80, 0xff, b' ', b'"', b'\n']),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..at + len)),
        // The same again.
        4 => {
            let part = bytes[at..at + len].to_vec();
            bytes.splice(at..at, part);
        }
        // A piece of another, in place of ours or beside it.
        5 => {
            let from = random.below(other.len() + 1);
            let taken = random.below(64).min(other.len() - from);
            bytes.splice(at..at + len, other[from..from + taken].iter().copied());
        }
        6 => {
            let splinter = random.pick(SPLINTERS);
            bytes.splice(at..at + len, splinter.iter().copied());
        }
        // A number that may count what follows.
        7 if at < bytes.len() => {
            let by = random.pick(&[1u8, 0xff, 0x10, 0xf0]);
            bytes[at] = bytes[at].wrapping_add(*by);
        }
        // A digit becomes another: dates, amounts and versions that are of the right shape.
        _ => {
            if let Some(digit) = bytes.iter_mut().skip(at).find(|byte| byte.is_ascii_digit()) {
                *digit = b'0' + random.below(10) as u8;
            }
        }
    }
}
