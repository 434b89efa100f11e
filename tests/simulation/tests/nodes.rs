//! The model of many nodes agrees with what is known otherwise, finds what is planted, and repeats itself.

use law::{Agencies, DossierFile, Law, Station};
use serde_json::json;
use simulation::nodes::{
    Cut, Engine, Figures, Hears, LEVELS, Latency, Level, Load, Setting, Way, run, scenarios::Common,
};
use time::macros::date;

const MINUTE_US: u64 = 60_000_000;
const LATENCY: Latency = Latency {
    mean_us: 20_000,
    spread_us: 5_000,
};

/// The peak hour of a few nodes.
fn setting(cut: Cut) -> Setting {
    Setting {
        seed: 7,
        engine: Engine::EMBEDDED,
        cores: 2,
        centre_cores: 2,
        latency: LATENCY,
        reask_us: Some(3_000_000),
        until_empty: true,
        hears: Hears::Everything,
        cut,
        load: Load::peak(10, 4, 1.0, 60 * MINUTE_US).unwrap(),
    }
}

/// One machine, and dossiers of one transition each.
fn alone(per_s: f64, cores: usize, flush_us: u64) -> Figures {
    run(&Setting {
        engine: Engine {
            act_us: 1_000,
            flush_us,
            ..Engine::EMBEDDED
        },
        cores,
        hears: Hears::Climbing,
        load: Load {
            ways: vec![Way {
                per_mille: 1_000,
                groups: [vec![1], Vec::new()],
            }],
            hourly: per_s * 3_600.0,
            window_us: MINUTE_US,
            shares: vec![1],
        },
        ..setting(Cut::Never)
    })
    .unwrap()
}

fn close(figure: f64, expected: f64, part: f64) {
    assert!(
        (figure - expected).abs() <= expected * part,
        "{figure}, expected {expected} within {part}"
    );
}

#[test]
fn one_core_waits_as_the_formula_says() {
    for used in [0.3, 0.5, 0.7, 0.8] {
        let figures = alone(used * 1_000.0, 1, 0);
        // Pollaczek and Khinchine, for a service that always takes 1 ms.
        close(figures.command.mean_ms(), 1.0 + used / (2.0 * (1.0 - used)), 0.05);
        close(figures.busiest_node, used, 0.03);
    }
}

#[test]
fn a_lone_call_takes_its_work_and_a_flush_and_many_share_flushes() {
    close(alone(0.5, 1, 600).command.percentile_ms(50), 1.6, 1e-9);
    // 1,500 flushes of 5 ms would not fit into a second.
    let shared = alone(1_500.0, 2, 5_000);
    assert!(
        shared.command.percentile_ms(99) < 20.0,
        "{}",
        shared.command.percentile_ms(99)
    );
}

#[test]
fn what_is_too_much_shows() {
    assert!(alone(900.0, 1, 0).command.percentile_ms(99) < 100.0);
    let figures = alone(1_200.0, 1, 0);
    assert!(figures.command.percentile_ms(99) > 5_000.0);
    close(figures.busiest_node, 1.0, 1e-9);
}

#[test]
fn the_limit_of_one_core_is_its_capacity() {
    let common = Common {
        seed: 3,
        nodes: 1,
        provinces: 1,
        cores: 1,
        centre_cores: 2,
        latency: LATENCY,
        reask_us: 3_000_000,
        until_empty: true,
        window_us: MINUTE_US,
        engines: [Engine::EMBEDDED, Engine::POSTGRES],
    };
    let limit = common.limit(Engine::EMBEDDED, Hears::Climbing, 1).unwrap();
    assert_eq!(limit.first(), "the busiest node");
    let load = Load::peak(1, 1, 1.0, MINUTE_US).unwrap();
    let acts = |way: &Way| f64::from(way.per_mille) / 1_000.0 * f64::from(way.acts(0));
    let at_node: f64 = load.ways.iter().map(acts).sum();
    close(limit.times(), 1e6 / 560.0 / (load.hourly / 3_600.0 * at_node), 0.05);
}

#[test]
fn the_same_seed_gives_the_same_figures_and_another_seed_others() {
    let one = setting(Cut::Each(5 * MINUTE_US));
    let figures = run(&one).unwrap();
    assert_eq!(figures, run(&one).unwrap());
    assert_ne!(figures, run(&Setting { seed: 8, ..one }).unwrap());
}

