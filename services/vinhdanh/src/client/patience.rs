//! A channel that comes again when it is told to: a service that has too much to do refuses calls before it begins them,
//! and says how long to stay away. Nothing else is repeated here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::future::BoxFuture;
use host::entropy;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use tonic::{Code, Status, body::Body, transport::Channel};
use tonic_types::StatusExt as _;
// The trait that channels are, under the name that the generated clients know.
use tonic::codegen::Service;

/// How often a call is made at most.
const ATTEMPTS: u32 = 5;
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(4);
/// What a repetition costs, and what a call brings in: one call in ten is repeated in the long run, so that those who
/// come again do not keep a service busy.
const COST: i64 = 10;
/// What can be saved up: a short storm is weathered.
const SAVINGS_MAX: i64 = 40 * COST;

/// A channel that waits and comes again.
#[derive(Clone)]
pub struct Patient {
    channel: Channel,
    savings: Arc<AtomicI64>,
}

impl Patient {
    /// Over a channel.
    pub fn new(channel: Channel) -> Self {
        let savings = Arc::new(AtomicI64::new(SAVINGS_MAX));
        Self { channel, savings }
    }

    fn earn(&self) {
        if self.savings.load(Ordering::Relaxed) < SAVINGS_MAX {
            self.savings.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn spend(&self) -> bool {
        let enough = |savings| (savings >= COST).then_some(savings - COST);
        self.savings
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough)
            .is_ok()
    }
}

impl Service<Request<Body>> for Patient {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.earn();
        let again = self.clone();
        let mut ready = std::mem::replace(self, again.clone());
        // An upload is read as it goes, and cannot be sent twice.
        if request.uri().path().contains("/Upload") {
            return Box::pin(ready.channel.call(request));
        }
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = body.collect().await else {
                let status = Status::cancelled("the request was not given whole");
                return Ok(status.into_http());
            };
            let body = body.to_bytes();
            let mut attempt = 1;
            loop {
                let request = Request::from_parts(parts.clone(), Body::new(Full::new(body.clone())));
                let answer = ready.channel.call(request).await?;
                let Some(pause) = asked_to_wait(&answer) else {
                    return Ok(answer);
                };
                if attempt == ATTEMPTS || !again.spend() {
                    return Ok(answer);
                }
                tokio::time::sleep(jittered(pause * 2_u32.pow(attempt - 1))).await;
                attempt += 1;
                std::future::poll_fn(|context| ready.channel.poll_ready(context)).await?;
            }
        })
    }
}

/// The pause that a refusal names. Without one, a call may have been begun.
fn asked_to_wait(answer: &Response<Body>) -> Option<Duration> {
    let status = Status::from_header_map(answer.headers())?;
    let crowded = matches!(status.code(), Code::ResourceExhausted | Code::Unavailable);
    crowded.then(|| status.get_details_retry_info()?.retry_delay).flatten()
}

/// Up to half as long again: those who were refused together do not come together.
fn jittered(pause: Duration) -> Duration {
    let pause = pause.min(PAUSE_MAX);
    let [part] = entropy::random::<1>();
    pause + pause * u32::from(part) / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_has_a_bound_and_no_two_are_the_same() {
        let pauses: Vec<_> = (0..20).map(|_| jittered(Duration::from_millis(100))).collect();
        assert!(pauses.iter().all(|p| (100..150).contains(&p.as_millis())), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]));
        assert!(jittered(Duration::from_hours(1)) < PAUSE_MAX * 2);
    }

    #[test]
    fn only_a_refusal_that_names_a_pause_is_repeated() {
        let crowded = host::fault::crowded(Duration::from_millis(300)).into_http();
        assert_eq!(asked_to_wait(&crowded), Some(Duration::from_millis(300)));
        for status in [
            Status::ok(""),
            Status::unavailable("the connection was lost"),
            Status::resource_exhausted("a quota"),
            host::fault::status("NOT_ALLOWED_NOW", "", Vec::new()),
        ] {
            assert_eq!(asked_to_wait(&status.into_http::<Body>()), None);
        }
    }

    #[tokio::test]
    async fn what_is_saved_up_is_spent_once() {
        let patient = Patient::new(tonic::transport::Endpoint::from_static("http://127.0.0.1:1").connect_lazy());
        let spent = (0..1_000).filter(|_| patient.spend()).count();
        assert_eq!(spent as i64, SAVINGS_MAX / COST);
        for _ in 0..COST {
            assert!(!patient.spend());
            patient.earn();
        }
        assert!(patient.spend());
    }
}
