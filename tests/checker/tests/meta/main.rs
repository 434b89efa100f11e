//! The checker is checked: on a real run it finds nothing, and on each of many planted defects it finds just that one,
//! under its own name.

mod crew;
mod defects;
mod plant;
mod program;
mod receiver;
mod run;
