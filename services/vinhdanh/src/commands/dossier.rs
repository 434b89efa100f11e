//! `vinhdanh dossier`: from a file to a dossier under way, and everything that can be seen of it.

use clap::Subcommand;
use futures::StreamExt as _;
use proto::{approval::v1::*, intake::v1 as intake};
use serde_json::{Value, json};

use super::{
    Desk, Limit, Verb,
    check::CheckArgs,
    lost,
    submit::{DocumentArg, SubmitArgs, supplement},
    task::{Targets, act},
    verdicts::{BaseArgs, ChooseArgs, SharesArgs, VerdictsArgs},
};
use crate::{
    client::{Client, Failure},
    output::{Record, plain, say},
    words::{name, word},
};

/// What can be done with dossiers.
#[derive(Debug, Subcommand)]
pub enum DossierVerb {
    /// Kiểm tra theo luật; không cần máy chủ. Check files by the law; needs no server.
    Check(CheckArgs),
    /// Trình. Create, attach and submit, all under one letter.
    Submit(SubmitArgs),
    /// Xem một hồ sơ. Show a dossier and where it stands.
    Show {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
    },
    /// Danh sách. List dossiers.
    List {
        /// drafting, submitted, returned, in-review, suspended, awarded, refused, withdrawn, revoked.
        #[arg(long, value_parser = status)]
        status: Option<intake::Status>,
        /// Mã danh hiệu, hình thức. The award's code.
        #[arg(long)]
        award: Option<String>,
        /// Một hay vài từ trong tên, không cần dấu. Words of the candidate's name; tones and case do not matter.
        #[arg(long)]
        candidate: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Lịch sử. Who did what when.
    History {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// Mọi lần kiểm tra, hoặc xét lại một lần. Every verdict on it; or one of them reached again.
    Verdicts(VerdictsArgs),
    /// Chọn bộ quy định có lợi hơn. Choose the rule set that is more favourable, where the law leaves the choice.
    Choose(ChooseArgs),
    /// Tỷ lệ của một cơ quan trong một năm. Shares of an agency and year, with both numbers.
    Shares(SharesArgs),
    /// Khai báo số làm mẫu số của tỷ lệ. Declare of how many a share is counted.
    Base(BaseArgs),
    /// Theo dõi. Follow every change, until it is stopped.
    Watch {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
        /// Dừng khi đến đó. Stop at this status or step, e.g. awarded.
        #[arg(long, value_name = "WORD")]
        until: Option<String>,
    },
    /// Bổ sung giấy tờ còn thiếu. Add the missing papers: back to where it was returned from.
    Supplement {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
        /// Giấy tờ. A paper: its kind, its number, its file; can be repeated.
        #[arg(long = "document", required = true, value_name = "KIND[=NUMBER][:FILE]")]
        documents: Vec<DocumentArg>,
    },
    /// Rút hồ sơ. Withdraw for good.
    Withdraw {
        #[command(flatten)]
        targets: Targets,
        /// Vì sao. Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Lấy lại khi nơi nhận chưa tiếp nhận. Recall while nobody has taken it up.
    Recall(Targets),
    /// Bỏ bản soạn chưa trình. Discard a draft that was never submitted.
    Discard {
        /// Hồ sơ. The dossier.
        #[arg(value_name = "ID")]
        dossier: String,
    },
}

fn status(text: &str) -> anyhow::Result<intake::Status> {
    let known = || (1..=9).filter_map(|number| intake::Status::try_from(number).ok());
    known()
        .find(|status| status.as_str_name() == name(text, "STATUS_"))
        .ok_or_else(|| {
            let words: Vec<String> = known().map(|status| word(status.as_str_name(), "STATUS_")).collect();
            anyhow::anyhow!("no dossier is ever `{text}`: use one of {}", words.join(", "))
        })
}

impl Verb for DossierVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        match self {
            Self::Check(args) => args.run(desk.output),
            Self::Submit(args) => args.run(desk).await,
            Self::Show { dossier } => show(desk, dossier).await,
            Self::List {
                status,
                award,
                candidate,
                limit,
            } => {
                let base = intake::ListDossiersRequest {
                    status: status.unwrap_or_default().into(),
                    award: award.unwrap_or_default(),
                    candidate: candidate.unwrap_or_default(),
                    ..intake::ListDossiersRequest::default()
                };
                list(desk, base, limit).await
            }
            Self::History { dossier, limit } => history(desk, dossier, limit).await,
            Self::Verdicts(args) => args.run(desk).await,
            Self::Choose(args) => args.run(desk).await,
            Self::Shares(args) => args.run(desk).await,
            Self::Base(args) => args.run(desk).await,
            Self::Watch { dossier, until } => watch(desk, dossier, until).await,
            Self::Supplement { dossier, documents } => supplement(desk, dossier, documents).await,
            Self::Withdraw { targets, reason } => {
                act!(
                    desk,
                    targets.how() => Withdraw,
                    withdraw_dossiers,
                    WithdrawDossiersRequest {
                        request_id,
                        dossiers: targets.into(),
                        reason
                    }
                )
            }
            Self::Recall(targets) => {
                act!(
                    desk,
                    targets.how() => Recall,
                    recall_dossiers,
                    RecallDossiersRequest {
                        request_id,
                        dossiers: targets.into()
                    }
                )
            }
            Self::Discard { dossier } => {
                let request = intake::DiscardDossierRequest {
                    request_id,
                    dossier,
                    etag: String::new(),
                };
                let call = async |client: &Client| client.intake().discard_dossier(request.clone()).await;
                desk.output.one(&desk.call(call).await?);
                Ok(0)
            }
        }
    }
}

/// The content from intake and the course from approval; a role that may see only one of them sees that one.
async fn show(desk: &Desk, id: String) -> anyhow::Result<u8> {
    let content = intake::GetDossierRequest { dossier: id.clone() };
    let dossier = permitted(
        desk.call(async |client| client.intake().get_dossier(content.clone()).await)
            .await,
    );
    let course = GetCourseRequest { dossier: id };
    let course = permitted(
        desk.call(async |client| client.approval().get_course(course.clone()).await)
            .await,
    );
    match (dossier?, course?) {
        (Err(failure), Err(_)) => return Err(failure.into()),
        (dossier, course) => {
            let (dossier, course) = (dossier.ok(), course.ok());
            if desk.output.json {
                let mut value = dossier.as_ref().map_or_else(|| json!({}), Record::json);
                value["course"] = course.as_ref().map_or(Value::Null, Record::json);
                say(&format!("{value:#}"));
            } else {
                if let Some(dossier) = &dossier {
                    desk.output.one(dossier);
                }
                if let Some(course) = &course {
                    say("");
                    desk.output.one(course);
                }
            }
        }
    }
    Ok(0)
}

/// Sets a denial apart from every other failure.
fn permitted<T>(answer: Result<T, Failure>) -> Result<Result<T, Failure>, Failure> {
    match answer {
        Err(failure) if failure.code != "PERMISSION_DENIED" => Err(failure),
        answer => Ok(answer),
    }
}

async fn list(desk: &Desk, base: intake::ListDossiersRequest, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = intake::ListDossiersRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let page = client.intake().list_dossiers(request).await?.into_inner();
        Ok((page.dossiers, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

async fn history(desk: &Desk, dossier: String, limit: Limit) -> anyhow::Result<u8> {
    let page = async |client: &Client, page_size, page_token| {
        let request = ListHistoryRequest {
            dossier: dossier.clone(),
            page_size,
            page_token,
        };
        let page = client.approval().list_history(request).await?.into_inner();
        Ok((page.steps, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

/// Follows over interruptions; what did not change in between is not told twice.
async fn watch(desk: &Desk, dossier: String, until: Option<String>) -> anyhow::Result<u8> {
    let request = WatchCourseRequest { dossier };
    let mut seen = String::new();
    loop {
        let mut courses = desk
            .call(async |client| client.approval().watch_course(request.clone()).await)
            .await?;
        loop {
            match courses.next().await {
                Some(Ok(course)) => {
                    if course.etag.is_empty() || course.etag != seen {
                        desk.output.line(&course);
                        seen.clone_from(&course.etag);
                    }
                    let step = word(course.step().as_str_name(), "STEP_");
                    if until
                        .as_ref()
                        .is_some_and(|until| *until == course.status || *until == step)
                    {
                        return Ok(0);
                    }
                }
                Some(Err(status)) if lost(&status) => break,
                Some(Err(status)) => return Err(Failure::from(status).into()),
                None if until.is_some() => {
                    anyhow::bail!("the service ended the stream before {}", until.unwrap_or_default())
                }
                None => return Ok(0),
            }
        }
        desk.before_reconnecting().await;
    }
}

impl Record for intake::Dossier {
    const TABLE: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "verdict",
        "submitting_agency",
        "letter_number",
        "updated_at",
    ];
    const DETAIL: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "candidate_agency",
        "submitting_agency",
        "letter_number",
        "letter_date",
        "rule_set",
        "choice",
        "rules_changed",
        "verdict",
        "occasion",
        "judged_on",
        "unmet",
        "missing",
        "warnings",
        "updated_at",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["status"] = word(self.status().as_str_name(), "STATUS_").into();
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_of_the_words() {
        assert_eq!(status("in-review").expect("a status"), intake::Status::InReview);
        assert!(status("unspecified").is_err());
        assert!(status("lost").expect_err("no status").to_string().contains("drafting"));
    }

    #[test]
    fn a_dossier_as_json_has_words_and_objects() {
        let dossier = intake::Dossier {
            status: intake::Status::Submitted.into(),
            content: r#"{"award": "x"}"#.to_owned(),
            ..intake::Dossier::default()
        };
        let value = dossier.json();
        assert_eq!(value["status"], "submitted");
        assert_eq!(value["content"]["award"], "x");
    }
}
