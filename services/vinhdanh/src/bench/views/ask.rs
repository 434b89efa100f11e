//! What people look up, as the calls that their screens make.

use access::Role;
use proto::{
    approval::v1::{ListCoursesRequest, ListTasksRequest},
    intake::v1::{ListDossiersRequest, Status},
};

use crate::{client::Client, rehearse::scenario::Actor};

/// Rows of a page.
pub const PAGE: i32 = 50;
/// Rows of a page that is only passed over.
const LEAP: i32 = 500;

/// A list, with its filters.
#[derive(Clone, Debug)]
pub enum List {
    /// A worklist.
    Tasks(ListTasksRequest),
    /// Courses that the caller may read.
    Courses(ListCoursesRequest),
    /// Dossiers that the caller may read.
    Dossiers(ListDossiersRequest),
}

/// Who asks for what.
#[derive(Clone, Debug)]
pub struct Question {
    /// The asking person.
    pub actor: Actor,
    /// The list.
    pub list: List,
}

/// A page as it came.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Names on it.
    pub candidates: Vec<String>,
    /// The next page.
    pub next: String,
    /// How many rows there are in all, where the list says.
    pub total: i64,
}

impl Question {
    /// A worklist of an officer.
    pub fn tasks(officer: &str, agency: &str, mine: bool, unassigned: bool) -> Self {
        let list = List::Tasks(ListTasksRequest {
            page_size: PAGE,
            mine,
            unassigned,
            ..ListTasksRequest::default()
        });
        let actor = Actor {
            name: officer.to_owned(),
            ..Actor::of(Role::Officer, agency)
        };
        Self { actor, list }
    }

    /// Courses, by an officer's agency.
    pub fn courses(actor: Actor, status: &str, award: &str) -> Self {
        let list = List::Courses(ListCoursesRequest {
            page_size: PAGE,
            status: status.to_owned(),
            award: award.to_owned(),
            ..ListCoursesRequest::default()
        });
        Self { actor, list }
    }

    /// Dossiers.
    pub fn dossiers(actor: Actor, status: Status, candidate: &str) -> Self {
        let list = List::Dossiers(ListDossiersRequest {
            page_size: PAGE,
            status: status.into(),
            candidate: candidate.to_owned(),
            ..ListDossiersRequest::default()
        });
        Self { actor, list }
    }

    /// The same on a page that so many rows come before, or the last one before that.
    pub async fn deep(mut self, client: &Client, rows: usize) -> Result<Self, tonic::Status> {
        let mut leap = self.clone();
        leap.size(LEAP);
        for _ in 0..rows / LEAP as usize {
            let next = leap.ask(client).await?.next;
            if next.is_empty() {
                break;
            }
            leap.turn(&next);
            self.turn(&next);
        }
        Ok(self)
    }

    fn size(&mut self, size: i32) {
        match &mut self.list {
            List::Tasks(request) => request.page_size = size,
            List::Courses(request) => request.page_size = size,
            List::Dossiers(request) => request.page_size = size,
        }
    }

    fn turn(&mut self, token: &str) {
        match &mut self.list {
            List::Tasks(request) => token.clone_into(&mut request.page_token),
            List::Courses(request) => token.clone_into(&mut request.page_token),
            List::Dossiers(request) => token.clone_into(&mut request.page_token),
        }
    }

    /// Asks.
    pub async fn ask(&self, client: &Client) -> Result<Answer, tonic::Status> {
        Ok(match &self.list {
            List::Tasks(request) => {
                let page = client.approval().list_tasks(request.clone()).await?.into_inner();
                Answer {
                    candidates: page.tasks.into_iter().map(|one| one.candidate).collect(),
                    next: page.next_page_token,
                    total: page.total,
                }
            }
            List::Courses(request) => {
                let page = client.approval().list_courses(request.clone()).await?.into_inner();
                Answer {
                    candidates: page.courses.into_iter().map(|one| one.candidate).collect(),
                    next: page.next_page_token,
                    total: 0,
                }
            }
            List::Dossiers(request) => {
                let page = client.intake().list_dossiers(request.clone()).await?.into_inner();
                Answer {
                    candidates: page.dossiers.into_iter().map(|one| one.candidate).collect(),
                    next: page.next_page_token,
                    total: 0,
                }
            }
        })
    }
}
