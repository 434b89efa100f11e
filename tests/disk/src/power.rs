//! One run under load, and then as many power cuts as wished: the log is cut at a moment, the disk of that moment is
//! made, services start on it, and everything that had been acknowledged by then must be there.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    check::check,
    dice::Dice,
    log::Log,
    model::{Disk, Fate},
    rig::Rig,
    server::Server,
    work::{Bounds, Call, Officials, Work},
    world::{Store, World},
};
use vinhdanh::{client::code_name, installation::Installation};

/// How much of durability is left on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// All, as always.
    Kept,
    /// The disk acknowledges flushes and does nothing, which is what SQLite's `synchronous=OFF` comes to.
    LyingDisk,
    /// PostgreSQL runs with `fsync=off`, set behind the services' backs.
    FsyncOff,
    /// PostgreSQL runs with `synchronous_commit=off`, likewise.
    CommitOff,
}

/// What befalls the disk while officials work, again and again; between, it is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Every flush takes 40 ms.
    Slow,
    /// No file may grow by more than some pages.
    Full,
    /// Some flushes fail.
    FlushErrors,
    /// All flushes fail, then the services are killed and started again, on a machine that stays up: what the kernel
    /// still shows, and never wrote, is read as if it were on disk.
    FlushErrorsAndCrash,
    /// Some writes fail.
    WriteErrors,
}

/// What to do.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// On which store.
    pub store: Store,
    /// What is kept.
    pub durability: Durability,
    /// What goes wrong meanwhile.
    pub trouble: Trouble,
    /// Of all chance.
    pub seed: u64,
    /// Dossiers of the run.
    pub dossiers: u32,
    /// Power cuts.
    pub cuts: u32,
}

/// One power cut.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Where the log ended.
    pub position: u64,
    /// What became of what was not flushed.
    pub fate: Fate,
    /// Calls acknowledged before.
    pub acknowledged: usize,
    /// What was wrong after it; empty if all was there.
    pub wrong: Vec<String>,
}

/// What came of an order.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Calls made.
    pub calls: usize,
    /// Of those, acknowledged.
    pub acknowledged: usize,
    /// Flushes of the disk.
    pub flushes: u64,
    /// Operations of the disk that were made to fail.
    pub injected: u64,
    /// What calls were refused with, and how often.
    pub refusals: BTreeMap<&'static str, usize>,
    /// Bytes of the log.
    pub log: u64,
    /// All cuts.
    pub cuts: Vec<Cut>,
}

impl Outcome {
    /// The cuts after which something was wrong.
    pub fn losses(&self) -> impl Iterator<Item = &Cut> {
        self.cuts.iter().filter(|cut| !cut.wrong.is_empty())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cuts, losses) = (self.cuts.len(), self.losses().count());
        let checked: usize = self.cuts.iter().map(|cut| cut.acknowledged).sum();
        write!(
            f,
            "{} calls, {} acknowledged, {} flushes, {} faults; {cuts} power cuts, {checked} acknowledged calls looked \
             for, {losses} cuts with a loss; refusals {:?}",
            self.calls, self.acknowledged, self.flushes, self.injected, self.refusals
        )
    }
}

/// Carries on from one run to the next, on what the last cut left.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Runs so far.
    pub rounds: u64,
    /// Everything that must still be there.
    pub calls: Vec<Call>,
}

const CALL_MAX: Duration = Duration::from_secs(30);
const AT_ONCE: u32 = 16;
const SLOW_US: u64 = 40_000;
const FULL_BYTES: u64 = 100_000;
/// How long trouble lasts, and after how many acknowledged calls it comes again.
const TROUBLE: Duration = Duration::from_millis(700);
const BETWEEN: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);
/// How often it is looked whether the killed are gone; starting takes longer.
const LOOK: Duration = Duration::from_millis(1);

