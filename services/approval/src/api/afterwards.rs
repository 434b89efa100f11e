//! Request → input, of what may happen to an award after it was given.

use access::Act;
use host::{Fault, Unit};
use law::Level;
use machine::Snapshot;
use proto::approval::v1::{self as v1, Target};

use super::{
    act::{Numbered, OnCourses},
    field::{ground, number},
};
use crate::{
    limits,
    machine::{Amendment, AmendmentKind, Course, Input, Recovery, State},
};

/// A decision after the decision, by whoever acts for the authority today.
fn amendment(unit: &Unit, kind: AmendmentKind, number: &str, ground: &str) -> Amendment {
    Amendment {
        kind,
        number: number.to_owned(),
        on: unit.today(),
        ground: ground.to_owned(),
        agency: unit.by().agency.clone(),
    }
}

/// What the holder gives back, and to whom: for an award of the State to the ministry or province that submitted it and
/// paid, for any other to whoever decided (Decree 152/2025 Điều 58).
fn recovery(unit: &mut Unit, course: &Snapshot<Course>) -> Result<Option<Recovery>, Fault> {
    if !matches!(course.state, State::Issued | State::Published | State::Presented) {
        return Ok(None);
    }
    let course = &course.data;
    let state = course.at().is_some_and(|station| station.level == Level::State);
    let mut stations = course.opening.iter().flat_map(|opening| &opening.route.stations);
    let submitter = stations.rfind(|station| station.level != Level::State);
    let paid = submitter.filter(|_| state).map(|station| station.appraiser.clone());
    let to_agency = paid.unwrap_or_else(|| unit.by().agency.clone());
    Ok(Some(Recovery {
        until: limits::recovery(unit, course, &to_agency)?,
        money_vnd: course.decided.as_ref().map_or(0, |decided| decided.bonus_vnd),
        to_agency,
    }))
}

macro_rules! amends {
    ($request:ident, $method:literal, $kind:ident, |$unit:ident, $course:ident| $recovery:expr) => {
        on_courses! { $request, $method, $kind, by days true;
            fn check(&self) -> Result<(), Fault> {
                ground(&self.ground)?;
                number("number", &self.number)
            }

            fn input(&self, $unit: &mut Unit, $course: &Snapshot<Course>) -> Result<Input, Fault> {
                Ok(Input::Amend {
                    amendment: amendment($unit, AmendmentKind::$kind, &self.number, &self.ground),
                    recovery: $recovery,
                })
            }

            fn paper(&self) -> Option<Numbered<'_>> {
                Some(Numbered::Decision(&self.number))
            }
        }
    };
}

amends!(CorrectAwardsRequest, "CorrectAwards", Correct, |unit, _course| None);
amends!(RevokeAwardsRequest, "RevokeAwards", Revoke, |unit, course| recovery(
    unit, course
)?);
amends!(RestoreAwardsRequest, "RestoreAwards", Restore, |unit, _course| None);
amends!(ReissueAwardsRequest, "ReissueAwards", Reissue, |unit, _course| None);