#[test]
fn an_outage_delays_news_and_loses_none() {
    let calm = run(&setting(Cut::Never)).unwrap();
    close(calm.seen.percentile_ms(50), 20.7, 0.1);
    assert!(calm.seen.longest_ms() < 100.0, "{}", calm.seen.longest_ms());
    assert_eq!((calm.lost_rings, calm.backlog_all), (0, 0));
    for cut in [Cut::Each(5 * MINUTE_US), Cut::Centre(5 * MINUTE_US)] {
        let figures = run(&setting(cut)).unwrap();
        assert_eq!((figures.dossiers, figures.acts), (calm.dossiers, calm.acts));
        assert_eq!(figures.published, calm.published);
        assert!(figures.lost_rings > 100 && figures.backlog_all > 100);
        let outage_ms = 5.0 * 60_000.0;
        assert!(figures.seen.longest_ms() > outage_ms * 0.9);
        // Whoever asks next after the line is back has it all.
        assert!(
            figures.seen.longest_ms() < outage_ms + 4_000.0,
            "{}",
            figures.seen.longest_ms()
        );
        assert!(figures.drain.longest_ms() < 4_000.0, "{}", figures.drain.longest_ms());
        // A node works on alone.
        assert!(
            figures.command.percentile_ms(99) < 5.0,
            "{}",
            figures.command.percentile_ms(99)
        );
    }
}

#[test]
fn who_never_asks_loses_what_a_cut_line_swallowed() {
    let deaf = Setting {
        reask_us: None,
        ..setting(Cut::Each(5 * MINUTE_US))
    };
    let broken = run(&deaf).unwrap_err().to_string();
    assert!(broken.starts_with("lost: "), "{broken}");
    // Without an outage nothing is lost, though nobody asks.
    run(&Setting {
        cut: Cut::Never,
        ..deaf
    })
    .unwrap();
}

/// What came while the answer was on its way makes the next page not empty: beyond some events a round trip, asking never
/// ends, and everything comes twice.
#[test]
fn asking_until_nothing_comes_reads_a_busy_line_twice() {
    let busy = Setting {
        load: Load::peak(10, 4, 200.0, MINUTE_US).unwrap(),
        ..setting(Cut::Never)
    };
    let until_empty = run(&busy).unwrap();
    let until_short = run(&Setting {
        until_empty: false,
        ..busy
    })
    .unwrap();
    assert_eq!(until_empty.published, until_short.published);
    assert!(
        until_empty.duplicates > until_empty.published / 2,
        "{}",
        until_empty.duplicates
    );
    assert!(
        until_short.duplicates < until_short.published / 20,
        "{}",
        until_short.duplicates
    );
}

#[test]
fn the_peak_hour_is_spread_as_said() {
    let load = Load::peak(100, 34, 1.0, 60 * MINUTE_US).unwrap();
    assert_eq!(load.shares.len(), 100);
    let all: u64 = load.shares.iter().sum();
    close(load.shares[0] as f64 / all as f64, 0.1, 0.1);
    assert_eq!(load.ways.iter().map(|way| way.per_mille).sum::<u32>(), 1_000);
    // As many as `bench --nation 1/100` counted: 407,730 transitions of 30,000 dossiers.
    let acts = |way: &Way| u64::from(way.per_mille) * u64::from(way.acts(0) + way.acts(1));
    assert_eq!(load.ways.iter().map(acts).sum::<u64>() * 30, 407_730);
}

/// Counted as the bench's script acts.
fn level(station: &Station, first: bool) -> Level {
    let is = u16::from;
    let seats = if station.level.as_str() == "unit" { 3 } else { 9 };
    let signs = station.signer.is_some() || station.decider.is_none();
    let council = is(station.council.is_some());
    Level {
        // Create and submit; receive and appraise; publish; convene, attend, close, minute; sign; award.
        acts: 2 * is(first)
            + 2
            + is(station.publication.is_some())
            + 4 * council
            + is(signs)
            + is(station.decider.is_some()),
        ballots: seats * council,
    }
}

#[test]
fn each_level_has_the_transitions_that_the_law_gives_it() {
    for (award, counted) in LEVELS {
        let file = json!({
            "schema": "vinhdanh.dossier/1",
            "reference": "NAM-1",
            "award": award,
            "basis": "merit",
            "candidate": {
                "kind": "individual", "id": "NAM-1", "name": "Người được đề nghị", "agency": "phuong-hoan-kiem",
                "position": "Giáo viên", "occupation": "teacher", "direct_worker": true
            },
            "submitting_agency": "phuong-hoan-kiem",
            "letter": {"number": "1/TTr", "date": "2025-08-04"},
            "achievement": {"from": "2024-01-01", "to": "2024-12-31", "summary": "Tóm tắt."},
            "record": {"ratings": [], "awards": []},
            "declared": [],
            "documents": []
        });
        let file = DossierFile::parse(&file.to_string()).unwrap();
        let route = Law::embedded().route(&file, &Agencies::embedded(), date!(2025 - 08 - 04));
        let mut levels = [Level::default(); 3];
        for (at, station) in route.unwrap().stations.iter().enumerate() {
            levels[at] = level(station, at == 0);
        }
        assert_eq!(levels, counted, "{award}");
    }
}
