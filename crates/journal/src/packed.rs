//! Inputs, actors, snapshots, answers and event bodies as they are stored: compressed with a dictionary that all stores
//! share, since each alone is too short to be compressed by itself.
//!
//! The first byte says how: 0 for bytes as they are, else the dictionary and how much of a zstd frame follows. All of it but
//! its magic number; or of a frame with one block, as short ones are, only its size and what is in the block, since the
//! rest is always the same. Nothing at all is nothing. A dictionary is kept for as long as there are stores that were written
//! with it; better ones get the next number. `examples/dictionary.rs` makes one. Digests and hashes are taken of what was
//! packed, never of the packed form, which may change with every version of the compressor.

use std::{
    io,
    sync::{LazyLock, Mutex, PoisonError},
};

use zstd::{
    bulk::{Compressor, Decompressor},
    dict::{DecoderDictionary, EncoderDictionary},
    zstd_safe::CParameter,
};

/// Packed with the dictionary, and the whole frame follows.
const WHOLE: u8 = 1;
/// Packed with the dictionary; the size in one byte and the one block of a frame follow.
const SMALL: u8 = 2;
/// As [`SMALL`], with the size in two bytes.
const MIDDLE: u8 = 3;
const DICTIONARY: &[u8] = include_bytes!("packed/1.dictionary");
/// Higher ones give a few per cent for several times the work.
const LEVEL: i32 = 3;
/// What is shorter is hardly made any shorter.
const SHORT: usize = 24;
/// More than any message may have: what claims to be larger was not written here.
const LONG: usize = 64 << 20;
/// How a zstd frame begins.
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();
/// What describes a frame of one segment, without dictionary and checksum, whose size takes one byte, or two.
/// RFC 8878, section 3.1.1.1.1.
const DESCRIPTORS: [(u8, u8, usize); 2] = [(SMALL, 0x20, 1), (MIDDLE, 0x60, 2)];
/// A block's header has three bytes.
const HEADER: usize = 3;

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// What packing needs each time.
struct Desk {
    compressor: Compressor<'static>,
    decompressor: Decompressor<'static>,
    /// A whole frame.
    frame: Vec<u8>,
}

/// Those that nobody works at. Of each thread there would be one, and a megabyte with it: there are far more threads than
/// processors.
static DESKS: Mutex<Vec<Desk>> = Mutex::new(Vec::new());

impl Desk {
    fn new() -> io::Result<Self> {
        let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
        // The first byte tells it in less.
        compressor.set_parameter(CParameter::DictIdFlag(false))?;
        let decompressor = Decompressor::with_prepared_dictionary(&DECODER)?;
        Ok(Self {
            compressor,
            decompressor,
            frame: Vec::new(),
        })
    }

    fn pack(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        self.frame.clear();
        self.frame.reserve(zstd::compress_bound(bytes.len()));
        self.compressor.compress_to_buffer(bytes, &mut self.frame)?;
        let frame = self.frame.strip_prefix(&MAGIC).unwrap_or_default();
        Ok(one_block(frame).unwrap_or_else(|| [&[WHOLE], frame].concat()))
    }

    fn unpack(&mut self, form: u8, rest: &[u8]) -> io::Result<Vec<u8>> {
        self.frame.clear();
        self.frame.extend_from_slice(&MAGIC);
        if let Some((_, descriptor, size)) = DESCRIPTORS.iter().find(|(of, ..)| *of == form) {
            let (size, block) = rest.split_at_checked(*size).ok_or(io::ErrorKind::UnexpectedEof)?;
            self.frame.push(*descriptor);
            self.frame.extend_from_slice(size);
            self.frame.extend_from_slice(&header(block.len()));
            self.frame.extend_from_slice(block);
        } else {
            self.frame.extend_from_slice(rest);
        }
        self.decompressor.decompress(&self.frame, LONG)
    }
}

/// The header of a frame's last block, which is compressed and so long. RFC 8878, section 3.1.1.2.
fn header(length: usize) -> [u8; HEADER] {
    let [a, b, c, _] = (((length as u32) << 3) | 0b101).to_le_bytes();
    [a, b, c]
}

/// A frame of one compressed block in its short form.
fn one_block(frame: &[u8]) -> Option<Vec<u8>> {
    let (descriptor, rest) = frame.split_first()?;
    let (form, _, size) = DESCRIPTORS.iter().find(|(_, of, _)| of == descriptor)?;
    let (size, rest) = rest.split_at_checked(*size)?;
    let (head, block) = rest.split_first_chunk::<HEADER>()?;
    (*head == header(block.len())).then(|| [&[*form], size, block].concat())
}

fn at_the_desk<R>(work: impl FnOnce(&mut Desk) -> io::Result<R>) -> io::Result<R> {
    let free = || DESKS.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = free().pop();
    let mut desk = match kept {
        Some(desk) => desk,
        None => Desk::new()?,
    };
    let outcome = work(&mut desk);
    free().push(desk);
    outcome
}

/// Packs bytes: never into more than one byte more than they are.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    // What is longer could not be unpacked.
    if (SHORT..=LONG).contains(&bytes.len())
        && let Ok(packed) = at_the_desk(|desk| desk.pack(bytes))
        && (2..=bytes.len()).contains(&packed.len())
    {
        return packed;
    }
    let mut plain = Vec::with_capacity(1 + bytes.len());
    plain.push(0);
    plain.extend_from_slice(bytes);
    plain
}

