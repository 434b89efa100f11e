//! The checker's command line.

use std::{path::PathBuf, process::ExitCode};

use checker::{RunFolder, check};
use clap::Parser;

/// Xét một lượt chạy: đọc những gì còn lại và nói bất biến nào bị phá vỡ. Judges a run: reads what it left behind and
/// names every broken invariant.
///
/// Mã kết thúc / exit status: 0 sạch / clean, 1 có bất biến bị phá vỡ / an invariant is broken, 2 không đọc được, hoặc
/// không có gì để xét / not readable, or nothing to judge.
#[derive(Debug, Parser)]
#[command(name = "checker", version)]
struct Args {
    /// Thư mục của lượt chạy. The run's folder.
    #[arg(value_name = "FOLDER", required = true)]
    folders: Vec<PathBuf>,
    /// In một đối tượng JSON cho mỗi thư mục. One JSON object a folder.
    #[arg(long)]
    json: bool,
    /// Xét cả lượt chạy không có việc nào được xác nhận. Also a run in which nothing was acknowledged.
    #[arg(long)]
    allow_empty: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let mut status = 0;
    for folder in &args.folders {
        match check(&RunFolder::new(folder), args.allow_empty).await {
            Ok(report) => {
                if args.json {
                    println!("{}", serde_json::json!(report));
                } else {
                    print!("{}", report.text());
                }
                status = status.max(u8::from(!report.is_clean()));
            }
            Err(error) => {
                eprintln!("checker: {}: {:#}", folder.display(), anyhow::Error::new(error));
                status = 2;
            }
        }
    }
    ExitCode::from(status)
}
