//! The scenarios: where, what goes wrong, what officials do. A new kind of fault is a line here.

use std::path::PathBuf;

use mishap::{Defect, Point};

use crate::{
    dice::Dice,
    nemesis::{self, Blow, Draw},
    office::Load,
    world::{Place, World},
};

/// What goes wrong.
#[derive(Clone, Copy)]
pub enum Trouble {
    /// Nothing: the rig itself must be clean.
    None,
    /// Every point at which a process may die, in any order.
    Points,
    /// So many blows of a kind.
    Blows(Draw, usize),
}

/// One scenario.
#[derive(Clone)]
pub struct Scenario {
    /// Its name, for `--only`.
    pub name: &'static str,
    /// Where.
    pub place: Place,
    /// What goes wrong.
    pub trouble: Trouble,
    /// Words of [`mishap::VARIABLE`] for every process.
    pub mishaps: &'static [&'static str],
    /// The program that the services run, if it is not this one.
    pub program: Option<PathBuf>,
    /// Everything on the bus is said again by a stranger.
    pub said_again: bool,
    /// There is a layer under the disk, which can make it bad; embedded only.
    pub watched_disk: bool,
    /// What officials do.
    pub load: Load,
    /// The rule that is broken, which the checker has to find.
    pub defect: Option<Defect>,
}

const LOAD: Load = Load {
    dossiers_max: 400,
    in_flight: 16,
    cancelled_percent: 4,
    raced_percent: 15,
    repeated_percent: 5,
};

const THREE: Place = Place::Spread(3);
const SPREAD: Place = Place::Spread(1);
/// 30 % of all events lost for ever, the rest in any order, each delivery three times.
const DISORDER: &[&str] = &["drop=30", "shuffle", "times=3"];

fn scenario(name: &'static str, place: Place, trouble: Trouble) -> Scenario {
    Scenario {
        name,
        place,
        trouble,
        mishaps: &[],
        program: None,
        said_again: false,
        watched_disk: false,
        load: LOAD,
        defect: None,
    }
}

/// All scenarios that must end clean.
pub fn all() -> Vec<Scenario> {
    let impatient = Load {
        cancelled_percent: 30,
        ..LOAD
    };
    vec![
        scenario("calm-embedded", Place::Embedded, Trouble::None),
        scenario("points-embedded", Place::Embedded, Trouble::Points),
        scenario("points-spread", SPREAD, Trouble::Points),
        scenario("signals-embedded", Place::Embedded, Trouble::Blows(nemesis::process, 8)),
        scenario("signals-spread", SPREAD, Trouble::Blows(nemesis::any_process, 10)),
        Scenario {
            mishaps: DISORDER,
            ..scenario(
                "disorder-embedded",
                Place::Embedded,
                Trouble::Blows(nemesis::process, 4),
            )
        },
        Scenario {
            mishaps: DISORDER,
            said_again: true,
            ..scenario("disorder-spread", SPREAD, Trouble::Blows(nemesis::amnesia, 8))
        },
        Scenario {
            load: impatient,
            ..scenario("network-spread", SPREAD, Trouble::Blows(nemesis::network, 8))
        },
        Scenario {
            watched_disk: true,
            ..scenario("disk-embedded", Place::Embedded, Trouble::Blows(nemesis::disk, 8))
        },
        Scenario {
            mishaps: &["back"],
            load: impatient,
            ..scenario("clock-embedded", Place::Embedded, Trouble::Blows(nemesis::time, 10))
        },
        Scenario {
            mishaps: &["back"],
            ..scenario("clock-spread", SPREAD, Trouble::Blows(nemesis::time, 10))
        },
        Scenario {
            said_again: true,
            ..scenario("replicas", THREE, Trouble::Blows(nemesis::any_process, 8))
        },
    ]
}

/// Three of every service at once, of an ordinary program, with nothing going wrong but what they do to each other.
pub fn three(program: PathBuf, dossiers: usize) -> Scenario {
    Scenario {
        program: Some(program),
        load: Load {
            dossiers_max: dossiers,
            ..LOAD
        },
        ..scenario("three-of-each", THREE, Trouble::None)
    }
}

