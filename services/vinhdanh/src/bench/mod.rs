//! `vinhdanh bench`: how much work the services do, measured from outside, on one fixed unit of work.
//!
//! - [`dossier`]: the unit of work; [`crew`]: who does it, and what is measured.
//! - [`sink`]: where the notifications arrive; [`usage`]: CPU, memory, disk; [`report`]: the figures.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use law::Law;
use time::macros::time;
use tokio::time::Instant;

use self::{
    crew::Crew,
    dossier::{DAY, Line, Script},
    report::Report,
    sink::{FACTS, Sink},
};
use crate::{
    drive::Case,
    installation::{Installation, Layout, Plan},
    output::{Output, REFUSED, note},
    rehearse::{
        quiet,
        span::{VIET_NAM, micros},
        stage::Stage,
    },
};

mod crew;
mod dossier;
mod report;
mod sink;
mod usage;

const PROGRESS: Duration = Duration::from_secs(2);
/// After ten working days of publication, of which the first is the day itself.
const DAYS_LATER: u32 = 11;

/// Đo công suất: mỗi hồ sơ qua đơn vị, tỉnh và Nhà nước với ba Hội đồng (3, 9 và 9 người), rồi 3 thông báo. Measures how
/// much the services do: each dossier goes through unit, province and State with three councils (of 3, 9 and 9), then
/// 3 notifications. A call counts once it is acknowledged, that is durable. Nothing is warmed up first.
///
/// Mã kết thúc / exit status: 0 mọi hồ sơ được khen thưởng và đủ 3 thông báo / every dossier ended awarded with its 3
/// notifications, 1 không / not so.
#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    /// Số hồ sơ. How many dossiers.
    #[arg(long, default_value_t = 500, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    pub dossiers: usize,
    /// Số hồ sơ được làm cùng lúc. How many of them at once.
    #[arg(long, default_value_t = 64, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub in_flight: usize,
    /// In số đo là một đối tượng JSON. Prints the figures as a JSON object.
    #[arg(long)]
    pub json: bool,
    /// Thư mục dữ liệu, còn trống; nếu bỏ qua thì dùng thư mục tạm. Folder of databases, empty; a temporary one if left
    /// out.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL thay cho SQLite; cơ sở dữ liệu trống. PostgreSQL in place of SQLite: an empty database.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// NATS thay cho bus trong tiến trình. NATS in place of the in-process bus.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Mỗi dịch vụ một tiến trình, thay vì tất cả trong một. A process for each service, in place of one for all.
    #[arg(long, requires = "nats")]
    pub process_per_service: bool,
}

