//! Bad input gets a precise error with a stable reason, and changes nothing.

mod callers;
mod dossiers;
mod requests;
mod world;
