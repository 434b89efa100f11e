//! The targets: ratios to what disk and wire give, and what one dossier may cost.

use serde_json::{Value, json};

use crate::output::aligned;

/// A figure with what it should be.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its name in JSON.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// At least, or at most.
    pub bound: Bound,
    /// `None` where it was not measured.
    pub measured: Option<f64>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
}

impl Target {
    /// Whether it is met; `None` where it was not measured.
    pub fn met(&self) -> Option<bool> {
        self.measured.map(|measured| match self.bound {
            Bound::AtLeast(bound) => measured >= bound,
            Bound::AtMost(bound) => measured <= bound,
        })
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let (word, bound) = match self.bound {
            Bound::AtLeast(bound) => ("at_least", bound),
            Bound::AtMost(bound) => ("at_most", bound),
        };
        let measured = self.measured.map(|measured| (measured * 1_000.0).round() / 1_000.0);
        json!({"figure": self.name, word: bound, "measured": measured, "met": self.met()})
    }
}

/// The table for people.
pub fn table(targets: &[Target]) -> String {
    let heading = ["Số đo / figure", "Mục tiêu / target", "Đo được / measured", ""].map(str::to_owned);
    let rows = targets.iter().map(|target| {
        let bound = match target.bound {
            Bound::AtLeast(bound) => format!("≥ {bound}"),
            Bound::AtMost(bound) => format!("≤ {bound}"),
        };
        let measured = target
            .measured
            .map_or_else(|| "–".to_owned(), |measured| format!("{measured:.3}"));
        let met = match target.met() {
            Some(true) => "✓ đạt / met",
            Some(false) => "✗ chưa đạt / missed",
            None => "không đo / not measured",
        };
        vec![target.title.to_owned(), bound, measured, met.to_owned()]
    });
    aligned(&std::iter::once(heading.to_vec()).chain(rows).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_met_at_its_edge_and_nothing_is_met_unmeasured() {
        let target = |bound, measured| Target {
            name: "x",
            title: "x",
            bound,
            measured,
        };
        assert_eq!(target(Bound::AtLeast(0.4), Some(0.4)).met(), Some(true));
        assert_eq!(target(Bound::AtLeast(0.4), Some(0.399)).met(), Some(false));
        assert_eq!(target(Bound::AtMost(4.0), Some(4.001)).met(), Some(false));
        assert_eq!(target(Bound::AtMost(4.0), None).met(), None);
        assert_eq!(target(Bound::AtMost(4.0), Some(2.0)).json()["at_most"], 4.0);
    }
}
