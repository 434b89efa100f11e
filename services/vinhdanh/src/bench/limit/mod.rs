//! `--limit`: what disk, store and wire give on this machine, in the same run and on the same disk as the work itself,
//! and the targets as ratios to that.
//!
//! - [`disk`], [`echo`], [`rows`]: the limits; [`open`]: memory with many open dossiers; [`growth`]: cost in a large store;
//! - [`targets`]: what should come out.

mod disk;
pub mod echo;
mod growth;
mod open;
mod rows;
mod targets;

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use self::{
    echo::Echoer,
    growth::Growth,
    open::Memory,
    rows::{Pushed, Rows},
    targets::{Bound, Target},
};
use super::{
    crew::percentile_ms,
    dossier::DAY,
    ground::{Ground, Site, morning},
    report::{Report, rounded},
    sink::Sink,
    usage::{Cores, Watch},
    work,
};
use crate::output::{aligned, note};

/// How long each round of echoes takes, and how many rounds there are; the best counts.
const ECHO: Duration = Duration::from_secs(2);
const ECHO_ROUNDS: usize = 3;

/// What is measured beside the work itself.
#[derive(Clone, Debug, clap::Args)]
pub struct LimitArgs {
    /// Đo giới hạn của máy trong cùng một lần chạy: fsync, kho, gRPC; và bảng mục tiêu. Also measures the limit of the
    /// machine in the same run: fsync, the store alone, a bare gRPC echo; and prints the targets.
    #[arg(long)]
    pub limit: bool,
    /// Số hồ sơ được làm một mình, từng lời gọi một. Dossiers that are done alone, a call at a time.
    #[arg(long, requires = "limit", default_value_t = 40, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub lone: usize,
    /// Số hồ sơ mở khi đo bộ nhớ; 0: không đo. Open dossiers while memory is measured; 0: not measured.
    #[arg(long, requires = "limit", default_value_t = 10_000)]
    pub open: usize,
    /// So chi phí một bước khi kho có chừng này hồ sơ với khi có 1.000; 0: không đo. Compares the cost of a transition in a
    /// store of so many dossiers with that in one of 1,000; 0: not measured. Takes disk: some hundred KiB a dossier.
    #[arg(long, requires = "limit", default_value_t = 0)]
    pub growth: usize,
}

/// What disk and wire give.
#[derive(Clone, Copy, Debug, Default)]
struct Machine {
    fsync_p50_us: f64,
    fsync_p99_us: f64,
    echo_per_s: f64,
    echo_p50_ms: f64,
    echo_p99_ms: f64,
    echo_lone_p50_ms: f64,
}

/// All that was measured.
pub struct Limit {
    embedded: bool,
    machine: Machine,
    /// The work, 64 calls in flight or as many as were asked for.
    pub work: Report,
    lone: Report,
    pushed: Pushed,
    disk_bytes_per_dossier: f64,
    cores: Cores,
    memory: Option<Memory>,
    growth: Option<Growth>,
}

impl LimitArgs {
    /// Measures one after the other; each on services that were just started.
    pub async fn measure(&self, ground: &Ground, dossiers: usize, in_flight: usize) -> anyhow::Result<Limit> {
        note("ổ đĩa và gRPC / disk and gRPC");
        let machine = Machine::measure(ground, in_flight).await?;

        let mut now = morning(DAY);
        let site = ground.open(now).await?;
        work::quiet_for_long(&site.stage).await?;
        let sink = Sink::open(&site.stage.auditor()?).await?;
        note("từng lời gọi một / a call at a time");
        let lone = work::play(&site, &sink, 1..self.lone + 1, 1, &mut now).await?;
        note("riêng kho dữ liệu / the store alone");
        let pushed = Rows::of(ground).await?.push(ground).await?;
        close(site).await?;
        let disk_before = ground.disk_bytes().await?;

        note(&format!("{in_flight} lời gọi cùng lúc / calls in flight"));
        let first = self.lone + 1;
        let site = ground.open(now).await?;
        let watch = Watch::begin(&site.pids)?;
        let mut work = work::play(&site, &sink, first..first + dossiers, in_flight, &mut now).await?;
        let cores = watch.end()?;
        if let Err(error) = sink.check(self.lone + dossiers) {
            work.problem = Some(error.to_string());
        }
        work.setting = ground.setting();
        close(site).await?;
        let grown = ground.disk_bytes().await?.saturating_sub(disk_before);
        let disk_bytes_per_dossier = grown as f64 / dossiers as f64;
        work.disk_bytes = Some(grown);

        let mut next = first + dossiers;
        let mut growth = None;
        if self.growth > 0 {
            let measured =
                growth::measure(ground, &sink, self.growth, &mut next, (dossiers, in_flight), &mut now).await?;
            growth = Some(measured);
        }
        let mut memory = None;
        if self.open > 0 {
            note(&format!("{} hồ sơ mở / open dossiers", self.open));
            let site = ground.open(now).await?;
            memory = Some(open::measure(&site, next..next + self.open, in_flight).await?);
            close(site).await?;
        }
        Ok(Limit {
            embedded: ground.is_embedded(),
            machine,
            work,
            lone,
            pushed,
            disk_bytes_per_dossier,
            cores,
            memory,
            growth,
        })
    }
}

