//! Who may begin, and when. Each call belongs to a class; each class has so many places, so many who may wait, and for so
//! long. Whoever is too many is told at once, with a word on when to come again: work that nobody waits for any more is
//! not begun. What decides dossiers goes before what shows them.
//!
//! A request is read whole before it takes a place, so that who sends slowly holds up nobody.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use access::{Principal, Role};
use futures::{FutureExt as _, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use crate::{
    Fault, fault,
    limits::{Limit, Limits},
    request::{self, Budget},
};

/// What a call is for. Sorted by what goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The house's own: health, progress, services that pull from one another. Never refused.
    House,
    /// Moves dossiers: submissions, votes, decisions; and whatever is not one of the others.
    Decisive,
    /// People wait for it at a screen: lists, searches, checks, previews.
    Interactive,
    /// Drafts and notifications.
    Background,
    /// Exports, uploads, replays.
    Bulk,
    /// Stays open: watchers, subscribers.
    Streams,
}

impl Class {
    /// The class of a method, by its path.
    pub fn of(path: &str) -> Self {
        let mut parts = path.rsplit('/');
        let (method, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let begins = |words: &[&str]| words.iter().any(|word| method.starts_with(word));
        if begins(&["Watch", "Stream"]) {
            Self::Streams
        } else if begins(&["Export", "Upload", "Verify", "Replay"]) {
            Self::Bulk
        } else if !service.starts_with("vinhdanh.")
            || ["vinhdanh.log.", "vinhdanh.admin.", "vinhdanh.rehearsal."]
                .iter()
                .any(|house| service.starts_with(house))
        {
            Self::House
        } else if begins(&["Get", "List", "Check", "Preview"]) {
            Self::Interactive
        } else if service.starts_with("vinhdanh.notification.") || begins(&["Create", "Update", "Discard"]) {
            Self::Background
        } else {
            Self::Decisive
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Decisive => "decisive",
            Self::Interactive => "interactive",
            Self::Background => "background",
            Self::Bulk => "bulk",
            Self::Streams => "streams",
        }
    }
}

/// Too many: come again after this pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Crowded(Duration);

/// The places of one class.
struct Gate {
    limit: Limit,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// How long a call lately took, in microseconds: a running mean.
    typical_us: AtomicU64,
}

/// A place, until it is dropped.
struct Place {
    _permit: OwnedSemaphorePermit,
    gate: Arc<Gate>,
    since: Instant,
}

impl Gate {
    fn new(limit: Limit) -> Arc<Self> {
        Arc::new(Self {
            limit,
            places: Arc::new(Semaphore::new(limit.at_once)),
            waiting: AtomicUsize::new(0),
            typical_us: AtomicU64::new(0),
        })
    }

    fn typical(&self) -> Duration {
        Duration::from_micros(self.typical_us.load(Ordering::Relaxed))
    }

    /// When those who wait now will have been served, roughly.
    fn crowded(&self) -> Crowded {
        const SOONEST: Duration = Duration::from_millis(100);
        const LATEST: Duration = Duration::from_secs(5);
        let before = self.waiting.load(Ordering::Relaxed) as u32 + 1;
        let each = self.typical() / self.limit.at_once.max(1) as u32;
        Crowded((each * before).clamp(SOONEST, LATEST))
    }

