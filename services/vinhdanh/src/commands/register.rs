//! `vinhdanh register`: the register of awards (sổ khen thưởng).

use clap::{Args, Subcommand, ValueEnum};
use proto::approval::v1::*;
use serde_json::Value;

use super::{Desk, Limit, Verb, day_text};
use crate::output::{Record, plain};

/// The register of awards.
#[derive(Debug, Subcommand)]
pub enum RegisterVerb {
    /// Tra cứu. Look up one person or one decision; without either, what your agency decided, proposed or holds.
    List {
        /// Số định danh cá nhân hoặc mã đơn vị. The personal or unit number.
        #[arg(long)]
        person: Option<String>,
        /// Số quyết định. The decision's number.
        #[arg(long)]
        number: Option<String>,
        /// Ngày quyết định. The decision's day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        date: Option<String>,
        /// Cơ quan. Of the holder, the proposer or the authority.
        #[arg(long)]
        agency: Option<String>,
        /// Mã danh hiệu, hình thức. The award's code.
        #[arg(long)]
        award: Option<String>,
        /// Khen cho năm. The year that the award is for.
        #[arg(long)]
        year: Option<i32>,
        /// Tình trạng. How it stands.
        #[arg(long)]
        status: Option<Standing>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Ghi sổ khen thưởng cũ trên giấy. Enter an award that your agency decided on paper.
    Add(Add),
    /// Đính chính, hủy bỏ, khôi phục khen thưởng cũ trên giấy. Correct, revoke or restore an award that was entered from paper.
    Amend(AmendEntry),
}

/// What is done to an entry from paper.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AmendmentOf {
    /// Đính chính.
    Correct,
    /// Hủy bỏ.
    Revoke,
    /// Khôi phục.
    Restore,
    /// Cấp đổi, cấp lại.
    Reissue,
}

/// A decision after a decision on paper.
#[derive(Debug, Args)]
pub struct AmendEntry {
    /// Mã dòng trong sổ. The entry.
    #[arg(value_name = "ENTRY")]
    entry: String,
    /// Làm gì. What is done.
    #[arg(long, value_enum)]
    kind: AmendmentOf,
    /// Căn cứ. The ground.
    #[arg(long)]
    ground: String,
    /// Số quyết định. Number of the decision that does it.
    #[arg(long)]
    number: String,
    /// Tên đúng. The holder's name as it is corrected.
    #[arg(long, default_value = "")]
    holder: String,
    /// Số định danh đúng. The personal or unit number as it is corrected.
    #[arg(long, default_value = "")]
    person: String,
    /// Cơ quan đúng. The holder's agency as it is corrected.
    #[arg(long, default_value = "")]
    agency: String,
    /// Năm đúng. The year as it is corrected.
    #[arg(long, default_value_t = 0)]
    year: i32,
}

/// How an award stands.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Standing {
    /// Còn hiệu lực.
    InForce,
    /// Đã đính chính.
    Corrected,
    /// Đã hủy bỏ.
    Revoked,
}

/// A paper award.
#[derive(Debug, Args)]
pub struct Add {
    /// Mã danh hiệu, hình thức. The award's code.
    #[arg(long)]
    award: String,
    /// Người, tập thể, hộ được khen. The holder's name.
    #[arg(long)]
    holder: String,
    /// individual, collective, household.
    #[arg(long, default_value = "individual")]
    kind: String,
    /// Số định danh cá nhân hoặc mã đơn vị. The personal or unit number.
    #[arg(long, default_value = "")]
    person: String,
    /// Cơ quan của người được khen. The holder's agency.
    #[arg(long, default_value = "")]
    agency: String,
    /// Số quyết định. The decision's number.
    #[arg(long)]
    number: String,
    /// Ngày quyết định. The decision's day.
    #[arg(long, value_name = "DATE", value_parser = day_text)]
    date: String,
    /// Khen cho năm; theo ngày quyết định nếu bỏ trống. The year that it is for; that of the decision if left out.
    #[arg(long, default_value_t = 0)]
    year: i32,
    /// Nguồn: sổ nào, trang nào. Where it was read.
    #[arg(long)]
    source: String,
}

impl Verb for RegisterVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        match self {
            Self::List {
                person,
                number,
                date,
                agency,
                award,
                year,
                status,
                limit,
            } => {
                let status = match status {
                    None => "",
                    Some(Standing::InForce) => "in-force",
                    Some(Standing::Corrected) => "corrected",
                    Some(Standing::Revoked) => "revoked",
                };
                let base = ListAwardsRequest {
                    person: person.unwrap_or_default(),
                    decision_number: number.unwrap_or_default(),
                    decided_on: date.unwrap_or_default(),
                    agency: agency.unwrap_or_default(),
                    award: award.unwrap_or_default(),
                    year: year.unwrap_or_default(),
                    status: status.to_owned(),
                    ..ListAwardsRequest::default()
                };
                let page = async |client: &crate::client::Client, page_size, page_token| {
                    let request = ListAwardsRequest {
                        page_size,
                        page_token,
                        ..base.clone()
                    };
                    let page = client.approval().list_awards(request).await?.into_inner();
                    Ok((page.awards, page.next_page_token))
                };
                desk.output.many(&desk.pages(limit, page).await?);
            }
            Self::Amend(amend) => {
                let kind = match amend.kind {
                    AmendmentOf::Correct => "correct",
                    AmendmentOf::Revoke => "revoke",
                    AmendmentOf::Restore => "restore",
                    AmendmentOf::Reissue => "reissue",
                };
                let request = AmendRecordedAwardRequest {
                    request_id: desk.request_id(),
                    entry: amend.entry,
                    kind: kind.to_owned(),
                    ground: amend.ground,
                    number: amend.number,
                    holder: amend.holder,
                    person: amend.person,
                    candidate_agency: amend.agency,
                    year: amend.year,
                };
                let entry = desk
                    .call(async |client| client.approval().amend_recorded_award(request.clone()).await)
                    .await?;
                desk.output.one(&entry);
            }
            Self::Add(add) => {
                let request = RecordAwardRequest {
                    request_id: desk.request_id(),
                    award: add.award,
                    holder: add.holder,
                    holder_kind: add.kind,
                    person: add.person,
                    candidate_agency: add.agency,
                    decision_number: add.number,
                    decided_on: add.date,
                    year: add.year,
                    source: add.source,
                };
                let entry = desk
                    .call(async |client| client.approval().record_award(request.clone()).await)
                    .await?;
                desk.output.one(&entry);
            }
        }
        Ok(0)
    }
}

impl Record for AwardEntry {
    const TABLE: &'static [&'static str] = &[
        "entry",
        "award",
        "holder",
        "person",
        "decision_number",
        "decided_on",
        "year",
        "deciding_agency",
        "status",
        "paper",
    ];
    const DETAIL: &'static [&'static str] = &[
        "entry",
        "award",
        "holder",
        "holder_kind",
        "person",
        "candidate_agency",
        "submitting_agency",
        "deciding_agency",
        "decided_by",
        "decision_number",
        "decided_on",
        "year",
        "status",
        "amended_by",
        "presented",
        "paper",
        "source",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}
