//! The one room that reads randomness: ids of new aggregates, request ids, keys, jitter.

use std::cell::Cell;

use crate::Clock;

thread_local! {
    /// Where this thread's seeded numbers go on, if it was seeded.
    static SEEDED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// From here on all randomness of this thread follows from `seed`: for a simulation, whose whole world lives on one
/// thread. Everybody can then predict every secret made on it, so nothing that serves people may call this.
pub fn seed_thread(seed: u64) {
    SEEDED.set(Some(seed));
}

/// A new id (UUID v7): 48 bits of the system's time, whatever clock the services run on, and 74 random bits. What is made
/// together lies together in every index, so a commit touches few pages, and a store with years behind it keeps only
/// those of today in memory. Not for what must not tell when it was made.
pub fn fresh_id() -> String {
    let millis = match SEEDED.get() {
        Some(_) => u64::from_be_bytes(random()) >> 16,
        None => Clock::System.now().0 as u64 / 1_000,
    };
    id_of(millis, random())
}

fn id_of(millis: u64, random: [u8; 10]) -> String {
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

/// Random bytes, for keys and secrets.
#[expect(clippy::disallowed_methods, reason = "this is the one room that reads randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if SEEDED.get().is_some() {
        bytes.chunks_mut(8).for_each(fill_seeded);
        return bytes;
    }
    getrandom::fill(&mut bytes).expect("the operating system has randomness, or nothing here may run");
    bytes
}

/// SplitMix64: every seed gives its own sequence, and it passes for random where nobody means harm.
fn fill_seeded(chunk: &mut [u8]) {
    let state = SEEDED.get().unwrap_or_default().wrapping_add(0x9e37_79b9_7f4a_7c15);
    SEEDED.set(Some(state));
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let word = (mixed ^ (mixed >> 31)).to_le_bytes();
    chunk.copy_from_slice(&word[..chunk.len()]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread of its own, so that no other test is seeded.
    fn drawn(seed: u64) -> (String, [u8; 13]) {
        let drawing = std::thread::spawn(move || {
            seed_thread(seed);
            (fresh_id(), random())
        });
        drawing.join().expect("ids")
    }

    #[test]
    fn a_seeded_thread_draws_the_same_again_and_others_do_not() {
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        assert_ne!(fresh_id(), fresh_id());
        let id = uuid::Uuid::parse_str(&drawn(7).0).expect("an id");
        assert_eq!(id.get_version_num(), 7);
    }

    #[test]
    fn later_ids_come_after_earlier_ones() {
        assert!(id_of(1_754_269_200_000, [0xff; 10]) < id_of(1_754_269_200_001, [0; 10]));
    }
}
