//! The runs that docs/scaling.md has, and where the limit lies.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Cut, Engine, Figures, Hears, Latency, Load, Setting, Times, run};

const MINUTE_US: u64 = 60_000_000;
/// The limit is where a p99 leaves this,
const PATIENCE_MS: f64 = 1_000.0;
/// or where cores never rest.
const FULL: f64 = 0.998;
/// The limit is looked for in so short a time, without outages: what is too much shows soon.
const PROBE_US: u64 = 10_000_000;
/// The limit is found to this part.
const NEAR: f64 = 1.03;
/// Beyond this nobody looks.
const TIMES_MAX: f64 = 1e5;
/// Cores of a node in the search for the limit of the centre alone.
const PLENTY: usize = 16;

/// What all scenarios have in common.
#[derive(Clone, Debug)]
pub struct Common {
    /// Decides everything.
    pub seed: u64,
    /// Nodes beside the centre.
    pub nodes: usize,
    /// How many of them are provinces.
    pub provinces: usize,
    /// Cores of each.
    pub cores: usize,
    /// Cores of the centre.
    pub centre_cores: usize,
    /// Of each line.
    pub latency: Latency,
    /// How often who hears nothing asks.
    pub reask_us: u64,
    /// Whether asking ends only with an empty page.
    pub until_empty: bool,
    /// How long load comes.
    pub window_us: u64,
    /// What work costs.
    pub engines: [Engine; 2],
}

/// A run of the table.
struct Scenario {
    engine: Engine,
    hears: Hears,
    cut: Cut,
    times: f64,
}

/// A row of the table, and its figures.
pub struct Row {
    scenario: Scenario,
    figures: Figures,
}

/// How many times the peak hour is too much, and for whom.
pub struct Limit {
    engine: Engine,
    hears: Hears,
    cores: usize,
    times: f64,
    /// The last that was not too much.
    figures: Figures,
    first: &'static str,
}

impl Common {
    fn setting(&self, scenario: &Scenario, window_us: u64) -> anyhow::Result<Setting> {
        Ok(Setting {
            seed: self.seed,
            engine: scenario.engine,
            cores: self.cores,
            centre_cores: self.centre_cores,
            latency: self.latency,
            reask_us: Some(self.reask_us),
            until_empty: self.until_empty,
            hears: scenario.hears,
            cut: scenario.cut,
            load: Load::peak(self.nodes, self.provinces, scenario.times, window_us)?,
        })
    }

    /// The rows of the table, told as they come.
    ///
    /// # Errors
    /// As [`run`].
    pub fn rows(&self, mut done: impl FnMut(&Row)) -> anyhow::Result<Vec<Row>> {
        let [embedded, postgres] = self.engines;
        let scenario = |engine, hears, cut, times| Scenario {
            engine,
            hears,
            cut,
            times,
        };
        let (five, ten) = (Cut::Each(5 * MINUTE_US), Cut::Centre(10 * MINUTE_US));
        let scenarios = [
            scenario(embedded, Hears::Climbing, Cut::Never, 1.0),
            scenario(embedded, Hears::Climbing, five, 1.0),
            scenario(embedded, Hears::Everything, five, 1.0),
            scenario(postgres, Hears::Everything, five, 1.0),
            scenario(embedded, Hears::Everything, ten, 1.0),
            scenario(postgres, Hears::Everything, ten, 1.0),
            scenario(embedded, Hears::Everything, ten, 50.0),
            scenario(postgres, Hears::Everything, ten, 50.0),
        ];
        let mut rows = Vec::new();
        for scenario in scenarios {
            let figures = run(&self.setting(&scenario, self.window_us)?)?;
            let row = Row { scenario, figures };
            done(&row);
            rows.push(row);
        }
        Ok(rows)
    }

    /// Where the limit lies: of the whole as it is, and of the centre if the nodes had plenty of cores.
    ///
    /// # Errors
    /// As [`run`].
    pub fn limits(&self, mut done: impl FnMut(&Limit)) -> anyhow::Result<Vec<Limit>> {
        let mut limits = Vec::new();
        for engine in self.engines {
            for hears in [Hears::Climbing, Hears::Everything] {
                for cores in [self.cores, PLENTY] {
                    let limit = self.limit(engine, hears, cores)?;
                    done(&limit);
                    limits.push(limit);
                }
            }
        }
        Ok(limits)
    }

