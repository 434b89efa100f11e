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
    model::Fate,
    replay::Replay,
    trouble::{Befalling, Trouble},
    work::{Bounds, Call, Officials, Work},
    world::{Store, World},
};
use vinhdanh::client::code_name;

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
    /// How often the machine came up: once, and after each power cut in the midst of the work.
    pub boots: usize,
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
            "{} calls, {} acknowledged, {} flushes, {} faults, {} times up; {cuts} power cuts, {checked} \
             acknowledged calls looked for, {losses} cuts with a loss; refusals {:?}",
            self.calls, self.acknowledged, self.flushes, self.injected, self.boots, self.refusals
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
    let disk = folder.join("disk");
    let (calls, troubled) = tokio::join!(
        work.done(),
        Befalling {
            trouble: order.trouble,
            rig: &world.rig,
            installation: &mut world.installation,
            server: world.server.as_mut(),
            disk: &disk,
            boots: &mut world.boots,
            work: &work,
            dice: &mut dice,
        }
        .befall()
    );
    troubled?;
    let mut outcome = Outcome {
        calls: calls.len(),
        acknowledged: calls.iter().filter(|call| call.acknowledged.is_some()).count(),
        flushes: world.rig.flushes()?,
        injected: world.rig.injected()?,
        log: world.rig.position()?,
        boots: world.boots.len(),
        ..Outcome::default()
    };
    for code in calls.iter().flat_map(|call| &call.refusals) {
        *outcome.refusals.entry(code_name(*code)).or_default() += 1;
    }
    let end = outcome.log;
    let (rig, boots) = world.end().await?;
    let mut moments = moments(&calls, began, end, order, &mut dice);
    moments.sort_by_key(|(position, _)| *position);
    let last = moments.last().map(|(position, _)| *position);
    let mut replay = Replay::new(&rig, boots)?;
    for (number, (position, fate)) in moments.into_iter().enumerate() {
        replay.until(position)?;
        let place = folder.join(format!("cut-{number}"));
        std::fs::create_dir(&place)?;
        let earlier = past.calls.iter();
        let now = calls.iter().filter(|call| is_before(call, position));
        let promised: Vec<&Call> = earlier.chain(now).collect();
        let image = |dice: &mut Dice, place: PathBuf| replay.disk().write_image(&place, fate, dice);
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
            std::fs::remove_dir_all(&disk)?;
            image(&mut dice, disk.clone())?;
        }
        dice.throw();
    }
    replay.must_be_familiar()?;
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