/// Runs in `folder`, on what lies in `folder`/disk. Afterwards the last cut's disk lies there, and `past` tells what it
/// must hold.
pub async fn run(order: Order, folder: &Path, past: &mut Past) -> anyhow::Result<Outcome> {
    let mut dice = Dice::new(order.seed);
    let mut world = World::start(order.store, folder).await?;
    switch_off(order.durability, &world)?;
    let officials = Officials::of(&world.installation);
    let bounds = Bounds {
        dossiers: order.dossiers,
        at_once: AT_ONCE,
        patience: CALL_MAX,
        round: past.rounds,
    };
    let began = world.rig.position()?;
    let work = Work::new(&officials, &world.rig, bounds);
    let (calls, troubled) = tokio::join!(
        work.done(),
        befall(
            order.trouble,
            &world.rig,
            &mut world.installation,
            &mut world.server,
            &work,
            &mut dice
        )
    );
    troubled?;
    let mut outcome = Outcome {
        calls: calls.len(),
        acknowledged: calls.iter().filter(|call| call.acknowledged.is_some()).count(),
        flushes: world.rig.flushes()?,
        injected: world.rig.injected()?,
        log: world.rig.position()?,
        ..Outcome::default()
    };
    for code in calls.iter().flat_map(|call| &call.refusals) {
        *outcome.refusals.entry(code_name(*code)).or_default() += 1;
    }
    let end = outcome.log;
    let (rig, disk) = world.end().await?;
    let mut moments = moments(&calls, began, end, order, &mut dice);
    moments.sort_by_key(|(position, _)| *position);
    let last = moments.last().map(|(position, _)| *position);
    let mut replay = Replay {
        disk,
        log: Log::open(&rig.log())?,
    };
    for (number, (position, fate)) in moments.into_iter().enumerate() {
        replay.until(position)?;
        let place = folder.join(format!("cut-{number}"));
        std::fs::create_dir(&place)?;
        let earlier = past.calls.iter();
        let now = calls.iter().filter(|call| is_before(call, position));
        let promised: Vec<&Call> = earlier.chain(now).collect();
        let image = |dice: &mut Dice, place: PathBuf| replay.disk.write_image(&place, fate, dice);
        image(&mut dice.clone(), place.join("disk"))?;
        let wrong = check(order.store, &place, &promised, &mut dice.clone()).await;
        outcome.cuts.push(Cut {
            position,
            fate,
            acknowledged: promised.len(),
            wrong,
        });
        std::fs::remove_dir_all(&place)?;
        if Some(position) == last {
            std::fs::remove_dir_all(folder.join("disk"))?;
            image(&mut dice, folder.join("disk"))?;
        }
        dice.throw();
    }
    anyhow::ensure!(
        replay.disk.strange() == 0,
        "{} writes went to files that the layer never saw being made",
        replay.disk.strange()
    );
    past.rounds += 1;
    past.calls
        .extend(calls.into_iter().filter(|call| is_before(call, last.unwrap_or(end))));
    for call in &mut past.calls {
        if let Some((position, _)) = &mut call.acknowledged {
            *position = 0;
        }
    }
    Ok(outcome)
}

/// Lets trouble come and go until the work is done. A server that gave up is started again once the disk is well.
async fn befall(
    trouble: Trouble,
    rig: &Rig,
    installation: &mut Installation,
    server: &mut Option<Server>,
    work: &Work<'_>,
    dice: &mut Dice,
) -> anyhow::Result<()> {
    let at_first = work.acknowledged();
    while trouble != Trouble::None && !work.is_done() {
        match trouble {
            Trouble::None => {}
            Trouble::Slow => rig.slow(SLOW_US)?,
            Trouble::Full => rig.room(dice.below(FULL_BYTES))?,
            Trouble::FlushErrors => rig.fail_flushes(dice.below(8), 1 + dice.below(8))?,
            Trouble::FlushErrorsAndCrash => rig.fail_flushes(dice.below(4), u64::MAX)?,
            Trouble::WriteErrors => rig.fail_writes(dice.below(40), 1 + dice.below(8))?,
        }
        tokio::time::sleep(TROUBLE).await;
        if trouble == Trouble::FlushErrorsAndCrash {
            // Killed at once, and started when the disk is well: not a flush in between.
            let died = installation.pids();
            let healing = async {
                while died.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
                    tokio::time::sleep(LOOK).await;
                }
                rig.heal()
            };
            let (restarted, healed) = tokio::join!(installation.restart(&[]), healing);
            restarted?;
            healed?;
        }
        rig.heal()?;
        if let Some(server) = server {
            server.revive()?;
        }
        // Only what works can break again.
        let before = work.acknowledged().max(at_first);
        while work.acknowledged() < before + BETWEEN && !work.is_done() {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

struct Replay {
    disk: Disk,
    log: Log,
}

impl Replay {
    fn until(&mut self, position: u64) -> std::io::Result<()> {
        while let Some(event) = self.log.next(position)? {
            self.disk.apply(event);
        }
        Ok(())
    }
}

fn is_before(call: &Call, position: u64) -> bool {
    matches!(call.acknowledged, Some((at, _)) if at <= position)
}

fn switch_off(durability: Durability, world: &World) -> anyhow::Result<()> {
    let setting = match durability {
        Durability::Kept => return Ok(()),
        Durability::LyingDisk => return Ok(world.rig.lie()?),
        Durability::FsyncOff => "fsync",
        Durability::CommitOff => "synchronous_commit",
    };
    let server = world
        .server
        .as_ref()
        .ok_or_else(|| anyhow::anyhow!("{setting} is PostgreSQL's"))?;
    server.query(&format!("ALTER SYSTEM SET {setting} = off"))?;
    server.query("SELECT pg_reload_conf()")?;
    Ok(())
}

/// When the power goes: once as the last call is acknowledged, else mostly just as a call is acknowledged, when most has been promised; else at any time.
fn moments(calls: &[Call], began: u64, end: u64, order: Order, dice: &mut Dice) -> Vec<(u64, Fate)> {
    let acknowledged: Vec<u64> = calls
        .iter()
        .filter_map(|call| call.acknowledged.as_ref())
        .map(|(at, _)| *at)
        .collect();
    let mut moments = Vec::new();
    for number in 0..order.cuts {
        let newest = acknowledged.iter().max().filter(|_| number == 0);
        let position = if let Some(newest) = newest {
            *newest
        } else if dice.happens(70) && !acknowledged.is_empty() {
            acknowledged[dice.below(acknowledged.len() as u64) as usize]
        } else {
            began + dice.below(end - began + 1)
        };
        let fate = match order.durability {
            Durability::Kept => Fate::chosen(dice),
            // What is not flushed is gone: that nothing else kept it is the point.
            _ => Fate::Gone,
        };
        moments.push((position, fate));
    }
    moments
}
