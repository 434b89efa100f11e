//! Does what the variable says.

use std::{
    fs::OpenOptions,
    io::Write as _,
    path::PathBuf,
    pin::pin,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
};

use crate::{Defect, Point, VARIABLE};

#[derive(Default)]
struct Plan {
    crash: Option<(Point, u64)>,
    defect: Option<Defect>,
    drop_percent: u64,
    shuffle: bool,
    times: u32,
    back: bool,
    hits: Option<PathBuf>,
    passed: AtomicU64,
    random: AtomicU64,
}

/// Whoever sets the variable wants to know that it was not understood.
fn misread(word: &str) -> ! {
    eprintln!("{VARIABLE}: {word:?} means nothing");
    std::process::exit(2)
}

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "only a test's binary is armed")]
        let text = std::env::var(VARIABLE).unwrap_or_default();
        let mut plan = Plan {
            times: 1,
            ..Plan::default()
        };
        for word in text.split(';').filter(|word| !word.is_empty()) {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let number = || value.parse().unwrap_or_else(|_| misread(word));
            match key {
                "crash" => plan.crash = Some(crash(value).unwrap_or_else(|| misread(word))),
                "defect" => plan.defect = Some(defect(value).unwrap_or_else(|| misread(word))),
                "drop" => plan.drop_percent = number(),
                "shuffle" => plan.shuffle = true,
                "times" => plan.times = number() as u32,
                "back" => plan.back = true,
                // Zero would stay zero for ever.
                "seed" => plan.random = AtomicU64::new(number() | 1 << 63),
                "hits" => plan.hits = Some(PathBuf::from(value)),
                _ => misread(word),
            }
        }
        plan
    })
}

fn crash(value: &str) -> Option<(Point, u64)> {
    let (name, passing) = value.split_once(':')?;
    let point = Point::ALL.into_iter().find(|point| format!("{point:?}") == name)?;
    Some((point, passing.parse().ok()?))
}

fn defect(value: &str) -> Option<Defect> {
    let found = Defect::ALL.into_iter().find(|(name, _)| *name == value);
    found.map(|(_, defect)| defect)
}

/// Dies here if it is told to.
pub fn at(point: Point) {
    let plan = plan();
    if let Some((chosen, passing)) = plan.crash
        && chosen == point
        && plan.passed.fetch_add(1, Ordering::Relaxed) + 1 == passing
    {
        if let Some(file) = &plan.hits
            && let Ok(mut file) = OpenOptions::new().create(true).append(true).open(file)
        {
            // One write, so that those of several processes do not mix.
            let _ = file.write_all(format!("{point:?}\n").as_bytes());
        }
        std::process::abort();
    }
}

/// Whether it is to die at this point.
pub fn is_set(point: Point) -> bool {
    plan().crash.is_some_and(|(chosen, _)| chosen == point)
}

/// Whether this rule is to be broken.
pub fn planted(defect: Defect) -> bool {
    plan().defect == Some(defect)
}

/// Xorshift: enough to choose by.
fn random(below: u64) -> u64 {
    let step = |mut x: u64| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^ (x << 17)
    };
    let before = plan()
        .random
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
    step(before.unwrap_or_default()) % below.max(1)
}

/// What of a batch goes to the bus, and in which order.
pub fn bus<T>(mut batch: Vec<T>) -> Vec<T> {
    let plan = plan();
    batch.retain(|_| random(100) >= plan.drop_percent);
    if plan.shuffle {
        for last in (1..batch.len()).rev() {
            batch.swap(last, random(last as u64 + 1) as usize);
        }
    }
    batch
}

/// How often a delivery is applied.
pub fn times() -> u32 {
    plan().times
}

/// Whether a simulated clock may be set back.
pub fn clocks_go_back() -> bool {
    plan().back
}

/// Waits for the bus' acknowledgement, and may die before it comes: at [`Point::C5`] events are on their way.
pub async fn sent<F: Future>(publishing: F) -> F::Output {
    let mut publishing = pin!(publishing);
    std::future::poll_fn(|cx| match publishing.as_mut().poll(cx) {
        Poll::Ready(outcome) => Poll::Ready(outcome),
        Poll::Pending => {
            // Handed to the connection, whose task runs on another thread: a moment, so that some of it goes out.
            if is_set(Point::C5) {
                std::thread::sleep(std::time::Duration::from_micros(300));
                at(Point::C5);
            }
            Poll::Pending
        }
    })
    .await
}