/// One for each rule that may be broken: the checker has to notice.
pub fn defects() -> Vec<Scenario> {
    let raced = Load {
        raced_percent: 60,
        repeated_percent: 30,
        ..LOAD
    };
    let planted = |(name, defect): (&'static str, Defect)| {
        let (mishaps, trouble): (&'static [&'static str], Trouble) = match defect {
            Defect::Outbox => (
                &["defect=outbox"],
                Trouble::Blows(|dice, names| dies(dice, names, Point::C3), 3),
            ),
            Defect::AckFirst => (
                &["defect=ack-first"],
                Trouble::Blows(|dice, names| dies(dice, names, Point::C2), 3),
            ),
            Defect::Inbox => (&["defect=inbox", "times=3"], Trouble::None),
            Defect::Order => (&["defect=order", "drop=30"], Trouble::None),
            Defect::Version => (&["defect=version"], Trouble::None),
            Defect::Requests => (&["defect=requests"], Trouble::None),
            Defect::Chain => (&["defect=chain"], Trouble::None),
        };
        Scenario {
            mishaps,
            load: raced,
            defect: Some(defect),
            ..scenario(name, Place::Embedded, trouble)
        }
    };
    Defect::ALL.into_iter().map(planted).collect()
}

fn dies(dice: &mut Dice, names: &[String], point: Point) -> Blow {
    Blow::Die(dice.pick(names).clone(), point, dice.between(5, 60))
}

impl Scenario {
    /// Whether a process dies between two migrations of its first start.
    pub fn dies_migrating(&self) -> bool {
        matches!(self.trouble, Trouble::Points)
    }

    /// What is dealt, in order; it follows from the dice.
    pub fn schedule(&self, dice: &mut Dice, world: &World) -> Vec<Blow> {
        let names = world.names();
        match self.trouble {
            Trouble::None => vec![
                Blow::Quiet(std::time::Duration::from_secs(3)),
                Blow::Pass(15),
                Blow::Quiet(std::time::Duration::from_secs(1)),
            ],
            Trouble::Points => self.points(dice, world),
            Trouble::Blows(draw, blows) => {
                let mut schedule = nemesis::schedule(dice, &names, draw, blows);
                if self.place != Place::Embedded {
                    // So that there is something old to come back to.
                    schedule.insert(1, Blow::CopyNats);
                }
                // Publications end, their timers with them.
                schedule.insert(schedule.len() / 2, Blow::Pass(dice.between(10, 16) as u32));
                schedule
            }
        }
    }

    /// Each point once, where it is passed; between two migrations the world has begun with it.
    fn points(&self, dice: &mut Dice, world: &World) -> Vec<Blow> {
        let embedded = self.place == Place::Embedded;
        let mut points: Vec<Point> = Point::ALL.into_iter().filter(|point| *point != Point::C12).collect();
        if embedded {
            // In process a publish is its own acknowledgement.
            points.retain(|point| *point != Point::C5);
        }
        dice.shuffle(&mut points);
        let mut schedule = Vec::new();
        for point in points {
            let (service, most) = match point {
                Point::C1 | Point::C2 | Point::C3 | Point::C11 => (*dice.pick(&["intake", "approval", "council"]), 20),
                Point::C4 | Point::C5 | Point::C6 => (*dice.pick(&["intake", "approval"]), 10),
                Point::C7 => (*dice.pick(&["approval", "council", "notification"]), 15),
                Point::C8 | Point::C9 => ("notification", 5),
                Point::C10 => ("council", 6),
                Point::C12 | Point::C13 => (if dice.chance(50) { "approval" } else { "notification" }, 1),
            };
            let name = dice.pick(&world.of(service)).clone();
            schedule.push(Blow::Die(name, point, dice.between(1, most)));
            schedule.push(Blow::Quiet(std::time::Duration::from_millis(dice.between(100, 700))));
        }
        schedule.push(Blow::Pass(15));
        schedule
    }
}
