//! Worklists and lists of courses, and how they are printed.

use proto::approval::v1::*;
use serde_json::Value;

use super::super::{Desk, Limit};
use crate::{
    client::Client,
    output::{Record, note, plain},
    words::word,
};

/// What waits, and how much of it there is.
pub(super) async fn tasks(desk: &Desk, base: ListTasksRequest, limit: Limit) -> anyhow::Result<u8> {
    let counts = std::cell::RefCell::new(ListTasksResponse::default());
    let page = async |client: &Client, page_size, page_token| {
        let request = ListTasksRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let mut page = client.approval().list_tasks(request).await?.into_inner();
        let tasks = std::mem::take(&mut page.tasks);
        let next = std::mem::take(&mut page.next_page_token);
        counts.replace(page);
        Ok((tasks, next))
    };
    let tasks = desk.pages(limit, page).await?;
    desk.output.many(&tasks);
    let ListTasksResponse {
        total,
        mine,
        unassigned,
        near_limit,
        overdue,
        ..
    } = counts.into_inner();
    let shown = tasks.len();
    note(&format!(
        "{shown} trong số / of {total}; của tôi / mine {mine}, chưa ai nhận / in nobody's hand {unassigned}, gần hạn / near \
         the limit {near_limit}, quá hạn / over it {overdue}"
    ));
    Ok(0)
}

/// Courses, by what is asked of them.
pub(super) async fn courses(
    desk: &Desk,
    status: Option<String>,
    level: Option<String>,
    award: Option<String>,
    limit: Limit,
) -> anyhow::Result<u8> {
    let base = ListCoursesRequest {
        status: status.unwrap_or_default(),
        level: level.unwrap_or_default(),
        award: award.unwrap_or_default(),
        ..ListCoursesRequest::default()
    };
    let page = async |client: &Client, page_size, page_token| {
        let request = ListCoursesRequest {
            page_size,
            page_token,
            ..base.clone()
        };
        let page = client.approval().list_courses(request).await?.into_inner();
        Ok((page.courses, page.next_page_token))
    };
    desk.output.many(&desk.pages(limit, page).await?);
    Ok(0)
}

impl Record for Course {
    const TABLE: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "level",
        "agency",
        "step",
        "deadline",
        "waiting_on",
        "assigned_to",
    ];
    const DETAIL: &'static [&'static str] = &[
        "dossier",
        "candidate",
        "award",
        "status",
        "level",
        "agency",
        "step",
        "deadline",
        "deadlines",
        "waiting_on",
        "assigned_to",
        "prospect",
        "waiting_for",
        "council",
        "submitting_agency",
        "letter_number",
        "rule_set",
        "verdict",
        "levels",
        "decision_number",
        "decided_on",
        "bonus_vnd",
        "bonus",
        "died_on",
        "death_source",
        "consultations",
        "amendments",
        "recovery",
        "updated_at",
    ];

    fn json(&self) -> Value {
        let mut value = plain(self);
        value["step"] = word(self.step().as_str_name(), "STEP_").into();
        if let Some(prospect) = &self.prospect {
            value["prospect"] = format!("{} / {}", prospect.vi, prospect.en).into();
        }
        value
    }
}

impl Record for HistoryStep {
    const TABLE: &'static [&'static str] = &[
        "version",
        "at",
        "input",
        "state",
        "actor",
        "role",
        "agency",
        "on_behalf_of",
        "assigned_to",
        "cause",
    ];
    const DETAIL: &'static [&'static str] = Self::TABLE;

    fn json(&self) -> Value {
        plain(self)
    }
}
