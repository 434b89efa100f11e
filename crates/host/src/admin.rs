//! The APIs that the host itself answers, for all services of the process: event log, admin, rehearsal controls.

mod epochs;
mod migrate;
mod replay;

use std::{collections::BTreeMap, sync::Arc};

use access::{Act, Principal};
use bus::local::LocalBus;
use machine::Timestamp;
use proto::{
    admin::v1::{self as admin, admin_service_server::AdminService},
    log::v1::{ListEventsRequest, ListEventsResponse, event_log_service_server::EventLogService},
    rehearsal::v1::{self as rehearsal, rehearsal_service_server::RehearsalService},
};
use tonic::{Request, Response, Status};

use crate::{
    Call, Clock, Engine, Fault, Service, consumer::Consumer, fault, paging::Page, principal, relay::Relay, source,
};

pub use replay::{history, replay_all, replay_at_once};

/// One service as the host runs it.
pub(crate) struct Running {
    pub(crate) service: Arc<dyn Service>,
    pub(crate) engine: Engine,
    pub(crate) consumers: Vec<Arc<Consumer>>,
    /// What publishes its events.
    pub(crate) relay: Arc<Relay>,
}

/// All services of the process, by name.
pub(crate) type All = Arc<BTreeMap<&'static str, Running>>;

fn allowed(who: &Principal, act: Act) -> Result<(), Fault> {
    let agencies = [who.agency.as_str()];
    access::decide(&access::Request {
        who,
        act,
        agencies: &agencies,
        candidate_person: None,
    })?;
    Ok(())
}

fn running<'a>(all: &'a All, service: &str) -> Result<&'a Running, Status> {
    all.get(service)
        .ok_or_else(|| Status::not_found(format!("this process does not run {service}")))
}

/// The event log.
pub(crate) struct EventLog(pub(crate) All);

#[tonic::async_trait]
impl EventLogService for EventLog {
    async fn list_events(&self, request: Request<ListEventsRequest>) -> Result<Response<ListEventsResponse>, Status> {
        allowed(&principal(&request)?, Act::PullEvents)?;
        let request = request.into_inner();
        let running = running(&self.0, &request.producer)?;
        let store = running.engine.journal().store();
        let limit = if request.page_size <= 0 {
            500
        } else {
            request.page_size.min(1_000) as u32
        };
        let head = store.head().await.map_err(Fault::from)?;
        let rows = if request.aggregate.is_empty() {
            store.events(request.after_position, limit).await
        } else {
            store
                .events_of(&source::key(&request.aggregate), request.after_seq, limit)
                .await
        };
        let rows = rows.map_err(Fault::from)?;
        let name = running.engine.service();
        let lineage = running.engine.journal().lineage();
        let events = rows
            .into_iter()
            .map(|row| source::to_event(source::envelope(name, lineage, row)))
            .collect();
        let epochs = lineage.epochs.iter().map(source::to_epoch).collect();
        Ok(Response::new(ListEventsResponse { events, head, epochs }))
    }
}

/// The admin API.
pub(crate) struct Admin(pub(crate) All);