/// Unpacks what [`pack`] has made. An error says what is wrong with it.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, String> {
    match packed {
        [] => Ok(Vec::new()),
        [0, bytes @ ..] => Ok(bytes.to_vec()),
        [form @ (WHOLE | SMALL | MIDDLE), rest @ ..] => {
            at_the_desk(|desk| desk.unpack(*form, rest)).map_err(|error| error.to_string())
        }
        [other, ..] => Err(format!("packed in form {other}, which is not known here")),
    }
}

/// Packs a text and what belongs to it as one, which is shorter than each by itself. Two times nothing is nothing.
pub fn pack_pair(text: &str, bytes: &[u8]) -> Vec<u8> {
    if text.is_empty() && bytes.is_empty() {
        return Vec::new();
    }
    let length = text.len() as u32;
    let (short, long) = (length.min(LONGER.into()) as u8, length.to_be_bytes());
    let long = if short == LONGER { &long[..] } else { &[] };
    pack(&[&[short], long, text.as_bytes(), bytes].concat())
}

/// In place of a text's length: it follows in four bytes.
const LONGER: u8 = u8::MAX;

/// Unpacks what [`pack_pair`] has made. An error says what is wrong with it.
pub fn unpack_pair(packed: &[u8]) -> Result<(String, Vec<u8>), String> {
    let mut pair = unpack(packed)?;
    let (from, length) = match &pair[..] {
        [] => return Ok(Default::default()),
        [LONGER, a, b, c, d, ..] => (5, u32::from_be_bytes([*a, *b, *c, *d]) as usize),
        [LONGER, ..] => return Err("half of a pair".to_owned()),
        [length, ..] => (1, usize::from(*length)),
    };
    if pair.len() - from < length {
        return Err("half of a pair".to_owned());
    }
    let bytes = pair.split_off(from + length);
    let text = String::from_utf8(pair.split_off(from)).map_err(|error| error.to_string())?;
    Ok((text, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let long = "Hồ sơ đề nghị danh hiệu ".repeat(9_000);
        for text in ["", "x", "{\"input\":\"ballot-cast\",\"session\":\"9cc93192\"}", &long] {
            let packed = pack(text.as_bytes());
            assert!(packed.len() <= text.len() + 1, "{} of {}", packed.len(), text.len());
            assert_eq!(unpack(&packed).as_deref(), Ok(text.as_bytes()));
        }
        assert!(pack(long.as_bytes()).len() < 200);
        assert_eq!(pack(&[7]), [0, 7]);
    }

    #[test]
    fn what_is_too_long_to_be_unpacked_is_not_packed() {
        let longest = vec![b'x'; LONG];
        assert_eq!(unpack(&pack(&longest)), Ok(longest));
        let longer = vec![b'x'; LONG + 1];
        assert_eq!(unpack(&pack(&longer)), Ok(longer));
    }

    #[test]
    fn what_is_alike_becomes_short() {
        let input = r#"{"input":"voted","member":"m1@hoi-dong-td-kt-trung-uong"}"#;
        assert!(pack(input.as_bytes()).len() * 2 < input.len());
    }

    #[test]
    fn a_pair_comes_back_as_two() {
        let long = "x".repeat(260);
        for text in [&long[..254], &long[..255], &long[..260]] {
            assert_eq!(
                unpack_pair(&pack_pair(text, b"x")),
                Ok((text.to_owned(), b"x".to_vec()))
            );
        }
        for (text, bytes) in [("", ""), ("x", ""), ("", "y"), ("council/CastBallot", "Hội đồng")] {
            let packed = pack_pair(text, bytes.as_bytes());
            assert_eq!(unpack_pair(&packed), Ok((text.to_owned(), bytes.as_bytes().to_vec())));
        }
        assert_eq!(pack_pair("", &[]), []);
        for half in [
            &[0, 1][..],
            &[0, 2, b'x'],
            &[0, 0xff, 0, 0, 0],
            &[0, 0xff, 0, 0, 0, 2, b'x'],
            &[0, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0, 1, 0xff],
        ] {
            unpack_pair(half).unwrap_err();
        }
    }

    #[test]
    fn what_was_not_packed_here_is_refused() {
        let whole = pack(&b"{\"input\":\"withdraw\",\"reason\":\"x\"}".repeat(5));
        assert_eq!(whole[0], SMALL);
        let refused = |bytes: &[u8]| unpack(bytes).unwrap_err();
        refused(&whole[..whole.len() - 1]);
        refused(&[&whole[..1], &[whole[1] + 1], &whole[2..]].concat());
        for form in [WHOLE, SMALL, MIDDLE] {
            refused(&[form]);
            refused(&[form, 0x20]);
            refused(&[form, 0x20, 0xff]);
        }
        assert!(refused(b"{}").contains("form 123"));
        // A frame that claims four gigabytes.
        refused(&[WHOLE, 0xa0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0]);
    }

    #[test]
    fn all_but_the_block_of_a_short_frame_is_left_out() {
        let (small, middle, large) = (b"phong trao ".repeat(9), b"thi dua ".repeat(99), b"x y".repeat(99_999));
        for (content, form) in [(&small, SMALL), (&middle, MIDDLE), (&large, WHOLE)] {
            let packed = pack(content);
            assert_eq!(packed[0], form);
            assert_eq!(unpack(&packed).as_ref(), Ok(content));
        }
    }
}
