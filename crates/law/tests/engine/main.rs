//! The engine as a whole: what each criterion decides, what never makes a verdict worse, whom a dossier passes, and
//! what it still takes.

mod build;
mod choice;
mod edges;
mod lacking;
mod lines;
mod matrix;
mod properties;