async fn progress(running: &Running) -> Result<admin::ServiceProgress, Fault> {
    let store = running.engine.journal().store();
    let due = store.due(running.engine.clock().now().0, 1_000).await?;
    // Read before the head: a consumer that looks caught up really is.
    let consumers = running
        .consumers
        .iter()
        .map(|consumer| admin::ConsumerProgress {
            producer: consumer.producer().to_owned(),
            position: consumer.position(),
        })
        .collect();
    Ok(admin::ServiceProgress {
        service: running.engine.service().to_owned(),
        relayed: running.relay.position(),
        head: store.head().await?,
        consumers,
        timers_due: due.len() as i32,
        dead_letters: store.dead_letters(running.engine.service(), "", 1_000).await?.len() as i32,
        under_way: running.service.under_way(&running.engine).await? as i32,
    })
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn get_progress(
        &self,
        request: Request<admin::GetProgressRequest>,
    ) -> Result<Response<admin::GetProgressResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let mut services = Vec::new();
        for running in self.0.values() {
            services.push(progress(running).await?);
        }
        Ok(Response::new(admin::GetProgressResponse { services }))
    }

    async fn verify_audit(
        &self,
        request: Request<admin::VerifyAuditRequest>,
    ) -> Result<Response<admin::VerifyAuditResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let running = running(&self.0, &request.get_ref().service)?;
        let verified = journal::verify(running.engine.journal().store().as_ref(), |_| {})
            .await
            .map_err(Fault::from)?;
        Ok(Response::new(admin::VerifyAuditResponse {
            aggregates: verified.aggregates as i64,
            rows: verified.rows as i64,
            events: verified.events as i64,
            problems: verified
                .problems
                .iter()
                .map(|p| format!("{} version {}: {}", p.key, p.version, p.what))
                .collect(),
        }))
    }

    async fn replay_histories(
        &self,
        request: Request<admin::ReplayHistoriesRequest>,
    ) -> Result<Response<admin::ReplayHistoriesResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let running = running(&self.0, &request.get_ref().service)?;
        Ok(Response::new(
            replay_at_once(running.engine.journal().store(), &running.service.replayers(), |_| {}).await?,
        ))
    }

    async fn list_dead_letters(
        &self,
        request: Request<admin::ListDeadLettersRequest>,
    ) -> Result<Response<admin::ListDeadLettersResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let request = request.into_inner();
        let running = running(&self.0, &request.service)?;
        let page = Page::read(
            request.page_size,
            &request.page_token,
            &format!("dead-letters/{}", request.service),
        )?;
        let store = running.engine.journal().store();
        let mut letters = store
            .dead_letters(&request.service, &page.after, page.limit() as u32)
            .await
            .map_err(Fault::from)?;
        let next_page_token = page.cut(&mut letters, |letter| letter.event_id.clone());
        let dead_letters = letters
            .into_iter()
            .map(|letter| admin::DeadLetter {
                consumer: letter.consumer,
                producer: letter.producer,
                aggregate: letter.aggregate,
                seq: letter.seq,
                event_id: letter.event_id,
                error: letter.error,
                at: letter.at,
            })
            .collect();
        Ok(Response::new(admin::ListDeadLettersResponse {
            dead_letters,
            next_page_token,
        }))
    }

    async fn resolve_dead_letter(
        &self,
        request: Request<admin::ResolveDeadLetterRequest>,
    ) -> Result<Response<admin::ResolveDeadLetterResponse>, Status> {
        allowed(&principal(&request)?, Act::Operate)?;
        let request = request.into_inner();
        let running = running(&self.0, &request.service)?;
        if request.reason.trim().is_empty() {
            return Err(Fault::field("INVALID_REQUEST", "reason", "say why; it is kept with the row").into());
        }
        let store = running.engine.journal().store();
        let mut after = String::new();
        loop {
            let page = store
                .dead_letters(&request.service, &after, 500)
                .await
                .map_err(Fault::from)?;
            let Some(last) = page.last() else {
                return Err(Fault::Denied(access::Denied::absent()).into());
            };
            after.clone_from(&last.event_id);
            if let Some(letter) = page.iter().find(|letter| letter.event_id == request.event_id) {
                let consumer = running.consumers.iter().find(|c| c.producer() == letter.producer);
                let Some(consumer) = consumer else {
                    return Err(Fault::Denied(access::Denied::absent()).into());
                };
                consumer.resolve(letter, request.skip, &request.reason).await?;
                return Ok(Response::new(admin::ResolveDeadLetterResponse {}));
            }
        }
    }

    async fn get_epochs(
        &self,
        request: Request<admin::GetEpochsRequest>,
    ) -> Result<Response<admin::GetEpochsResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let mut services = Vec::new();
        for running in self.0.values() {
            services.push(epochs::epochs(running).await?);
        }
        Ok(Response::new(admin::GetEpochsResponse { services }))
    }

    async fn list_differences(
        &self,
        request: Request<admin::ListDifferencesRequest>,
    ) -> Result<Response<admin::ListDifferencesResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        let running = running(&self.0, &request.get_ref().service)?;
        Ok(Response::new(epochs::differences(running, request.get_ref()).await?))
    }

    async fn resolve_difference(
        &self,
        request: Request<admin::ResolveDifferenceRequest>,
    ) -> Result<Response<admin::ResolveDifferenceResponse>, Status> {
        let who = principal(&request)?;
        allowed(&who, Act::Operate)?;
        let running = running(&self.0, &request.get_ref().service)?;
        epochs::resolve(running, &who, request.get_ref()).await?;
        Ok(Response::new(admin::ResolveDifferenceResponse {}))
    }

    async fn migrate_aggregates(
        &self,
        request: Request<admin::MigrateAggregatesRequest>,
    ) -> Result<Response<admin::MigrateAggregatesResponse>, Status> {
        let who = principal(&request)?;
        allowed(&who, Act::Operate)?;
        let request = request.get_ref();
        let running = running(&self.0, &request.service)?;
        let call = Call::new(who, "admin/MigrateAggregates", &request.request_id, request)?;
        Ok(Response::new(migrate::migrate(running, call, request).await?))
    }
}

/// Rehearsal controls; only in processes with a simulated clock.
pub(crate) struct Rehearsal {
    pub(crate) clock: Clock,
    pub(crate) bus: Option<LocalBus>,
    pub(crate) all: All,
}

#[tonic::async_trait]
impl RehearsalService for Rehearsal {
    async fn get_time(
        &self,
        request: Request<rehearsal::GetTimeRequest>,
    ) -> Result<Response<rehearsal::GetTimeResponse>, Status> {
        allowed(&principal(&request)?, Act::Administer)?;
        Ok(Response::new(rehearsal::GetTimeResponse {
            now: self.clock.now().0,
        }))
    }

    async fn advance_time(
        &self,
        request: Request<rehearsal::AdvanceTimeRequest>,
    ) -> Result<Response<rehearsal::AdvanceTimeResponse>, Status> {
        allowed(&principal(&request)?, Act::Operate)?;
        if !self.clock.advance(Timestamp(request.get_ref().to)) {
            return Err(fault::status(
                "NOT_ALLOWED_NOW",
                "a simulated clock only goes forward",
                Vec::new(),
            ));
        }
        Ok(Response::new(rehearsal::AdvanceTimeResponse {}))
    }

    async fn disturb_bus(
        &self,
        request: Request<rehearsal::DisturbBusRequest>,
    ) -> Result<Response<rehearsal::DisturbBusResponse>, Status> {
        use rehearsal::disturb_bus_request::Disturbance;
        allowed(&principal(&request)?, Act::Operate)?;
        let Some(bus) = &self.bus else {
            return Err(fault::status(
                "NOT_ALLOWED_NOW",
                "only the in-process bus can be disturbed",
                Vec::new(),
            ));
        };
        match request.get_ref().disturbance() {
            Disturbance::Lose => bus.lose(),
            Disturbance::Down => bus.down(),
            Disturbance::Up => bus.up(),
            Disturbance::Unspecified => {
                return Err(Fault::field("INVALID_REQUEST", "disturbance", "LOSE, DOWN or UP").into());
            }
        }
        for consumer in self.all.values().flat_map(|running| &running.consumers) {
            consumer.nudge.notify_one();
        }
        Ok(Response::new(rehearsal::DisturbBusResponse {}))
    }
}
