//! `vinhdanh directory delegation`: who acts for whom, by dates.

use clap::Subcommand;
use proto::directory::v1;
use serde_json::Value;

use super::super::{Desk, Limit, Verb, day_text, token::Actor};
use crate::{
    client::Client,
    output::{Record, plain},
};

/// Leaders' substitutes.
#[derive(Debug, Subcommand)]
pub enum DelegationVerb {
    /// Ủy quyền. Name a substitute for some of your acts.
    Add {
        /// Cho ai, cùng cơ quan. Who acts in your place; of your agency.
        #[arg(long, value_name = "[NAME=]ROLE@AGENCY")]
        to: Actor,
        /// Những việc nào. Which acts: sign, decide, …
        #[arg(long, value_name = "ACT", value_delimiter = ',', required = true)]
        acts: Vec<String>,
        /// Từ ngày. First day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        from: String,
        /// Đến hết ngày; không quá một năm. Last day; at most a year.
        #[arg(long = "to-day", value_name = "DATE", value_parser = day_text)]
        last: String,
        /// Văn bản. The paper that says so: number and date.
        #[arg(long, default_value = "")]
        document: String,
    },
    /// Chấm dứt ngay. End a delegation at once.
    End {
        /// Mã ủy quyền. Its id.
        #[arg(value_name = "ID")]
        delegation: String,
        /// Chỉ khi còn đúng bản này. Only if this is still the newest version.
        #[arg(long, default_value = "")]
        etag: String,
    },
    /// Danh sách. List the delegations of an agency.
    List {
        /// Cơ quan; bỏ trống: cơ quan mình. The agency; your own if left out.
        #[arg(long, value_name = "CODE", default_value = "")]
        agency: String,
        /// Có hiệu lực vào ngày nào. Only those that hold on this day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        on: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

impl Verb for DelegationVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let delegation = match self {
            Self::Add {
                to,
                acts,
                from,
                last,
                document,
            } => {
                let who = to.principal(None);
                let request = v1::DelegateRequest {
                    request_id,
                    substitute: Some(v1::Post {
                        subject: who.subject,
                        role: who.role.to_string(),
                        agency: who.agency,
                        person: String::new(),
                    }),
                    acts,
                    from,
                    to: last,
                    document,
                };
                desk.call(async |client| client.directory().delegate(request.clone()).await)
                    .await?
            }
            Self::End { delegation, etag } => {
                let request = v1::EndDelegationRequest {
                    request_id,
                    delegation,
                    etag,
                };
                desk.call(async |client| client.directory().end_delegation(request.clone()).await)
                    .await?
            }
            Self::List { agency, on, limit } => {
                let on = on.unwrap_or_default();
                let page = async |client: &Client, page_size, page_token| {
                    let request = v1::ListDelegationsRequest {
                        page_size,
                        page_token,
                        agency: agency.clone(),
                        on: on.clone(),
                    };
                    let page = client.directory().list_delegations(request).await?.into_inner();
                    Ok((page.delegations, page.next_page_token))
                };
                desk.output.many(&desk.pages(limit, page).await?);
                return Ok(0);
            }
        };
        desk.output.one(&delegation);
        Ok(0)
    }
}

impl Record for v1::Delegation {
    const TABLE: &'static [&'static str] = &["delegation", "delegator", "substitute", "acts", "from", "to", "ended"];
    const DETAIL: &'static [&'static str] = &[
        "delegation",
        "agency",
        "delegator",
        "substitute",
        "acts",
        "from",
        "to",
        "document",
        "ended",
        "etag",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        for (field, post) in [("delegator", &self.delegator), ("substitute", &self.substitute)] {
            value[field] = post
                .as_ref()
                .map(|post| post.subject.as_str())
                .unwrap_or_default()
                .into();
        }
        value
    }
}