impl Machine {
    async fn measure(ground: &Ground, in_flight: usize) -> anyhow::Result<Self> {
        let folder = ground.data.clone();
        let mut appends = tokio::task::spawn_blocking(move || disk::appends(&folder)).await??;
        let echoer = Echoer::start().await?;
        let mut machine = Self {
            fsync_p50_us: percentile_ms(&mut appends, 0.5) * 1_000.0,
            fsync_p99_us: percentile_ms(&mut appends, 0.99) * 1_000.0,
            ..Self::default()
        };
        for _ in 0..ECHO_ROUNDS {
            let mut calls = echoer.call(in_flight, ECHO).await?;
            let per_s = calls.len() as f64 / ECHO.as_secs_f64();
            if per_s > machine.echo_per_s {
                machine.echo_per_s = per_s;
                machine.echo_p50_ms = percentile_ms(&mut calls, 0.5);
                machine.echo_p99_ms = percentile_ms(&mut calls, 0.99);
            }
        }
        machine.echo_lone_p50_ms = percentile_ms(&mut echoer.call(1, ECHO).await?, 0.5);
        echoer.stop().await?;
        Ok(machine)
    }
}

impl Limit {
    /// Whatever went wrong.
    pub fn problem(&self) -> Option<&String> {
        self.work.problem.as_ref().or(self.lone.problem.as_ref())
    }

    fn targets(&self) -> Vec<Target> {
        let Machine {
            fsync_p50_us,
            echo_per_s,
            echo_p99_ms,
            echo_lone_p50_ms,
            ..
        } = self.machine;
        let either = |embedded, servers| if self.embedded { embedded } else { servers };
        let lone_limit = fsync_p50_us / 1_000.0 + echo_lone_p50_ms;
        let at_most = Bound::AtMost;
        let target = |name, title, bound, measured| Target {
            name,
            title,
            bound,
            measured,
        };
        vec![
            target(
                "transitions_to_echo",
                "bước/s ÷ echo/s · transitions/s ÷ bare gRPC echo/s",
                Bound::AtLeast(either(0.40, 0.20)),
                Some(self.work.transitions_per_s() / echo_per_s),
            ),
            target(
                "lone_p50_to_limit",
                "p50 một mình ÷ (fsync + echo) · p50 of one call alone ÷ (fsync p50 + echo p50)",
                at_most(either(2.5, 5.0)),
                Some(self.lone.latency_ms(0.5) / lone_limit),
            ),
            target(
                "p99_to_echo",
                "p99 cùng lúc ÷ p99 echo · p99 in flight ÷ p99 of echo",
                at_most(either(4.0, 8.0)),
                Some(self.work.latency_ms(0.99) / echo_p99_ms),
            ),
            target(
                "cpu_s_per_1000",
                "CPU, giây mỗi 1.000 bước · CPU seconds per 1,000 transitions, services only",
                at_most(either(0.15, 0.30)),
                Some(self.work.cpu_s_per_1000()),
            ),
            target(
                "disk_kib_per_dossier",
                "KiB trên đĩa mỗi hồ sơ · KiB on disk per dossier, all services",
                at_most(either(60.0, 80.0)),
                Some(self.disk_bytes_per_dossier / 1024.0),
            ),
            target(
                "rss_mib_open",
                if self.embedded {
                    "MiB bộ nhớ, hồ sơ mở · MiB RSS of all services, open dossiers"
                } else {
                    "MiB bộ nhớ mỗi dịch vụ, hồ sơ mở · MiB RSS of the largest service, open dossiers"
                },
                at_most(either(80.0, 40.0)),
                self.memory
                    .as_ref()
                    .map(|memory| either(memory.sum_mib(), memory.most_mib())),
            ),
            target(
                "growth",
                "chi phí một bước, kho lớn ÷ kho nhỏ · cost per transition, large store ÷ small",
                at_most(1.15),
                self.growth.as_ref().map(Growth::ratio),
            ),
        ]
    }

