//! `vinhdanh bench`: how much work the services do, measured from outside, on one fixed unit of work.
//!
//! - [`dossier`]: the unit of work; [`crew`]: who does it, and what is measured; [`work`]: the whole of it, many times;
//! - [`ground`]: where it runs; [`sink`]: where the notifications arrive; [`usage`]: CPU, memory, disk;
//! - [`report`]: the figures; [`limit`]: those of the machine, and the targets;
//! - [`nation`]: a year of the whole country, in small;
//! - [`propagation`]: how fast services hear of one another; [`session`]: one council on very many dossiers;
//! - [`views`]: worklists and searches over very many dossiers.

use self::{
    dossier::DAY,
    ground::{Ground, GroundArgs, morning},
    limit::LimitArgs,
    report::Report,
    sink::Sink,
};
use crate::output::{Output, REFUSED};

mod crew;
mod dossier;
mod ground;
pub mod limit;
mod nation;
mod propagation;
mod report;
mod session;
mod sink;
mod usage;
mod views;
mod work;

/// Đo công suất: mỗi hồ sơ qua đơn vị, tỉnh và Nhà nước với ba Hội đồng (3, 9 và 9 người), rồi 3 thông báo. Measures how
/// much the services do: each dossier goes through unit, province and State with three councils (of 3, 9 and 9), then
/// 3 notifications. A call counts once it is acknowledged, that is durable. Nothing is warmed up first.
///
/// Mã kết thúc / exit status: 0 mọi hồ sơ được khen thưởng và đủ 3 thông báo / every dossier ended awarded with its 3
/// notifications, 1 không / not so. Mục tiêu chưa đạt không đổi mã / a target that is missed changes nothing.
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
    /// Đo danh sách việc và tìm kiếm trên chừng này hồ sơ dựng sẵn. Measures worklists and searches over so many made-up
    /// dossiers instead.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1000000", conflicts_with = "limit", value_parser = clap::value_parser!(u64).range(100..=100_000_000))]
    views: Option<u64>,
    /// Đo từ lúc một dịch vụ xác nhận đến lúc dịch vụ sau thấy, ở nửa tải. Measures instead how long after an
    /// acknowledgement the next service shows what follows, under half load.
    #[arg(long, conflicts_with_all = ["limit", "views"])]
    propagation: bool,
    /// Đo một phiên họp Hội đồng 15 người với chừng này hồ sơ. Measures one session of a council of 15 on so many dossiers.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1049", conflicts_with_all = ["limit", "views", "propagation"], value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=2_000))]
    session: Option<usize>,
    /// Chạy một phần của năm cả nước (3.000.000 hồ sơ), ví dụ 1/1000. Plays a part of the whole country's year (3,000,000
    /// dossiers), e.g. 1/1000.
    #[arg(long, value_name = "SCALE", conflicts_with_all = ["limit", "views", "propagation", "session"])]
    nation: Option<nation::Scale>,
    #[command(flatten)]
    limit: LimitArgs,
    #[command(flatten)]
    ground: GroundArgs,
}

impl BenchArgs {
    /// Measures, prints, and gives the exit status.
    pub fn run(self) -> anyhow::Result<u8> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let output = Output { json: self.json };
        runtime.block_on(async {
            let ground = Ground::prepare(&self.ground)?;
            let failed = if let Some(dossiers) = self.views {
                let views = views::measure(&ground, dossiers).await?;
                output.result(&views.json(), || views.text());
                views.problem.is_some()
            } else if let Some(scale) = self.nation {
                let nation = nation::measure(&ground, scale, self.in_flight).await?;
                output.result(&nation.json(), || nation.text());
                nation.problem().is_some()
            } else if self.propagation {
                let seen = propagation::measure(&ground, self.dossiers, self.in_flight).await?;
                output.result(&seen.json(), || seen.text());
                seen.problem().is_some()
            } else if let Some(items) = self.session {
                let sitting = session::measure(&ground, items, self.in_flight).await?;
                output.result(&sitting.json(), || sitting.text());
                false
            } else if self.limit.limit {
                let limit = self.limit.measure(&ground, self.dossiers, self.in_flight).await?;
                output.result(&limit.json(), || limit.text());
                limit.problem().is_some()
            } else {
                let report = self.work(&ground).await?;
                output.result(&report.json(), || report.text());
                report.problem.is_some()
            };
            Ok(if failed { REFUSED } else { 0 })
        })
    }

    async fn work(&self, ground: &Ground) -> anyhow::Result<Report> {
        let mut now = morning(DAY);
        let site = ground.open(now).await?;
        work::quiet_for_long(&site.stage).await?;
        let sink = Sink::open(&site.stage.auditor()?).await?;
        let report = work::play(&site, &sink, 1..self.dossiers + 1, self.in_flight, &mut now).await;
        if !ground.is_postgres() {
            // Beside running services: with their logs.
            let bytes = usage::database_bytes(&ground.data)?;
            site.stage.stop().await?;
            return report.map(|report| Report {
                disk_bytes: Some(bytes),
                ..self.checked(report, &sink, ground)
            });
        }
        site.stage.stop().await?;
        report.map(|report| self.checked(report, &sink, ground))
    }

    fn checked(&self, mut report: Report, sink: &Sink, ground: &Ground) -> Report {
        let told = sink.check(self.dossiers).err().map(|error| error.to_string());
        report.problem = report.problem.or(told);
        report.setting = ground.setting();
        report
    }
}
