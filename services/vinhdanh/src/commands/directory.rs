//! `vinhdanh directory`: agencies by date, and what they lay down themselves.

mod award;
mod day;
mod delegation;

use clap::{Args, Subcommand};
use proto::directory::v1::*;
use serde_json::Value;

pub use self::award::read as definition;
use self::{award::AwardVerb, day::DayVerb, delegation::DelegationVerb};
use super::{Desk, Limit, Verb, day_text};
use crate::{
    client::Client,
    output::{Record, plain},
};

/// The directory of agencies, the awards that they give on their own, and their days.
#[derive(Debug, Subcommand)]
pub enum DirectoryVerb {
    /// Danh sách. List agencies.
    List {
        /// Có vào ngày nào. Only those that exist on this day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        on: Option<String>,
        /// unit, district, department, ministry-or-province, state.
        #[arg(long)]
        level: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Xem một cơ quan. Show an agency.
    Show {
        /// Mã cơ quan. Its code.
        #[arg(value_name = "CODE")]
        agency: String,
        /// Cơ quan nào thay vào ngày đó. Show who acts for it on this day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        acting_on: Option<String>,
    },
    /// Ghi một cơ quan mới. Register an agency.
    Register(RegisterArgs),
    /// Cơ quan kết thúc, có cơ quan kế tục. Close an agency: its successor acts in its place.
    Close {
        /// Mã cơ quan. Its code.
        #[arg(value_name = "CODE")]
        agency: String,
        /// Ngày đầu tiên không còn. The first day on which it no longer exists.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        to: String,
        /// Cơ quan kế tục. Who acts in its place.
        #[arg(long, value_name = "CODE")]
        successor: String,
        /// Chỉ khi còn đúng bản này. Only if this is still the newest version.
        #[arg(long, default_value = "")]
        etag: String,
    },
    /// Khen thưởng theo quy định riêng. Awards that agencies give on their own.
    #[command(subcommand)]
    Award(AwardVerb),
    /// Ngày nghỉ, ngày làm bù riêng. Days on which agencies do otherwise than the calendar says.
    #[command(subcommand)]
    Day(DayVerb),
    /// Ủy quyền: ai làm thay ai, đến khi nào. Who acts for whom, by dates.
    #[command(subcommand)]
    Delegation(DelegationVerb),
}

/// A new agency.
#[derive(Debug, Args)]
pub struct RegisterArgs {
    /// Mã cơ quan. Its code.
    #[arg(value_name = "CODE")]
    agency: String,
    /// Tên. Its name.
    #[arg(long)]
    name: String,
    /// unit, district, department, ministry-or-province, state.
    #[arg(long)]
    level: String,
    /// Loại. Its kind.
    #[arg(long, default_value = "")]
    kind: String,
    /// Cơ quan cấp trên. The agency above.
    #[arg(long, value_name = "CODE", default_value = "")]
    parent: String,
    /// Cơ quan ngành dọc. The head of another line that it also stands under.
    #[arg(long, value_name = "CODE", default_value = "")]
    second_parent: String,
    /// Ngày đầu tiên. Its first day.
    #[arg(long, value_name = "DATE", value_parser = day_text)]
    from: Option<String>,
    /// Ghi chú. A note.
    #[arg(long, default_value = "")]
    note: String,
}

impl Verb for DirectoryVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let agency = match self {
            Self::List { on, level, limit } => {
                return list(desk, on.unwrap_or_default(), level.unwrap_or_default(), limit).await;
            }
            Self::Award(verb) => return verb.run(desk).await,
            Self::Day(verb) => return verb.run(desk).await,
            Self::Delegation(verb) => return verb.run(desk).await,
            Self::Show { agency, acting_on } => {
                let request = GetAgencyRequest {
                    agency,
                    acting_on: acting_on.unwrap_or_default(),
                };
                desk.call(async |client| client.directory().get_agency(request.clone()).await)
                    .await?
            }
            Self::Register(args) => {
                let RegisterArgs {
                    agency,
                    name,
                    level,
                    kind,
                    parent,
                    second_parent,
                    from,
                    note,
                } = args;
                let from = from.unwrap_or_default();
                let agency = Agency {
                    agency,
                    name,
                    level,
                    kind,
                    parent,
                    second_parent,
                    from,
                    note,
                    ..Agency::default()
                };
                let request = RegisterAgencyRequest {
                    request_id,
                    agency: Some(agency),
                };
                desk.call(async |client| client.directory().register_agency(request.clone()).await)
                    .await?
            }
            Self::Close {
                agency,
                to,
                successor,
                etag,
            } => {
                let request = CloseAgencyRequest {
                    request_id,
                    agency,
                    to,
                    successor,
                    etag,
                };
                desk.call(async |client| client.directory().close_agency(request.clone()).await)
                    .await?
            }
        };
        desk.output.one(&agency);
        Ok(0)
    }
}

async fn list(desk: &Desk, on: String, level: String, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListAgenciesRequest {
            page_size,
            page_token,
            on: on.clone(),
            level: level.clone(),
        };
        let page = client.directory().list_agencies(request).await?.into_inner();
        Ok((page.agencies, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

impl Record for Agency {
    const TABLE: &'static [&'static str] = &["agency", "name", "level", "parent", "from", "to", "successor"];
    const DETAIL: &'static [&'static str] = &[
        "agency",
        "name",
        "level",
        "kind",
        "parent",
        "second_parent",
        "from",
        "to",
        "successor",
        "note",
        "etag",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}
