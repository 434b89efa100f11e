//! Made-up dossiers for the read models: no person of them exists. Every one follows from its number alone.

/// Family names with their share of a thousand, roughly as in life; middle and given names.
const FAMILY: [(&str, u64); 14] = [
    ("Nguyễn", 385),
    ("Trần", 110),
    ("Lê", 95),
    ("Phạm", 70),
    ("Huỳnh", 51),
    ("Phan", 45),
    ("Vũ", 39),
    ("Võ", 39),
    ("Đặng", 39),
    ("Bùi", 36),
    ("Đỗ", 34),
    ("Hồ", 23),
    ("Ngô", 19),
    ("Dương", 15),
];
const MIDDLE: [&str; 16] = [
    "Văn",
    "Thị",
    "Hữu",
    "Đức",
    "Thanh",
    "Minh",
    "Ngọc",
    "Quang",
    "Xuân",
    "Thu",
    "Công",
    "Đình",
    "Mỹ",
    "Bá",
    "Kim",
    "Thị Thu",
];
const GIVEN: [&str; 30] = [
    "An", "Anh", "Bình", "Châu", "Chi", "Cường", "Dũng", "Duyên", "Đạt", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoà",
    "Hương", "Khánh", "Lan", "Linh", "Long", "Mai", "Nga", "Phúc", "Quỳnh", "Sơn", "Thảo", "Trang", "Tuấn", "Vinh",
    "Yến",
];

/// Awards with their share of a hundred: most are titles decided at unit level.
const AWARDS: [(&str, u64); 6] = [
    ("lao-dong-tien-tien", 62),
    ("chien-si-thi-dua-co-so", 18),
    ("giay-khen", 12),
    ("bang-khen-tinh", 6),
    ("bang-khen-thu-tuong", 1),
    ("huan-chuong-lao-dong-hang-ba", 1),
];

/// An office of each province of the directory's reference set; the first has the long worklist, and that of no agency
/// which it has succeeded.
pub const OFFICES: [&str; 4] = [
    "so-noi-vu-ha-noi",
    "so-noi-vu-hung-yen",
    "so-noi-vu-thai-binh",
    "so-noi-vu-thanh-hoa",
];
/// Who reads what goes to the State.
pub const STATE: &str = "ban-td-kt-trung-uong";
/// Agencies that propose.
const PROPOSERS: u64 = 400;

/// A dossier as the read models show it.
pub struct Made {
    /// In the order of the numbers, and otherwise like any other id.
    pub id: String,
    /// The candidate.
    pub name: String,
    /// What is proposed.
    pub award: &'static str,
    /// Who proposes.
    pub proposer: String,
    /// The office of its province.
    pub office: &'static str,
    /// Whether it goes on to the State.
    pub to_state: bool,
    /// On whom it waits; nothing once it has ended.
    pub open: Option<Open>,
    /// If it has ended: awarded, else refused.
    pub awarded: bool,
}

/// What is still to be done.
pub struct Open {
    /// In somebody's hand.
    pub assigned_to: String,
    /// The last day, or nothing.
    pub deadline: String,
}

/// Spreads a number over all 64 bits.
fn spread(number: u64, salt: u64) -> u64 {
    let mut z = number
        .wrapping_add(salt << 32)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(salt);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn weighted(of: &[(&'static str, u64)], number: u64) -> &'static str {
    let total: u64 = of.iter().map(|(_, share)| share).sum();
    let mut rest = number % total;
    for (one, share) in of {
        if rest < *share {
            return one;
        }
        rest -= share;
    }
    of[0].0
}

/// The name of the candidate of a number.
pub fn name(number: u64) -> String {
    let of = |list: &[&'static str], salt| list[(spread(number, salt) % list.len() as u64) as usize];
    let family = weighted(&FAMILY, spread(number, 1));
    format!("{family} {} {}", of(&MIDDLE, 2), of(&GIVEN, 3))
}

/// How many of so many wait in the long worklist.
pub fn open_at_office(all: u64) -> u64 {
    10_000.min(all / 10)
}

/// The dossier of a number below `all`.
pub fn made(number: u64, all: u64) -> Made {
    let chance = spread(number, 4);
    let every = all / open_at_office(all).max(1);
    let waits_at_first = number.is_multiple_of(every) && number / every < open_at_office(all);
    let office = if waits_at_first {
        0
    } else {
        chance % OFFICES.len() as u64
    };
    let open = waits_at_first || (office != 0 && (chance >> 8).is_multiple_of(20));
    let hand = (chance >> 16) % 10;
    Made {
        id: format!("{:016x}", number * (u64::MAX / all)),
        name: name(number),
        award: weighted(&AWARDS, chance >> 24),
        // The first ones propose far more than the last ones.
        proposer: {
            let share = (spread(number, 5) % 1_000_000) as f64 / 1e6;
            format!("don-vi-{:03}", (share * share * PROPOSERS as f64) as u64)
        },
        office: OFFICES[office as usize],
        to_state: (chance >> 40).is_multiple_of(5),
        open: open.then(|| Open {
            assigned_to: match hand {
                0..4 => String::new(),
                hand => format!("cv{hand}@{}", OFFICES[office as usize]),
            },
            deadline: match (chance >> 20) % 4 {
                0 => String::new(),
                days => format!("2025-08-{:02}", days * 3),
            },
        }),
        awarded: !(chance >> 12).is_multiple_of(30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_worklist_is_as_long_as_it_says() {
        let all = 2_000;
        let waiting = (0..all)
            .map(|number| made(number, all))
            .filter(|one| one.open.is_some() && one.office == OFFICES[0]);
        assert_eq!(waiting.count() as u64, open_at_office(all));
    }

    #[test]
    fn ids_ascend_and_names_repeat_as_in_life() {
        assert!((1..500).all(|number| made(number - 1, 500).id < made(number, 500).id));
        let nguyen = (0..1_000).filter(|number| name(*number).starts_with("Nguyễn")).count();
        assert!((250..500).contains(&nguyen), "{nguyen}");
    }
}
