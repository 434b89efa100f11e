//! `law export`: the files of the law, so that an office can begin a draft from them.

use std::{fs, io, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use law::Law;
use serde_json::json;

use crate::output::Output;

/// Writes the files of the law.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Thư mục mới hoặc còn trống. A new or empty folder.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

impl ExportArgs {
    /// Writes every file at its path below the folder.
    ///
    /// # Errors
    /// Where the folder holds anything, or cannot be written.
    pub fn run(self, law: &Law, output: Output) -> anyhow::Result<u8> {
        let dir = &self.dir;
        let full = match fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| format!("không đọc được / cannot read {}", dir.display())),
        };
        if full {
            bail!("{} không trống / {0} is not empty; name a new folder", dir.display());
        }
        let mut written = Vec::new();
        for (path, text) in law.written() {
            let file = dir.join(path);
            let folder = file.parent().unwrap_or(dir);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&file, text))
                .with_context(|| format!("không ghi được / cannot write {}", file.display()))?;
            written.push(path);
        }
        output.result(&json!({"dir": dir, "files": written}), || {
            let count = written.len();
            format!("{count} tệp trong {dir} / {count} files in {dir}", dir = dir.display())
        });
        Ok(0)
    }
}
