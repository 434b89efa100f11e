//! The services, the simulated day, and the officials who act.
//!
//! The demo keeps no record of what it has done. Each act has the same request id in every run on the same data, so
//! that a second run after a crash gets the first answers, and goes on where the first one ended.

use std::sync::{Mutex, PoisonError};

use access::Role;
use anyhow::{Context, bail};
use law::Agencies;
use proto::approval::v1::{Course, GetCourseRequest, ListHistoryRequest};
use sha2::{Digest as _, Sha256};
use time::{Date, OffsetDateTime, Time};

use crate::{
    client::{Client, Failure},
    drive::{Act, Case, Reply},
    rehearse::{quiet, scenario::Actor, span::VIET_NAM, stage::Stage},
};

/// When offices open.
const MORNING: Time = match Time::from_hms(8, 0, 0) {
    Ok(morning) => morning,
    Err(_) => Time::MIDNIGHT,
};

/// Where officials work.
pub struct Office {
    stage: Stage,
    auditor: Client,
    agencies: Agencies,
    /// Nobody else moves the clock.
    now: Mutex<OffsetDateTime>,
}

/// The opening of offices on a day.
pub fn morning(day: Date) -> OffsetDateTime {
    day.with_time(MORNING).assume_offset(VIET_NAM)
}

/// The id of a request: the same in every run.
pub fn request_id(scope: &str, what: &str) -> String {
    let digest = Sha256::digest(format!("vinhdanh demo/{scope}/{what}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

impl Office {
    /// Officials of these services.
    pub async fn open(stage: Stage) -> anyhow::Result<Self> {
        let auditor = stage.auditor()?;
        let now = stage
            .now()
            .await
            .map_err(|trouble| anyhow::anyhow!("the clock does not answer: {trouble:?}"))?;
        Ok(Self {
            stage,
            auditor,
            agencies: Agencies::embedded(),
            now: Mutex::new(now),
        })
    }

    /// Channels as the auditor, who reads all.
    pub fn auditor(&self) -> &Client {
        &self.auditor
    }

    /// Ends the services.
    pub async fn close(self) -> anyhow::Result<()> {
        self.stage.stop().await
    }

    /// Waits until all that has happened is known everywhere.
    pub async fn quiet(&self) -> anyhow::Result<()> {
        quiet::wait(&self.stage).await
    }

    /// The simulated day.
    pub fn today(&self) -> Date {
        self.now().date()
    }

    /// The simulated now.
    pub fn now(&self) -> OffsetDateTime {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the clock to an instant, unless that has passed.
    pub async fn not_before(&self, at: OffsetDateTime) -> anyhow::Result<()> {
        if self.now() < at {
            // What falls due on the way meets services that have caught up.
            self.quiet().await?;
            let moved = self.stage.advance(at).await;
            moved.map_err(|trouble| anyhow::anyhow!("the clock does not move: {trouble:?}"))?;
            *self.now.lock().unwrap_or_else(PoisonError::into_inner) = at;
        }
        Ok(())
    }

    /// Who acts for an agency today.
    pub fn acting(&self, agency: &str) -> anyhow::Result<String> {
        let today = self.today();
        let acting = self.agencies.acting_on(agency, today);
        Ok(acting
            .with_context(|| format!("nobody acts for {agency} on {today}"))?
            .code
            .clone())
    }

    /// An official of an agency, or of its successor.
    pub fn official(&self, role: Role, agency: &str) -> anyhow::Result<Actor> {
        Ok(Actor::of(role, &self.acting(agency)?))
    }

    /// Does an act. `scope` and `what` name it once for all runs.
    pub async fn act(
        &self,
        scope: &str,
        what: &str,
        actor: &Actor,
        act: &Act,
        case: &mut Case,
    ) -> anyhow::Result<Reply> {
        let client = self.stage.acting(actor)?;
        let done = act.call(&client, &request_id(scope, what), case).await;
        let reply = done
            .map_err(Failure::from)
            .with_context(|| format!("{scope}: {} as {actor}", act.word()))?;
        case.learn(&reply);
        Ok(reply)
    }

    /// A dossier's course as it stands.
    pub async fn course(&self, dossier: &str) -> anyhow::Result<Course> {
        let request = GetCourseRequest {
            dossier: dossier.to_owned(),
        };
        let answer = self.auditor.approval().get_course(request).await.map_err(Failure::from);
        Ok(answer.with_context(|| format!("the course of {dossier}"))?.into_inner())
    }

    /// The clock never stands before what an earlier run has done.
    pub async fn after_its_history(&self, dossier: &str) -> anyhow::Result<()> {
        let mut request = ListHistoryRequest {
            dossier: dossier.to_owned(),
            page_size: 500,
            page_token: String::new(),
        };
        loop {
            let page = self
                .auditor
                .approval()
                .list_history(request.clone())
                .await
                .map_err(Failure::from)?
                .into_inner();
            if let Some(last) = page.steps.iter().map(|step| step.at).max() {
                let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(last) * 1_000)?;
                self.not_before(at.to_offset(VIET_NAM)).await?;
            }
            if page.next_page_token.is_empty() {
                return Ok(());
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// Who a course waits on, e.g. `officer@so-noi-vu-hung-yen`.
pub fn role_and_agency(waiting_on: &str) -> anyhow::Result<(Role, &str)> {
    let Some((role, agency)) = waiting_on.split_once('@') else {
        bail!("it waits on `{waiting_on}`, which is no ROLE@AGENCY");
    };
    Ok((role.parse()?, agency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_has_one_id_for_ever_and_no_other_has_it() {
        let id = request_id("a", "unit/receive");
        assert_eq!(id, request_id("a", "unit/receive"));
        assert_ne!(id, request_id("a", "unit/appraise"));
        assert_ne!(id, request_id("b", "unit/receive"));
        assert!(uuid::Uuid::try_parse(&id).is_ok());
    }
}
