//! Dossiers under way keep the rules that they began under, beside those of a newer version, until an operator moves
//! them: a machine with two versions, its programs one after the other on one store, and the binary as operator.

mod command;
mod moves;
mod permit;
mod world;
