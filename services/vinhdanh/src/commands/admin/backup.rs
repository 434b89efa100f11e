//! `vinhdanh admin backup` and `restore`: copies of the embedded stores, and the way back. Nothing is overwritten: what a
//! restore replaces is set aside.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use journal::{Location, offline};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Services, epoch::advance};
use crate::output::{Output, Record, instant, note};

/// The file that says what a backup holds; written last.
const MANIFEST: &str = "backup.json";
/// Copied first: consumers before those whose events they follow, so that the copies are rarely ahead of one another.
const ORDER: [&str; 5] = ["notification", "council", "approval", "intake", "directory"];

/// Where to.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    #[command(flatten)]
    services: Services,
    /// Thư mục mới cho bản sao. A folder for the copy; it must not exist yet, or be empty.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Where from.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    services: Services,
    /// Thư mục của bản sao. The folder of the copy.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Để riêng kho đang có, không xóa. Set databases that are there aside, beside the restored ones.
    #[arg(long)]
    aside: bool,
    /// Vì sao; được lưu lại. Why; it is kept.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    made_at: i64,
    program: String,
    services: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    service: String,
    file: String,
    bytes: u64,
    sha256: String,
    epoch: i64,
    head: i64,
}

impl Record for Entry {
    const TABLE: &'static [&'static str] = &["service", "epoch", "head", "bytes", "sha256"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        json!(self)
    }
}

impl BackupArgs {
    /// Copies while services go on.
    pub fn run_offline(self, data: &Path, output: Output) -> anyhow::Result<u8> {
        let wanted = self.services.names();
        fs::create_dir_all(&self.to).with_context(|| format!("cannot make {}", self.to.display()))?;
        let empty = fs::read_dir(&self.to)?.next().is_none();
        ensure!(
            empty,
            "thư mục không trống / {} is not empty: name a new one",
            self.to.display()
        );
        let mut services = Vec::new();
        super::offline(async {
            for service in ORDER
                .into_iter()
                .filter(|service| wanted.iter().any(|name| name == service))
            {
                let file = format!("{service}.db");
                let from = data.join(&file);
                ensure!(from.is_file(), "không có / there is no {}; see --data", from.display());
                let copied = offline::copy(&from, &self.to.join(&file)).await.context(service)?;
                services.push(Entry {
                    service: service.to_owned(),
                    file,
                    bytes: copied.bytes,
                    sha256: copied.sha256,
                    epoch: copied.epoch,
                    head: copied.head,
                });
            }
            Ok(())
        })?;
        let manifest = Manifest {
            made_at: host::Clock::System.now().0,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            services,
        };
        let file = self.to.join(MANIFEST);
        fs::write(&file, serde_json::to_vec_pretty(&manifest)?)?;
        File::open(&file)?.sync_all()?;
        File::open(&self.to)?.sync_all()?;
        output.many(&manifest.services);
        note(&format!(
            "đã sao và kiểm tra / copied and checked: {}",
            self.to.display()
        ));
        Ok(0)
    }
}

impl RestoreArgs {
    /// Works on the stores themselves, whose services must not run.
    pub fn run_offline(self, data: &Path, output: Output) -> anyhow::Result<u8> {
        let manifest = fs::read(self.from.join(MANIFEST))
            .with_context(|| format!("không phải bản sao / {} holds no finished backup", self.from.display()))?;
        let manifest: Manifest = serde_json::from_slice(&manifest).context(MANIFEST)?;
        let mut entries = Vec::new();
        for service in self
            .services
            .given_or(manifest.services.iter().map(|entry| entry.service.clone()))
        {
            let entry = manifest.services.iter().find(|entry| entry.service == service);
            entries.push(entry.with_context(|| format!("bản sao không có / the backup does not hold {service}"))?);
        }
        super::offline(async {
            for entry in &entries {
                self.check(entry, data).await.with_context(|| entry.service.clone())?;
            }
            let mut begun = Vec::new();
            for entry in &entries {
                begun.push(self.restore(entry, data).await.with_context(|| entry.service.clone())?);
            }
            output.many(&begun);
            Ok(())
        })?;
        note(&format!(
            "bản sao lúc / the copy was made at {}. Khởi động, rồi xem / start, then see: vinhdanh admin epoch differences",
            instant(manifest.made_at)
        ));
        Ok(0)
    }

    /// Before anything is touched: the copy is what it was, and there is room for it.
    async fn check(&self, entry: &Entry, data: &Path) -> anyhow::Result<()> {
        let copy = self.from.join(&entry.file);
        let found = offline::look(&copy).await?;
        ensure!(
            found.sha256 == entry.sha256 && found.bytes == entry.bytes,
            "bản sao đã bị thay đổi / {} is not what was backed up: its SHA-256 is {}, not {}",
            copy.display(),
            found.sha256,
            entry.sha256
        );
        let there = offline::files(data, &entry.service);
        if there.iter().all(|file| !file.exists()) {
            return Ok(());
        }
        if there[0].exists() {
            offline::must_be_idle(&Location::Directory(data.to_owned()), &entry.service).await?;
        }
        if !self.aside {
            bail!(
                "đã có dữ liệu / there is a database in {} already: give --aside to keep it beside the restored one",
                data.display()
            );
        }
        Ok(())
    }

    async fn restore(&self, entry: &Entry, data: &Path) -> anyhow::Result<super::epoch::Begun> {
        fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
        let mark = host::entropy::fresh_id();
        for file in offline::files(data, &entry.service).iter().filter(|file| file.exists()) {
            let mut aside = file.clone().into_os_string();
            aside.push(format!(".aside-{mark}"));
            fs::rename(file, &aside).with_context(|| format!("cannot set {} aside", file.display()))?;
            note(&format!("để riêng / set aside: {}", PathBuf::from(aside).display()));
        }
        // The epoch begins before the database has its name: no service can start on it in between.
        let stage = data.join(format!("restore-{mark}"));
        fs::create_dir(&stage)?;
        let staged = stage.join(&entry.file);
        fs::copy(self.from.join(&entry.file), &staged)?;
        File::open(&staged)?.sync_all()?;
        let begun = advance(&Location::Directory(stage.clone()), entry.service.clone(), &self.reason).await?;
        let [_, log, _] = offline::files(&stage, &entry.service);
        ensure!(
            !log.exists(),
            "{} is left: the restored store was not closed; try again",
            log.display()
        );
        File::open(&staged)?.sync_all()?;
        fs::rename(&staged, data.join(&entry.file))?;
        fs::remove_dir_all(&stage)?;
        File::open(data)?.sync_all()?;
        Ok(begun)
    }
}
