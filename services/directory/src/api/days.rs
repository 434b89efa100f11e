//! Days on which agencies do otherwise than the calendar says: who may set them, and how they are read.

use std::collections::BTreeMap;

use access::{Act, Denied, Principal};
use host::{
    Call, Fault, Unit, is_clean,
    paging::Page,
    replica::{
        date,
        own::{day_from_proto, day_to_proto},
    },
};
use journal::{Key, Value};
use law::{Date, DayException};
use machine::Machine as _;
use proto::directory::v1;

use super::{Api, allowed, allowed_for};
use crate::{
    machine::days::{Days, EVERYONE, Input},
    views::days::{self as views, id_of},
};

/// A reason and a document are shown beside every deadline that they moved.
const TEXT_CHARS_MAX: usize = 500;

/// An agency's own days are for whoever leads it or prepares for it; those of all, for the operator of the directory.
fn may_set(unit: &mut Unit, who: &Principal, agency: Option<&str>) -> Result<(), Fault> {
    match agency {
        Some(agency) => allowed_for(unit, who, Act::Regulate, agency),
        None => allowed(who, Act::ManageDirectory),
    }
}

fn well_formed(day: &DayException) -> Result<(), Fault> {
    for (field, text) in [("day.reason", &day.reason), ("day.document", &day.document)] {
        if text.trim().is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            let what = format!("1 to {TEXT_CHARS_MAX} characters are required");
            return Err(Fault::field("INVALID_REQUEST", field, what));
        }
        if !is_clean(text) {
            let what = "the text must be in Unicode form NFC, without control characters";
            return Err(Fault::field("INVALID_REQUEST", field, what));
        }
    }
    Ok(())
}

impl Api {
    pub(super) async fn set_day(&self, who: Principal, request: v1::SetDayRequest) -> Result<v1::Day, Fault> {
        let call = Call::new(who, "directory/SetDay", &request.request_id, &request)?;
        let message = request
            .day
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "day", "a day is required"))?;
        let day = day_from_proto(&message)?;
        let id = id_of(day.agency.as_deref());
        self.0
            .act(&call, vec![Key::new(Days::NAME, id)], |unit| {
                may_set(unit, &call.principal, day.agency.as_deref())?;
                well_formed(&day)?;
                unit.check_etag::<Days>(id, &message.etag)?;
                let today = unit.today();
                unit.step::<Days>(
                    id,
                    Input::Set {
                        day: day.clone(),
                        today,
                    },
                )?;
                let etag = unit.version::<Days>(id)?.to_string();
                Ok(day_to_proto(&day, etag))
            })
            .await
    }

    pub(super) async fn withdraw_day(&self, who: Principal, request: v1::WithdrawDayRequest) -> Result<v1::Day, Fault> {
        let call = Call::new(who, "directory/WithdrawDay", &request.request_id, &request)?;
        let day = date("day", &request.day)?
            .ok_or_else(|| Fault::field("INVALID_REQUEST", "day", "the day to withdraw is required"))?;
        let agency = (!request.agency.is_empty()).then_some(request.agency.as_str());
        let id = id_of(agency);
        self.0
            .act(&call, vec![Key::new(Days::NAME, id)], |unit| {
                may_set(unit, &call.principal, agency)?;
                unit.check_etag::<Days>(id, &request.etag)?;
                let was = unit.get::<Days>(id)?.and_then(|at| at.data.days.get(&day).cloned());
                let today = unit.today();
                unit.step::<Days>(id, Input::Withdraw { day, today })?;
                let etag = unit.version::<Days>(id)?.to_string();
                // The machine refuses to withdraw what is not there.
                Ok(day_to_proto(&was.ok_or(Denied::absent())?, etag))
            })
            .await
    }

    pub(super) async fn list_days(&self, request: v1::ListDaysRequest) -> Result<v1::ListDaysResponse, Fault> {
        let from = date("from", &request.from)?.unwrap_or(Date::MIN);
        let to = date("to", &request.to)?.unwrap_or(Date::MAX);
        let query = format!("days/{}/{from}/{to}", request.agency);
        let page = Page::read(request.page_size, &request.page_token, &query)?;
        let agency = if request.agency.is_empty() {
            EVERYONE
        } else {
            &request.agency
        };
        let args = [Value::Text(EVERYONE.to_owned()), Value::Text(agency.to_owned())];
        let rows = self.0.journal().store().query(views::FOR, &args).await?;
        let mut holding: BTreeMap<Date, (DayException, String)> = BTreeMap::new();
        for row in &rows {
            let (days, etag) = views::read(row)?;
            for day in days {
                let own = day.agency.is_some();
                if own || holding.get(&day.day).is_none_or(|(held, _)| held.agency.is_none()) {
                    holding.insert(day.day, (day, etag.clone()));
                }
            }
        }
        let mut days: Vec<v1::Day> = holding
            .into_values()
            .filter(|(day, _)| (from..=to).contains(&day.day))
            .map(|(day, etag)| day_to_proto(&day, etag))
            .filter(|day| day.day > page.after)
            .collect();
        let next_page_token = page.cut(&mut days, |day| day.day.clone());
        Ok(v1::ListDaysResponse { days, next_page_token })
    }
}
