//! What the country hands in: how many dossiers, which awards, at whose node, and how many transitions at each level.

use anyhow::{Context as _, bail};

use crate::Chance;

/// Dossiers of a year, as `vinhdanh bench --nation` counts them.
pub const YEAR: f64 = 3_000_000.0;
/// Working days of a month.
const DAYS: f64 = 21.0;
/// Which part of a day's dossiers its busiest hour has. Our assumption: twice an eighth.
const RUSH: f64 = 0.25;
/// Which part of the dossiers the provinces have. Our assumption, as all shares of nodes.
const PROVINCES: f64 = 0.75;
/// The n-th of the provinces, or of the others, has a share like n to this power: the largest of 34 has about a tenth.
const FALLS: f64 = -0.7;
/// The spread over awards and months that `vinhdanh bench --nation` plays: one file for both.
const SHARES: &str = include_str!("../../../../services/vinhdanh/src/bench/nation/shares.toml");

/// What one level does on a dossier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Transitions one after the other, the last of its council included.
    pub acts: u16,
    /// Ballots of its council, all cast at once.
    pub ballots: u16,
}

impl Level {
    const fn new(acts: u16, ballots: u16) -> Self {
        Self { acts, ballots }
    }

    /// Closing the ballot, the minutes, and signing or deciding come after the ballots.
    const AFTER: u16 = 3;

    fn groups(self) -> impl Iterator<Item = u16> {
        let after = if self.ballots == 0 { 0 } else { Self::AFTER };
        let singly = |acts: u16| std::iter::repeat_n(1, usize::from(acts));
        singly(self.acts - after)
            .chain((self.ballots > 0).then_some(self.ballots))
            .chain(singly(after))
    }
}

/// Transitions at the unit, the ministry or province, and the State, by award: counted from the ways that the law gives
/// and the bench's script (each seat's ballot is one: 3 at a unit, 9 above). `tests/nodes.rs` counts them again.
pub const LEVELS: [(&str, [Level; 3]); 6] = [
    ("lao-dong-tien-tien", [Level::new(9, 3), NONE, NONE]),
    ("chien-si-thi-dua-co-so", [Level::new(9, 3), NONE, NONE]),
    (
        "bang-khen-bo-ban-nganh-tinh",
        [Level::new(5, 0), Level::new(7, 9), NONE],
    ),
    (
        "bang-khen-thu-tuong",
        [Level::new(5, 0), Level::new(7, 9), Level::new(3, 0)],
    ),
    (
        "huan-chuong-lao-dong-hang-nhi",
        [Level::new(5, 0), Level::new(8, 9), Level::new(4, 0)],
    ),
    (
        "anh-hung-lao-dong",
        [Level::new(9, 3), Level::new(8, 9), Level::new(8, 9)],
    ),
];
const NONE: Level = Level::new(0, 0);

/// The way of an award: transitions that are asked for at once, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Of a thousand dossiers.
    pub per_mille: u32,
    /// At the dossier's own node, then at the centre.
    pub groups: [Vec<u16>; 2],
}

impl Way {
    /// Transitions at its own node, and at the centre.
    pub fn acts(&self, place: usize) -> u16 {
        self.groups[place].iter().sum()
    }
}

/// A load: so many dossiers over a window, in any order.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// The ways, and how often each is gone.
    pub ways: Vec<Way>,
    /// Dossiers an hour.
    pub hourly: f64,
    /// For so long.
    pub window_us: u64,
    /// Each node's share; any unit.
    pub shares: Vec<u64>,
}

impl Load {
    /// The busiest hour of the peak month, so many times over.
    ///
    /// # Errors
    /// If `shares.toml` is not what this room expects.
    pub fn peak(nodes: usize, provinces: usize, times: f64, window_us: u64) -> anyhow::Result<Self> {
        let shares: toml::Table = SHARES.parse().context("shares.toml")?;
        let months = shares["months"]["weights"].as_array().context("months.weights")?;
        let months: Vec<f64> = months
            .iter()
            .filter_map(|month| Some(month.as_integer()? as f64))
            .collect();
        let peak = months.iter().copied().fold(0.0, f64::max) / months.iter().sum::<f64>();
        let ways = shares["award"].as_array().context("award")?.iter().map(way);
        Ok(Self {
            ways: ways.collect::<anyhow::Result<_>>()?,
            hourly: YEAR * peak / DAYS * RUSH * times,
            window_us,
            shares: node_shares(nodes, provinces),
        })
    }

    /// How many dossiers.
    pub fn dossiers(&self) -> usize {
        (self.hourly * self.window_us as f64 / 3_600e6).round() as usize
    }

    /// A way, by chance.
    pub fn draw_way(&self, chance: &Chance) -> usize {
        draw(self.ways.iter().map(|way| u64::from(way.per_mille)), chance)
    }

    /// A node, by chance.
    pub fn draw_node(&self, chance: &Chance) -> usize {
        draw(self.shares.iter().copied(), chance)
    }
}

fn draw(shares: impl Iterator<Item = u64> + Clone, chance: &Chance) -> usize {
    let mut rest = chance.below(shares.clone().sum());
    shares
        .take_while(|share| {
            let beyond = rest >= *share;
            rest = rest.saturating_sub(*share);
            beyond
        })
        .count()
}

fn way(share: &toml::Value) -> anyhow::Result<Way> {
    let code = share["code"].as_str().context("award.code")?;
    let per_mille = share["per_mille"].as_integer().context("award.per_mille")?;
    let Some((_, [unit, ministry, state])) = LEVELS.iter().find(|(known, _)| *known == code) else {
        bail!("shares.toml has {code}, whose transitions nobody has counted: add it to LEVELS");
    };
    Ok(Way {
        per_mille: u32::try_from(per_mille).context("award.per_mille")?,
        groups: [
            unit.groups().chain(ministry.groups()).collect(),
            state.groups().collect(),
        ],
    })
}

/// The largest first; in millionths.
fn node_shares(nodes: usize, provinces: usize) -> Vec<u64> {
    let weights = |count: usize, whole: f64| {
        let each: Vec<f64> = (1..=count).map(|rank| (rank as f64).powf(FALLS)).collect();
        let sum: f64 = each.iter().sum();
        each.into_iter()
            .map(move |weight| (weight / sum * whole * 1e6).ceil() as u64)
    };
    let provinces = provinces.min(nodes);
    let provincial = if provinces == nodes { 1.0 } else { PROVINCES };
    weights(provinces, provincial)
        .chain(weights(nodes - provinces, 1.0 - provincial))
        .collect()
}
