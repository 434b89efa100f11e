//! What is on the disk: the state of a folder as a power cut would leave it, worked out from a log.
//!
//! The rules, harsher than most disks and never harsher than what ext4, XFS and Btrfs promise:
//!
//! * Written bytes and lengths of a file are on disk once that file was flushed after; until then nothing is sure.
//! * A flush of a file also makes its own name sure: that it was made, renamed, linked. So do these file systems.
//! * A removal, and the names of other files, are sure once their folder was flushed.
//! * Where a flush fails, what it was for is lost for good, and a later flush that succeeds does not bring it back: the
//!   kernel has marked those pages as clean.
//! * What is not sure may survive, see [`Fate`]: whole writes, or single sectors of 512 bytes in any order, and of the
//!   names the first so many.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs, io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::{dice::Dice, log::Event};

/// What a disk writes at once.
const SECTOR: u64 = 512;

/// What becomes of that which was not flushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone.
    Gone,
    /// All of it survives, as if only the processes had ended.
    Kept,
    /// Each write survives whole, or not at all, with this chance in percent.
    Writes(u64),
    /// Each sector of each write does: torn writes.
    Sectors(u64),
}

impl Fate {
    /// One of the fates; the harshest most often.
    pub fn chosen(dice: &mut Dice) -> Self {
        let percent = [5, 50, 95][dice.below(3) as usize];
        match dice.below(8) {
            0..=2 => Self::Gone,
            3 => Self::Kept,
            4 | 5 => Self::Writes(percent),
            _ => Self::Sectors(percent),
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Resize(u64),
    Extend(u64),
}

#[derive(Clone, Debug, Default)]
struct Node {
    folder: bool,
    /// On disk.
    content: Vec<u8>,
    /// Since the last flush.
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Naming {
    Add(PathBuf, usize),
    Move(PathBuf, PathBuf, usize),
    Remove(PathBuf, usize),
}

/// A folder's state on disk, and what is under way to it.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    nodes: Vec<Node>,
    inodes: HashMap<u64, usize>,
    /// Names as programs see them.
    live: BTreeMap<PathBuf, usize>,
    /// Names on disk.
    sure: BTreeMap<PathBuf, usize>,
    namings: Vec<Naming>,
    strange: u64,
}

impl Disk {
    /// A folder that is wholly on disk.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let mut disk = Self::default();
        disk.read(folder, Path::new(""))?;
        disk.sure.clone_from(&disk.live);
        Ok(disk)
    }

    fn read(&mut self, root: &Path, below: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root.join(below))? {
            let entry = entry?;
            let (path, metadata) = (below.join(entry.file_name()), entry.metadata()?);
            if metadata.is_dir() {
                self.add(path.clone(), true, Vec::new());
                self.read(root, &path)?;
            } else if metadata.is_file() {
                let node = self.add(path, false, fs::read(entry.path())?);
                self.inodes.insert(metadata.ino(), node);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf, folder: bool, content: Vec<u8>) -> usize {
        let changes = Vec::new();
        self.nodes.push(Node {
            folder,
            content,
            changes,
        });
        self.live.insert(path, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Writes to files that nobody had told of: what the layer does not see. None is to be expected.
    pub fn strange(&self) -> u64 {
        self.strange
    }

    /// One thing happens.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Create { inode, path } => {
                let node = self.add(path.clone(), false, Vec::new());
                self.inodes.insert(inode, node);
                self.namings.push(Naming::Add(path, node));
            }
            Event::Mkdir { path } => {
                let node = self.add(path.clone(), true, Vec::new());
                self.namings.push(Naming::Add(path, node));
            }
            // What only went through stdio was never told of: its names come and go unseen.
            Event::Rename { from, to } => {
                if let Some(&node) = self.live.get(&from) {
                    relocate(&mut self.live, &from, &to);
                    self.namings.push(Naming::Move(from, to, node));
                }
            }
            Event::Link { from, to } => {
                if let Some(&node) = self.live.get(&from) {
                    self.live.insert(to.clone(), node);
                    self.namings.push(Naming::Add(to, node));
                }
            }
            Event::Remove { path } => {
                if let Some(node) = self.live.remove(&path) {
                    self.namings.push(Naming::Remove(path, node));
                }
            }
            Event::Write { inode, offset, bytes } => self.change(inode, Change::Write { offset, bytes }),
            Event::Resize { inode, len } => self.change(inode, Change::Resize(len)),
            Event::Extend { inode, len } => self.change(inode, Change::Extend(len)),
            // After a crash PostgreSQL flushes every file, those too that went through stdio.
            Event::Flush { inode } => {
                if let Some(&node) = self.inodes.get(&inode) {
                    self.flush(node);
                }
            }
            Event::FlushFolder { path } => {
                let here = |naming: &Naming| match naming {
                    Naming::Add(at, _) | Naming::Remove(at, _) => at.parent() == Some(&path),
                    Naming::Move(from, to, _) => from.parent() == Some(&path) || to.parent() == Some(&path),
                };
                let nodes: BTreeSet<usize> = self
                    .namings
                    .iter()
                    .filter(|naming| here(naming))
                    .map(Naming::node)
                    .collect();
                // What happened to a file's names happened in this order.
                self.name(|naming| nodes.contains(&naming.node()));
            }
            Event::FlushAll => {
                (0..self.nodes.len()).for_each(|node| self.flush(node));
                self.name(|_| true);
            }
            Event::FlushFailed { inode } => self.fail(inode),
        }
    }

    fn change(&mut self, inode: u64, change: Change) {
        match self.inodes.get(&inode) {
            Some(&node) => self.nodes[node].changes.push(change),
            None => self.strange += 1,
        }
    }

    fn flush(&mut self, node: usize) {
        let Node { content, changes, .. } = &mut self.nodes[node];
        for change in changes.drain(..) {
            change.apply(content);
        }
        self.name(|naming| naming.node() == node && !matches!(naming, Naming::Remove(..)));
    }

    /// Lengths are of the file system's own journal; the bytes are lost.
    fn fail(&mut self, inode: u64) {
        let Some(&node) = self.inodes.get(&inode) else { return };
        for change in &mut self.nodes[node].changes {
            if let Change::Write { offset, bytes } = change {
                *change = Change::Extend(*offset + bytes.len() as u64);
            }
        }
    }

    /// Makes those namings sure that are `meant`.
    fn name(&mut self, meant: impl Fn(&Naming) -> bool) {
        let (meant, rest): (Vec<_>, Vec<_>) = self.namings.drain(..).partition(|naming| meant(naming));
        self.namings = rest;
        for naming in &meant {
            naming.apply(&mut self.sure);
        }
    }

    /// Writes into the empty or missing `folder` what is found there after the cut.
    pub fn write_image(&self, folder: &Path, fate: Fate, dice: &mut Dice) -> io::Result<()> {
        let mut names = self.sure.clone();
        let kept = match fate {
            Fate::Gone => 0,
            Fate::Kept => self.namings.len(),
            Fate::Writes(_) | Fate::Sectors(_) => dice.below(self.namings.len() as u64 + 1) as usize,
        };
        for naming in &self.namings[..kept] {
            naming.apply(&mut names);
        }
        make_folder(folder)?;
        for (path, node) in &names {
            let (path, node) = (folder.join(path), &self.nodes[*node]);
            if node.folder {
                make_folder(&path)?;
                continue;
            }
            path.parent().map_or(Ok(()), make_folder)?;
            let mut content = node.content.clone();
            for change in &node.changes {
                change.survive(&mut content, fate, dice);
            }
            let file = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&path)?;
            io::Write::write_all(&mut &file, &content)?;
        }
        Ok(())
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Renames, with all that lies below.
fn relocate(names: &mut BTreeMap<PathBuf, usize>, from: &Path, to: &Path) {
    let moved: Vec<PathBuf> = names.keys().filter(|path| path.starts_with(from)).cloned().collect();
    for path in moved {
        if let (Some(node), Ok(rest)) = (names.remove(&path), path.strip_prefix(from)) {
            // Joined with nothing, a path would end in a slash.
            let path = if rest.as_os_str().is_empty() {
                to.to_owned()
            } else {
                to.join(rest)
            };
            names.insert(path, node);
        }
    }
}

impl Naming {
    fn node(&self) -> usize {
        match self {
            Self::Add(_, node) | Self::Move(_, _, node) | Self::Remove(_, node) => *node,
        }
    }

    fn apply(&self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Add(path, node) => {
                names.insert(path.clone(), *node);
            }
            Self::Move(from, to, node) if names.get(from) == Some(node) => relocate(names, from, to),
            // Its old name may have been taken over since.
            Self::Move(_, to, node) => {
                names.insert(to.clone(), *node);
            }
            Self::Remove(path, node) => {
                if names.get(path) == Some(node) {
                    names.remove(path);
                }
            }
        }
    }
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => put(content, *offset, bytes),
            Self::Resize(len) => content.resize(*len as usize, 0),
            Self::Extend(len) => content.resize(content.len().max(*len as usize), 0),
        }
    }

    fn survive(&self, content: &mut Vec<u8>, fate: Fate, dice: &mut Dice) {
        match (fate, self) {
            (Fate::Gone, _) => {}
            (Fate::Kept, _) => self.apply(content),
            (Fate::Sectors(percent), Self::Write { offset, bytes }) => {
                let end = offset + bytes.len() as u64;
                let mut from = *offset;
                while from < end {
                    let to = end.min((from / SECTOR + 1) * SECTOR);
                    if dice.happens(percent) {
                        put(content, from, &bytes[(from - offset) as usize..(to - offset) as usize]);
                    }
                    from = to;
                }
            }
            (Fate::Writes(percent) | Fate::Sectors(percent), _) => {
                if dice.happens(percent) {
                    self.apply(content);
                }
            }
        }
    }
}

fn put(content: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (from, to) = (offset as usize, offset as usize + bytes.len());
    if content.len() < to {
        content.resize(to, 0);
    }
    content[from..to].copy_from_slice(bytes);
}
