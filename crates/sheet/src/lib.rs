//! Lists of nominees as offices have them, as spreadsheets: read into dossiers, judged row by row, compared for
//! persons who stand in two of them, and the forms and reports that go with them.
//!
//! A list is found by the Vietnamese names of its columns; titles above the header, sums and notes below it do not
//! matter, nor do tones, case or the order of the columns. Nothing is guessed: what cannot be read is an error of its
//! cell, and what is passed over is told.

mod columns;
mod common;
mod duplicates;
mod flaw;
mod fold;
mod grid;
mod items;
mod list;
mod names;
mod report;
mod row;
mod template;
mod text;
mod values;
mod workbook;

pub use crate::{
    common::Common,
    duplicates::{Comparison, Duplicate, DuplicateKind, Spot, compare},
    flaw::Flaw,
    list::{List, Reader, Row, Skipped},
    report::{FileReport, Held, Report, RowReport, Sent, Totals},
    template::{TemplateError, template},
};