    /// For programs: the figures of the work, the limits, the targets.
    pub fn json(&self) -> Value {
        let Machine {
            fsync_p50_us,
            fsync_p99_us,
            echo_per_s,
            echo_p50_ms,
            echo_p99_ms,
            echo_lone_p50_ms,
        } = self.machine;
        let seconds = self.pushed.took.as_secs_f64().max(f64::EPSILON);
        let more = json!({
            "echo_per_s": rounded(echo_per_s),
            "echo_p50_ms": rounded(echo_p50_ms),
            "echo_p99_ms": rounded(echo_p99_ms),
            "echo_lone_p50_ms": rounded(echo_lone_p50_ms),
            "fsync_p50_us": rounded(fsync_p50_us),
            "fsync_p99_us": rounded(fsync_p99_us),
            "store_batched_per_s": rounded(self.pushed.calls as f64 / seconds),
            "store_commits_per_s": rounded(self.pushed.commits as f64 / seconds),
            "other_cores": rounded(self.cores.other),
            "server_cores": rounded(self.cores.servers),
            "stolen_cores": rounded(self.cores.stolen),
            "lone_dossiers": self.lone.dossiers,
            "lone_p50_ms": rounded(self.lone.latency_ms(0.5)),
            "lone_p99_ms": rounded(self.lone.latency_ms(0.99)),
            "open": self.memory.as_ref().map(Memory::json),
            "growth": self.growth.as_ref().map(Growth::json),
            "targets": self.targets().iter().map(Target::json).collect::<Vec<_>>(),
            "problem": self.problem(),
        });
        let mut figures = self.work.json();
        if let (Value::Object(figures), Value::Object(more)) = (&mut figures, more) {
            figures.extend(more);
        }
        figures
    }

    /// For people.
    pub fn text(&self) -> String {
        let Machine {
            fsync_p50_us,
            fsync_p99_us,
            echo_per_s,
            echo_p50_ms,
            echo_p99_ms,
            echo_lone_p50_ms,
        } = self.machine;
        let seconds = self.pushed.took.as_secs_f64().max(f64::EPSILON);
        let mut rows = vec![
            (
                "fsync 4 KiB p50, p99, µs".to_owned(),
                format!("{fsync_p50_us:.0}, {fsync_p99_us:.0}"),
            ),
            ("gRPC echo/s".to_owned(), format!("{echo_per_s:.0}")),
            (
                "gRPC echo p50, p99, ms".to_owned(),
                format!("{echo_p50_ms:.2}, {echo_p99_ms:.2}"),
            ),
            (
                "gRPC echo p50 một mình / alone, ms".to_owned(),
                format!("{echo_lone_p50_ms:.3}"),
            ),
            (
                "Riêng kho: bước/s, ghi/s / the store alone: transitions/s, commits/s".to_owned(),
                format!(
                    "{:.0}, {:.0}",
                    self.pushed.calls as f64 / seconds,
                    self.pushed.commits as f64 / seconds
                ),
            ),
            (
                "Lời gọi một mình / one call alone p50, p99, ms".to_owned(),
                format!("{:.2}, {:.2}", self.lone.latency_ms(0.5), self.lone.latency_ms(0.99)),
            ),
            (
                "Nhân CPU của tiến trình khác / cores of other processes".to_owned(),
                format!("{:.2}", self.cores.other),
            ),
            (
                "… của PostgreSQL, NATS; của máy chủ ảo / of PostgreSQL, NATS; stolen".to_owned(),
                format!("{:.2}; {:.2}", self.cores.servers, self.cores.stolen),
            ),
        ];
        rows.extend(self.memory.as_ref().map(Memory::row));
        rows.extend(self.growth.iter().flat_map(Growth::rows));
        let rows: Vec<_> = rows.into_iter().map(|(what, figure)| vec![what, figure]).collect();
        let (work, limits) = (self.work.text(), aligned(&rows));
        format!("{work}\n\n{limits}\n\n{}", targets::table(&self.targets()))
    }
}

async fn close(site: Site) -> anyhow::Result<()> {
    site.stage.stop().await.context("the services did not stop")
}
