//! One room for each noun of the command line, and what they share: who acts, on which services, and how a call is made.

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};
use time::{Date, format_description::BorrowedFormatItem, macros::format_description};
use tonic::{Code, Response, Status};
use uuid::Uuid;

use self::token::{Actor, mint};
use crate::{
    client::{Client, Failure, Servers},
    output::{Output, note},
};

pub mod admin;
mod calendar;
pub mod check;
pub mod council;
pub mod directory;
pub mod dossier;
pub mod export;
pub mod import;
pub mod law;
pub mod law_files;
pub mod register;
pub mod rules;
pub mod simulate;
pub mod submit;
pub mod subscription;
pub mod task;
pub mod token;
pub mod verdicts;

/// How long a token lives that is made for one command.
const TOKEN_S: i64 = 15 * 60;
/// Waits before an unavailable service is tried again.
const BACKOFF_MS: [u64; 4] = [100, 200, 400, 800];
/// Rows of a page; the services cut at 500.
const PAGE: i32 = 200;

/// A noun with its verbs, against running services.
#[derive(Debug, Args)]
pub struct Group<V: Subcommand> {
    /// Which services, as whom.
    #[command(flatten)]
    pub connect: Connect,
    /// What to do.
    #[command(subcommand)]
    pub verb: V,
}

/// Something that is done against running services.
pub trait Verb: Subcommand {
    /// Does it and prints what came; gives the exit status.
    async fn run(self, desk: &Desk) -> anyhow::Result<u8>;
}

/// Which services, and as whom.
#[derive(Debug, Args)]
pub struct Connect {
    /// Địa chỉ dịch vụ. One address for all services, or SERVICE=URL,…
    #[arg(
        long,
        global = true,
        env = "VINHDANH_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:7401"
    )]
    #[arg(help_heading = "Kết nối / Connection")]
    pub server: Servers,
    /// Mã truy cập. The bearer token of whoever acts; --as goes before it.
    #[arg(
        long,
        global = true,
        env = "VINHDANH_TOKEN",
        hide_env_values = true,
        help_heading = "Kết nối / Connection"
    )]
    pub token: Option<String>,
    /// Người làm, trên hệ thống chạy tại chỗ. Who acts, with the key of a system that was started here (--data).
    #[arg(
        long = "as",
        global = true,
        value_name = "[NAME=]ROLE@AGENCY",
        help_heading = "Kết nối / Connection"
    )]
    pub acting: Option<Actor>,
    /// Số định danh của người làm. The actor's personal number, with --as; for a nominee it defaults to NAME.
    #[arg(
        long,
        global = true,
        value_name = "NUMBER",
        requires = "acting",
        help_heading = "Kết nối / Connection"
    )]
    pub person: Option<String>,
    /// Thư mục dữ liệu của hệ thống tại chỗ. The folder of the local system, which holds its key.
    #[arg(
        long,
        global = true,
        env = "VINHDANH_DATA",
        value_name = "DIR",
        default_value = "vinhdanh-data"
    )]
    #[arg(help_heading = "Kết nối / Connection")]
    pub data: PathBuf,
    /// In ra JSON. Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Làm lại đúng yêu cầu cũ mà không làm hai lần. Repeat an earlier write: what was done is not done twice.
    #[arg(long, global = true, value_name = "UUID", help_heading = "Kết nối / Connection")]
    pub request_id: Option<Uuid>,
}

impl Connect {
    /// A desk with channels; needs a runtime, and connects when first used.
    pub fn open(self) -> anyhow::Result<Desk> {
        let token = match (self.acting, self.token) {
            (Some(actor), _) => mint(&self.data, &actor.principal(self.person), TOKEN_S)?,
            (None, Some(token)) => token,
            (None, None) => anyhow::bail!(
                "chưa biết ai làm: dùng --as [TÊN=]VAI@CƠ-QUAN (hệ thống tại chỗ) hoặc --token\n  \
                 nobody acts: say --as [NAME=]ROLE@AGENCY for a system that was started here, or --token TOKEN"
            ),
        };
        Ok(Desk {
            client: Client::new(&self.server, token.trim())?,
            output: Output { json: self.json },
            request: self.request_id.unwrap_or_else(fresh),
            servers: self.server,
        })
    }
}

fn fresh() -> Uuid {
    host::entropy::fresh_id().parse().unwrap_or_default()
}

/// Where a command works: channels as one person, one request id, one way to print.
pub struct Desk {
    client: Client,
    /// How results are printed.
    pub output: Output,
    request: Uuid,
    servers: Servers,
}

impl Desk {
    /// The request id of the command's one write.
    pub fn request_id(&self) -> String {
        self.request.to_string()
    }

