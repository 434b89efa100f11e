//! What the host promises, shown on two toy services in real processes: a desk that publishes, a board that consumes.

mod acts;
mod disorder;
mod mandates;
mod parking;
mod stopping;
mod timers;
mod toy;
mod wire;
mod world;