    fn place(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Place {
        Place {
            _permit: permit,
            gate: Arc::clone(self),
            since: Instant::now(),
        }
    }

    /// A place now, or within the time that this class waits, as long as the call can still be done before `deadline`.
    async fn enter(self: &Arc<Self>, deadline: Instant, behind: Option<&Gate>) -> Result<Place, Crowded> {
        if behind.is_some_and(|first| first.waiting.load(Ordering::Relaxed) > 0) {
            return Err(self.crowded());
        }
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(self.place(permit));
        }
        let latest = Instant::now() + Duration::from_millis(self.limit.wait_ms);
        let until = deadline
            .checked_sub(self.typical())
            .map_or(deadline, |last| last.min(latest));
        if until <= Instant::now() {
            return Err(self.crowded());
        }
        let Some(_waiting) = Waiting::begin(self) else {
            return Err(self.crowded());
        };
        match timeout_at(until, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(self.place(permit)),
            _ => Err(self.crowded()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let took = self.since.elapsed().as_micros().min(60_000_000) as u64;
        let before = self.gate.typical_us.load(Ordering::Relaxed);
        self.gate.typical_us.store((before * 15 + took) / 16, Ordering::Relaxed);
    }
}

/// One of those who wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(gate: &'a Gate) -> Option<Self> {
        let before = gate.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Self(&gate.waiting);
        (before < gate.limit.waiting).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Who has calls under way. Each of them holds a copy of its person's mark.
#[derive(Default)]
struct People(Mutex<HashMap<String, Arc<()>>>);

impl People {
    fn enter(&self, who: &Principal, max: usize) -> Result<Arc<()>, Crowded> {
        /// Beyond that, those who have none are forgotten.
        const REMEMBERED: usize = 4_096;
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = people.get(&who.subject) {
            return if Arc::strong_count(mark) <= max || who.role == Role::Service {
                Ok(Arc::clone(mark))
            } else {
                Err(Crowded(Duration::from_millis(500)))
            };
        }
        if people.len() >= REMEMBERED {
            people.retain(|_, mark| Arc::strong_count(mark) > 1);
        }
        let mark = Arc::new(());
        people.insert(who.subject.clone(), Arc::clone(&mark));
        Ok(mark)
    }
}

struct Hall {
    request_max: Duration,
    call_max: Duration,
    calls_per_person: usize,
    people: People,
    requests: Budget,
    decisive: Arc<Gate>,
    interactive: Arc<Gate>,
    background: Arc<Gate>,
    bulk: Arc<Gate>,
    streams: Arc<Gate>,
    refused: telemetry::Counter,
}

impl Hall {
    fn gate(&self, class: Class) -> Option<&Arc<Gate>> {
        match class {
            Class::House => None,
            Class::Decisive => Some(&self.decisive),
            Class::Interactive => Some(&self.interactive),
            Class::Background => Some(&self.background),
            Class::Bulk => Some(&self.bulk),
            Class::Streams => Some(&self.streams),
        }
    }

    async fn enter(&self, class: Class, deadline: Instant) -> Result<Option<Place>, Crowded> {
        match self.gate(class) {
            None => Ok(None),
            Some(gate) => {
                let behind = (class > Class::Decisive).then_some(&*self.decisive);
                gate.enter(deadline, behind).await.map(Some)
            }
        }
    }

    fn refuse(&self, class: Class, Crowded(pause): Crowded) -> Status {
        self.refused.add(class.word());
        fault::crowded(pause)
    }
}

/// Lets calls in by their class.
#[derive(Clone)]
pub struct AdmissionLayer {
    hall: Arc<Hall>,
}

impl AdmissionLayer {
    /// Lets in what these limits allow. To be made after telemetry was set up, or its counter goes nowhere.
    pub fn new(limits: &Limits) -> Self {
        Self {
            hall: Arc::new(Hall {
                request_max: Duration::from_secs(limits.request_s),
                call_max: Duration::from_secs(limits.call_s),
                calls_per_person: limits.calls_per_person,
                people: People::default(),
                requests: Budget::default(),
                decisive: Gate::new(limits.decisive),
                interactive: Gate::new(limits.interactive),
                background: Gate::new(limits.background),
                bulk: Gate::new(limits.bulk),
                streams: Gate::new(limits.streams),
                refused: telemetry::Counter::new("vinhdanh.calls.refused", "class"),
            }),
        }
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admission<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Admission {
            inner,
            hall: Arc::clone(&self.hall),
        }
    }
}

/// A service behind the gates.
#[derive(Clone)]
pub struct Admission<S> {
    inner: S,
    hall: Arc<Hall>,
}

impl<S> Service<Request<Body>> for Admission<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let next = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, next);
        let hall = Arc::clone(&self.hall);
        let class = Class::of(request.uri().path());
        let wanted = patience(request.headers()).map_or(hall.call_max, |own| own.min(hall.call_max));
        let deadline = Instant::now() + wanted;
        Box::pin(async move {
            if wanted.is_zero() {
                return Ok(late().into_http());
            }
            match timeout_at(deadline, admit(ready, hall, class, deadline, request)).await {
                Ok(answer) => answer,
                Err(_) => Ok(late().into_http()),
            }
        })
    }
}

