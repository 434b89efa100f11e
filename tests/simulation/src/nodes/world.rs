//! The run itself: dossiers go their way through their node and the centre, and news goes along the lines.

use std::ops::Range;

use anyhow::{bail, ensure};

use super::{
    Cut, Figures, Hears, Setting,
    channel::{Channel, Told},
    line::Line,
    news::{DOWN, UP, end_of},
    queue::Queue,
    site::Site,
};
use crate::Chance;

/// Events of one answer, as in `host`.
const PAGE: usize = 500;
/// One dossier's next act comes after this part of the window, more or less: the longest way then ends within a third of
/// it, and the rest shows a steady load, whatever the window.
const THOUGHT: u64 = 100;
/// Who is not done after so many windows will never be.
const WINDOWS_MAX: u64 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Job {
    Act {
        dossier: usize,
        asked_us: u64,
    },
    Hear {
        channel: usize,
        position: usize,
        fresh: bool,
        paged: bool,
    },
    Answer {
        channel: usize,
        after: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Asked { dossier: usize },
    Done { site: usize, job: Job },
    Flushed { site: usize },
    Rings { channel: usize, position: usize },
    Reask { channel: usize },
    Question { channel: usize, after: usize },
    Page { channel: usize, from: usize, to: usize },
    Back { node: usize },
}

#[derive(Clone, Debug)]
pub(super) struct Dossier {
    pub(super) node: usize,
    pub(super) way: usize,
    /// 0: at its node; 1: at the centre.
    pub(super) place: usize,
    /// The next group of transitions there.
    pub(super) group: usize,
    /// Transitions of the last group that are not acknowledged.
    pub(super) open: u16,
    /// Acknowledged transitions.
    pub(super) seq: u16,
    /// The newest that the other side has begun to apply, and has applied, by direction.
    pub(super) taken: [u16; 2],
    pub(super) applied: [u16; 2],
}

pub(super) struct World<'a> {
    pub(super) setting: &'a Setting,
    pub(super) chance: Chance,
    pub(super) now_us: u64,
    pub(super) queue: Queue<What>,
    /// The centre is the last.
    pub(super) sites: Vec<Site<Job>>,
    pub(super) lines: Vec<Line>,
    /// Of each line, up and down.
    pub(super) channels: Vec<Channel>,
    pub(super) dossiers: Vec<Dossier>,
    pub(super) counted: Range<u64>,
    pub(super) counted_acts: u64,
    pub(super) applied: u64,
    pub(super) figures: Figures,
}

/// Plays a setting to its end, when all dossiers have ended and all news is applied.
///
/// # Errors
/// Names the broken invariant: something lost, applied twice, or out of its dossier's order.
pub fn run(setting: &Setting) -> anyhow::Result<Figures> {
    let mut world = World::new(setting);
    let end_us = setting.load.window_us * WINDOWS_MAX;
    while let Some((at_us, what)) = world.queue.take() {
        world.now_us = at_us;
        ensure!(
            at_us < end_us,
            "not at rest after {WINDOWS_MAX} windows: {}",
            world.rest()
        );
        world.step(what)?;
    }
    world.check()?;
    Ok(world.told())
}

impl<'a> World<'a> {
    fn new(setting: &'a Setting) -> Self {
        let (load, engine) = (&setting.load, setting.engine);
        let (nodes, window_us) = (load.shares.len(), load.window_us);
        let counted = window_us * 2 / 5..window_us;
        let site = |cores| Site::new(cores, engine.flush_us, counted.clone());
        let mut world = Self {
            setting,
            chance: Chance::fork(setting.seed, "news"),
            now_us: 0,
            queue: Queue::default(),
            sites: (0..nodes)
                .map(|_| site(setting.cores))
                .chain([site(setting.centre_cores)])
                .collect(),
            lines: Vec::with_capacity(nodes),
            channels: (0..2 * nodes).map(|_| Channel::default()).collect(),
            dossiers: Vec::new(),
            counted: counted.clone(),
            counted_acts: 0,
            applied: 0,
            figures: Figures::default(),
        };
        let outage = Chance::fork(setting.seed, "outages");
        for node in 0..nodes {
            let cut = match setting.cut {
                Cut::Never => None,
                Cut::Each(long_us) => Some((window_us / 5 + outage.below(window_us * 3 / 5), long_us)),
                Cut::Centre(long_us) => Some((window_us / 2, long_us)),
            };
            let cuts = cut.map(|(from_us, long_us)| from_us..from_us + long_us);
            if let Some(cut) = &cuts {
                world.queue.put(cut.end, What::Back { node });
            }
            world.lines.push(Line::new(cuts.into_iter().collect()));
        }
        let arrivals = Chance::fork(setting.seed, "arrivals");
        for dossier in 0..load.dossiers() {
            world.dossiers.push(Dossier {
                node: load.draw_node(&arrivals),
                way: load.draw_way(&arrivals),
                place: 0,
                group: 0,
                open: 0,
                seq: 0,
                taken: [0; 2],
                applied: [0; 2],
            });
            let at_us = arrivals.below(window_us);
            world.next_group(dossier, at_us);
        }
        if let Some(reask_us) = setting.reask_us {
            for channel in 0..2 * nodes {
                let at_us = world.chance.below(reask_us);
                world.queue.put(at_us, What::Reask { channel });
            }
        }
        world
    }

