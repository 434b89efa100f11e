//! Restore: a service's database is older than the bus, the other services and the receivers. Differences are listed for
//! each dossier, nothing is overwritten, and `admin` commands and normal acts end it.

mod alone;
mod each;
mod hook;
mod point_in_time;
mod server;
mod world;