async fn admit<S>(
    mut inner: S,
    hall: Arc<Hall>,
    class: Class,
    deadline: Instant,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let mark = match request.extensions().get::<Principal>() {
        None => None,
        Some(who) => match hall.people.enter(who, hall.calls_per_person) {
            Ok(mark) => Some(mark),
            Err(crowded) => return Ok(hall.refuse(class, crowded).into_http()),
        },
    };
    // An upload is many messages, and is read as it comes.
    let request = if request.uri().path().contains("/Upload") {
        request
    } else {
        let by = deadline.min(Instant::now() + hall.request_max);
        match timeout_at(by, request::whole(request, &hall.requests)).await {
            Ok(Ok(request)) => request,
            Ok(Err(refusal)) => return Ok(refusal.into_http()),
            Err(_) => return Ok(late().into_http()),
        }
    };
    let place = match hall.enter(class, deadline).await {
        Ok(place) => place,
        Err(crowded) => return Ok(hall.refuse(class, crowded).into_http()),
    };
    let path = request.uri().path().to_owned();
    let answer = match AssertUnwindSafe(inner.call(request)).catch_unwind().await {
        Ok(answer) => plain(answer?),
        Err(_) => {
            return Ok(Status::from(Fault::Internal(format!("{path} panicked"))).into_http());
        }
    };
    Ok(match class {
        // Its place is given back when the stream ends.
        Class::Streams | Class::Bulk => holding(answer, (place, mark)),
        // Whoever reads no answers gets no more of them.
        Class::Interactive | Class::House => holding(answer, mark),
        Class::Decisive | Class::Background => answer,
    })
}

fn holding<T: Send + 'static>(answer: Response<Body>, held: T) -> Response<Body> {
    // Never taken out again, only dropped with the body.
    let held = Mutex::new(held);
    answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &held;
            frame
        }))
    })
}

/// What the library says of a request that it cannot read, INTERNAL, in words that blame the right side. Our own
/// answers carry details.
fn plain(answer: Response<Body>) -> Response<Body> {
    let headers = answer.headers();
    let is_internal = headers.get(Status::GRPC_STATUS).is_some_and(|code| code == "13");
    if !is_internal || headers.contains_key(Status::GRPC_STATUS_DETAILS) {
        return answer;
    }
    let status = Status::from_header_map(headers);
    let what = status.as_ref().map_or("", Status::message);
    fault::status("MALFORMED_REQUEST", what, Vec::new()).into_http()
}

fn late() -> Status {
    fault::status("DEADLINE_PASSED", "", Vec::new())
}

/// What the caller still waits for, less the way back; `None` if it does not say. As gRPC writes it: up to eight digits
/// and a unit.
fn patience(headers: &HeaderMap) -> Option<Duration> {
    const WAY_BACK: Duration = Duration::from_millis(2);
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    let wanted = match unit {
        "H" => Duration::from_secs(value * 3_600),
        "M" => Duration::from_secs(value * 60),
        "S" => Duration::from_secs(value),
        "m" => Duration::from_millis(value),
        "u" => Duration::from_micros(value),
        "n" => Duration::from_nanos(value),
        _ => return None,
    };
    Some(wanted.saturating_sub(WAY_BACK))
}

#[cfg(test)]
mod tests;
