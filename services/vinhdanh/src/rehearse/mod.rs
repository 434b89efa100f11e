//! `vinhdanh rehearse`: plays scenario files through the public API and tells how each step went.
//!
//! - [`scenario`]: a file as typed steps; [`verbs`], [`submit`], [`values`], [`expect`], [`span`], [`dossier`]: the words in it.
//! - [`player`]: steps as calls; [`acts`] on dossiers, [`sessions`] of councils, the [`register`] of
//!   awards, [`compare`] for what must be true.
//! - [`stage`]: where it is played; [`quiet`]: when the next step may come.
//! - [`receivers`]: the rehearsal's own subscribers, by [`webhooks`] (with [`signature`]), [`mailboxes`] and [`streams`].
//! - [`story`]: what people and programs read.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use self::{
    mailboxes::Mailboxes,
    player::{Player, Verdict},
    receivers::Receivers,
    scenario::Scenario,
    span::micros,
    stage::Stage,
    story::{Story, Summary},
};
use crate::{
    client::Servers,
    installation::{Installation, Layout, Plan},
};

pub(crate) mod acts;
mod charter;
pub(crate) mod compare;
pub(crate) mod dossier;
pub(crate) mod expect;
pub(crate) mod mailboxes;
pub(crate) mod player;
pub(crate) mod quiet;
pub(crate) mod receivers;
mod register;
pub(crate) mod scenario;
pub(crate) mod sessions;
pub(crate) mod signature;
pub(crate) mod span;
mod staff;
pub(crate) mod stage;
pub(crate) mod story;
pub(crate) mod streams;
mod submit;
pub(crate) mod values;
pub(crate) mod verbs;
pub(crate) mod webhooks;

/// Diễn tập theo kịch bản: ai làm gì, ngày nào, và phải ra sao. Plays scenario files: who does what on which day, and
/// what must come of it.
///
/// Mã kết thúc / exit status: 0 mọi bước đúng như kịch bản / all steps went as written, 1 có bước không đúng / a step
/// did not, 2 tệp không phải là kịch bản, không bước nào được diễn / a file is not a scenario, none is played.
#[derive(Debug, clap::Args)]
pub struct RehearseArgs {
    /// Tệp kịch bản (YAML). Scenario files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// In mỗi bước một đối tượng JSON, cuối cùng là tổng kết. One JSON object a step, and a summary.
    #[arg(long)]
    pub json: bool,
    /// Nơi giữ cơ sở dữ liệu và khóa; nếu bỏ qua thì dùng thư mục tạm. Where databases and keys are kept; a temporary
    /// folder if it is left out. Several files get a folder each.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Dùng PostgreSQL thay cho SQLite. Play on PostgreSQL instead of SQLite.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Dùng NATS thay cho bus trong tiến trình. Play over NATS instead of the in-process bus.
    #[arg(long, value_name = "URL")]
    pub nats: Option<String>,
    /// Mỗi dịch vụ một tiến trình. Each service in a process of its own; needs --database and --nats.
    #[arg(long, requires_all = ["database", "nats"])]
    pub process_per_service: bool,
    /// Diễn trên hệ thống đang chạy. Play against running services: one URL, or SERVICE=URL,…; needs their --data for
    /// the signing key in it.
    #[arg(long, value_name = "URL", requires = "data", conflicts_with_all = ["database", "nats", "process_per_service"])]
    pub server: Option<Servers>,
}

/// Reads all files, plays each, and gives the exit status.
pub async fn run(args: RehearseArgs) -> anyhow::Result<u8> {
    let mut scenarios = Vec::new();
    for file in &args.files {
        match Scenario::read(file) {
            Ok(scenario) => scenarios.push(scenario),
            Err(error) => {
                report(&error.to_string());
                return Ok(2);
            }
        }
    }
    if scenarios.len() > 1 && (args.database.is_some() || args.nats.is_some()) {
        bail!("one database holds one rehearsal: with --database or --nats play one file at a time");
    }
    let story = Story { json: args.json };
    let mut all_as_written = true;
    for scenario in &scenarios {
        story.begin(scenario);
        let summary = match perform(&args, scenario, scenarios.len() > 1, story).await {
            Ok(summary) => summary,
            Err(error) => {
                story.broken(scenario, &error);
                Summary {
                    steps: scenario.steps.len().max(1),
                    as_written: 0,
                }
            }
        };
        story.end(scenario, summary);
        all_as_written &= summary.all_as_written();
    }
    Ok(u8::from(!all_as_written))
}

fn report(text: &str) {
    eprintln!("vinhdanh rehearse: {text}");
}

/// Sets the stage, plays, and clears it again however it went.
async fn perform(args: &RehearseArgs, scenario: &Scenario, one_of_many: bool, story: Story) -> anyhow::Result<Summary> {
    // Lives until the services have stopped.
    let temporary;
    let data = match &args.data {
        Some(data) if one_of_many && args.server.is_none() => data.join(name_of(&scenario.file)),
        Some(data) => data.clone(),
        None => {
            temporary = tempfile::Builder::new()
                .prefix("vinhdanh-rehearse-")
                .tempdir()
                .context("no temporary folder")?;
            temporary.path().to_owned()
        }
    };
    // Before the services start: they are told of it in their settings.
    let mailboxes = if args.server.is_none() && scenario.subscribes_by_email() {
        Some(Mailboxes::open().await?)
    } else {
        None
    };
    let stage = if let Some(servers) = &args.server {
        Stage::running(servers, data)?
    } else {
        let layout = if args.process_per_service {
            Layout::ProcessPerService
        } else {
            Layout::OneProcess
        };
        let plan = Plan {
            data,
            database: args.database.clone(),
            nats: args.nats.clone(),
            layout,
            clock: Some(micros(scenario.clock)),
            program: None,
        };
        let mail = mailboxes.as_ref().map(Mailboxes::address);
        let started = Installation::start_with_mail(plan, mail).await;
        Stage::own(started.context("the services did not start")?)?
    };
    let mut player = Player::new(stage, &scenario.dossiers, Receivers::new(mailboxes));
    let mut summary = Summary {
        steps: scenario.steps.len(),
        as_written: 0,
    };
    for (number, step) in (1..).zip(&scenario.steps) {
        let verdict = player.play(step).await;
        story.step(scenario, number, step, &verdict);
        if matches!(verdict, Verdict::Not(_)) {
            break;
        }
        summary.as_written += 1;
    }
    player.into_stage().stop().await.context("the services did not stop")?;
    Ok(summary)
}

fn name_of(file: &Path) -> PathBuf {
    file.file_stem()
        .map_or_else(|| PathBuf::from("scenario"), PathBuf::from)
}
