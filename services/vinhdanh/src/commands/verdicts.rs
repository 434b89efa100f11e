//! Verdicts on a dossier and the choice of its rule set; shares over all dossiers of an agency and year.

use clap::Args;
use proto::intake::v1 as intake;
use serde_json::Value;

use super::{Desk, Limit};
use crate::{
    client::Client,
    output::{REFUSED, Record, plain, text_of},
};

/// The verdicts on a dossier.
#[derive(Debug, Args)]
pub struct VerdictsArgs {
    /// Hồ sơ. The dossier.
    #[arg(value_name = "ID")]
    dossier: String,
    /// Xét lại đúng như lúc đó: nội dung, quy định, danh bạ. Judge again as it was judged then; the newest if no number
    /// is given. Exit status 1 if it comes out otherwise.
    #[arg(long, value_name = "NUMBER", num_args = 0..=1, default_missing_value = "0")]
    replay: Option<u64>,
    #[command(flatten)]
    limit: Limit,
}

impl VerdictsArgs {
    /// Lists them, or reaches one again.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let dossier = self.dossier;
        let Some(number) = self.replay else {
            let page = async |client: &Client, page_size, page_token| {
                let request = intake::ListVerdictsRequest {
                    dossier: dossier.clone(),
                    page_size,
                    page_token,
                };
                let page = client.intake().list_verdicts(request).await?.into_inner();
                Ok((page.verdicts, page.next_page_token))
            };
            desk.output.many(&desk.pages(self.limit, page).await?);
            return Ok(0);
        };
        let request = intake::ReplayVerdictRequest { dossier, number };
        let again = desk
            .call(async |client| client.intake().replay_verdict(request.clone()).await)
            .await?;
        desk.output.result(&replayed(&again), || told(&again));
        Ok(if again.equal { 0 } else { REFUSED })
    }
}

fn replayed(again: &intake::ReplayVerdictResponse) -> Value {
    let mut value = plain(again);
    value["recorded"] = again.recorded.as_ref().map_or(Value::Null, Record::json);
    value
}

fn told(again: &intake::ReplayVerdictResponse) -> String {
    let mut text = again.recorded.as_ref().map(text_of).unwrap_or_default();
    text.push_str("\n\n");
    text.push_str(if again.equal {
        "Xét lại cho cùng kết quả. Judged again, it comes to the same."
    } else {
        "Xét lại cho kết quả KHÁC. Judged again, it comes out OTHERWISE:"
    });
    for difference in &again.differences {
        text.push_str("\n  ");
        text.push_str(difference);
    }
    if again.rules_changed {
        text.push_str("\nQuy định đang cài đặt đã khác. The rules now installed are others.");
    }
    text
}

/// Chooses the rule set that is more favourable.
#[derive(Debug, Args)]
pub struct ChooseArgs {
    /// Hồ sơ. The dossier.
    #[arg(value_name = "ID")]
    dossier: String,
    /// Bộ quy định có lợi hơn; để trống là theo ngày. The later rule set; empty: as the dates select.
    #[arg(long, value_name = "ID")]
    rule_set: String,
    /// Vì sao. Why.
    #[arg(long)]
    reason: String,
}

impl ChooseArgs {
    /// Chooses it.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request = intake::ChooseRuleSetRequest {
            request_id: desk.request_id(),
            dossier: self.dossier,
            rule_set: self.rule_set,
            reason: self.reason,
            etag: String::new(),
        };
        let call = async |client: &Client| client.intake().choose_rule_set(request.clone()).await;
        desk.output.one(&desk.call(call).await?);
        Ok(0)
    }
}

/// The shares of an agency and year.
#[derive(Debug, Args)]
pub struct SharesArgs {
    /// Năm. The year that the awards are for.
    #[arg(long)]
    year: i32,
    /// Cơ quan; nếu bỏ trống là của mình. The agency; one's own if left out.
    #[arg(long, default_value = "", hide_default_value = true)]
    agency: String,
}

impl SharesArgs {
    /// Lists them.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request = intake::ListSharesRequest {
            agency: self.agency,
            year: self.year,
        };
        let call = async |client: &Client| client.intake().list_shares(request.clone()).await;
        desk.output.many(&desk.call(call).await?.shares);
        Ok(0)
    }
}

/// Declares what a share is counted of.
#[derive(Debug, Args)]
pub struct BaseArgs {
    /// Mã danh hiệu có tỷ lệ. The award whose share is counted.
    #[arg(value_name = "AWARD")]
    award: String,
    /// Năm. The year.
    #[arg(long)]
    year: i32,
    /// Tính trên bao nhiêu. Of how many.
    #[arg(long, value_name = "N")]
    count: u32,
    /// Căn cứ, ví dụ số quyết định. Where the number comes from, e.g. a decision's number.
    #[arg(long)]
    source: String,
}

impl BaseArgs {
    /// Declares it.
    pub async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request = intake::DeclareBaseRequest {
            request_id: desk.request_id(),
            agency: String::new(),
            award: self.award,
            year: self.year,
            count: self.count,
            source: self.source,
        };
        let call = async |client: &Client| client.intake().declare_base(request.clone()).await;
        desk.output.one(&desk.call(call).await?);
        Ok(0)
    }
}

impl Record for intake::Verdict {
    const TABLE: &'static [&'static str] = &[
        "number", "at", "occasion", "on", "rule_set", "verdict", "unmet", "missing", "holds",
    ];
    const DETAIL: &'static [&'static str] = &[
        "dossier",
        "number",
        "at",
        "occasion",
        "on",
        "received_on",
        "chosen",
        "rule_set",
        "rule_set_digest",
        "directory_digest",
        "content_digest",
        "verdict",
        "unmet",
        "missing",
        "holds",
    ];

    fn json(&self) -> Value {
        plain(self)
    }
}

impl Record for intake::Share {
    const TABLE: &'static [&'static str] = &[
        "award",
        "year",
        "rule_set",
        "numerator",
        "denominator",
        "of",
        "max_percent",
        "most",
        "share",
        "article",
    ];
    const DETAIL: &'static [&'static str] = &[
        "agency",
        "award",
        "year",
        "rule_set",
        "numerator",
        "numerator_how",
        "denominator",
        "denominator_how",
        "of",
        "max_percent",
        "most",
        "share",
        "article",
        "confirmed",
        "declared_by",
        "declared_at",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        // Beside `verdict`, which programs read, for the words of people: another verdict is that of a dossier.
        value["share"] = value["verdict"].clone();
        value
    }
}
