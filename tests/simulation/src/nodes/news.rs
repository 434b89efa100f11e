//! How news goes from one side to the other, by the rules of `host`'s consumers.

use anyhow::ensure;

use super::{
    channel::Told,
    world::{Job, What, World},
};

/// From a node to the centre; a line's first channel.
pub(super) const UP: usize = 0;
/// And back.
pub(super) const DOWN: usize = 1;

impl World<'_> {
    /// Takes an event in; false if one before it is missing.
    pub(super) fn hear(&mut self, channel: usize, position: usize, paged: bool) -> bool {
        let told = self.channels[channel].log[position];
        let taken = self.dossiers[told.dossier].taken[channel % 2].max(self.before(told.dossier, channel % 2));
        if told.seq > taken + 1 {
            return false;
        }
        let fresh = told.seq == taken + 1;
        self.dossiers[told.dossier].taken[channel % 2] = taken.max(told.seq);
        self.figures.duplicates += u64::from(!fresh);
        let heard = &mut self.channels[channel].heard;
        *heard = (*heard).max(position + 1);
        let job = Job::Hear {
            channel,
            position,
            fresh,
            paged,
        };
        self.work(self.consumer(channel), self.setting.engine.hear_us, job);
        true
    }

    /// An event's effects are durable.
    pub(super) fn apply(&mut self, channel: usize, position: usize, paged: bool) -> anyhow::Result<()> {
        let (now_us, way) = (self.now_us, channel % 2);
        let Told {
            dossier: number,
            seq,
            at_us,
        } = self.channels[channel].log[position];
        let before = self.before(number, way);
        let dossier = &mut self.dossiers[number];
        let last = dossier.applied[way].max(before);
        ensure!(seq == last + 1, "dossier {number}: event {seq} is applied after {last}");
        dossier.applied[way] = seq;
        self.applied += 1;
        let times = if way == UP {
            &mut self.figures.seen
        } else {
            &mut self.figures.back
        };
        times.add(now_us - at_us);
        if let Some(took_us) = self.channels[channel].applied(now_us, position) {
            self.figures.drain.add(took_us);
        }
        let goes = &self.setting.load.ways[self.dossiers[number].way];
        if way == UP && seq == goes.acts(0) && !goes.groups[1].is_empty() {
            let dossier = &mut self.dossiers[number];
            (dossier.place, dossier.group) = (1, 0);
            self.next_group(number, now_us);
        }
        self.page_turned(channel, paged);
        Ok(())
    }

    /// One of a page is done; after the last one the next page is asked for, until one comes that ends it.
    pub(super) fn page_turned(&mut self, channel: usize, paged: bool) {
        if !paged {
            return;
        }
        let asking = &mut self.channels[channel];
        asking.page -= 1;
        if asking.page == 0 {
            asking.asked_us = None;
            if asking.full || self.setting.until_empty {
                self.ask(channel);
            }
        }
    }

    /// Asks for what lies after the cursor, unless an answer is awaited.
    pub(super) fn ask(&mut self, channel: usize) {
        let Some(reask_us) = self.setting.reask_us else { return };
        let asking = &mut self.channels[channel];
        let awaited = asking
            .asked_us
            .is_some_and(|asked_us| self.now_us < asked_us + reask_us);
        if awaited || asking.page > 0 {
            return;
        }
        asking.asked_us = Some(self.now_us);
        let after = asking.cursor();
        let consumer = self.consumer(channel);
        self.sites[consumer].work(self.now_us, self.setting.engine.hear_us);
        self.send(channel, false, What::Question { channel, after });
    }

    /// Sends along a channel or against it; whether it will arrive.
    pub(super) fn send(&mut self, channel: usize, along: bool, what: What) -> bool {
        let up = (channel % 2 == UP) == along;
        let line = &mut self.lines[channel / 2];
        let at_us = line.carry(self.now_us, up, self.setting.latency, &self.chance);
        if let Some(at_us) = at_us {
            self.queue.put(at_us, what);
        }
        at_us.is_some()
    }

    /// What the other side knows of a dossier before it hears of it in this direction: its own transitions.
    fn before(&self, dossier: usize, way: usize) -> u16 {
        if way == UP {
            0
        } else {
            self.setting.load.ways[self.dossiers[dossier].way].acts(0)
        }
    }

    pub(super) fn producer(&self, channel: usize) -> usize {
        end_of(channel, self.lines.len(), false)
    }

    fn consumer(&self, channel: usize) -> usize {
        end_of(channel, self.lines.len(), true)
    }
}

/// The site that a channel comes from, or the one that it goes to; the centre is the last.
pub(super) fn end_of(channel: usize, centre: usize, goes_to: bool) -> usize {
    let to_centre = channel % 2 == UP;
    if to_centre == goes_to { centre } else { channel / 2 }
}
