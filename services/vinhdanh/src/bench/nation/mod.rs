//! `--nation`: a year of the whole country, or a part of one, as fast as the services take it.
//!
//! As many units propose as that part of the country has, in turn. Each dossier goes the way that the law gives its award;
//! where a council sits, it has a session of its own, which is more work than in life. The simulated year has twenty-four
//! steps of eleven working days: what is published in one is decided in the next. Nobody has subscribed to anything.

mod units;
mod year;

use std::{str::FromStr, time::Duration};

use anyhow::Context as _;
use law::Law;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::{units::Units, year::Year};
use super::{
    crew::Crew,
    dossier::{DAY, Line, Script},
    ground::{Ground, Site, morning},
    report::rounded,
    usage, work,
};
use crate::{
    drive::Case,
    output::{aligned, note},
};

/// Dossiers of a year, counted generously.
const NATION: f64 = 3_000_000.0;
const STEPS: usize = 24;
const DAYS_A_STEP: u32 = 11;
const HOUR_S: f64 = 3_600.0;

/// A part of the nation's year, e.g. `1/1000`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale(f64);

impl FromStr for Scale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<f64>().map_err(|e| format!("{text}: {e}"));
        let scale = match text.split_once('/') {
            Some((part, whole)) => number(part)? / number(whole)?,
            None => number(text)?,
        };
        if scale > 0.0 && scale <= 1.0 {
            Ok(Self(scale))
        } else {
            Err(format!("{text}: expected more than 0 and at most 1, e.g. 1/1000"))
        }
    }
}

/// How far it was at one moment.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    dossiers: usize,
    transitions: usize,
    /// Time spent acting.
    acting: Duration,
    disk_bytes: u64,
    cpu_s: f64,
}

/// What came of it.
pub struct Nation {
    scale: f64,
    /// Who propose.
    units: usize,
    dossiers: usize,
    awarded: usize,
    setting: String,
    in_flight: usize,
    /// After each step.
    marks: Vec<Mark>,
    /// Everything, with set-up and waiting for all to be quiet.
    took: Duration,
    rss_mib: f64,
}

/// Plays the year.
pub async fn measure(ground: &Ground, Scale(scale): Scale, in_flight: usize) -> anyhow::Result<Nation> {
    let began = Instant::now();
    let dossiers = ((NATION * scale).round() as usize).max(1);
    let site = ground.open(morning(DAY)).await?;
    let units = Units::of(scale);
    units.register(&site.stage, in_flight).await?;
    work::quiet_for_long(&site.stage).await?;
    let mut nation = Nation {
        scale,
        units: units.len(),
        dossiers,
        awarded: 0,
        setting: ground.setting(),
        in_flight,
        marks: vec![Mark {
            disk_bytes: disk(ground).await?,
            ..Mark::default()
        }],
        took: Duration::ZERO,
        rss_mib: 0.0,
    };
    let played = nation.play(ground, &site, &units).await;
    nation.rss_mib = usage::peak_rss_mib(&site.pids)?;
    site.stage.stop().await.context("the services did not stop")?;
    nation.took = began.elapsed();
    played.map(|()| nation)
}

/// With logs and what is not yet folded in, beside running services.
async fn disk(ground: &Ground) -> anyhow::Result<u64> {
    if !ground.is_postgres() {
        return usage::database_bytes(&ground.data);
    }
    ground.database_bytes().await
}

