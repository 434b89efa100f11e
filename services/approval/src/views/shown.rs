//! One course as people see it, from its snapshot.

use law::DayUnit;
use machine::{Snapshot, Timestamp, Waiting};
use proto::approval::v1::{self, Bonus, Course as CourseMessage};

use super::prospect;
use crate::{
    machine::{Council, Course, Deadline, Lowered, Move, Reckoned, SentBack, State, TakeOver},
    opinions, register,
};

/// A course as people see it.
pub(crate) fn show(id: &str, version: u64, at: &Snapshot<Course>, now: Timestamp) -> CourseMessage {
    let course = &at.data;
    let Some(opening) = &course.opening else {
        return CourseMessage {
            dossier: id.to_owned(),
            ..CourseMessage::default()
        };
    };
    let decided = course.decided.as_ref();
    let (waiting_on, waiting_for) = match at.waiting() {
        Waiting::On { role, agency } => (format!("{role}@{agency}"), String::new()),
        Waiting::Timer(name) => match &at.state {
            State::Publishing { running: true } => {
                let last = course.publication.as_ref().map(|last| last.day.to_string());
                (String::new(), format!("{name} until {}", last.unwrap_or_default()))
            }
            _ => (String::new(), name.to_owned()),
        },
        Waiting::Service(name) => (String::new(), name.to_owned()),
        Waiting::Final => (String::new(), String::new()),
    };
    let council = match course.council {
        Council::None => "",
        Council::Pending => "pending",
        Council::Running => "running",
        Council::Passed => "passed",
        Council::Failed => "failed",
    };
    CourseMessage {
        dossier: id.to_owned(),
        award: opening.award.clone(),
        candidate: opening.candidate_name.clone(),
        submitting_agency: opening.submitting_agency.clone(),
        status: at.state.status().to_owned(),
        level: course
            .at()
            .map(|station| station.level.as_str().to_owned())
            .unwrap_or_default(),
        agency: course.agency(&at.state),
        step: at.state.step().unwrap_or_default().into(),
        deadline: due(at).map(|limit| limit.day.to_string()).unwrap_or_default(),
        waiting_on,
        waiting_for,
        rule_set: opening.route.rule_set.clone(),
        verdict: opening.verdict.clone(),
        decision_number: decided.map(|decided| decided.number.clone()).unwrap_or_default(),
        decided_on: decided.map(|decided| decided.on.to_string()).unwrap_or_default(),
        bonus_vnd: decided.map_or(0, |decided| decided.bonus_vnd),
        letter_number: course.letter.clone(),
        levels: opening
            .route
            .stations
            .iter()
            .map(|station| station.level.as_str().to_owned())
            .collect(),
        etag: version.to_string(),
        updated_at: now.0,
        route: serde_json::to_string(&opening.route).unwrap_or_default(),
        council: council.to_owned(),
        bonus: decided.and_then(|decided| decided.bonus.as_ref()).map(bonus),
        deadlines: deadlines(course),
        assigned_to: course.assigned.as_ref().map(|held| held.to.clone()).unwrap_or_default(),
        prospect: prospect::prospect(at),
        consultations: opinions::show(course),
        died_on: course.died.as_ref().map(|died| died.on.to_string()).unwrap_or_default(),
        death_source: course.died.as_ref().map(|died| died.source.clone()).unwrap_or_default(),
        moves: course.moves.iter().map(moved).collect(),
        taken_over: course.taken_over.iter().map(taken_over).collect(),
        decided_by: decided.map(|decided| decided.by_successor.clone()).unwrap_or_default(),
        lowered: course.lowered.iter().map(lowered).collect(),
        returns: course.returns.iter().map(sent_back).collect(),
        presentation: course.presentation.as_ref().map(|one| v1::Presentation {
            on: one.on.to_string(),
            occasion: one.occasion.clone(),
            agency: one.agency.clone(),
        }),
        amendments: course.amendments.iter().map(register::amendment).collect(),
        recovery: course.recovery.as_ref().map(register::recovery),
    }
}

/// What runs for whoever is waited for: the supplement, the publication, the first opinion, else the station's limit.
pub(super) fn due(at: &Snapshot<Course>) -> Option<&Deadline> {
    let course = &at.data;
    match &at.state {
        State::Publishing { running: true } => course.publication.as_ref(),
        State::Consulting { .. } => course.consulted().map(|first| &first.until),
        State::Returned { .. } => course.supplement.as_ref(),
        _ => course.limit.as_ref(),
    }
}

/// How every running deadline was counted.
fn deadlines(course: &Course) -> Vec<v1::Deadline> {
    let shown = course.running().map(|(which, deadline)| {
        let plain = v1::Deadline {
            kind: which.as_str().to_owned(),
            until: deadline.day.to_string(),
            agency: deadline.agency.clone(),
            began: deadline.began.to_string(),
            unconfirmed_years: deadline.unconfirmed.clone(),
            ..v1::Deadline::default()
        };
        let Some(count) = &deadline.count else { return plain };
        let stops = count.stops.iter().map(|stop| v1::Stop {
            on: stop.on.to_string(),
            until: stop.until.to_string(),
        });
        v1::Deadline {
            days: count.days,
            unit: match count.unit {
                DayUnit::Working => "working",
                DayUnit::Calendar => "calendar",
            }
            .to_owned(),
            first_counted: count.first_counted,
            from: count.from.to_string(),
            left: count.left,
            stops: stops.collect(),
            article: count.article.clone().unwrap_or_default(),
            confirmed: count.confirmed,
            ..plain
        }
    });
    shown.collect()
}

fn moved(moved: &Move) -> v1::Move {
    v1::Move {
        from: moved.from.clone(),
        to: moved.to.clone(),
        on: moved.on.to_string(),
        source: moved.source.clone(),
    }
}

fn taken_over(taken: &TakeOver) -> v1::TakeOver {
    v1::TakeOver {
        from: taken.from.clone(),
        to: taken.to.clone(),
        on: taken.on.to_string(),
    }
}

fn sent_back(back: &SentBack) -> v1::Return {
    v1::Return {
        on: back.on.to_string(),
        from_agency: back.from.clone(),
        to_agency: back.to.clone(),
        to_level: back.level.clone(),
        reason: back.reason.clone(),
        text: back.text.clone(),
        due: back.due.map(|day| day.to_string()).unwrap_or_default(),
    }
}

fn lowered(lowered: &Lowered) -> v1::LoweredAward {
    v1::LoweredAward {
        from: lowered.from.clone(),
        to: lowered.to.clone(),
        reason: lowered.reason.clone(),
        on: lowered.on.to_string(),
        agency: lowered.agency.clone(),
    }
}

fn bonus(reckoned: &Reckoned) -> Bonus {
    Bonus {
        coefficient: reckoned.coefficient.clone(),
        base_vnd: reckoned.base_vnd,
        rounded_up_to_vnd: reckoned.rounded_up_to_vnd,
        at_most: reckoned.at_most,
        article: reckoned.article.clone(),
        confirmed: reckoned.confirmed,
    }
}
