//! A run's log, read on from one power cut to the next.

use std::{io, iter::Peekable, path::PathBuf, vec::IntoIter};

use crate::{log::Log, model::Disk, rig::Rig, world::Boot};

/// What is on the disk at a moment that only moves on.
#[derive(Debug)]
pub struct Replay {
    path: PathBuf,
    boots: Peekable<IntoIter<Boot>>,
    disk: Disk,
    log: Log,
    strange: u64,
}

impl Replay {
    /// From the first of these boots on.
    pub fn new(rig: &Rig, boots: Vec<Boot>) -> io::Result<Self> {
        let (path, mut boots) = (rig.log(), boots.into_iter().peekable());
        let first = boots
            .next()
            .ok_or_else(|| io::Error::other("the machine never came up"))?;
        Ok(Self {
            log: Log::from(&path, first.position)?,
            disk: first.disk,
            path,
            boots,
            strange: 0,
        })
    }

    /// Until the log was so long. What was before the machine went down is not on the disk that it came up with, but as
    /// far as that disk already holds it.
    pub fn until(&mut self, position: u64) -> io::Result<()> {
        while let Some(boot) = self.boots.next_if(|boot| boot.position < position) {
            self.strange += self.disk.strange();
            self.disk = boot.disk;
            self.log = Log::from(&self.path, boot.position)?;
        }
        while let Some(event) = self.log.next(position)? {
            self.disk.apply(event);
        }
        Ok(())
    }

    /// What is on it now.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Refuses a log that does not tell of every file.
    pub fn must_be_familiar(&self) -> anyhow::Result<()> {
        let strange = self.strange + self.disk.strange();
        anyhow::ensure!(
            strange == 0,
            "{strange} writes went to files that the layer never saw being made"
        );
        Ok(())
    }
}