    /// The request id of one of several writes: the same for the same part of a repeated command.
    pub fn request_id_of(&self, part: &str) -> String {
        let digest = Sha256::new_with_prefix(self.request.as_bytes())
            .chain_update(part)
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// One call; again with the same request while the service is unavailable.
    pub async fn call<T>(&self, call: impl AsyncFn(&Client) -> Result<Response<T>, Status>) -> Result<T, Failure> {
        let mut waits = BACKOFF_MS.iter();
        loop {
            match call(&self.client).await {
                Ok(response) => return Ok(response.into_inner()),
                Err(status) if status.code() == Code::Unavailable => match waits.next() {
                    Some(wait) => tokio::time::sleep(Duration::from_millis(*wait)).await,
                    None => return Err(self.unreachable(status)),
                },
                Err(status) => return Err(status.into()),
            }
        }
    }

    fn unreachable(&self, status: Status) -> Failure {
        let mut failure = Failure::from(status);
        // Only a service that answers gives a reason.
        if failure.reason.is_empty() {
            let addresses = self.servers.addresses().join(", ");
            failure.vi =
                format!("không gọi được dịch vụ tại {addresses}: hãy chạy `vinhdanh start`, hoặc xem --server");
            failure.en = format!(
                "no answer from {addresses} ({}): run `vinhdanh start`, or look at --server",
                failure.en
            );
        }
        failure
    }

    /// All pages, up to `limit`. `page` takes a page size and a token, and gives the rows and the next token.
    pub async fn pages<T>(
        &self,
        limit: Limit,
        page: impl AsyncFn(&Client, i32, String) -> Result<(Vec<T>, String), Status>,
    ) -> Result<Vec<T>, Failure> {
        let limit = limit.limit.unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        let mut token = String::new();
        while rows.len() < limit {
            let size = i32::try_from(limit - rows.len()).unwrap_or(PAGE).min(PAGE);
            let read = async |client: &Client| page(client, size, token.clone()).await.map(Response::new);
            let (more, next) = self.call(read).await?;
            rows.extend(more);
            if next.is_empty() {
                break;
            }
            token = next;
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// Says that a stream broke, and waits a moment: a service that is restarting is not to be stormed.
    pub async fn before_reconnecting(&self) {
        note("mất kết nối, nối lại / the connection is lost, connecting again");
        tokio::time::sleep(Duration::from_millis(BACKOFF_MS[2])).await;
    }

    /// What to type to go on with a command that was stopped between its writes.
    pub fn note_how_to_repeat(&self) {
        note(&format!(
            "làm tiếp, không làm hai lần / to go on without doing anything twice: --request-id {}",
            self.request
        ));
    }
}

/// Whether a stream ended because the connection did, and not because the service said no.
pub fn lost(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled)
}

/// How much of a list.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Limit {
    /// Nhiều nhất bấy nhiêu dòng. At most this many rows; all if left out.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A day, as 2025-09-15.
pub fn day(text: &str) -> anyhow::Result<Date> {
    Date::parse(text, DAY)
        .with_context(|| format!("`{text}` không phải là ngày, hãy viết như / is no day, write it as 2025-09-15"))
}

/// A day that goes to a service as it was written.
fn day_text(text: &str) -> anyhow::Result<String> {
    day(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(request: Uuid) -> Desk {
        let servers = Servers::one("http://127.0.0.1:1");
        Desk {
            client: Client::new(&servers, "t").expect("an address"),
            output: Output { json: false },
            request,
            servers,
        }
    }

    #[tokio::test]
    async fn the_parts_of_a_repeated_command_keep_their_request_ids() {
        let (one, again, other) = (
            desk(Uuid::from_u128(1)),
            desk(Uuid::from_u128(1)),
            desk(Uuid::from_u128(2)),
        );
        assert_eq!(one.request_id_of("create/0"), again.request_id_of("create/0"));
        assert_ne!(one.request_id_of("create/0"), one.request_id_of("create/1"));
        assert_ne!(one.request_id_of("create/0"), other.request_id_of("create/0"));
        assert_eq!(
            one.request_id_of("create/0")
                .parse::<Uuid>()
                .expect("a UUID")
                .get_version_num(),
            4
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_unavailable_service_is_tried_again_and_then_named() {
        let desk = desk(Uuid::from_u128(1));
        let tries = std::cell::Cell::new(0);
        let call = async |_: &Client| {
            tries.set(tries.get() + 1);
            Err::<Response<()>, _>(Status::unavailable("away"))
        };
        let failure = desk.call(call).await.expect_err("it stays away");
        assert_eq!(tries.get(), 5);
        assert_eq!(failure.code, "UNAVAILABLE");
        assert!(failure.en.contains("http://127.0.0.1:1"), "{failure}");
    }

    #[tokio::test]
    async fn a_list_goes_through_its_pages_and_stops_at_the_limit() {
        let desk = desk(Uuid::from_u128(1));
        let page = async |_: &Client, size: i32, token: String| {
            let from: i32 = token.parse().unwrap_or(0);
            let rows: Vec<i32> = (from..from + size.min(3)).collect();
            let next = if from >= 6 {
                String::new()
            } else {
                (from + 3).to_string()
            };
            Ok((rows, next))
        };
        assert_eq!(desk.pages(Limit::default(), page).await.expect("rows").len(), 9);
        assert_eq!(
            desk.pages(Limit { limit: Some(4) }, page).await.expect("rows"),
            vec![0, 1, 2, 3]
        );
    }

    #[test]
    fn a_day_is_a_day() {
        assert!(day("2025-09-15").is_ok());
        assert!(day("15/9/2025").is_err());
    }
}
