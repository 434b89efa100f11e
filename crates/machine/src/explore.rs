//! Probing: every reachable snapshot × every sample input. The table and the diagram are what the code does, so they
//! cannot go stale; kept as a reviewed snapshot, a changed line is a changed rule.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::Write as _;

use crate::{Digest, Effect, Machine, Snapshot, Stimulus, Waiting, digest, step_under, variant_name};

/// What one input does in one state, over all reachable snapshots of that state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Next state → effects seen.
    pub next: BTreeMap<String, BTreeSet<String>>,
    /// Reasons of refusal seen.
    pub refused: BTreeSet<&'static str>,
}

/// A reachable snapshot that waits on nobody and has no timer: a dossier that could be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unowned {
    /// Its state.
    pub state: String,
    /// The inputs that led to it.
    pub path: Vec<String>,
}

/// What exploring found.
#[derive(Clone, Debug)]
pub struct Explored {
    /// The machine.
    pub machine: &'static str,
    /// Its version.
    pub version: u32,
    /// (state, input) → what happens.
    pub table: BTreeMap<(String, String), Cell>,
    /// How many distinct snapshots, with the timers that are set, were reached.
    pub reached: usize,
    /// Whether the bound stopped it.
    pub bounded: bool,
    /// Snapshots without owner and timer.
    pub unowned: Vec<Unowned>,
    /// States from which no final state was reached.
    pub dead_ends: BTreeSet<String>,
    /// The inputs that lead to each snapshot from which no final one is reached. Empty if the bound stopped it: then
    /// nobody knows.
    pub stuck: Vec<Vec<String>>,
}

/// Explores a machine breadth first from nothing with the sample inputs, at most `bound` snapshots.
pub fn explore<M: Machine>(samples: &[Stimulus<M::Input>], bound: usize) -> Explored {
    explore_by::<M>(samples, bound, digest)
}

/// The same by the rules of an older version, whose table is kept beside the newest one's.
pub fn explore_under<M: Machine>(version: u32, samples: &[Stimulus<M::Input>], bound: usize) -> Explored {
    probe::<M>(version, samples, bound, digest)
}

/// The same, where snapshots of one fingerprint count as one: what only grows, as a counter does, then keeps no
/// exploration from its end. The fingerprint has to tell apart all that any guard of the machine reads; the timers that
/// are set are told apart anyway.
pub fn explore_by<M: Machine>(
    samples: &[Stimulus<M::Input>],
    bound: usize,
    fingerprint: impl Fn(&Snapshot<M>) -> Digest,
) -> Explored {
    probe(M::VERSION, samples, bound, fingerprint)
}

fn probe<M: Machine>(
    version: u32,
    samples: &[Stimulus<M::Input>],
    bound: usize,
    fingerprint: impl Fn(&Snapshot<M>) -> Digest,
) -> Explored {
    let mut found = Explored {
        machine: M::NAME,
        version,
        table: BTreeMap::new(),
        reached: 0,
        bounded: false,
        unowned: Vec::new(),
        dead_ends: BTreeSet::new(),
        stuck: Vec::new(),
    };
    let start = Snapshot::<M>::default();
    let timers = BTreeSet::<String>::new();
    // With its timers: the same snapshot is owned on a way that sets its timer, and forgotten on one that does not.
    let mut seen = HashMap::from([((fingerprint(&start), timers.clone()), 0)]);
    let mut queue = VecDeque::from([(start, timers, Vec::<String>::new())]);
    let mut backwards: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut finals = BTreeSet::new();
    let mut ways = Ways::default();
    while let Some((at, timers, path)) = queue.pop_front() {
        let here = found.reached;
        found.reached += 1;
        ways.paths.push(path.clone());
        let state = at.state_name();
        if at.waiting() == Waiting::Final {
            finals.insert(state.clone());
            ways.ends.push(here);
        } else if at.is_unowned(&timers) {
            found.unowned.push(Unowned {
                state: state.clone(),
                path: path.clone(),
            });
        }
        for sample in samples {
            let input = variant_name(&sample.input);
            let cell = found.table.entry((state.clone(), input.clone())).or_default();
            match step_under(version, &at, sample) {
                Err(refusal) => {
                    cell.refused.insert(refusal.reason);
                }
                Ok(stepped) => {
                    let next = stepped.next.state_name();
                    let effects = cell.next.entry(next.clone()).or_default();
                    effects.extend(stepped.effects.iter().map(effect_name));
                    let timers = stepped.timers(timers.clone());
                    backwards.entry(next).or_default().insert(state.clone());
                    let number = seen.len();
                    let key = (fingerprint(&stepped.next), timers.clone());
                    let there = *seen.entry(key).or_insert(number);
                    ways.back.entry(there).or_default().push(here);
                    if there == number {
                        if found.reached + queue.len() < bound {
                            let path = path.iter().cloned().chain([input]).collect();
                            queue.push_back((stepped.next, timers, path));
                        } else {
                            found.bounded = true;
                        }
                    }
                }
            }
        }
    }
    let mut ends: BTreeSet<String> = finals.clone();
    let mut todo: Vec<String> = finals.into_iter().collect();
    while let Some(state) = todo.pop() {
        for before in backwards.get(&state).into_iter().flatten() {
            if ends.insert(before.clone()) {
                todo.push(before.clone());
            }
        }
    }
    found.dead_ends = found
        .table
        .keys()
        .map(|(state, _)| state.clone())
        .filter(|s| !ends.contains(s))
        .collect();
    if !found.bounded {
        found.stuck = ways.stuck();
    }
    found
}