    fn step(&mut self, what: What) -> anyhow::Result<()> {
        let engine = self.setting.engine;
        match what {
            What::Asked { dossier } => {
                let site = self.site_of(dossier);
                let asked_us = self.now_us;
                self.work(site, engine.act_us, Job::Act { dossier, asked_us });
            }
            What::Done { site, job } => match job {
                Job::Hear {
                    channel,
                    fresh: false,
                    paged,
                    ..
                } => self.page_turned(channel, paged),
                Job::Answer { channel, after } => {
                    let to = self.channels[channel].log.len().min(after + PAGE);
                    let from = after;
                    self.send(channel, true, What::Page { channel, from, to });
                }
                Job::Act { .. } | Job::Hear { .. } => {
                    let flushed = self.sites[site].commit(self.now_us, job);
                    self.put_flush(site, flushed);
                }
            },
            What::Flushed { site } => {
                for job in self.sites[site].flushed() {
                    match job {
                        Job::Act { dossier, asked_us } => self.acknowledge(dossier, asked_us),
                        Job::Hear {
                            channel,
                            position,
                            paged,
                            ..
                        } => self.apply(channel, position, paged)?,
                        Job::Answer { .. } => bail!("an answer was committed"),
                    }
                }
                let flushed = self.sites[site].flush(self.now_us);
                self.put_flush(site, flushed);
            }
            What::Rings { channel, position } => {
                let hole = position > self.channels[channel].heard;
                if !self.hear(channel, position, false) || hole {
                    self.ask(channel);
                }
            }
            What::Reask { channel } => {
                self.ask(channel);
                if let Some(reask_us) = self.setting.reask_us.filter(|_| !self.at_rest()) {
                    self.queue.put(self.now_us + reask_us, What::Reask { channel });
                }
            }
            What::Question { channel, after } => {
                let site = self.producer(channel);
                self.work(site, engine.hear_us, Job::Answer { channel, after });
            }
            What::Page { channel, from, to } => {
                self.channels[channel].page += to - from;
                self.channels[channel].full = to - from == PAGE;
                if from == to {
                    self.channels[channel].asked_us = None;
                }
                for position in from..to {
                    ensure!(
                        self.hear(channel, position, true),
                        "a page has a hole before {position}"
                    );
                }
            }
            What::Back { node } => {
                let now_us = self.now_us;
                let backlog = [UP, DOWN].map(|way| self.channels[2 * node + way].back(now_us));
                let backlog: usize = backlog.iter().sum();
                self.figures.backlog_line = self.figures.backlog_line.max(backlog);
                self.figures.backlog_all += backlog;
            }
        }
        Ok(())
    }

    /// A transition is durable.
    fn acknowledge(&mut self, number: usize, asked_us: u64) {
        let now_us = self.now_us;
        let dossier = &mut self.dossiers[number];
        dossier.seq += 1;
        dossier.open -= 1;
        let (seq, open, place, node) = (dossier.seq, dossier.open, dossier.place, dossier.node);
        let way = &self.setting.load.ways[dossier.way];
        let climbs = !way.groups[1].is_empty();
        let over = dossier.group == way.groups[place].len();
        self.figures.acts += 1;
        self.counted_acts += u64::from(self.counted.contains(&now_us));
        let times = if place == 0 {
            &mut self.figures.command
        } else {
            &mut self.figures.command_centre
        };
        times.add(now_us - asked_us);
        if climbs || self.setting.hears == Hears::Everything {
            let channel = 2 * node + place;
            let log = &mut self.channels[channel].log;
            let position = log.len();
            log.push(Told {
                dossier: number,
                seq,
                at_us: now_us,
            });
            self.figures.published += 1;
            if !self.send(channel, true, What::Rings { channel, position }) {
                self.figures.lost_rings += 1;
            }
        }
        if open == 0 && !over {
            self.next_group(number, now_us);
        } else if open == 0 && (place == 1 || !climbs) {
            self.figures.dossiers += 1;
        }
    }

    /// The next transitions are asked for, all of the group at once.
    pub(super) fn next_group(&mut self, number: usize, after_us: u64) {
        let thought_us = self.setting.load.window_us / THOUGHT;
        let at_us = after_us + self.chance.below(2 * thought_us + 1);
        let dossier = &mut self.dossiers[number];
        let group = self.setting.load.ways[dossier.way].groups[dossier.place][dossier.group];
        dossier.group += 1;
        dossier.open = group;
        for _ in 0..group {
            self.queue.put(at_us, What::Asked { dossier: number });
        }
    }

    pub(super) fn work(&mut self, site: usize, cost_us: u64, job: Job) {
        let done_us = self.sites[site].work(self.now_us, cost_us);
        self.queue.put(done_us, What::Done { site, job });
    }

    fn put_flush(&mut self, site: usize, flushed_us: Option<u64>) {
        if let Some(at_us) = flushed_us {
            self.queue.put(at_us, What::Flushed { site });
        }
    }

    fn site_of(&self, dossier: usize) -> usize {
        let Dossier { node, place, .. } = self.dossiers[dossier];
        end_of(2 * node + place, self.lines.len(), false)
    }
}