impl Nation {
    async fn play(&mut self, ground: &Ground, site: &Site, units: &Units) -> anyhow::Result<()> {
        let year = Year::embedded()?;
        let law = Law::embedded();
        let mut now = morning(DAY);
        let (mut next, mut published): (usize, Vec<(Script, Case)>) = (1, Vec::new());
        let cpu_before = usage::cpu_s(&site.pids)?;
        for step in 0..=STEPS {
            // In the last one nothing is handed in any more.
            let share = if step < STEPS { year.part(step, STEPS) } else { 1.0 };
            let until = ((self.dossiers as f64 * share).round() as usize).min(self.dossiers);
            let fresh = (next..=until).map(|number| year.script(number, units, now.date()));
            let fresh = fresh.collect::<anyhow::Result<Vec<Script>>>()?;
            next = next.max(until + 1);

            let before = fresh.iter().map(|script| {
                let whole = script.before.is_empty();
                let lines: &[Line] = if whole { &script.after } else { &script.before };
                (lines, Case::default())
            });
            let after = published
                .iter()
                .map(|(script, case)| (script.after.as_slice(), case.clone()));
            let parts: Vec<_> = after.chain(before).collect();
            if !parts.is_empty() {
                let scripts: Vec<Script> = fresh
                    .iter()
                    .chain(published.iter().map(|(script, _)| script))
                    .cloned()
                    .collect();
                let crew = Crew::hire(&site.stage, &scripts, self.in_flight)?;
                let (done, last) = (self.awarded, self.mark());
                let progress = || {
                    let transitions = last.transitions + crew.acknowledged();
                    let awarded = done + crew.awarded();
                    format!(
                        "{awarded}/{} hồ sơ / dossiers · {transitions} bước / transitions",
                        self.dossiers
                    )
                };
                let began = Instant::now();
                let cases = work::telling(progress, crew.play(parts)).await?;
                let acting = began.elapsed();
                self.awarded += crew.awarded();
                let cases: Vec<Case> = cases.into_iter().skip(published.len()).collect();
                published = fresh
                    .into_iter()
                    .zip(cases)
                    .filter(|(script, _)| !script.before.is_empty())
                    .collect();
                self.marks.push(Mark {
                    dossiers: self.awarded,
                    transitions: last.transitions + crew.acknowledged(),
                    acting: last.acting + acting,
                    disk_bytes: disk(ground).await?,
                    cpu_s: usage::cpu_s(&site.pids)? - cpu_before,
                });
            }
            if step < STEPS {
                work::quiet_for_long(&site.stage).await?;
                let later = law.calendar().nth_working_day_after(now.date(), DAYS_A_STEP);
                now = morning(later.map_err(|none| anyhow::anyhow!("{none}"))?);
                let moved = site.stage.advance(now).await;
                moved.map_err(|trouble| anyhow::anyhow!("the clock does not move: {trouble:?}"))?;
            }
        }
        note(&format!("{} khen thưởng / awarded", self.awarded));
        Ok(())
    }

    fn mark(&self) -> Mark {
        self.marks.last().copied().unwrap_or_default()
    }

    /// Why it failed, if it did.
    pub fn problem(&self) -> Option<String> {
        (self.awarded != self.dossiers).then(|| format!("{} of {} dossiers ended awarded", self.awarded, self.dossiers))
    }

    /// Between one tenth of the dossiers and the next: dossiers by then, transitions a second, disk a dossier, CPU seconds
    /// for 1,000 transitions.
    fn tenths(&self) -> Vec<(usize, f64, f64, f64)> {
        let mut tenths = Vec::new();
        let first = self.marks.first().copied().unwrap_or_default();
        let mut last = first;
        for mark in &self.marks {
            let due = self.dossiers * (tenths.len() + 1) / 10;
            if mark.dossiers < due.max(1) || mark.transitions == last.transitions {
                continue;
            }
            let transitions = (mark.transitions - last.transitions) as f64;
            let seconds = mark.acting.saturating_sub(last.acting).as_secs_f64().max(f64::EPSILON);
            let disk = mark.disk_bytes.saturating_sub(first.disk_bytes) as f64 / mark.dossiers.max(1) as f64;
            let cpu = (mark.cpu_s - last.cpu_s) * 1_000.0 / transitions;
            tenths.push((mark.dossiers, transitions / seconds, disk, cpu));
            last = *mark;
        }
        tenths
    }

