//! `vinhdanh directory day`: days on which agencies do otherwise than the calendar says.

use clap::{Args, Subcommand};
use proto::directory::v1;
use serde_json::Value;

use super::super::{Desk, Limit, Verb, day_text};
use crate::{
    client::Client,
    output::{Record, plain},
};

/// Days of an agency, or of all.
#[derive(Debug, Subcommand)]
pub enum DayVerb {
    /// Đặt một ngày nghỉ hoặc làm bù. Set a day off, or a day that is worked.
    Set {
        /// Ngày. The day.
        #[arg(value_name = "DATE", value_parser = day_text)]
        day: String,
        #[command(flatten)]
        whose: Whose,
        /// Làm việc (làm bù). Offices work on it; without this it is a day off.
        #[arg(long)]
        working: bool,
        /// Lý do. Why, in the words of the document.
        #[arg(long)]
        reason: String,
        /// Văn bản. The document that orders it: number and date.
        #[arg(long)]
        document: String,
        /// Chỉ khi còn đúng bản này. Only if the agency's list is still at this version.
        #[arg(long, default_value = "")]
        etag: String,
    },
    /// Rút lại: theo lịch chung. Take a day back: the calendar holds again.
    Withdraw {
        /// Ngày. The day.
        #[arg(value_name = "DATE", value_parser = day_text)]
        day: String,
        #[command(flatten)]
        whose: Whose,
        /// Chỉ khi còn đúng bản này. Only if the agency's list is still at this version.
        #[arg(long, default_value = "")]
        etag: String,
    },
    /// Danh sách. The days that hold for an agency: its own, and those of all.
    List {
        /// Cơ quan; bỏ trống: chỉ những ngày chung. The agency; if left out, only the days of all agencies.
        #[arg(long, value_name = "CODE", default_value = "")]
        agency: String,
        /// Từ ngày. First day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        from: Option<String>,
        /// Đến hết ngày. Last day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        to: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// One agency, or all.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// Của cơ quan nào. The agency.
    #[arg(long, value_name = "CODE")]
    agency: Option<String>,
    /// Mọi cơ quan; chỉ người vận hành. All agencies; only an operator may.
    #[arg(long)]
    all: bool,
}

impl Verb for DayVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let day = match self {
            Self::Set {
                day,
                whose,
                working,
                reason,
                document,
                etag,
            } => {
                let day = v1::Day {
                    agency: whose.agency.unwrap_or_default(),
                    day,
                    working,
                    reason,
                    document,
                    etag,
                };
                let request = v1::SetDayRequest {
                    request_id,
                    day: Some(day),
                };
                desk.call(async |client| client.directory().set_day(request.clone()).await)
                    .await?
            }
            Self::Withdraw { day, whose, etag } => {
                let request = v1::WithdrawDayRequest {
                    request_id,
                    agency: whose.agency.unwrap_or_default(),
                    day,
                    etag,
                };
                desk.call(async |client| client.directory().withdraw_day(request.clone()).await)
                    .await?
            }
            Self::List {
                agency,
                from,
                to,
                limit,
            } => {
                let page = async |client: &Client, page_size, page_token| {
                    let request = v1::ListDaysRequest {
                        page_size,
                        page_token,
                        agency: agency.clone(),
                        from: from.clone().unwrap_or_default(),
                        to: to.clone().unwrap_or_default(),
                    };
                    let page = client.directory().list_days(request).await?.into_inner();
                    Ok((page.days, page.next_page_token))
                };
                desk.output.many(&desk.pages(limit, page).await?);
                return Ok(0);
            }
        };
        desk.output.one(&day);
        Ok(0)
    }
}

impl Record for v1::Day {
    const TABLE: &'static [&'static str] = &["day", "working", "agency", "reason", "document"];
    const DETAIL: &'static [&'static str] = &["day", "working", "agency", "reason", "document", "etag"];

    fn json(&self) -> Value {
        plain(self)
    }
}