/// The ways between snapshots, each known by the number in which it was found.
#[derive(Default)]
struct Ways {
    /// How each was reached.
    paths: Vec<Vec<String>>,
    /// From which others one comes.
    back: HashMap<usize, Vec<usize>>,
    /// Those that are final.
    ends: Vec<usize>,
}

impl Ways {
    /// The paths to those from which no way leads to an end.
    fn stuck(self) -> Vec<Vec<String>> {
        let mut ending = vec![false; self.paths.len()];
        let mut todo = self.ends;
        while let Some(one) = todo.pop() {
            if !std::mem::replace(&mut ending[one], true) {
                todo.extend(self.back.get(&one).into_iter().flatten());
            }
        }
        let all = self.paths.into_iter().zip(ending);
        all.filter(|(_, ends)| !ends).map(|(path, _)| path).collect()
    }
}

fn effect_name<E: serde::Serialize>(effect: &Effect<E>) -> String {
    match effect {
        Effect::Publish(event) => format!("publish {}", event_name(event)),
        Effect::SetTimer { name, .. } => format!("set {name}"),
        Effect::ClearTimer { name } => format!("clear {name}"),
        Effect::Claim(_) => "claim".to_owned(),
        Effect::Release(_) => "release".to_owned(),
    }
}

/// A published event is an enum, or a message with one `fact` that is an enum.
fn event_name<E: serde::Serialize>(event: &E) -> String {
    match serde_json::to_value(event) {
        Ok(serde_json::Value::Object(fields)) if fields.contains_key("fact") => variant_name(&fields["fact"]),
        _ => variant_name(event),
    }
}

impl Explored {
    /// The table as text, one line a pair, for a reviewed snapshot.
    pub fn text(&self) -> String {
        let mut out = format!("{} version {}\n", self.machine, self.version);
        let mut last = "";
        for ((state, input), cell) in &self.table {
            if state != last {
                let _ = writeln!(out, "\n{state}");
                last = state;
            }
            let mut parts: Vec<String> = cell
                .next
                .iter()
                .map(|(next, effects)| {
                    let effects = effects.iter().cloned().collect::<Vec<_>>().join(", ");
                    let arrow = if next == state {
                        "stays".to_owned()
                    } else {
                        format!("→ {next}")
                    };
                    if effects.is_empty() {
                        arrow
                    } else {
                        format!("{arrow} [{effects}]")
                    }
                })
                .collect();
            if !cell.refused.is_empty() {
                parts.push(format!(
                    "✗ {}",
                    cell.refused.iter().copied().collect::<Vec<_>>().join(", ")
                ));
            }
            let _ = writeln!(out, "  {input:<24} {}", parts.join(" | "));
        }
        out
    }

    /// The same as a Mermaid state diagram.
    pub fn mermaid(&self) -> String {
        let mut edges: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
        for ((state, input), cell) in &self.table {
            for next in cell.next.keys().filter(|next| *next != state) {
                edges.entry((state, next)).or_default().insert(input);
            }
        }
        let mut out = String::from("stateDiagram-v2\n");
        for ((from, to), inputs) in edges {
            let inputs = inputs.into_iter().collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "    {from} --> {to} : {inputs}");
        }
        out
    }
}