    /// Hours for the whole year: at the average rate, and at the rate of the last tenth.
    fn year_h(&self) -> (f64, f64) {
        let end = self.mark();
        let all = end.transitions as f64 / self.scale;
        let average = end.acting.as_secs_f64() / self.scale / HOUR_S;
        let last = self
            .tenths()
            .last()
            .map_or(average, |(_, per_s, ..)| all / per_s / HOUR_S);
        (average, last)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let (end, (average_h, last_h)) = (self.mark(), self.year_h());
        let tenths = self.tenths().into_iter().map(|(dossiers, per_s, disk, cpu)| {
            json!({
                "dossiers": dossiers, "transitions_per_s": rounded(per_s), "disk_bytes_per_dossier": disk.round(),
                "cpu_s_per_1000": rounded(cpu),
            })
        });
        json!({
            "scale": self.scale,
            "setting": self.setting,
            "in_flight": self.in_flight,
            "build": if cfg!(debug_assertions) { "dev" } else { "release" },
            "units": self.units,
            "dossiers": self.dossiers,
            "awarded": self.awarded,
            "transitions": end.transitions,
            "seconds": rounded(end.acting.as_secs_f64()),
            "seconds_with_waiting": rounded(self.took.as_secs_f64()),
            "transitions_per_s": rounded(end.transitions as f64 / end.acting.as_secs_f64().max(f64::EPSILON)),
            "rss_mib": rounded(self.rss_mib),
            "tenths": tenths.collect::<Vec<_>>(),
            "year_hours_at_average_rate": rounded(average_h),
            "year_hours_at_last_rate": rounded(last_h),
            "problem": self.problem(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let (end, (average_h, last_h)) = (self.mark(), self.year_h());
        let heading = [
            "Hồ sơ đã xong / dossiers done",
            "bước/s / transitions/s",
            "đĩa mỗi hồ sơ / disk a dossier, KiB",
            "CPU 1.000 bước / of 1,000, s",
        ];
        let rows = self.tenths().into_iter().map(|(dossiers, per_s, disk, cpu)| {
            vec![
                dossiers.to_string(),
                format!("{per_s:.0}"),
                format!("{:.1}", disk / 1024.0),
                format!("{cpu:.2}"),
            ]
        });
        let curve = aligned(
            &std::iter::once(heading.map(str::to_owned).to_vec())
                .chain(rows)
                .collect::<Vec<_>>(),
        );
        let (setting, units, dossiers, transitions) = (&self.setting, self.units, self.dossiers, end.transitions);
        let seconds = end.acting.as_secs_f64();
        let mut text = format!(
            "{setting} · {units} đơn vị / units · {dossiers} hồ sơ / dossiers · {transitions} bước / transitions · \
             {seconds:.1} s · {:.0}/s\n\
             {curve}\n\n\
             Suy ra cả năm (3.000.000 hồ sơ) / extrapolated to the whole year (3,000,000 dossiers):\n\
             {average_h:.2} giờ / hours ở tốc độ trung bình / at the average rate, {last_h:.2} ở tốc độ cuối / at the last \
             rate.\n\
             Đã đo {:.4} % của năm; phần còn lại là suy ra, giả định tốc độ không giảm thêm khi kho lớn hơn.\n\
             Measured: {:.4} % of the year. The rest is extrapolated and assumes that the rate does not fall further as the \
             stores grow.",
            transitions as f64 / seconds.max(f64::EPSILON),
            self.scale * 100.0,
            self.scale * 100.0,
        );
        if let Some(problem) = self.problem() {
            text.push_str("\n✗ ");
            text.push_str(&problem);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_a_part() {
        assert_eq!("1/1000".parse(), Ok(Scale(0.001)));
        assert_eq!("0.5".parse(), Ok(Scale(0.5)));
        assert!("2".parse::<Scale>().is_err());
        assert!("1/0".parse::<Scale>().is_err());
        assert!("x".parse::<Scale>().is_err());
    }
}
