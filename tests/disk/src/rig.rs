//! A watched folder: the layer that watches it, its log, and the knobs by which its disk turns bad.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    sync::atomic::{Ordering, fence},
    time::Duration,
};

/// The compiled layer.
const LAYER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libdisk_layer.so"));
/// No limit.
const ENDLESS: u64 = u64::MAX;
/// Length of the control page.
const CONTROL_BYTES: u64 = 128;
/// No operation takes longer, the slow ones included.
const HOLD_MAX: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(1);

/// Which number of the control page; the order is the layer's.
#[derive(Clone, Copy)]
enum Knob {
    Lie,
    SlowUs,
    Room,
    FlushFailsIn,
    FlushFailures,
    WriteFailsIn,
    WriteFailures,
    Flushes,
    Injected,
    Hold,
    UnderWay,
}

/// One watched folder.
#[derive(Debug)]
pub struct Rig {
    folder: PathBuf,
    control: File,
}

impl Rig {
    /// Prepares `folder` to watch what happens in `watch`. Whatever runs under it, as `owner` if given, may write both.
    pub fn new(folder: &Path, watch: &Path, owner: Option<u32>) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("layer.so"), LAYER)?;
        fs::set_permissions(folder.join("layer.so"), fs::Permissions::from_mode(0o755))?;
        fs::write(
            folder.join("watch"),
            watch.canonicalize()?.as_os_str().as_encoded_bytes(),
        )?;
        File::create(folder.join("log"))?;
        let control = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(folder.join("control"))?;
        control.set_len(CONTROL_BYTES)?;
        for file in ["log", "control"] {
            chown(folder.join(file), owner, owner)?;
        }
        let rig = Self {
            folder: folder.to_owned(),
            control,
        };
        rig.heal()?;
        Ok(rig)
    }

    /// What a program must have in its environment to run on this disk.
    pub fn environment(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("LD_PRELOAD", self.folder.join("layer.so")),
            ("DISK_LAYER", self.folder.clone()),
        ]
    }

    /// A script that runs `program` on this disk, for those who start programs without an environment.
    pub fn wrapped(&self, program: &Path) -> io::Result<PathBuf> {
        let script = self.folder.join("run");
        let [(preload, layer), (variable, folder)] = self.environment();
        let text = format!(
            "#!/bin/sh\nexec env {preload}='{}' {variable}='{}' '{}' \"$@\"\n",
            layer.display(),
            folder.display(),
            program.display()
        );
        fs::write(&script, text)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(script)
    }

    /// The log's file.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// How far the log reaches now: everything that has been answered stands before.
    pub fn position(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.log())?.len())
    }

    fn set(&self, knob: Knob, value: u64) -> io::Result<()> {
        self.control.write_all_at(&value.to_le_bytes(), knob as u64 * 8)
    }

    fn get(&self, knob: Knob) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, knob as u64 * 8)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// No faults any more; what is held goes on, and not before.
    pub fn heal(&self) -> io::Result<()> {
        for knob in [Knob::SlowUs, Knob::FlushFailures, Knob::WriteFailures, Knob::Lie] {
            self.set(knob, 0)?;
        }
        self.set(Knob::Room, ENDLESS)?;
        self.set(Knob::Hold, 0)
    }

    /// Whoever runs on this disk may be killed once this returns, and is told of whole: nothing has begun of which the
    /// log does not know. What would begin waits, also in processes that start, until [`Rig::heal`].
    pub fn hold(&self) -> io::Result<()> {
        self.set(Knob::Hold, 1)?;
        // Before the count is looked at: see the layer's `whole`.
        fence(Ordering::SeqCst);
        let mut waited = Duration::ZERO;
        while self.under_way()? > 0 {
            if waited > HOLD_MAX {
                return Err(io::Error::other(
                    "an operation on the disk does not end, or who made it was killed",
                ));
            }
            std::thread::sleep(LOOK);
            waited += LOOK;
        }
        Ok(())
    }

    /// Operations that have begun and are not told yet. Once everybody has ended: those that never will be.
    pub fn under_way(&self) -> io::Result<u64> {
        self.get(Knob::UnderWay)
    }

    /// The machine went down: whatever was under way ended with it.
    pub fn went_down(&self) -> io::Result<()> {
        self.set(Knob::UnderWay, 0)
    }

    /// From now on flushes are acknowledged and not done: as with durability switched off.
    pub fn lie(&self) -> io::Result<()> {
        self.set(Knob::Lie, 1)
    }

    /// Every flush takes so many microseconds.
    pub fn slow(&self, us: u64) -> io::Result<()> {
        self.set(Knob::SlowUs, us)
    }

    /// Files may grow by so many bytes in all.
    pub fn room(&self, bytes: u64) -> io::Result<()> {
        self.set(Knob::Room, bytes)
    }

    /// The `from`-th flush from now fails, and those after it, `count` in all.
    pub fn fail_flushes(&self, from: u64, count: u64) -> io::Result<()> {
        self.set(Knob::FlushFailsIn, from)?;
        self.set(Knob::FlushFailures, count)
    }

    /// The `from`-th write from now fails, and those after it, `count` in all.
    pub fn fail_writes(&self, from: u64, count: u64) -> io::Result<()> {
        self.set(Knob::WriteFailsIn, from)?;
        self.set(Knob::WriteFailures, count)
    }

    /// How many flushes there were.
    pub fn flushes(&self) -> io::Result<u64> {
        self.get(Knob::Flushes)
    }

    /// How many operations were made to fail.
    pub fn injected(&self) -> io::Result<u64> {
        self.get(Knob::Injected)
    }
}
