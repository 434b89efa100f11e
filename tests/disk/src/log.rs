//! What the layer wrote down, record by record.

use std::{
    fs::File,
    io::{self, BufReader, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes before a record's own: length, kind, two numbers.
const HEAD: usize = 21;

/// One thing that happened to the watched folder. Paths are relative to it.
#[expect(missing_docs, reason = "the fields say what they are")]
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A file came to be.
    Create { inode: u64, path: PathBuf },
    /// A folder came to be.
    Mkdir { path: PathBuf },
    /// A file or folder got another name.
    Rename { from: PathBuf, to: PathBuf },
    /// A file got a second name.
    Link { from: PathBuf, to: PathBuf },
    /// A name was removed.
    Remove { path: PathBuf },
    /// Bytes were written.
    Write { inode: u64, offset: u64, bytes: Vec<u8> },
    /// A file was cut or grown to this length.
    Resize { inode: u64, len: u64 },
    /// A file was grown to at least this length.
    Extend { inode: u64, len: u64 },
    /// What was written to a file before is on disk.
    Flush { inode: u64 },
    /// The names in a folder are on disk.
    FlushFolder { path: PathBuf },
    /// Everything is on disk.
    FlushAll,
    /// What was written to a file before, and not flushed, is never on disk.
    FlushFailed { inode: u64 },
}

/// A log being read. It ends with a whole record or with one whose writer is not done; whoever was killed was killed
/// between two ([`crate::rig::Rig::hold`]), or with the whole machine ([`Log::from`]). So a record in its midst that
/// cannot be read is a fault of the rig, and is told as one.
#[derive(Debug)]
pub struct Log {
    file: BufReader<File>,
    position: u64,
}

impl Log {
    /// From its beginning.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::from(path, 0)
    }

    /// From where it ended when the machine went down: a record that was being written then was never answered.
    pub fn from(path: &Path, position: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(position))?;
        let file = BufReader::with_capacity(1 << 20, file);
        Ok(Self { file, position })
    }

    /// The next record that ends at or before `end`.
    pub fn next(&mut self, end: u64) -> io::Result<Option<Event>> {
        if self.position + HEAD as u64 > end {
            return Ok(None);
        }
        let mut head = [0; HEAD];
        self.file.read_exact(&mut head)?;
        let number = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().expect("eight bytes"));
        let len = u32::from_le_bytes(head[..4].try_into().expect("four bytes"));
        if (len as usize) < HEAD {
            return Err(io::Error::other(format!(
                "no record begins at byte {} of the log",
                self.position
            )));
        }
        if self.position + u64::from(len) > end {
            self.file.seek_relative(-(HEAD as i64))?;
            return Ok(None);
        }
        let mut bytes = vec![0; len as usize - HEAD];
        self.file.read_exact(&mut bytes)?;
        self.position += u64::from(len);
        Ok(Some(event(head[4], number(5), number(13), bytes)?))
    }
}

fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

fn event(kind: u8, inode: u64, second: u64, bytes: Vec<u8>) -> io::Result<Event> {
    let two = || {
        let (from, to) = bytes.split_at(inode as usize);
        (path(from), path(to))
    };
    Ok(match kind {
        1 => Event::Create {
            inode,
            path: path(&bytes),
        },
        2 => Event::Mkdir { path: path(&bytes) },
        3 => {
            let (from, to) = two();
            Event::Rename { from, to }
        }
        4 => {
            let (from, to) = two();
            Event::Link { from, to }
        }
        5 => Event::Remove { path: path(&bytes) },
        6 => Event::Write {
            inode,
            offset: second,
            bytes,
        },
        7 => Event::Resize { inode, len: second },
        8 => Event::Extend { inode, len: second },
        9 => Event::Flush { inode },
        10 => Event::FlushFolder { path: path(&bytes) },
        11 => Event::FlushAll,
        12 => Event::FlushFailed { inode },
        other => return Err(io::Error::other(format!("the log holds a record of kind {other}"))),
    })
}
