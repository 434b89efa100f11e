//! Inputs, actors, snapshots, answers and event bodies as they are stored: compressed with a dictionary that all stores
//! share, since each alone is too short to be compressed by itself.
//!
//! The first byte says how: 0 for bytes as they are, else the number of the dictionary, followed by a zstd frame without
//! its magic number. Nothing at all is nothing. A dictionary is kept for as long as there are stores that were written
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

/// The number of the dictionary.
const NUMBER: u8 = 1;
const DICTIONARY: &[u8] = include_bytes!("packed/1.dictionary");
/// Higher ones give a few per cent for several times the work.
const LEVEL: i32 = 3;
/// What is shorter is hardly made any shorter.
const SHORT: usize = 24;
/// More than any message may have: what claims to be larger was not written here.
const LONG: usize = 64 << 20;
/// How a zstd frame begins.
const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

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
        let mut packed = Vec::with_capacity(1 + frame.len());
        packed.push(NUMBER);
        packed.extend_from_slice(frame);
        Ok(packed)
    }

    fn unpack(&mut self, frame: &[u8]) -> io::Result<Vec<u8>> {
        self.frame.clear();
        self.frame.extend_from_slice(&MAGIC);
        self.frame.extend_from_slice(frame);
        self.decompressor.decompress(&self.frame, LONG)
    }
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
        [NUMBER, frame @ ..] => at_the_desk(|desk| desk.unpack(frame)).map_err(|error| error.to_string()),
        [other, ..] => Err(format!("packed with dictionary {other}, which is not known here")),
    }
}

/// Packs a text and what belongs to it as one, which is shorter than each by itself. Two times nothing is nothing.
pub fn pack_pair(text: &str, bytes: &[u8]) -> Vec<u8> {
    if text.is_empty() && bytes.is_empty() {
        return Vec::new();
    }
    let length = text.len() as u32;
    pack(&[&length.to_be_bytes(), text.as_bytes(), bytes].concat())
}

/// Unpacks what [`pack_pair`] has made. An error says what is wrong with it.
pub fn unpack_pair(packed: &[u8]) -> Result<(String, Vec<u8>), String> {
    let mut pair = unpack(packed)?;
    if pair.is_empty() {
        return Ok(Default::default());
    }
    let length = pair.first_chunk().map(|length| u32::from_be_bytes(*length) as usize);
    let bytes = length.and_then(|length| 4_usize.checked_add(length));
    let bytes = bytes.filter(|from| *from <= pair.len()).ok_or("half of a pair")?;
    let bytes = pair.split_off(bytes);
    let text = String::from_utf8(pair.split_off(4)).map_err(|error| error.to_string())?;
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
        for (text, bytes) in [("", ""), ("x", ""), ("", "y"), ("council/CastBallot", "Hội đồng")] {
            let packed = pack_pair(text, bytes.as_bytes());
            assert_eq!(unpack_pair(&packed), Ok((text.to_owned(), bytes.as_bytes().to_vec())));
        }
        assert_eq!(pack_pair("", &[]), []);
        for half in [
            &[0, 0, 0, 0][..],
            &[0, 0, 0, 0, 2, b'x'],
            &[0, 0xff, 0xff, 0xff, 0xff],
            &[0, 0, 0, 0, 1, 0xff],
        ] {
            unpack_pair(half).unwrap_err();
        }
    }

    #[test]
    fn what_was_not_packed_here_is_refused() {
        let whole = pack(&b"{\"input\":\"withdraw\",\"reason\":\"x\"}".repeat(5));
        assert_eq!(whole[0], NUMBER);
        let refused = |bytes: &[u8]| unpack(bytes).unwrap_err();
        refused(&whole[..whole.len() - 1]);
        refused(&[NUMBER]);
        refused(&[NUMBER, 0x20, 0xff]);
        assert!(refused(b"{}").contains("dictionary 123"));
        // A frame that claims four gigabytes.
        refused(&[NUMBER, 0xa0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0]);
    }
}
