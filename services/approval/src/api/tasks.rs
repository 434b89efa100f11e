//! Tasks: who takes or is given one, who then does it, and the worklists by role and by person.

use access::{Act, Denied, Mandate, Principal, Role};
use host::{Fault, Unit, paging::Page, principal};
use machine::Snapshot;
use proto::approval::v1::{self as v1, Target};
use tonic::{Request, Response, Status};

use super::{Api, act::OnCourses};
use crate::{
    machine::{Course, Input, Task},
    views,
};

/// A limit is near this many working days before its last.
const NEAR_DAYS: u32 = 3;

/// The task that a course is now, if it waits on this role of this agency, or on whose place that one takes.
fn task_of(unit: &Unit, course: &Snapshot<Course>, role: &str, agency: &str) -> Option<Task> {
    let task = course.data.task(&course.state)?;
    let (agencies, today) = (unit.agencies(), unit.today());
    let theirs = task.role == role && views::acting(agencies, &task.agency, today).contains(&agency);
    theirs.then_some(task)
}

/// Whether an act does what the task is. Stopping a dossier, taking it back or commenting on it is anyone's whose right
/// it is.
const fn does_the_task(act: Act) -> bool {
    matches!(
        act,
        Act::Receive
            | Act::Return
            | Act::Appraise
            | Act::Publish
            | Act::Consult
            | Act::Reply
            | Act::Resume
            | Act::Sign
            | Act::Decide
    )
}

/// A task that somebody has in hand is done by them, or in their place by whom they named; a leader may still do a
/// leader's own part, and an officer an officer's, where the task waits on another role.
pub(super) fn in_hand(
    unit: &Unit,
    course: &Snapshot<Course>,
    who: &Principal,
    act: Act,
    under: Option<&Mandate>,
) -> Result<(), Fault> {
    let Some(held) = course.data.assigned.as_ref().filter(|_| does_the_task(act)) else {
        return Ok(());
    };
    let giver = under.map_or(who, |mandate| &mandate.from);
    let same_task = task_of(unit, course, giver.role.as_str(), &giver.agency).is_some();
    if same_task && held.to != who.subject && held.to != giver.subject {
        return Err(Fault::refused("ASSIGNED_TO_ANOTHER", ""));
    }
    Ok(())
}

/// Hands a task to somebody whose it can be.
fn hand(unit: &Unit, course: &Snapshot<Course>, to: &v1::Post) -> Result<Input, Fault> {
    let Some(task) = task_of(unit, course, &to.role, &to.agency) else {
        return Err(Fault::refused("NOT_THEIR_TASK", ""));
    };
    // Officers and leaders share out what their office has to do; a clerk, what clerks have.
    if unit.by().role == Role::Clerk.as_str() && task.role != Role::Clerk.as_str() {
        return Err(Denied::absent().into());
    }
    Ok(Input::Assign {
        to: Some(to.subject.clone()),
    })
}

impl OnCourses for v1::AssignTasksRequest {
    const METHOD: &'static str = "approval/AssignTasks";
    const ACT: Act = Act::Assign;

    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn targets(&self) -> &[Target] {
        &self.dossiers
    }

    fn check(&self) -> Result<(), Fault> {
        super::field::required("to.subject", self.to.as_ref().map_or("", |to| &to.subject))
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        hand(unit, course, &self.to.clone().unwrap_or_default())
    }
}

impl OnCourses for v1::ClaimTasksRequest {
    const METHOD: &'static str = "approval/ClaimTasks";
    const ACT: Act = Act::Assign;

    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn targets(&self) -> &[Target] {
        &self.dossiers
    }

    fn input(&self, unit: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        let by = unit.by();
        let me = v1::Post {
            subject: by.id.clone(),
            role: by.role.clone(),
            agency: by.agency.clone(),
        };
        hand(unit, course, &me)
    }
}

impl OnCourses for v1::ReleaseTasksRequest {
    const METHOD: &'static str = "approval/ReleaseTasks";
    const ACT: Act = Act::Assign;

    fn request_id(&self) -> &str {
        &self.request_id
    }

    fn targets(&self) -> &[Target] {
        &self.dossiers
    }

    fn input(&self, _: &mut Unit, course: &Snapshot<Course>) -> Result<Input, Fault> {
        match course.data.assigned {
            Some(_) => Ok(Input::Assign { to: None }),
            None => Err(Fault::refused("NOT_THEIR_TASK", "")),
        }
    }
}

impl Api {
    /// What waits on a role of an agency, or on one person of it.
    pub(super) async fn tasks(
        &self,
        request: Request<v1::ListTasksRequest>,
    ) -> Result<Response<v1::ListTasksResponse>, Status> {
        let who = principal(&request)?;
        let r = request.into_inner();
        super::allow_worklist(&who)?;
        let own = format!("{}@{}", who.role.as_str(), who.agency);
        let waiting_on = if r.waiting_on.is_empty() { own } else { r.waiting_on };
        let (role, agency) = waiting_on.split_once('@').unwrap_or_default();
        if agency != who.agency && who.role != Role::Auditor {
            return Err(Fault::Denied(Denied::absent()).into());
        }
        let hand = match (r.mine, r.unassigned) {
            (true, _) => views::Hand::Of(who.subject.clone()),
            (false, true) => views::Hand::Nobodys,
            (false, false) if !r.assigned_to.is_empty() => views::Hand::Of(r.assigned_to),
            (false, false) => views::Hand::Any,
        };
        let page = Page::read(r.page_size, &r.page_token, &format!("tasks/{waiting_on}/{hand:?}"))?;
        let (agencies, today) = self.standing(&who).await?;
        let calendar = self.0.law().calendar();
        let soon = calendar.nth_working_day_after(today, NEAR_DAYS);
        let soon = soon.unwrap_or(today + time::Duration::days(i64::from(NEAR_DAYS)));
        let places: Vec<String> = views::places(&agencies, agency, today)
            .iter()
            .map(|place| format!("{role}@{place}"))
            .collect();
        let store = self.0.journal().store();
        let asker = views::Asker {
            person: &who.subject,
            today,
            soon,
        };
        let mut found = views::tasks(store.as_ref(), &places, &hand, &page, &asker).await?;
        let tasks = found.tasks.into_iter();
        found.tasks = tasks.map(|one| views::today(one, &agencies, today)).collect();
        Ok(Response::new(found))
    }
}
