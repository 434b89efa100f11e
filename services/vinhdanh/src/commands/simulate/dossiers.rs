//! Where the dossiers come from: files, folders, lines.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    vec,
};

use anyhow::Context;
use law::{DossierFile, Problem};

/// A dossier, and where it stands.
pub(super) struct Found {
    /// The file, with the line of a `.jsonl`.
    pub place: String,
    /// The dossier, or why it is none.
    pub dossier: Result<DossierFile, String>,
}

/// All dossiers, in the order of the arguments; those of a folder by their path. Lines are read one at a time.
pub(super) struct Dossiers {
    files: vec::IntoIter<PathBuf>,
    open: Option<Lines>,
}

struct Lines {
    name: String,
    rest: io::Lines<Box<dyn BufRead>>,
    at: usize,
}

impl Dossiers {
    /// Lists folders; opens no file yet.
    ///
    /// # Errors
    /// A folder that cannot be listed, a path that is not there.
    pub fn of(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for path in paths {
            list(path, true, &mut files).with_context(|| format!("không đọc được / cannot read {}", path.display()))?;
        }
        Ok(Self {
            files: files.into_iter(),
            open: None,
        })
    }
}

fn list(path: &Path, named: bool, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.as_os_str() == "-" {
        files.push(path.to_owned());
    } else if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        let mut entries = entries.collect::<io::Result<Vec<PathBuf>>>()?;
        entries.sort();
        for entry in entries {
            list(&entry, false, files)?;
        }
    } else if named {
        fs::metadata(path)?;
        files.push(path.to_owned());
    } else {
        let name = path.to_string_lossy();
        let dossiers = is(path, "json") && !name.ends_with(".expect.json") || is(path, "jsonl");
        if dossiers {
            files.push(path.to_owned());
        }
    }
    Ok(())
}

fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

impl Iterator for Dossiers {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(lines) = &mut self.open {
                match lines.next() {
                    Some(found) => return Some(found),
                    None => self.open = None,
                }
            }
            let file = self.files.next()?;
            let name = file.display().to_string();
            if file.as_os_str() == "-" || is(&file, "jsonl") {
                match open(&file) {
                    Ok(rest) => self.open = Some(Lines { name, rest, at: 0 }),
                    Err(error) => return Some(unread(name, &error)),
                }
                continue;
            }
            return Some(match fs::read_to_string(&file) {
                Ok(text) => parsed(name, &text),
                Err(error) => unread(name, &error),
            });
        }
    }
}

impl Lines {
    fn next(&mut self) -> Option<Found> {
        loop {
            let line = self.rest.next()?;
            self.at += 1;
            let place = format!("{}:{}", self.name, self.at);
            match line {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => return Some(parsed(place, &line)),
                Err(error) => return Some(unread(place, &error)),
            }
        }
    }
}

fn open(path: &Path) -> io::Result<io::Lines<Box<dyn BufRead>>> {
    let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(path)?))
    };
    Ok(reader.lines())
}

fn unread(place: String, error: &io::Error) -> Found {
    let dossier = Err(error.to_string());
    Found { place, dossier }
}

fn parsed(place: String, text: &str) -> Found {
    let dossier = DossierFile::parse(text).map_err(|problems| spelled(&problems));
    Found { place, dossier }
}

/// Problems in one line.
pub(super) fn spelled(problems: &[Problem]) -> String {
    let each = problems.iter().map(|p| format!("{}: {} ({})", p.path, p.en, p.reason));
    each.collect::<Vec<_>>().join("; ")
}