impl BenchArgs {
    /// Measures, prints, and gives the exit status.
    pub fn run(self) -> anyhow::Result<u8> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let report = runtime.block_on(self.measure())?;
        Output { json: self.json }.result(&report.json(), || report.text());
        Ok(if report.problem.is_none() { 0 } else { REFUSED })
    }

    async fn measure(&self) -> anyhow::Result<Report> {
        // Lives until the services have stopped.
        let temporary;
        let data = if let Some(data) = &self.data {
            if data.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
                bail!("{} is not empty: old dossiers would be measured too", data.display());
            }
            data.clone()
        } else {
            let made = tempfile::Builder::new().prefix("vinhdanh-bench-").tempdir();
            temporary = made.context("no temporary folder")?;
            temporary.path().to_owned()
        };
        std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let layout = if self.process_per_service {
            Layout::ProcessPerService
        } else {
            Layout::OneChild
        };
        let plan = Plan {
            data: data.clone(),
            database: self.database.clone(),
            nats: self.nats.clone(),
            layout,
            clock: Some(micros(DAY.with_time(time!(08:00)).assume_offset(VIET_NAM))),
            program: None,
        };
        let installation = Installation::start(plan).await.context("the services did not start")?;
        let pids = installation.pids();
        let stage = Stage::own(installation)?;
        let report = self.work(&stage, &pids, &data).await;
        stage.stop().await.context("the services did not stop")?;
        report
    }

    async fn work(&self, stage: &Stage, pids: &[u32], data: &Path) -> anyhow::Result<Report> {
        let route = dossier::route()?;
        let scripts: Vec<Script> = (1..=self.dossiers).map(|number| Script::of(number, &route)).collect();
        let crew = Crew::hire(stage, &scripts[0], self.in_flight)?;
        quiet::wait(stage).await?;
        let sink = Sink::open(&stage.auditor()?).await?;
        let calls = scripts.iter().map(Script::len).sum();
        let mut report = self.blank();
        let cpu_before = usage::cpu_s(pids)?;

        let began = Instant::now();
        let before = scripts
            .iter()
            .map(|script| (script.before.as_slice(), Case::default()))
            .collect();
        let cases = watched(&crew, &sink, calls, before).await?;
        report.acting = began.elapsed();

        // The clock moves for all at once; every publication then ends by its timer.
        quiet_for_long(stage).await?;
        let later = Law::embedded().calendar().nth_working_day_after(DAY, DAYS_LATER);
        let later = later
            .map_err(|none| anyhow::anyhow!("{none}"))?
            .with_time(time!(08:00))
            .assume_offset(VIET_NAM);
        stage
            .advance(later)
            .await
            .map_err(|trouble| anyhow::anyhow!("the clock does not move: {trouble:?}"))?;

        let began = Instant::now();
        let after = scripts
            .iter()
            .map(|script| script.after.as_slice())
            .zip(cases)
            .collect();
        watched(&crew, &sink, calls, after).await?;
        report.acting += began.elapsed();

        let began = Instant::now();
        let expected = self.dossiers * FACTS.len();
        sink.wait_for(expected).await;
        report.trailing = began.elapsed();
        report.cpu_s = usage::cpu_s(pids)? - cpu_before;
        report.rss_mib = usage::peak_rss_mib(pids)?;
        if self.database.is_none() {
            report.disk_bytes = Some(usage::database_bytes(data)?);
        }
        report.transitions = crew.acknowledged();
        report.notifications = sink.arrived();
        report.measured = crew.measured();
        report.problem = sink.check(self.dossiers).err().map(|error| error.to_string());
        if crew.awarded() != self.dossiers {
            report.problem = Some(format!(
                "{} of {} dossiers ended awarded",
                crew.awarded(),
                self.dossiers
            ));
        }
        Ok(report)
    }

    fn blank(&self) -> Report {
        let store = if self.database.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        };
        let bus = if self.nats.is_some() { "NATS" } else { "bus in process" };
        let layout = if self.process_per_service {
            "a process a service"
        } else {
            "all services in one process"
        };
        let setting = format!("{store}, {bus}, {layout}");
        Report {
            dossiers: self.dossiers,
            in_flight: self.in_flight,
            setting,
            ..Report::default()
        }
    }
}

/// Plays, and says every two seconds how far it is.
async fn watched(crew: &Crew, sink: &Sink, calls: usize, parts: Vec<(&[Line], Case)>) -> anyhow::Result<Vec<Case>> {
    let mut ticks = tokio::time::interval_at(Instant::now() + PROGRESS, PROGRESS);
    let play = crew.play(parts);
    tokio::pin!(play);
    loop {
        tokio::select! {
            cases = &mut play => return cases,
            _ = ticks.tick() => {
                let (done, awarded, told) = (crew.acknowledged(), crew.awarded(), sink.arrived());
                note(&format!("{done}/{calls} bước / transitions · {awarded} khen thưởng / awarded · {told} thông báo / notifications"));
            }
        }
    }
}

/// What thousands of calls have set off may take longer than one patience.
async fn quiet_for_long(stage: &Stage) -> anyhow::Result<()> {
    const PATIENCES: u32 = 10;
    let mut waited = quiet::wait(stage).await;
    for _ in 1..PATIENCES {
        if waited.is_ok() {
            break;
        }
        waited = quiet::wait(stage).await;
    }
    waited
}
