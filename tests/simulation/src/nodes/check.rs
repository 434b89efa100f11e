//! What has to be true at the end of every run, and what it came to.

use anyhow::ensure;

use super::{Figures, Hears, site::Site, world::World};

impl World<'_> {
    pub(super) fn at_rest(&self) -> bool {
        self.figures.dossiers == self.dossiers.len() && self.applied == self.figures.published
    }

    pub(super) fn rest(&self) -> String {
        format!(
            "{} of {} dossiers ended, {} of {} events applied",
            self.figures.dossiers,
            self.dossiers.len(),
            self.applied,
            self.figures.published
        )
    }

    /// Nothing is lost, nothing applied twice; the order was checked as it was made.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        ensure!(self.at_rest(), "lost: {}", self.rest());
        for (number, channel) in self.channels.iter().enumerate() {
            let (applied, all) = (channel.cursor(), channel.log.len());
            ensure!(
                applied == all,
                "lost: channel {number} has applied {applied} of {all} events"
            );
        }
        for (number, dossier) in self.dossiers.iter().enumerate() {
            let way = &self.setting.load.ways[dossier.way];
            let (own, centre) = (way.acts(0), way.acts(1));
            ensure!(
                dossier.seq == own + centre,
                "dossier {number} ended after {} transitions",
                dossier.seq
            );
            let told = self.setting.hears == Hears::Everything || centre > 0;
            let expected = [if told { own } else { 0 }, if centre > 0 { own + centre } else { 0 }];
            ensure!(
                dossier.applied == expected,
                "dossier {number}: applied {:?}",
                dossier.applied
            );
        }
        Ok(())
    }

    pub(super) fn told(mut self) -> Figures {
        let nodes = self.lines.len();
        let used = self.sites[..nodes].iter().map(Site::used);
        self.figures.busiest_node = used.fold(0.0, f64::max);
        self.figures.centre = self.sites[nodes].used();
        let span_us = self.counted.end - self.counted.start;
        self.figures.acts_per_s = self.counted_acts as f64 * 1e6 / span_us as f64;
        self.figures
    }
}
