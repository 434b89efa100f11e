//! Memory with many open dossiers: each was submitted and received, and waits.

use std::ops::Range;

use serde_json::{Value, json};

use crate::{
    bench::{
        crew::Crew,
        dossier::{self, Script},
        ground::Site,
        report::rounded,
        usage, work,
    },
    drive::Case,
};

/// Drafted, submitted, received.
const ACTS: usize = 3;

/// What the services have resident.
#[derive(Clone, Debug)]
pub struct Memory {
    dossiers: usize,
    /// Of each process, in MiB.
    processes: Vec<f64>,
}

/// Opens dossiers of these numbers, waits until all is quiet, and looks.
pub async fn measure(site: &Site, numbers: Range<usize>, in_flight: usize) -> anyhow::Result<Memory> {
    let (route, dossiers) = (dossier::route()?, numbers.len());
    let scripts: Vec<Script> = numbers
        .map(|number| {
            let mut script = Script::of(number, &route);
            script.before.truncate(ACTS);
            script.after.clear();
            script
        })
        .collect();
    let crew = Crew::hire(&site.stage, &scripts, in_flight)?;
    let parts = scripts
        .iter()
        .map(|script| (script.before.as_slice(), Case::default()))
        .collect();
    let progress = || format!("{}/{} bước / transitions", crew.acknowledged(), dossiers * ACTS);
    work::telling(progress, crew.play(parts)).await?;
    work::quiet_for_long(&site.stage).await?;
    Ok(Memory {
        dossiers,
        processes: usage::rss_mib(&site.pids)?,
    })
}

impl Memory {
    /// Of all processes.
    pub fn sum_mib(&self) -> f64 {
        self.processes.iter().sum()
    }

    /// Of the largest.
    pub fn most_mib(&self) -> f64 {
        self.processes.iter().copied().fold(0.0, f64::max)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "dossiers": self.dossiers,
            "rss_mib": rounded(self.sum_mib()),
            "rss_mib_by_process": self.processes.iter().copied().map(rounded).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn row(&self) -> (String, String) {
        let each: Vec<_> = self.processes.iter().map(|mib| format!("{mib:.0}")).collect();
        let what = format!("Bộ nhớ, {0} hồ sơ mở / RSS with {0} open dossiers, MiB", self.dossiers);
        (what, format!("{:.0} ({})", self.sum_mib(), each.join(" + ")))
    }
}
