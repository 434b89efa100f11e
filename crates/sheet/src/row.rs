//! From the cells of a row to a dossier. What cannot be read becomes an error of its cell.

mod achievement;
mod candidate;
mod dossier;
mod papers;
mod record;

use law::Law;
use time::Date;

use crate::{
    columns::{Column, Header},
    flaw::{Flaw, What},
    grid::{Cell, Grid, Line},
    names::Names,
    values,
};

/// A row while it is read.
pub(crate) struct Making<'a> {
    pub law: &'a Law,
    pub names: &'a Names,
    pub grid: &'a Grid,
    pub header: &'a Header,
    pub line: &'a Line,
    pub flaws: Vec<Flaw>,
    /// Which part of the dossier came from which column.
    seats: Vec<(&'static str, u32)>,
}

impl<'a> Making<'a> {
    pub(crate) fn new(law: &'a Law, names: &'a Names, grid: &'a Grid, header: &'a Header, line: &'a Line) -> Self {
        Self {
            law,
            names,
            grid,
            header,
            line,
            flaws: Vec::new(),
            seats: Vec::new(),
        }
    }

    /// The cell that a part of the dossier came from; the name's cell for what the list has no column for.
    pub(crate) fn place_of(&self, path: &str) -> String {
        let from = self
            .seats
            .iter()
            .filter(|(start, _)| path.starts_with(start))
            .max_by_key(|(start, _)| start.len());
        let name = self.header.seat(&Column::Name).unwrap_or_default();
        self.grid.place(self.line.row, from.map_or(name, |(_, seat)| *seat))
    }

    fn flaw(&mut self, seat: u32, what: What) {
        self.flaws.push(Flaw::new(self.grid.place(self.line.row, seat), what));
    }

    /// Tells that a part of the dossier is missing.
    fn missing(&mut self, path: &str, reason: &'static str, vi: &str, en: &str) {
        let place = self.place_of(path);
        self.flaws.push(Flaw::new(place, What::new(reason, vi, en)));
    }

    /// Reads the cell of a column, if the list has it and the cell is not empty.
    fn read<T>(
        &mut self,
        column: &Column,
        path: &'static str,
        read: impl FnOnce(&Cell) -> Result<T, What>,
    ) -> Option<T> {
        let seat = self.header.seat(column)?;
        self.seats.push((path, seat));
        let line = self.line;
        match read(line.cell(seat)?) {
            Ok(value) => Some(value),
            Err(what) => {
                self.flaw(seat, what);
                None
            }
        }
    }

    /// Reads the cells of all columns of a kind, from left to right; `of` gives what such a column's heading says.
    /// Without a `path`, what is wrong with the values together is told at the name.
    fn each<K, T>(
        &mut self,
        path: Option<&'static str>,
        of: impl Fn(&'a Column) -> Option<K>,
        read: impl Fn(K, &Cell) -> Result<T, What>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for (seat, column) in &self.header.columns {
            let (Some(kind), Some(cell)) = (of(column), self.line.cell(*seat)) else {
                continue;
            };
            self.seats.extend(path.map(|path| (path, *seat)));
            match read(kind, cell) {
                Ok(value) => found.push(value),
                Err(what) => self.flaw(*seat, what),
            }
        }
        found
    }

    fn text(&mut self, column: &Column, path: &'static str) -> Option<String> {
        self.read(column, path, values::text)
    }

    fn word<T>(&mut self, column: &Column, path: &'static str, word: impl Fn(&str) -> Result<T, What>) -> Option<T> {
        self.read(column, path, |cell| word(&values::text(cell)?))
    }

    fn day(&mut self, column: &Column, path: &'static str) -> Option<Date> {
        let from_1904 = self.grid.from_1904;
        self.read(column, path, |cell| values::day(cell, from_1904))
    }

    /// A column whose cells hold several things.
    fn many<T>(&mut self, column: &Column, path: &'static str, read: impl Fn(&str) -> Result<Vec<T>, What>) -> Vec<T> {
        self.word(column, path, read).unwrap_or_default()
    }

    /// Whether a cell of this part was told already.
    fn flawed(&self, path: &str) -> bool {
        let place = self.place_of(path);
        self.seats.iter().any(|(known, _)| *known == path) && self.flaws.iter().any(|flaw| flaw.at == place)
    }

    /// The word of the row; where it has none, the one that holds for the whole list.
    fn own_or_common<T>(
        &mut self,
        column: &Column,
        path: &'static str,
        common: Option<&str>,
        read: impl Fn(&str) -> Result<T, What>,
    ) -> Option<T> {
        let own = self.word(column, path, &read);
        own.or_else(|| self.common(common, path, read))
    }

    fn common<T>(
        &mut self,
        text: Option<&str>,
        path: &'static str,
        read: impl Fn(&str) -> Result<T, What>,
    ) -> Option<T> {
        // A cell that cannot be read is not replaced by what holds for the others.
        if self.flawed(path) {
            return None;
        }
        match read(text?) {
            Ok(value) => Some(value),
            Err(what) => {
                let place = self.place_of(path);
                self.flaws.push(Flaw::new(place, what));
                None
            }
        }
    }
}
