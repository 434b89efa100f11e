//! A disk that turns bad while officials work, and what becomes of those who write to it.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use vinhdanh::installation::Installation;

use crate::{
    dice::Dice,
    model::{Disk, Fate},
    replay::Replay,
    rig::Rig,
    server::Server,
    work::Work,
    world::Boot,
};

/// What befalls the disk while officials work, again and again; between, it is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Trouble {
    /// Nothing.
    None,
    /// Every flush takes 40 ms.
    Slow,
    /// No file may grow by more than some pages.
    Full,
    /// Some flushes fail. Where PostgreSQL ends of it the power goes, before anything starts there again.
    FlushErrors,
    /// All flushes fail, then the services are killed and started again, on a machine that stays up: what the kernel
    /// still shows, and never wrote, is read as if it were on disk.
    FlushErrorsAndCrash,
    /// Some writes fail.
    WriteErrors,
}

const SLOW_US: u64 = 40_000;
const FULL_BYTES: u64 = 100_000;
/// How long trouble lasts, and after how many acknowledged calls it comes again.
const TROUBLE: Duration = Duration::from_millis(700);
const BETWEEN: usize = 20;
const PAUSE: Duration = Duration::from_millis(10);
/// How often it is looked whether the killed are gone; starting takes longer.
const LOOK: Duration = Duration::from_millis(1);
/// Longer than an installation waits for services that start.
const RESTART_MAX: Duration = Duration::from_mins(2);

/// Everything that trouble touches.
pub(crate) struct Befalling<'a> {
    pub trouble: Trouble,
    pub rig: &'a Rig,
    pub installation: &'a mut Installation,
    pub server: Option<&'a mut Server>,
    /// The watched folder.
    pub disk: &'a Path,
    pub boots: &'a mut Vec<Boot>,
    pub work: &'a Work<'a>,
    pub dice: &'a mut Dice,
}

impl Befalling<'_> {
    /// Lets trouble come and go until the work is done.
    pub async fn befall(mut self) -> anyhow::Result<()> {
        let at_first = self.work.acknowledged();
        while self.trouble != Trouble::None && !self.work.is_done() {
            self.begin()?;
            tokio::time::sleep(TROUBLE).await;
            if self.trouble == Trouble::FlushErrorsAndCrash {
                self.crash().await?;
            }
            self.rig.heal()?;
            // Only what works can break again.
            let before = self.work.acknowledged().max(at_first);
            while self.work.acknowledged() < before + BETWEEN && !self.work.is_done() {
                self.mend()?;
                tokio::time::sleep(PAUSE).await;
            }
        }
        Ok(())
    }

    fn begin(&mut self) -> std::io::Result<()> {
        let (rig, dice) = (self.rig, &mut *self.dice);
        match self.trouble {
            Trouble::None => Ok(()),
            Trouble::Slow => rig.slow(SLOW_US),
            Trouble::Full => rig.room(dice.below(FULL_BYTES)),
            Trouble::FlushErrors => rig.fail_flushes(dice.below(8), 1 + dice.below(8)),
            Trouble::FlushErrorsAndCrash => rig.fail_flushes(dice.below(4), u64::MAX),
            Trouble::WriteErrors => rig.fail_writes(dice.below(40), 1 + dice.below(8)),
        }
    }

    /// The services are killed at once, and started when the disk is well: not a flush in between, not a write of which
    /// the log knows nothing. Held are writes alone, so the services still answer what time it is, which a restart asks
    /// them first; those that start are held too, until the disk is well.
    async fn crash(&mut self) -> anyhow::Result<()> {
        let died = self.installation.pids();
        self.rig.hold()?;
        let healing = async {
            while died.iter().any(|pid| Path::new(&format!("/proc/{pid}")).exists()) {
                tokio::time::sleep(LOOK).await;
            }
            self.rig.heal()
        };
        let restarting = tokio::time::timeout(RESTART_MAX, self.installation.restart(&[]));
        let (restarted, healed) = tokio::join!(restarting, healing);
        healed?;
        restarted.context("services whose writes are held do not say what time it is")?
    }

    /// A server that gave up comes back: after a flush that failed with the machine, as the guarantee asks; else by
    /// itself. Who was killed in the midst of a write goes down with the machine too: what it wrote nobody was told.
    fn mend(&mut self) -> anyhow::Result<()> {
        let Some(server) = &mut self.server else { return Ok(()) };
        if !server.has_ended()? {
            return Ok(());
        }
        if self.trouble == Trouble::FlushErrors || self.rig.under_way()? > 0 {
            let fate = Fate::chosen(self.dice);
            power_goes(self.rig, self.disk, self.boots, fate, self.dice)?;
        }
        server.revive()
    }
}

/// The machine goes down and comes up again; nobody may be at work on its disk. What is in the watched folder afterwards
/// is what a power cut leaves, and a boot more.
pub fn power_goes(rig: &Rig, watched: &Path, boots: &mut Vec<Boot>, fate: Fate, dice: &mut Dice) -> anyhow::Result<()> {
    let position = rig.position()?;
    let mut replay = Replay::new(rig, boots.last().cloned().into_iter().collect())?;
    replay.until(position)?;
    replay.must_be_familiar()?;
    std::fs::remove_dir_all(watched)?;
    replay.disk().write_image(watched, fate, dice)?;
    rig.went_down()?;
    boots.push(Boot {
        position,
        disk: Disk::of(watched)?,
    });
    Ok(())
}