    /// Doubles the load until it is too much for somebody, and goes on between the last two.
    ///
    /// # Errors
    /// As [`run`].
    pub fn limit(&self, engine: Engine, hears: Hears, cores: usize) -> anyhow::Result<Limit> {
        let probe = |times: f64| {
            let scenario = Scenario {
                engine,
                hears,
                cut: Cut::Never,
                times,
            };
            let mut setting = self.setting(&scenario, PROBE_US)?;
            setting.cores = cores;
            run(&setting)
        };
        let (mut low, mut figures) = (1.0, probe(1.0)?);
        let mut high: Option<(f64, &'static str)> = None;
        while high.map_or(low < TIMES_MAX, |(high, _)| high / low > NEAR) {
            let times = high.map_or(low * 2.0, |(high, _)| f64::midpoint(low, high));
            let tried = probe(times)?;
            if let Some(who) = too_much(&tried) {
                high = Some((times, who));
            } else {
                (low, figures) = (times, tried);
            }
        }
        let first = high.map_or("nobody", |(_, who)| who);
        Ok(Limit {
            engine,
            hears,
            cores,
            times: low,
            figures,
            first,
        })
    }
}

/// Who cannot do more, if anybody cannot. An official waits for an answer before the next act, so within a probe waits
/// grow slowly: cores that never rest are the surer sign of a p99 that grows without end.
fn too_much(figures: &Figures) -> Option<&'static str> {
    let late = |times: &[&Times]| times.iter().any(|times| times.percentile_ms(99) > PATIENCE_MS);
    if figures.busiest_node > FULL || late(&[&figures.command, &figures.back]) {
        return Some("the busiest node");
    }
    let centre = figures.centre > FULL || late(&[&figures.command_centre, &figures.seen]);
    centre.then_some("the centre")
}

impl Hears {
    fn name(self) -> &'static str {
        match self {
            Self::Climbing => "what climbs",
            Self::Everything => "everything",
        }
    }
}

impl Cut {
    fn name(self) -> String {
        match self {
            Self::Never => "none".to_owned(),
            Self::Each(us) => format!("each line, {} min", us / MINUTE_US),
            Self::Centre(us) => format!("all lines at once, {} min", us / MINUTE_US),
        }
    }
}

impl Row {
    /// The heading of the table.
    pub const HEADING: [&'static str; 10] = [
        "engine; the centre hears",
        "lines cut",
        "times the peak hour",
        "transitions/s",
        "busiest node / centre used",
        "command at a node p50 / p99",
        "command at the centre p50 / p99",
        "act at a node → seen at the centre p50 / p99",
        "behind when the lines are back, events: one line / all",
        "caught up after, at most",
    ];

    /// Of the table.
    pub fn cells(&self) -> Vec<String> {
        let Self { scenario, figures } = self;
        let cut = scenario.cut != Cut::Never;
        let or_dash = |text: String| if cut { text } else { "–".to_owned() };
        vec![
            format!("{}; {}", scenario.engine.name, scenario.hears.name()),
            scenario.cut.name(),
            scenario.times.to_string(),
            format!("{:.1}", figures.acts_per_s),
            format!(
                "{:.2} % / {:.2} %",
                figures.busiest_node * 100.0,
                figures.centre * 100.0
            ),
            waits(&figures.command),
            waits(&figures.command_centre),
            waits(&figures.seen),
            or_dash(format!("{} / {}", figures.backlog_line, figures.backlog_all)),
            or_dash(span(figures.drain.longest_ms())),
        ]
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let Self { scenario, figures } = self;
        json!({
            "engine": scenario.engine.name,
            "centre_hears": scenario.hears.name(),
            "cut": scenario.cut.name(),
            "times": scenario.times,
            "figures": figures.json(),
        })
    }
}

impl Limit {
    /// The heading of the table.
    pub const HEADING: [&'static str; 7] = [
        "engine",
        "the centre hears",
        "cores of a node",
        "times the peak hour",
        "transitions/s",
        "busiest node / centre used",
        "who gives way first",
    ];

    /// How many times the peak hour was not yet too much.
    pub fn times(&self) -> f64 {
        self.times
    }

    /// Who gives way first.
    pub fn first(&self) -> &'static str {
        self.first
    }

    /// Of the table.
    pub fn cells(&self) -> Vec<String> {
        let figures = &self.figures;
        vec![
            self.engine.name.to_owned(),
            self.hears.name().to_owned(),
            self.cores.to_string(),
            format!("{:.0}", self.times),
            format!("{:.0}", figures.acts_per_s),
            format!(
                "{:.0} % / {:.0} %",
                figures.busiest_node * 100.0,
                figures.centre * 100.0
            ),
            self.first.to_owned(),
        ]
    }

    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "engine": self.engine.name,
            "centre_hears": self.hears.name(),
            "node_cores": self.cores,
            "times": self.times,
            "gives_way_first": self.first,
            "figures": self.figures.json(),
        })
    }
}

/// A line of a Markdown table.
pub fn line(cells: &[impl AsRef<str>]) -> String {
    let mut line = "|".to_owned();
    for cell in cells {
        // Writing to a string cannot fail.
        let _ = write!(line, " {} |", cell.as_ref());
    }
    line
}

fn waits(times: &Times) -> String {
    format!("{} / {}", span(times.percentile_ms(50)), span(times.percentile_ms(99)))
}

fn span(ms: f64) -> String {
    if ms < 10_000.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{:.0} s", ms / 1e3)
    }
}
