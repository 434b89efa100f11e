//! What goes wrong, and when: a schedule that follows from the seed, a quarter of it quiet.

use std::time::Duration;

use mishap::Point;

use crate::{
    bus,
    clock::DAY,
    dice::Dice,
    link::Weather,
    world::{Line, World},
};

/// How long a process that is to die at a point may live on.
const DIES_WITHIN: Duration = Duration::from_secs(12);
/// And if it did not come there often enough, until it comes there at all.
const DIES_AT_LAST_WITHIN: Duration = Duration::from_secs(30);

/// One thing that goes wrong, and is put right again.
#[derive(Clone, Debug)]
pub enum Blow {
    /// Nothing.
    Quiet(Duration),
    /// A process dies at a point, at this passing of it.
    Die(String, Point, u64),
    /// SIGKILL.
    Kill(String),
    /// SIGTERM, and it ends in order.
    Terminate(String),
    /// SIGSTOP for a while.
    Halt(String, Duration),
    /// SIGKILL of PostgreSQL, which stays away for a while.
    KillPostgres(Duration),
    /// SIGKILL of NATS, which stays away for a while.
    KillNats(Duration),
    /// SIGSTOP of NATS for a while.
    HaltNats(Duration),
    /// NATS loses its store.
    EmptyNats,
    /// A copy of NATS' store is taken.
    CopyNats,
    /// NATS comes back from that copy.
    OldNats,
    /// A producer's stream is deleted.
    DeleteStream(&'static str),
    /// The consumers of a producer's stream are deleted.
    ForgetConsumers(&'static str),
    /// A line is bad for a while.
    Bad(Line, Weather, Duration),
    /// All connections of a line are reset.
    Cut(Line),
    /// So many days pass at once.
    Pass(u32),
    /// A process' clock is so many microseconds behind for a while.
    SetBack(String, i64, Duration),
    /// The disk is bad for a while.
    Disk(Disk, Duration),
}

/// How a disk is bad.
#[derive(Clone, Copy, Debug)]
pub enum Disk {
    /// Every flush takes so many microseconds.
    Slow(u64),
    /// Room for so many bytes more.
    Full(u64),
    /// After so many flushes, so many fail.
    FlushesFail(u64, u64),
    /// After so many writes, so many fail.
    WritesFail(u64, u64),
}

impl Blow {
    /// Deals it; what it came to if that is not plain.
    pub async fn deal(&self, world: &mut World) -> anyhow::Result<Option<String>> {
        match self {
            Self::Quiet(span) => tokio::time::sleep(*span).await,
            Self::Die(name, point, passing) => {
                if !world.die(name, *point, *passing, DIES_WITHIN).await?
                    && !world.die(name, *point, 1, DIES_AT_LAST_WITHIN).await?
                {
                    return Ok(Some(format!("{name} did not come to {point:?}")));
                }
            }
            Self::Kill(name) => world.start_again(name).await?,
            Self::Terminate(name) => world.end_and_start_again(name).await?,
            Self::Halt(name, span) => world.halt(name, *span).await,
            Self::KillPostgres(down) => world.kill_postgres(*down).await?,
            Self::KillNats(down) => {
                world.to_nats(testkit::Nats::kill).await?;
                tokio::time::sleep(*down).await;
                world.to_nats(testkit::Nats::restart).await?;
            }
            Self::HaltNats(span) => {
                world.to_nats(testkit::Nats::pause).await?;
                tokio::time::sleep(*span).await;
                world.to_nats(testkit::Nats::resume).await?;
            }
            Self::EmptyNats => world.to_nats(testkit::Nats::restart_empty).await?,
            Self::CopyNats => world.to_nats(testkit::Nats::copy).await?,
            Self::OldNats => world.to_nats(testkit::Nats::restart_from_copy).await?,
            // A stream that is not there, or a server that is coming up, is as good as a blow.
            Self::DeleteStream(producer) => {
                let done = bus::delete_stream(&world.nats_url()?, producer).await;
                return Ok(done.err().map(|error| format!("{error:#}")));
            }
            Self::ForgetConsumers(producer) => {
                let done = bus::forget_consumers(&world.nats_url()?, producer).await;
                return Ok(done.err().map(|error| format!("{error:#}")));
            }
            Self::Bad(line, weather, span) => {
                world.line(line)?.set(*weather);
                tokio::time::sleep(*span).await;
                world.line(line)?.set(Weather::Fair);
            }
            Self::Cut(line) => world.line(line)?.cut(),
            Self::Pass(days) => world.pass(*days).await,
            Self::SetBack(name, by, span) => world.set_back(name, *by, *span).await,
            Self::Disk(how, span) => {
                let disk = world.disk()?;
                match *how {
                    Disk::Slow(us) => disk.slow(us)?,
                    Disk::Full(room) => disk.room(room)?,
                    Disk::FlushesFail(from, count) => disk.fail_flushes(from, count)?,
                    Disk::WritesFail(from, count) => disk.fail_writes(from, count)?,
                }
                tokio::time::sleep(*span).await;
                world.disk()?.heal()?;
            }
        }
        Ok(None)
    }
}

/// What a schedule is drawn from.
pub type Draw = fn(&mut Dice, &[String]) -> Blow;

fn millis(dice: &mut Dice, least: u64, most: u64) -> Duration {
    Duration::from_millis(dice.between(least, most))
}

/// Any service.
pub const PRODUCERS: [&str; 4] = ["directory", "intake", "approval", "council"];

/// SIGKILL, SIGTERM and SIGSTOP of services.
pub fn process(dice: &mut Dice, names: &[String]) -> Blow {
    let name = dice.pick(names).clone();
    match dice.between(1, 10) {
        ..=5 => Blow::Kill(name),
        6..=7 => Blow::Terminate(name),
        _ => Blow::Halt(name, millis(dice, 200, 2_500)),
    }
}

/// The same, and of PostgreSQL and NATS.
pub fn any_process(dice: &mut Dice, names: &[String]) -> Blow {
    match dice.between(1, 10) {
        ..=5 => process(dice, names),
        6..=7 => Blow::KillPostgres(millis(dice, 0, 1_500)),
        8 => Blow::HaltNats(millis(dice, 200, 2_500)),
        _ => Blow::KillNats(millis(dice, 0, 1_500)),
    }
}

/// Streams deleted, consumers reset, NATS emptied and restored from an old copy.
pub fn amnesia(dice: &mut Dice, names: &[String]) -> Blow {
    match dice.between(1, 12) {
        ..=3 => Blow::DeleteStream(dice.pick::<&str>(&PRODUCERS)),
        4..=6 => Blow::ForgetConsumers(dice.pick::<&str>(&PRODUCERS)),
        7..=8 => Blow::EmptyNats,
        9..=10 => Blow::OldNats,
        _ => process(dice, names),
    }
}

/// Lines cut, slow, deaf and mute.
pub fn network(dice: &mut Dice, _: &[String]) -> Blow {
    let line = match dice.between(1, 9) {
        ..=3 => Line::To(dice.pick::<&str>(&["intake", "approval", "council", "notification"])),
        4..=6 => Line::Postgres,
        _ => Line::Nats,
    };
    let slow = Weather::Slow(millis(dice, 5, 120));
    let span = millis(dice, 300, 3_000);
    match dice.between(1, 8) {
        ..=2 => Blow::Cut(line),
        3..=4 => Blow::Bad(line, slow, span),
        5 => Blow::Bad(line, Weather::Deaf, span),
        6 => Blow::Bad(line, Weather::Mute, span),
        _ => Blow::Bad(line, Weather::Down, span),
    }
}

/// Days pass, clocks are set back by up to a day and right again, and services die meanwhile.
pub fn time(dice: &mut Dice, names: &[String]) -> Blow {
    match dice.between(1, 10) {
        ..=4 => Blow::Pass(dice.between(1, 9) as u32),
        5..=7 => {
            let name = dice.pick(names).clone();
            let by = dice.between(1, DAY as u64) as i64;
            Blow::SetBack(name, by, millis(dice, 500, 2_500))
        }
        _ => process(dice, names),
    }
}

/// The disk is slow, full or fails, and services die meanwhile.
pub fn disk(dice: &mut Dice, names: &[String]) -> Blow {
    let how = match dice.between(1, 10) {
        ..=2 => Disk::Slow(dice.between(5_000, 80_000)),
        3..=4 => Disk::Full(dice.between(0, 200_000)),
        5..=6 => Disk::FlushesFail(dice.between(1, 20), dice.between(1, 5)),
        7..=8 => Disk::WritesFail(dice.between(1, 60), dice.between(1, 5)),
        _ => return process(dice, names),
    };
    Blow::Disk(how, millis(dice, 500, 2_500))
}

/// A schedule of so many blows, with pauses; a quarter of them quiet.
pub fn schedule(dice: &mut Dice, names: &[String], draw: Draw, blows: usize) -> Vec<Blow> {
    let mut schedule = Vec::new();
    for _ in 0..blows {
        let quiet = if dice.chance(25) { 1_500 } else { 0 };
        schedule.push(Blow::Quiet(millis(dice, 100 + quiet, 700 + quiet)));
        schedule.push(draw(dice, names));
    }
    schedule.push(Blow::Quiet(Duration::from_millis(500)));
    schedule
}
