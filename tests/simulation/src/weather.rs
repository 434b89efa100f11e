//! What goes wrong and how often, as a seed has it: some seeds are calm, some have one kind of trouble, some all.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crate::Chance;

/// Rates in times per thousand, and times in virtual milliseconds.
#[derive(Debug, Default)]
pub struct Weather {
    /// The slowest that a call of a store or bus takes.
    pub slow_ms: u64,
    /// Calls of a store that fail, before or after their effect.
    pub store_errors: u32,
    /// Messages that the bus drops for ever.
    pub lost: u32,
    /// Messages that it delivers twice.
    pub doubled: u32,
    /// Messages that come late, after others.
    pub late: u32,
    /// Publications that fail, before or after they were taken.
    pub publish_errors: u32,
    /// Requests or replies that the network between officials and services drops.
    pub calls_lost: u32,
    /// Calls that the official hangs up on.
    pub hung_up: u32,
    /// Calls that are sent twice at the same time.
    pub twice: u32,
    /// Pauses between crashes of some process; 0: none.
    pub crash_every_ms: u64,
    /// Pauses between losses of a whole stream, or of what a consumer was; 0: none.
    pub bus_disaster_every_ms: u64,
    /// How far the clocks of processes are apart.
    pub skew_ms: u64,
    /// How many processes run each service.
    pub replicas: usize,
    /// From here on nothing goes wrong any more.
    healed: AtomicBool,
}

impl Weather {
    /// No trouble at all.
    pub fn calm() -> Self {
        Self {
            slow_ms: 1,
            replicas: 1,
            ..Self::default()
        }
    }

    /// The weather of a seed. About a quarter of each kind of trouble is away, so that its absence is tested too.
    pub fn of(chance: &Chance) -> Self {
        let some = |most: u64| {
            if chance.permille(250) {
                0
            } else {
                chance.below(most) + 1
            }
        };
        let rate = |most: u64| some(most) as u32;
        Self {
            slow_ms: 1 + chance.below(6),
            store_errors: rate(12),
            lost: rate(300),
            doubled: rate(200),
            late: rate(200),
            publish_errors: rate(80),
            calls_lost: rate(40),
            hung_up: rate(40),
            twice: rate(60),
            crash_every_ms: match some(3) {
                0 => 0,
                often => 1_200 / often,
            },
            bus_disaster_every_ms: match some(3) {
                0 => 0,
                often => 4_000 / often,
            },
            skew_ms: some(3_000),
            replicas: [1, 1, 1, 2, 2, 3][chance.below(6) as usize],
            healed: AtomicBool::new(false),
        }
    }

    /// Ends all trouble.
    pub fn heal(&self) {
        self.healed.store(true, Ordering::Relaxed);
    }

    /// Whether all trouble is over.
    pub fn is_healed(&self) -> bool {
        self.healed.load(Ordering::Relaxed)
    }

    /// Whether a trouble of this rate strikes now.
    pub fn strikes(&self, chance: &Chance, rate: u32) -> bool {
        !self.is_healed() && chance.permille(rate)
    }

    /// How long a call takes now.
    pub fn delay(&self, chance: &Chance) -> Duration {
        Duration::from_millis(chance.below(self.slow_ms + 1))
    }
}
