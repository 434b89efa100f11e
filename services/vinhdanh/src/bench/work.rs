//! The unit of work done many times: until the publication, ten working days later from there to the award, and until
//! the last notification.

use std::{ops::Range, time::Duration};

use law::Law;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    crew::Crew,
    dossier::{self, Line, Script},
    ground::{Site, morning},
    propagation::Observer,
    report::Report,
    sink::{FACTS, Sink},
    usage,
};
use crate::{
    drive::Case,
    output::note,
    rehearse::{quiet, stage::Stage},
};

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);
/// After ten working days of publication, of which the first is the day itself.
const DAYS_LATER: u32 = 11;

/// Plays the dossiers of these numbers, so many at once, and measures; `now` is the services' clock, which moves.
pub async fn play(
    site: &Site,
    sink: &Sink,
    numbers: Range<usize>,
    in_flight: usize,
    now: &mut OffsetDateTime,
) -> anyhow::Result<Report> {
    play_watched(site, sink, numbers, in_flight, now, None).await
}

/// The same; `observed` is how many calls a second there shall be, and who looks at what they lead to.
pub async fn play_watched(
    site: &Site,
    sink: &Sink,
    numbers: Range<usize>,
    in_flight: usize,
    now: &mut OffsetDateTime,
    observed: Option<(f64, &Observer)>,
) -> anyhow::Result<Report> {
    let Site { stage, pids } = site;
    let (route, dossiers) = (dossier::route()?, numbers.len());
    let scripts: Vec<Script> = numbers.map(|number| Script::of(number, &route)).collect();
    let mut crew = Crew::hire(stage, &scripts, in_flight)?;
    if let Some((per_s, observer)) = observed {
        crew = crew.watched(per_s, observer);
    }
    quiet_for_long(stage).await?;
    let calls = scripts.iter().map(Script::len).sum();
    let (arrived_before, mut report) = (sink.arrived(), Report::default());
    (report.dossiers, report.in_flight) = (dossiers, in_flight);
    let cpu_before = usage::cpu_s(pids)?;

    let began = Instant::now();
    let before = scripts
        .iter()
        .map(|script| (script.before.as_slice(), Case::default()))
        .collect();
    let cases = watched(&crew, sink, calls, before).await?;
    report.acting = began.elapsed();

    // The clock moves for all at once; every publication then ends by its timer.
    quiet_for_long(stage).await?;
    let later = Law::embedded().calendar().nth_working_day_after(now.date(), DAYS_LATER);
    *now = morning(later.map_err(|none| anyhow::anyhow!("{none}"))?);
    stage
        .advance(*now)
        .await
        .map_err(|trouble| anyhow::anyhow!("the clock does not move: {trouble:?}"))?;

    let began = Instant::now();
    let after = scripts
        .iter()
        .map(|script| script.after.as_slice())
        .zip(cases)
        .collect();
    watched(&crew, sink, calls, after).await?;
    report.acting += began.elapsed();

    let began = Instant::now();
    sink.wait_for(arrived_before + dossiers * FACTS.len()).await;
    report.trailing = began.elapsed();
    report.cpu_s = usage::cpu_s(pids)? - cpu_before;
    report.rss_mib = usage::peak_rss_mib(pids)?;
    report.transitions = crew.acknowledged();
    report.notifications = sink.arrived() - arrived_before;
    report.measured = crew.measured();
    if crew.awarded() != dossiers {
        report.problem = Some(format!("{} of {dossiers} dossiers ended awarded", crew.awarded()));
    }
    Ok(report)
}

/// Plays, and says every two seconds how far it is.
pub async fn watched(
    crew: &Crew<'_>,
    sink: &Sink,
    calls: usize,
    parts: Vec<(&[Line], Case)>,
) -> anyhow::Result<Vec<Case>> {
    let progress = || {
        let (done, awarded, told) = (crew.acknowledged(), crew.awarded(), sink.arrived());
        format!(
            "{done}/{calls} bước / transitions · {awarded} khen thưởng / awarded · {told} thông báo / notifications"
        )
    };
    telling(progress, crew.play(parts)).await
}

/// Waits for something, and says every two seconds how far it is.
pub async fn telling<T>(progress: impl Fn() -> String, work: impl Future<Output = T>) -> T {
    let mut ticks = tokio::time::interval_at(Instant::now() + PROGRESS, PROGRESS);
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => note(&progress()),
        }
    }
}

/// What thousands of calls have set off may take longer than one patience.
pub async fn quiet_for_long(stage: &Stage) -> anyhow::Result<()> {
    const PATIENCES: u32 = 10;
    let mut waited = quiet::wait(stage).await;
    for _ in 1..PATIENCES {
        if waited.is_ok() {
            break;
        }
        waited = quiet::wait(stage).await;
    }
    waited
}
