//! Files of the law, laid over those that are compiled in.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use host::clock::{self, Clock};
use law::Law;
use time::Date;

use super::day;

/// Which law.
#[derive(Args, Clone, Debug, Default)]
pub struct Rules {
    /// Thư mục tệp quy định đặt chồng lên bộ có sẵn. A folder of rule files, laid over those that are compiled in.
    #[arg(long, value_name = "DIR", global = true)]
    pub rules: Option<PathBuf>,
}

impl Rules {
    /// The law; it lives as long as the process.
    ///
    /// # Errors
    /// The file that is unknown, unreadable or malformed, and where in it.
    pub fn law(&self) -> anyhow::Result<&'static Law> {
        Ok(match &self.rules {
            None => Law::embedded(),
            Some(dir) => Box::leak(Box::new(load(dir)?)),
        })
    }
}

/// The law with the files of a folder.
///
/// # Errors
/// As [`Rules::law`].
pub fn load(dir: &Path) -> anyhow::Result<Law> {
    Law::load(dir).with_context(|| format!("bộ quy định trong / the rules in {}", dir.display()))
}

/// Which rule set.
#[derive(Debug, Args)]
pub struct Which {
    /// Bộ quy định; hiện hành nếu không ghi. The rule set; today's if left out.
    #[arg(long, value_name = "ID")]
    rule_set: Option<String>,
    /// Có hiệu lực vào ngày này. The one in force on this day.
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "rule_set")]
    on: Option<Date>,
}

impl Which {
    /// Its id.
    ///
    /// # Errors
    /// Where there is none of this name or on this day.
    pub fn id(self, law: &Law) -> anyhow::Result<String> {
        if let Some(id) = self.rule_set {
            return known(law, &id).map(str::to_owned);
        }
        let on = self.on.unwrap_or_else(|| clock::day(Clock::System.now()));
        Ok(law.rule_set_for(on, Some(on))?.to_owned())
    }
}

/// The id of a rule set that there is.
///
/// # Errors
/// Names those that there are.
pub fn known<'a>(law: &Law, id: &'a str) -> anyhow::Result<&'a str> {
    if law.rule_set(id).is_some() {
        return Ok(id);
    }
    let known: Vec<&str> = law.rule_sets().iter().map(|set| set.id.as_str()).collect();
    bail!(
        "không có bộ quy định {id} / no rule set is called {id}; {}",
        known.join(", ")
    )
}
