//! One scenario, from the first start to the judgement.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use checker::{Report, Run, RunFolder};
use tokio::time::Instant;

use crate::{
    clock::{DAY, START},
    dice::Dice,
    office::Office,
    scenario::Scenario,
    world::{Terms, World},
};

const PROGRESS: Duration = Duration::from_secs(2);
/// How long what was begun may take to its end once all is healed.
const ENDS_WITHIN: Duration = Duration::from_secs(90);
/// How long the services may then take to come to rest.
const RESTS_WITHIN: Duration = Duration::from_mins(1);
/// With a broken rule they may never.
const RESTS_WITHIN_IF_BROKEN: Duration = Duration::from_secs(6);
const ENDS_WITHIN_IF_BROKEN: Duration = Duration::from_secs(10);

/// What one run came to.
pub struct Played {
    /// Which scenario.
    pub scenario: Scenario,
    /// Its seed.
    pub seed: u64,
    /// What it left behind.
    pub folder: PathBuf,
    /// The points at which processes died.
    pub hits: Vec<String>,
    /// What the checker says; none if it could not judge.
    pub report: Option<Report>,
    /// What was wrong beside that.
    pub problems: Vec<String>,
    /// What was not plain.
    pub notes: Vec<String>,
    /// Dossiers begun and done, calls acknowledged, outcomes unknown.
    pub work: [usize; 4],
    /// How long it took.
    pub took: Duration,
}

impl Played {
    /// The broken invariants, by name.
    pub fn broken(&self) -> Vec<String> {
        let broken = self.report.iter().flat_map(Report::broken);
        broken.map(|invariant| format!("{invariant:?}")).collect()
    }

    /// Whether it came out as it should: clean, or with the defect found.
    pub fn is_as_it_should_be(&self) -> bool {
        match self.scenario.defect {
            Some(_) => !self.broken().is_empty(),
            None => self.problems.is_empty() && self.report.as_ref().is_some_and(Report::is_clean),
        }
    }
}

/// Plays a scenario in a folder of its own.
pub async fn play(scenario: Scenario, seed: u64, folder: &Path) -> Played {
    let began = Instant::now();
    let mut played = Played {
        scenario,
        seed,
        folder: folder.to_owned(),
        hits: Vec::new(),
        report: None,
        problems: Vec::new(),
        notes: Vec::new(),
        work: [0; 4],
        took: Duration::ZERO,
    };
    if let Err(error) = through(&mut played).await {
        played.problems.push(format!("{error:#}"));
    }
    played.took = began.elapsed();
    played
}

async fn through(played: &mut Played) -> anyhow::Result<()> {
    let scenario = played.scenario.clone();
    let mut dice = Dice::new(played.seed, scenario.name);
    let mut mishaps: Vec<String> = scenario.mishaps.iter().map(|word| (*word).to_owned()).collect();
    mishaps.push(format!("seed={}", played.seed));
    let terms = Terms {
        place: scenario.place,
        program: scenario.program.clone(),
        seed: dice.roll(),
        mishaps,
        watched_disk: scenario.watched_disk,
        dies_migrating: scenario.dies_migrating().then(|| dice.between(1, 3)),
        said_again: scenario.said_again,
        load: scenario.load,
    };
    let stage = Arc::new(Mutex::new("starting".to_owned()));
    let (mut world, office) = World::open(&played.folder, &terms).await?;
    let reporting = tokio::spawn(report(
        format!("{} --seed {}", scenario.name, played.seed),
        Arc::clone(&stage),
        Arc::clone(&office),
    ));
    let outcome = work(played, &scenario, &mut dice, &mut world, &office, &stage).await;
    reporting.abort();
    played.hits = world.hits();
    let work = &office.work;
    played.work = [&work.begun, &work.done, &work.acknowledged, &work.unknown].map(|n| n.load(Ordering::Relaxed));
    for stubborn in world.close().await {
        played
            .problems
            .push(format!("{stubborn} does not end when it is told to"));
    }
    outcome?;
    let features = [scenario.name.to_owned()].into_iter().chain(terms.mishaps).collect();
    let now = world.clock().now();
    let run = Run {
        seed: played.seed,
        began_at: START,
        healed_at: now,
        ended_at: now,
        features,
        stores: world.stores(),
        clock_margin: 2 * DAY,
        restored: Vec::new(),
    };
    run.write(&played.folder)?;
    let report = checker::check(&RunFolder::new(&played.folder), false).await?;
    if !report.is_clean() {
        std::fs::write(played.folder.join("report.txt"), report.text())?;
    }
    played.report = Some(report);
    Ok(())
}

async fn work(
    played: &mut Played,
    scenario: &Scenario,
    dice: &mut Dice,
    world: &mut World,
    office: &Arc<Office>,
    stage: &Mutex<String>,
) -> anyhow::Result<()> {
    let schedule = scenario.schedule(dice, world);
    let lines: Vec<String> = schedule.iter().map(|blow| format!("{blow:?}\n")).collect();
    std::fs::write(played.folder.join("schedule.txt"), lines.concat())?;
    let say = |what: String| *stage.lock().unwrap_or_else(PoisonError::into_inner) = what;
    let officials = Arc::clone(office);
    let mut working = tokio::spawn(async move { officials.run().await });
    let count = schedule.len();
    for (at, blow) in schedule.into_iter().enumerate() {
        say(format!("{}/{count} {blow:?}", at + 1));
        played.notes.extend(blow.deal(world).await?);
    }
    say("healing".to_owned());
    world.heal().await?;
    say("ending what was begun".to_owned());
    let broken = scenario.defect.is_some();
    office.calm_down(if broken { ENDS_WITHIN_IF_BROKEN } else { ENDS_WITHIN });
    let mut days = tokio::time::interval(Duration::from_millis(700));
    loop {
        tokio::select! {
            ended = &mut working => {
                ended??;
                break;
            }
            _ = days.tick() => world.pass(1).await,
        }
    }
    played.problems.extend(office.troubles().into_iter().take(5));
    // What receivers refused is tried again.
    world.pass(3).await;
    say("coming to rest".to_owned());
    let within = if broken { RESTS_WITHIN_IF_BROKEN } else { RESTS_WITHIN };
    if let Err(behind) = world.come_to_rest(within).await {
        played.problems.push(format!("no rest: {behind}"));
    }
    Ok(())
}

/// Says every two seconds where it is.
async fn report(what: String, stage: Arc<Mutex<String>>, office: Arc<Office>) {
    let mut ticks = tokio::time::interval(PROGRESS);
    loop {
        ticks.tick().await;
        let stage = stage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let work = &office.work;
        eprintln!(
            "{what}: {stage} · {} acknowledged, {} unknown, {}/{} dossiers",
            work.acknowledged.load(Ordering::Relaxed),
            work.unknown.load(Ordering::Relaxed),
            work.done.load(Ordering::Relaxed),
            work.begun.load(Ordering::Relaxed),
        );
    }
}
