//! `start` and `serve`: the services, until they are told to end.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context;
use clap::Args;
use host::config::Settings;
use serde::Serialize;
use telemetry::{LogFormat, Telemetry, TelemetryConfig};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    assembly::{self, Fixtures},
    client::SERVICES,
};

/// Settings that can be given as flags; files and `VINHDANH_…` variables give the rest.
#[derive(Clone, Debug, Args, Serialize)]
pub struct SettingsArgs {
    /// Tệp cấu hình TOML. Configuration file.
    #[arg(long, value_name = "FILE", env = "VINHDANH_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Địa chỉ gRPC. Where gRPC listens (default 127.0.0.1:7401).
    #[arg(long, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// Thư mục dữ liệu. Folder of the databases and of the local key (default vinhdanh-data).
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<PathBuf>,
    /// Thư mục tệp quy định đặt chồng lên bộ có sẵn. A folder of rule files, laid over those that are compiled in.
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<PathBuf>,
    /// PostgreSQL thay cho SQLite. PostgreSQL in place of SQLite.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<String>,
    /// NATS thay cho bus trong tiến trình. NATS in place of the in-process bus.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    nats: Option<String>,
    /// Gửi vết OTLP đến đây. Where OTLP traces and logs go; without it nowhere.
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    otlp: Option<String>,
    /// Nhật ký dạng JSON. Logs as JSON.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    log_json: bool,
}

/// All services in this process.
#[derive(Clone, Debug, Args)]
pub struct StartArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Some services in this process, for a deployment.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// directory, intake, approval, council, notification.
    #[arg(required = true, value_parser = clap::builder::PossibleValuesParser::new(SERVICES))]
    services: Vec<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl StartArgs {
    /// Runs until SIGTERM or SIGINT.
    pub fn run(self) -> anyhow::Result<u8> {
        run(&self.settings, &SERVICES.map(str::to_owned), true)
    }
}

impl ServeArgs {
    /// Runs until SIGTERM or SIGINT.
    pub fn run(self) -> anyhow::Result<u8> {
        run(&self.settings, &self.services, false)
    }
}

fn run(args: &SettingsArgs, services: &[String], welcome: bool) -> anyhow::Result<u8> {
    let settings = Settings::load(args.config.as_deref(), args)
        .map_err(|what| anyhow::anyhow!("cấu hình / configuration: {what}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let telemetry = Telemetry::init(&TelemetryConfig {
            otlp_endpoint: settings.otlp.clone(),
            log: if settings.log_json {
                LogFormat::Json
            } else {
                LogFormat::Human
            },
            filter: settings.log.clone(),
            ..TelemetryConfig::new(name(services), env!("CARGO_PKG_VERSION"))
        })?;
        let outcome = serve(&settings, services, welcome).await;
        if let Err(error) = telemetry.shutdown().await {
            tracing::warn!(%error, "the last traces were not sent");
        }
        outcome
    })?;
    Ok(0)
}

fn name(services: &[String]) -> String {
    if services.len() == SERVICES.len() {
        "vinhdanh".to_owned()
    } else {
        services.join("+")
    }
}

async fn serve(settings: &Settings, services: &[String], welcome: bool) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
    let process = assembly::start(settings, services, &Fixtures::new(settings)).await?;
    let address = process.address();
    if welcome {
        println!("vinhdanh đang chạy / is running: http://{address}");
        println!("Dữ liệu / data: {}", settings.data.display());
        println!(
            "Thử / try: vinhdanh token --as clerk@so-noi-vu-hung-yen --data {}",
            settings.data.display()
        );
        println!(
            "           VINHDANH_SERVER=http://{address} vinhdanh task list --as officer@so-noi-vu-hung-yen --data {}",
            settings.data.display()
        );
        println!("Dừng / stop: Ctrl-C");
    } else {
        tracing::info!(%address, services = services.join(","), "serving");
    }
    tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
    process.stop().await;
    Ok(())
}
