//! `vinhdanh directory award`: awards that agencies give on their own.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use host::replica::own::{award_from_proto, award_to_proto};
use law::LocalAward;
use proto::directory::v1;
use serde_json::{Value, json};

use super::super::{Desk, Limit, Verb, day_text};
use crate::{client::Client, output::Record};

/// Awards of an agency's own regulation.
#[derive(Debug, Subcommand)]
pub enum AwardVerb {
    /// Ban hành, sửa đổi. Define an award from a file, or define it anew for days to come.
    Define {
        /// Tệp quy định (TOML hoặc JSON). The file, as `award show --json` prints it.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Chỉ khi còn đúng bản này. Only if this is still the newest version; goes before the file's own.
        #[arg(long)]
        etag: Option<String>,
    },
    /// Chấm dứt. End an award: letters of that day and later ones are refused.
    End {
        /// Mã. Its code, <agency>/<name>.
        #[arg(value_name = "AWARD")]
        award: String,
        /// Ngày đầu tiên không còn xét. The first day on which it is no longer given.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        to: String,
        /// Số văn bản chấm dứt. The number of the document that ends it, if it is not the award's own.
        #[arg(long, value_name = "NUMBER", requires = "dated")]
        document: Option<String>,
        /// Ngày văn bản. The date of that document.
        #[arg(long, value_name = "DATE", value_parser = day_text, requires = "document")]
        dated: Option<String>,
        /// Chỉ khi còn đúng bản này. Only if this is still the newest version.
        #[arg(long, default_value = "")]
        etag: String,
    },
    /// Xem một hình thức. Show one with its criteria.
    Show {
        /// Mã. Its code, <agency>/<name>.
        #[arg(value_name = "AWARD")]
        award: String,
    },
    /// Danh sách. List them.
    List {
        /// Của cơ quan nào. Only this agency's.
        #[arg(long, value_name = "CODE", default_value = "")]
        agency: String,
        /// Được xét vào ngày nào. Only those that are given on this day.
        #[arg(long, value_name = "DATE", value_parser = day_text)]
        on: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// A definition as a file has it, and its etag if it has one.
///
/// # Errors
/// What is wrong with the file.
pub fn read(file: &Path) -> anyhow::Result<(LocalAward, String)> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
    let json = file.extension().is_some_and(|extension| extension == "json");
    let mut value: Value = if json {
        serde_json::from_str(&text).map_err(anyhow::Error::from)
    } else {
        toml::from_str(&text).map_err(anyhow::Error::from)
    }
    .with_context(|| format!("{}", file.display()))?;
    let etag = value.as_object_mut().and_then(|fields| fields.remove("etag"));
    let award = serde_json::from_value(value).with_context(|| format!("{}", file.display()))?;
    Ok((
        award,
        etag.and_then(|etag| etag.as_str().map(str::to_owned))
            .unwrap_or_default(),
    ))
}

impl Verb for AwardVerb {
    async fn run(self, desk: &Desk) -> anyhow::Result<u8> {
        let request_id = desk.request_id();
        let award = match self {
            Self::Define { file, etag } => {
                let (award, own) = read(&file)?;
                let request = v1::DefineLocalAwardRequest {
                    request_id,
                    award: Some(award_to_proto(&award, etag.unwrap_or(own))),
                };
                desk.call(async |client| client.directory().define_local_award(request.clone()).await)
                    .await?
            }
            Self::End {
                award,
                to,
                document,
                dated,
                etag,
            } => {
                let ended_by = document.map(|number| v1::Regulation {
                    number,
                    date: dated.unwrap_or_default(),
                    text: String::new(),
                });
                let request = v1::EndLocalAwardRequest {
                    request_id,
                    award,
                    to,
                    ended_by,
                    etag,
                };
                desk.call(async |client| client.directory().end_local_award(request.clone()).await)
                    .await?
            }
            Self::Show { award } => {
                let request = v1::GetLocalAwardRequest { award };
                desk.call(async |client| client.directory().get_local_award(request.clone()).await)
                    .await?
            }
            Self::List { agency, on, limit } => {
                let page = async |client: &Client, page_size, page_token| {
                    let request = v1::ListLocalAwardsRequest {
                        page_size,
                        page_token,
                        agency: agency.clone(),
                        on: on.clone().unwrap_or_default(),
                    };
                    let page = client.directory().list_local_awards(request).await?.into_inner();
                    Ok((page.awards, page.next_page_token))
                };
                desk.output.many(&desk.pages(limit, page).await?);
                return Ok(0);
            }
        };
        desk.output.result(&award.json(), || told(&award));
        Ok(0)
    }
}

fn told(award: &v1::LocalAward) -> String {
    let mut lines = vec![
        format!("{} — {} ({})", award.award, award.name_vi, award.name_en),
        format!("Bản (etag): {}", award.etag),
    ];
    for version in &award.versions {
        let to = if version.to.is_empty() { "…" } else { &version.to };
        let regulation = version.regulation.clone().unwrap_or_default();
        lines.push(format!(
            "\n{} → {to}  {} ({}) {}",
            version.from, regulation.number, regulation.date, regulation.text
        ));
        for criterion in &version.criteria {
            let name = if criterion.id.is_empty() {
                &criterion.r#type
            } else {
                &criterion.id
            };
            let text = [&criterion.text_vi, &criterion.parameters]
                .into_iter()
                .filter(|text| !text.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" ");
            lines.push(format!("  [{}] {name}: {text}", criterion.path));
        }
    }
    lines.join("\n")
}

impl Record for v1::LocalAward {
    const TABLE: &'static [&'static str] = &["code", "agency", "name_vi", "etag"];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    /// As a file has it, and its etag: it can be changed and defined again.
    fn json(&self) -> Value {
        let mut value = award_from_proto(self)
            .ok()
            .and_then(|award| serde_json::to_value(award).ok())
            .unwrap_or_default();
        value["etag"] = json!(self.etag);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read_and_printed_as_it_can_be_read_again() {
        let file = Path::new(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/local/thanh-hoa-phuong-kieu-mau.toml"
        ));
        let (award, etag) = read(file).expect("the example");
        assert_eq!((award.versions[0].criteria.len(), etag.as_str()), (8, ""));
        assert_eq!(award.problems(law::Law::embedded()), []);
        let message = award_to_proto(&award, "3".to_owned());
        let printed = tempfile::Builder::new().suffix(".json").tempfile().expect("a file");
        std::fs::write(printed.path(), message.json().to_string()).expect("written");
        assert_eq!(read(printed.path()).expect("read again"), (award, "3".to_owned()));
        assert!(told(&message).contains("noi-dung-7"), "{}", told(&message));
    }
}
