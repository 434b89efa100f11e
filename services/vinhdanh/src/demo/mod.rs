//! `vinhdanh demo`: the sample dossiers, each as far as its law and verdict take it, through the public API alone.
//!
//! - [`samples`]: the dossiers; [`check`]: what the law says of them.
//! - [`office`]: services, clock and officials; [`walk`]: a dossier's way.
//! - [`subscribers`]: who is told; [`story`], [`summary`]: what people and programs read.

use std::path::PathBuf;

use access::{Principal, Role};
use anyhow::Context;
use time::macros::date;
use tokio::time::Instant;

use self::{
    office::{Office, morning},
    samples::Sample,
    story::Story,
    subscribers::Subscribers,
    summary::Summary,
};
use crate::{
    installation::{Installation, Layout, Plan},
    output::{REFUSED, note, say},
    rehearse::{span::micros, stage::Stage},
};

mod check;
mod office;
mod samples;
mod story;
mod subscribers;
mod summary;
mod walk;

/// The agency as whose officer one may look around afterwards; a dossier on hold waits there.
const GUEST: &str = "so-noi-vu-hung-yen";

/// Trình diễn: 12 hồ sơ mẫu đi từ đơn vị đến cấp quyết định, rồi kết thúc. Plays twelve sample dossiers on a simulated
/// clock, from their units to whoever decides, and ends.
///
/// Dừng giữa chừng rồi chạy lại với cùng --data thì phần còn lại được làm tiếp. A run that was ended midway is finished by
/// the next one on the same --data, with nothing lost or doubled.
///
/// Mã kết thúc / exit status: 0 mọi hồ sơ đúng như phải có / all dossiers are as expected, 1 không / not so.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// In từng việc là một đối tượng JSON, cuối cùng là tổng kết. One JSON object for each thing that happens, and a
    /// summary.
    #[arg(long)]
    pub json: bool,
    /// Thư mục dữ liệu; nếu bỏ qua thì dùng thư mục tạm. Folder of databases and keys; a temporary one if left out.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL thay cho SQLite; cơ sở dữ liệu trống. PostgreSQL in place of SQLite: an empty database.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// NATS thay cho bus trong tiến trình. NATS in place of the in-process bus.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Để hệ thống chạy tiếp sau trình diễn. Leave the services running afterwards, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
}

impl DemoArgs {
    /// Plays, tells, and gives the exit status.
    pub fn run(self) -> anyhow::Result<u8> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(self.play())
    }

    async fn play(self) -> anyhow::Result<u8> {
        let began = Instant::now();
        // Lives until the services have stopped.
        let temporary;
        let data = if let Some(data) = &self.data {
            data.clone()
        } else {
            let made = tempfile::Builder::new().prefix("vinhdanh-demo-").tempdir();
            temporary = made.context("no temporary folder")?;
            temporary.path().to_owned()
        };
        std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
        let mut subscribers = Subscribers::open(&data).await?;
        let plan = Plan {
            data: data.clone(),
            database: self.database.clone(),
            nats: self.nats.clone(),
            layout: Layout::OneProcess,
            clock: Some(micros(morning(date!(2019 - 03 - 01)))),
            program: None,
        };
        let installation = Installation::start(plan).await.context("the services did not start")?;
        let address = installation.servers().addresses().join(", ");
        // Tokens of now are from the simulated clock's future.
        let token = installation.token(&Principal {
            subject: format!("officer@{GUEST}"),
            role: Role::Officer,
            agency: GUEST.to_owned(),
            person: None,
        });
        let office = Office::open(Stage::own(installation)?).await?;
        let mut story = Story::new(self.json);
        let mut summary = stage(
            &office,
            &mut subscribers,
            &mut story,
            &format!("{address} · {}", data.display()),
        )
        .await?;
        summary.seconds = began.elapsed().as_secs_f64();
        for problem in &summary.problems {
            note(problem);
        }
        story.end(&summary);
        if self.keep {
            keep(&address, &token, self.json).await?;
        }
        office.close().await.context("the services did not stop")?;
        Ok(if summary.is_good() { 0 } else { REFUSED })
    }
}

/// All samples, in the order of their days.
async fn stage(
    office: &Office,
    subscribers: &mut Subscribers,
    story: &mut Story,
    place: &str,
) -> anyhow::Result<Summary> {
    let samples = Sample::all()?;
    let mut summary = Summary {
        dossiers: samples.len(),
        ..Summary::default()
    };
    story.begin(samples.len(), place);
    office.quiet().await?;
    subscribers.subscribe(office).await?;
    for sample in &samples {
        office.not_before(morning(sample.day)).await?;
        let (status, problem) = match one(office, sample, samples.len(), story).await {
            Ok(ended) => ended,
            Err(error) => ("?".to_owned(), Some(format!("{error:#}"))),
        };
        office.quiet().await?;
        story.ended(sample, &status, problem.as_deref(), subscribers.arrived());
        summary.count(&status, problem.is_none());
    }
    subscribers.settle(office).await?;
    summary.problems = subscribers.complaints();
    let (all, webhook) = subscribers.delivered(office).await?;
    summary.deliveries = all;
    if webhook != summary.awarded {
        summary.problems.push(format!(
            "{} dossiers were awarded, and {webhook} calls told of it",
            summary.awarded
        ));
    }
    summary.audit(office).await?;
    Ok(summary)
}

/// How a sample ended, and what was not as it must be.
async fn one(
    office: &Office,
    sample: &Sample,
    of: usize,
    story: &mut Story,
) -> anyhow::Result<(String, Option<String>)> {
    let checked = check::check(office, sample).await?;
    story.sample(office.today(), of, sample, &checked);
    let course = walk::walk(office, sample, story).await?;
    let mut problems = checked.problems;
    let end = sample.end().status();
    if course.status != end {
        problems.push(format!("{end} expected, {} came", course.status));
    }
    let decider = office.acting(&sample.expected.deciding_agency)?;
    if course.status == "awarded" && course.agency != decider {
        problems.push(format!("{decider} decides, and {} decided", course.agency));
    }
    Ok((course.status, (!problems.is_empty()).then(|| problems.join("; "))))
}

async fn keep(address: &str, token: &str, json: bool) -> anyhow::Result<()> {
    let tell = |text: &str| if json { note(text) } else { say(text) };
    tell(&format!(
        "\nĐang chạy tiếp, đồng hồ đứng yên / still running, its clock stands: {address}"
    ));
    tell(&format!("  Thử, vai officer@{GUEST} / try it in that role:"));
    tell(&format!("  export VINHDANH_SERVER={address} VINHDANH_TOKEN={token}"));
    tell("  vinhdanh task list");
    tell("  Dừng / stop: Ctrl-C");
    tokio::signal::ctrl_c().await.context("waiting for Ctrl-C")
}
